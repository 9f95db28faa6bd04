/* crowd.c -- see crowd.h. */
#include "load/crowd.h"

#include <stdlib.h>

/* Well below the backlog of every server: a SYN that is dropped comes again a second later. */
#define OPENING_AT_A_TIME 64
#define LIMIT_MS 20000

/* The crowd is reached through the table of events that it lends to its connections. */
static struct pl_crowd *crowd_of(const struct pl_connection *connection) {
    const char *events = (const char *)connection->events;
    return (struct pl_crowd *)(events - offsetof(struct pl_crowd, events));
}

static void start_next(struct pl_crowd *crowd) {
    if (crowd->started == crowd->count) return;
    pl_connection_open(&crowd->connections[crowd->started++], crowd->loop, crowd->options,
                       crowd->kind);
}

static void on_open(struct pl_connection *connection) {
    struct pl_crowd *crowd = crowd_of(connection);
    crowd->unopened--;
    start_next(crowd);
}

static void on_closed(struct pl_connection *connection) { crowd_of(connection)->unclosed--; }

void pl_crowd_open(struct pl_crowd *crowd, uint32_t count, uint32_t members) {
    crowd->connections = pl_allocate(count, sizeof *crowd->connections);
    crowd->count = crowd->unopened = crowd->unclosed = count;
    crowd->started = 0;
    crowd->events = (struct pl_connection_events){on_open, crowd->on_message, on_closed};
    for (uint32_t i = 0; i < count; i++) {
        struct pl_connection *connection = &crowd->connections[i];
        connection->events = &crowd->events;
        connection->owner = crowd->owner;
        connection->number = i;
        connection->room = i / members;
    }
    for (uint32_t i = 0; i < OPENING_AT_A_TIME; i++) start_next(crowd);
    pl_loop_run_until_zero(crowd->loop, &crowd->unopened, LIMIT_MS, "handshakes");
}

void pl_crowd_close(struct pl_crowd *crowd) {
    for (uint32_t i = 0; i < crowd->count; i++) pl_connection_close(&crowd->connections[i]);
    pl_loop_run_until_zero(crowd->loop, &crowd->unclosed, LIMIT_MS, "closing handshakes");
    for (uint32_t i = 0; i < crowd->count; i++) {
        pl_bytes_finish(&crowd->connections[i].link.carry);
        pl_bytes_finish(&crowd->connections[i].link.output);
    }
    free(crowd->connections);
}
