/*
 * fanout.c -- the scenario "fanout".
 *
 * Members of a room have consecutive numbers, so member m of room r is connection
 * r * members + m. Each receiver knows which number it expects next from each sender of
 * its room; each sender knows who has not received what is under way.
 */
#include "load/crowd.h"
#include "load/fail.h"
#include "load/message.h"
#include "load/report.h"
#include "load/scenarios.h"
#include "load/window.h"

#include <stdlib.h>

#define DRAIN_LIMIT_MS 10000

struct under_way {
    uint64_t sent_ns;
    uint32_t missing; /* members who have not received it */
};

struct fanout {
    const struct pl_options *options;
    struct pl_crowd crowd;
    struct pl_window window;
    uint32_t senders;            /* in each room: one, or all members */
    uint64_t *expected;          /* of each receiver, for each sender of its room */
    struct under_way *under_way; /* of each connection, `in_flight` of them, by sequence */
    bool is_sending;
    uint32_t incomplete; /* messages that somebody has not received */
};

static struct under_way *slot_of(struct fanout *fanout, uint32_t sender, uint64_t sequence) {
    uint32_t in_flight = fanout->options->in_flight;
    return &fanout->under_way[(size_t)sender * in_flight + sequence % in_flight];
}

static void send_next(struct fanout *fanout, uint32_t sender, uint64_t sequence) {
    *slot_of(fanout, sender, sequence) =
        (struct under_way){fanout->crowd.loop->now_ns, fanout->options->members};
    pl_connection_send(&fanout->crowd.connections[sender], fanout->options, sequence);
}

/* One more member has it; after the last one the sender goes on. */
static void note_receipt(struct fanout *fanout, const struct pl_payload *payload) {
    struct under_way *message = slot_of(fanout, payload->sender, payload->sequence);
    if (message->missing == 0)
        pl_fail("message %llu of sender %u came once too often",
                (unsigned long long)payload->sequence, payload->sender);
    pl_window_count(&fanout->window, fanout->crowd.loop->now_ns - message->sent_ns);
    if (--message->missing > 0) return;
    if (fanout->is_sending)
        send_next(fanout, payload->sender, payload->sequence + fanout->options->in_flight);
    else fanout->incomplete--;
}

static void on_message(struct pl_connection *connection, const struct pl_frame *frame) {
    struct fanout *fanout = connection->owner;
    struct pl_payload payload;
    pl_message_check(connection, fanout->options, frame, &payload);
    uint32_t place = payload.sender % fanout->options->members;
    if (payload.sender / fanout->options->members != connection->room ||
        place >= fanout->senders)
        pl_fail("connection %u got a message of %u, who does not send in room %u",
                connection->number, payload.sender, connection->room);
    size_t pair = (size_t)connection->number * fanout->senders + place;
    pl_message_check_order(connection, &payload, fanout->expected[pair]++);
    note_receipt(fanout, &payload);
}

static void start(struct fanout *fanout) {
    const struct pl_options *options = fanout->options;
    fanout->is_sending = true;
    fanout->incomplete = options->rooms * fanout->senders * options->in_flight;
    for (uint32_t number = 0; number < fanout->crowd.count; number++) {
        if (number % options->members >= fanout->senders) continue;
        for (uint32_t sequence = 0; sequence < options->in_flight; sequence++)
            send_next(fanout, number, sequence);
    }
}

static struct fanout *create(const struct pl_options *options, struct pl_loop *loop) {
    struct fanout *fanout = pl_allocate(1, sizeof *fanout);
    size_t count = (size_t)options->rooms * options->members;
    fanout->options = options;
    fanout->senders = options->all_send ? options->members : 1;
    fanout->expected = pl_allocate(count * fanout->senders, sizeof *fanout->expected);
    fanout->under_way = pl_allocate(count * options->in_flight, sizeof *fanout->under_way);
    fanout->crowd = (struct pl_crowd){.loop = loop,
                                      .options = options,
                                      .kind = "room",
                                      .on_message = on_message,
                                      .owner = fanout};
    return fanout;
}

static void destroy(struct fanout *fanout) {
    free(fanout->expected);
    free(fanout->under_way);
    free(fanout);
}

void pl_fanout_run(const struct pl_options *options) {
    struct pl_loop loop;
    struct fanout *fanout = create(options, &loop);
    pl_loop_init(&loop, options->port);
    pl_crowd_open(&fanout->crowd, options->rooms * options->members, options->members);
    start(fanout);
    pl_window_run(&fanout->window, &loop, options);
    fanout->is_sending = false;
    pl_loop_run_until_zero(&loop, &fanout->incomplete, DRAIN_LIMIT_MS, "messages");
    uint64_t resident_bytes = pl_usage_resident_bytes(options->server);
    pl_crowd_close(&fanout->crowd);

    pl_report_begin(options->scenario);
    pl_report_number("rooms", options->rooms);
    pl_report_number("members", options->members);
    pl_report_number("senders", fanout->senders);
    pl_report_number("size", (double)options->size);
    pl_report_number("in_flight", options->in_flight);
    pl_window_report(&fanout->window, "delivery");
    pl_report_number("rss_bytes", (double)resident_bytes);
    pl_report_end();

    pl_loop_finish(&loop);
    destroy(fanout);
}
