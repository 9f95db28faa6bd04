/*
 * connect.c -- the scenario "connect".
 *
 * A connection is counted when all of it went well: handshake, a first message and its
 * echo, the closing handshake, and the end of the socket. Then its place is taken by the
 * next one.
 */
#include "load/connection.h"
#include "load/fail.h"
#include "load/message.h"
#include "load/report.h"
#include "load/scenarios.h"
#include "load/window.h"

#include <stdlib.h>

#define DRAIN_LIMIT_MS 10000
#define ROOM_KIND "echo"

struct place {
    struct pl_connection connection;
    uint64_t started_ns;
    uint64_t serial; /* of this connection among all, and the number of its message */
};

struct visits {
    const struct pl_options *options;
    struct pl_loop loop;
    struct pl_window window;
    uint64_t started; /* connections begun so far */
    uint32_t active;
    bool is_starting;
};

static struct place *place_of(struct pl_connection *connection) {
    return (struct place *)connection; /* its first field */
}

static void start_visit(struct visits *visits, struct place *place) {
    place->serial = visits->started++;
    place->started_ns = visits->loop.now_ns;
    place->connection.room =
        visits->options->new_rooms ? (uint32_t)(place->serial & PL_PAYLOAD_NUMBER_MAX) : 0;
    pl_connection_open(&place->connection, &visits->loop, visits->options, ROOM_KIND);
}

static void on_open(struct pl_connection *connection) {
    const struct visits *visits = connection->owner;
    pl_connection_send(connection, visits->options, place_of(connection)->serial);
}

static void on_message(struct pl_connection *connection, const struct pl_frame *frame) {
    const struct visits *visits = connection->owner;
    struct pl_payload payload;
    pl_message_check(connection, visits->options, frame, &payload);
    if (payload.sender != connection->number)
        pl_fail("connection %u got the echo of %u", connection->number, payload.sender);
    pl_message_check_order(connection, &payload, place_of(connection)->serial);
    if (connection->state != CONNECTION_OPEN)
        pl_fail("connection %u got its echo twice", connection->number);
    pl_connection_close(connection);
}

static void on_closed(struct pl_connection *connection) {
    struct visits *visits = connection->owner;
    struct place *place = place_of(connection);
    pl_window_count(&visits->window, visits->loop.now_ns - place->started_ns);
    if (visits->is_starting) start_visit(visits, place);
    else visits->active--;
}

static const struct pl_connection_events events = {on_open, on_message, on_closed};

static struct place *start(struct visits *visits, uint32_t count) {
    struct place *places = pl_allocate(count, sizeof *places);
    visits->active = count;
    visits->is_starting = true;
    for (uint32_t i = 0; i < count; i++) {
        struct pl_connection *connection = &places[i].connection;
        connection->events = &events;
        connection->owner = visits;
        connection->number = i;
        start_visit(visits, &places[i]);
    }
    return places;
}

void pl_connect_run(const struct pl_options *options) {
    struct visits *visits = pl_allocate(1, sizeof *visits);
    visits->options = options;
    pl_loop_init(&visits->loop, options->port);
    struct place *places = start(visits, options->connections);
    pl_window_run(&visits->window, &visits->loop, options);
    visits->is_starting = false;
    pl_loop_run_until_zero(&visits->loop, &visits->active, DRAIN_LIMIT_MS, "connections");

    pl_report_begin(options->scenario);
    pl_report_number("connections", options->connections);
    pl_report_text("rooms", options->new_rooms ? "new" : "one");
    pl_window_report(&visits->window, "connection");
    pl_report_number("rss_bytes", (double)pl_usage_resident_bytes(options->server));
    pl_report_end();

    pl_loop_finish(&visits->loop);
    for (uint32_t i = 0; i < options->connections; i++) {
        pl_bytes_finish(&places[i].connection.link.carry);
        pl_bytes_finish(&places[i].connection.link.output);
    }
    free(places);
    free(visits);
}
