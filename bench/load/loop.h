/*
 * loop.h -- one epoll loop and its TCP links to the server on 127.0.0.1.
 *
 * A link is a non-blocking socket with what is still to be sent and what has come but is
 * not a whole unit yet. What is appended to a link during an event leaves in one write
 * when the event has been handled. Links live in memory of their owner.
 */
#pragma once

#include "load/bytes.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_link;

struct pl_link_events {
    /* Bytes have come; returns how many are used up. The rest comes again with more. */
    size_t (*on_bytes)(struct pl_link *link, const uint8_t *bytes, size_t len);
    /* The server has ended the connection; the socket is closed already and the link may
     * be opened anew. `was_reset` tells a reset from an orderly end. */
    void (*on_end)(struct pl_link *link, bool was_reset);
};

struct pl_link {
    int fd;        /* -1 when not open */
    bool is_dirty; /* in the loop's list of links to flush */
    struct pl_loop *loop;
    const struct pl_link_events *events;
    struct pl_bytes carry;  /* the start of a unit whose rest has not come */
    struct pl_bytes output; /* appended and not sent yet */
};

struct pl_loop {
    int epoll;
    uint16_t port;          /* of the server */
    uint64_t now_ns;        /* read once an event */
    uint32_t source;        /* last byte of the address that links connect from */
    uint8_t *scratch;       /* what one read fills */
    struct pl_link **dirty; /* links with output to flush */
    size_t dirty_count, dirty_capacity;
};

void pl_loop_init(struct pl_loop *loop, uint16_t port);
void pl_loop_finish(struct pl_loop *loop);

/* Starts to connect. Output may be appended at once; it leaves when the server accepts. */
void pl_link_open(struct pl_link *link, struct pl_loop *loop,
                  const struct pl_link_events *events);

/* Call after appending to `link->output`. */
void pl_link_touch(struct pl_link *link);

/* Handles events until `deadline_ns`. */
void pl_loop_run_to(struct pl_loop *loop, uint64_t deadline_ns);

/* Handles events until `*left` is 0; fails after `limit_ms`, naming what was awaited. */
void pl_loop_run_until_zero(struct pl_loop *loop, const uint32_t *left, uint64_t limit_ms,
                            const char *awaited);
