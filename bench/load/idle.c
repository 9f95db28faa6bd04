/*
 * idle.c -- the scenario "idle": what connections cost the server in resident memory.
 *
 * The base is taken after a few connections have come, spoken and gone, so that buffers
 * and code that the first of them need are not counted as theirs.
 */
#include "load/clock.h"
#include "load/crowd.h"
#include "load/fail.h"
#include "load/message.h"
#include "load/report.h"
#include "load/scenarios.h"
#include "load/usage.h"

#include <stdlib.h>

#define FIRST_VISITORS 64
#define ECHO_LIMIT_MS 20000
#define SETTLED_BYTES (32u << 10) /* resident memory that changes by less is at rest */
#define SETTLED_READINGS 4
#define READING_EVERY_MS 50
#define SETTLE_LIMIT_MS 3000

struct idle {
    const struct pl_options *options;
    struct pl_loop loop;
    bool *has_echoed; /* of each connection of the crowd */
    uint32_t missing; /* echoes */
};

static void on_message(struct pl_connection *connection, const struct pl_frame *frame) {
    struct idle *idle = connection->owner;
    struct pl_payload payload;
    pl_message_check(connection, idle->options, frame, &payload);
    if (payload.sender != connection->number)
        pl_fail("connection %u got the echo of %u", connection->number, payload.sender);
    pl_message_check_order(connection, &payload, idle->has_echoed[connection->number]);
    idle->has_echoed[connection->number] = true;
    idle->missing--;
}

static void echo_once(struct idle *idle, struct pl_crowd *crowd) {
    idle->has_echoed = pl_allocate(crowd->count, sizeof *idle->has_echoed);
    idle->missing = crowd->count;
    for (uint32_t i = 0; i < crowd->count; i++)
        pl_connection_send(&crowd->connections[i], idle->options, 0);
    pl_loop_run_until_zero(&idle->loop, &idle->missing, ECHO_LIMIT_MS, "echoes");
}

/* The server's resident memory once it has stopped to change, or after the limit: a garbage
 * collector may never rest. The loop runs on meanwhile, to answer pings. */
static uint64_t settled_bytes(struct idle *idle) {
    uint64_t deadline_ns = pl_clock_ns() + SETTLE_LIMIT_MS * PL_NS_PER_MS;
    uint64_t reference = pl_usage_resident_bytes(idle->options->server), latest = reference;
    int at_rest = 0;
    while (at_rest < SETTLED_READINGS && pl_clock_ns() < deadline_ns) {
        pl_loop_run_to(&idle->loop, pl_clock_ns() + READING_EVERY_MS * PL_NS_PER_MS);
        latest = pl_usage_resident_bytes(idle->options->server);
        uint64_t change = latest > reference ? latest - reference : reference - latest;
        at_rest = change < SETTLED_BYTES ? at_rest + 1 : 0;
        if (at_rest == 0) reference = latest;
    }
    return latest;
}

static struct pl_crowd crowd_for(struct idle *idle, const char *kind) {
    return (struct pl_crowd){.loop = &idle->loop,
                             .options = idle->options,
                             .kind = kind,
                             .on_message = on_message,
                             .owner = idle};
}

static void report(const struct pl_options *options, double base, double open, double spoken,
                   double closed) {
    pl_report_begin(options->scenario);
    pl_report_number("connections", options->connections);
    pl_report_number("rooms", options->rooms);
    pl_report_number("base_bytes", base);
    pl_report_number("open_bytes", open);
    pl_report_number("spoken_bytes", spoken);
    pl_report_number("closed_bytes", closed);
    pl_report_number("bytes_per_connection", (open - base) / options->connections);
    pl_report_number("bytes_after_message", (spoken - base) / options->connections);
    pl_report_end();
}

void pl_idle_run(const struct pl_options *options) {
    struct idle idle = {.options = options};
    struct pl_crowd first = crowd_for(&idle, "echo-first");
    struct pl_crowd crowd = crowd_for(&idle, "echo");
    uint32_t members = (options->connections + options->rooms - 1) / options->rooms;
    pl_loop_init(&idle.loop, options->port);

    pl_crowd_open(&first, FIRST_VISITORS, 1);
    echo_once(&idle, &first);
    pl_crowd_close(&first);
    free(idle.has_echoed);
    double base = (double)settled_bytes(&idle);
    pl_crowd_open(&crowd, options->connections, members);
    double open = (double)settled_bytes(&idle);
    echo_once(&idle, &crowd);
    double spoken = (double)settled_bytes(&idle);
    pl_crowd_close(&crowd);
    free(idle.has_echoed);
    double closed = (double)settled_bytes(&idle);

    report(options, base, open, spoken, closed);
    pl_loop_finish(&idle.loop);
}
