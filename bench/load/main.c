/*
 * main.c -- the load generator: one scenario against one server on 127.0.0.1, one JSON line.
 *
 * One thread and one epoll loop, so that it fits one core and leaves the other one to the
 * server. It stops with status 1 at the first message that is not as it must be.
 */
#include "load/fail.h"
#include "load/payload.h"
#include "load/report.h"
#include "load/scenarios.h"
#include "load/usage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* No scenario takes this long; what hangs all the same must not stay. */
#define LIFE_SLACK_SECONDS 120u

static const struct {
    const char *name;
    void (*run)(const struct pl_options *options);
} scenarios[] = {
    {"echo", pl_echo_run},   {"fanout", pl_fanout_run}, {"connect", pl_connect_run},
    {"idle", pl_idle_run},   {"http", pl_http_run},     {"first", pl_first_run},
    {"usage", pl_usage_run},
};

void pl_usage_run(const struct pl_options *options) {
    struct pl_usage used;
    pl_usage_read(options->server, &used);
    pl_report_begin(options->scenario);
    pl_report_number("cpu_us", (double)used.cpu_ns / 1000);
    pl_report_number("processes", used.processes);
    pl_report_number("rss_bytes", (double)pl_usage_resident_bytes(options->server));
    pl_report_end();
}

static void raise_file_limit(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv) {
    struct pl_options options;
    pl_options_read(&options, argc, argv);
    pl_fail_scenario(options.scenario);
    pl_payload_init(!options.is_binary);
    raise_file_limit();
    alarm((unsigned)((options.warmup_ns + options.window_ns) / 1000000000u) +
          LIFE_SLACK_SECONDS);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        if (strcmp(options.scenario, scenarios[i].name) != 0) continue;
        scenarios[i].run(&options);
        return 0;
    }
    pl_fail("there is no such scenario");
}
