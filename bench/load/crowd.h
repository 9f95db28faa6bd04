/*
 * crowd.h -- many connections that are opened together and closed together.
 */
#pragma once

#include "load/connection.h"

struct pl_crowd {
    struct pl_connection *connections; /* owned; numbered from 0 */
    uint32_t count;
    uint32_t started;  /* how many have begun to connect */
    uint32_t unopened; /* how many are not open yet */
    uint32_t unclosed; /* how many are not closed yet */
    struct pl_loop *loop;
    const struct pl_options *options;
    const char *kind; /* of room: "echo" or "room" */
    void (*on_message)(struct pl_connection *connection, const struct pl_frame *frame);
    void *owner; /* what the connections belong to, as connection->owner */
    struct pl_connection_events events;
};

/* Opens `count` connections, `members` to a room, a few at a time, and waits for them.
 * `loop`, `options`, `kind`, `on_message` and `owner` are set by the caller before. */
void pl_crowd_open(struct pl_crowd *crowd, uint32_t count, uint32_t members);

/* Closes them all and waits. What still arrives goes to `on_message`, so that a message
 * too many is noticed. Frees the connections. */
void pl_crowd_close(struct pl_crowd *crowd);
