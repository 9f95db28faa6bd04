/*
 * echo.c -- the scenario "echo".
 *
 * Answers come in order, so a connection's next answer has number `expected` and the
 * message that replaces it has number `expected + in_flight`.
 */
#include "load/crowd.h"
#include "load/fail.h"
#include "load/message.h"
#include "load/report.h"
#include "load/scenarios.h"
#include "load/window.h"

#include <stdlib.h>

#define DRAIN_LIMIT_MS 10000

struct echo {
    const struct pl_options *options;
    struct pl_window window;
    uint64_t *expected; /* of each connection */
    uint64_t *sent_ns;  /* of each connection, `in_flight` of them, by sequence */
    bool is_sending;
    uint32_t under_way;
};

static uint64_t *sent_ns_of(struct echo *echo, uint32_t number, uint64_t sequence) {
    uint32_t in_flight = echo->options->in_flight;
    return &echo->sent_ns[(size_t)number * in_flight + sequence % in_flight];
}

static void send_next(struct echo *echo, struct pl_connection *connection, uint64_t sequence) {
    *sent_ns_of(echo, connection->number, sequence) = connection->link.loop->now_ns;
    pl_connection_send(connection, echo->options, sequence);
}

static void on_message(struct pl_connection *connection, const struct pl_frame *frame) {
    struct echo *echo = connection->owner;
    struct pl_payload payload;
    pl_message_check(connection, echo->options, frame, &payload);
    if (payload.sender != connection->number)
        pl_fail("connection %u got the echo of %u", connection->number, payload.sender);
    pl_message_check_order(connection, &payload, echo->expected[connection->number]++);

    uint64_t sent_ns = *sent_ns_of(echo, connection->number, payload.sequence);
    pl_window_count(&echo->window, connection->link.loop->now_ns - sent_ns);
    if (echo->is_sending)
        send_next(echo, connection, payload.sequence + echo->options->in_flight);
    else if (echo->under_way-- == 0)
        pl_fail("connection %u got one echo too many", connection->number);
}

static void start(struct echo *echo, struct pl_crowd *crowd) {
    echo->is_sending = true;
    for (uint32_t i = 0; i < crowd->count; i++) {
        for (uint32_t sequence = 0; sequence < echo->options->in_flight; sequence++)
            send_next(echo, &crowd->connections[i], sequence);
    }
    echo->under_way = crowd->count * echo->options->in_flight;
}

void pl_echo_run(const struct pl_options *options) {
    struct pl_loop loop;
    struct echo *echo = pl_allocate(1, sizeof *echo);
    echo->options = options;
    echo->expected = pl_allocate(options->connections, sizeof(uint64_t));
    echo->sent_ns =
        pl_allocate((size_t)options->connections * options->in_flight, sizeof(uint64_t));
    struct pl_crowd crowd = {.loop = &loop,
                             .options = options,
                             .kind = options->kind,
                             .on_message = on_message,
                             .owner = echo};

    pl_loop_init(&loop, options->port);
    pl_crowd_open(&crowd, options->connections, 1);
    start(echo, &crowd);
    pl_window_run(&echo->window, &loop, options);
    echo->is_sending = false;
    pl_loop_run_until_zero(&loop, &echo->under_way, DRAIN_LIMIT_MS, "echoes");
    uint64_t resident_bytes = pl_usage_resident_bytes(options->server);
    pl_crowd_close(&crowd);

    pl_report_begin(options->scenario);
    pl_report_number("connections", options->connections);
    pl_report_number("size", (double)options->size);
    pl_report_number("in_flight", options->in_flight);
    pl_window_report(&echo->window, "message");
    pl_report_number("rss_bytes", (double)resident_bytes);
    pl_report_end();

    pl_loop_finish(&loop);
    free(echo->expected);
    free(echo->sent_ns);
    free(echo);
}
