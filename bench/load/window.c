/* window.c -- see window.h. */
#include "load/window.h"

#include "load/clock.h"
#include "load/fail.h"
#include "load/report.h"

static void subtract(struct pl_usage *usage, const struct pl_usage *before) {
    usage->cpu_ns -= before->cpu_ns;
    usage->user_ticks -= before->user_ticks;
    usage->system_ticks -= before->system_ticks;
}

void pl_window_run(struct pl_window *window, struct pl_loop *loop,
                   const struct pl_options *options) {
    struct pl_usage before;
    pl_loop_run_to(loop, pl_clock_ns() + options->warmup_ns);

    pl_usage_read(options->server, &before);
    uint64_t own_cpu_ns = pl_clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t started_ns = pl_clock_ns();
    window->is_open = true;
    pl_loop_run_to(loop, started_ns + options->window_ns);
    window->is_open = false;
    window->elapsed_ns = pl_clock_ns() - started_ns;
    window->own_cpu_ns = pl_clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - own_cpu_ns;
    pl_usage_read(options->server, &window->used);
    subtract(&window->used, &before);
    if (window->latency.total == 0) pl_fail("nothing came back in the whole window");
}

void pl_window_report(const struct pl_window *window, const char *unit) {
    double units = (double)window->latency.total;
    double elapsed_ns = (double)window->elapsed_ns;
    double ticks = (double)(window->used.user_ticks + window->used.system_ticks);
    pl_report_text("unit", unit);
    pl_report_number("units", units);
    pl_report_number("verified", (double)window->verified);
    pl_report_number("seconds", elapsed_ns / PL_NS_PER_SECOND);
    pl_report_number("per_second", units / elapsed_ns * PL_NS_PER_SECOND);
    pl_report_number("cpu_us", (double)window->used.cpu_ns / units / 1000);
    pl_report_number("cpu_user_share", ticks > 0 ? (double)window->used.user_ticks / ticks : 0);
    pl_report_number("server_busy", (double)window->used.cpu_ns / elapsed_ns);
    pl_report_number("load_busy", (double)window->own_cpu_ns / elapsed_ns);
    pl_report_number("p50_us", (double)pl_histogram_quantile(&window->latency, 0.5) / 1000);
    pl_report_number("p99_us", (double)pl_histogram_quantile(&window->latency, 0.99) / 1000);
    pl_report_number("max_us", (double)window->latency.max / 1000);
}
