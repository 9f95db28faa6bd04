/*
 * listener.h -- a bound, listening socket.
 *
 * Accepts with accept4 on a poll handle instead of libuv's own accepting, so that running out
 * of file descriptors can be answered: one descriptor is kept in reserve, newcomers hear 503,
 * and accepting pauses until a moment later.
 */
#pragma once

#include "base/cidr.h"
#include "base/timer.h"
#include "net/loop.h"

#include <sys/socket.h>

struct pl_listener_events {
    /* A new, non-blocking socket; the owner has it now. */
    void (*on_socket)(void *owner, int socket, const struct sockaddr_storage *address);
};

struct pl_listener {
    uv_poll_t poll;
    struct pl_loop *loop;
    const struct pl_listener_events *events;
    void *owner;
    struct pl_timer resume; /* after running out of descriptors */
    int socket, reserve;
    int place;        /* the folder of a local one; else -1 */
    const char *name; /* there; borrowed */
    bool is_open;
};

/* Binds and listens; `host` is a numeric address. The port bound (for port 0) is left in
 * `*port`. Negative errno on failure: -EADDRINUSE, -EACCES, -EADDRNOTAVAIL, -EINVAL. */
int pl_listener_open(struct pl_listener *listener, struct pl_loop *loop, const char *host,
                     uint16_t *port, const struct pl_listener_events *events, void *owner);

/* The same with a Unix socket called `name` in a folder, which nobody but its owner can connect to
 * (mode 0600). One that a server has left behind gives way; -EADDRINUSE when a server answers
 * there. */
int pl_listener_open_local(struct pl_listener *listener, struct pl_loop *loop,
                           const char *folder, const char *name,
                           const struct pl_listener_events *events, void *owner);

/* Serves at a socket that listens already, and closes it in the end, which leaves it open for
 * whoever has bound it. Its address is left in `host` and `*port`. -ENOTSOCK, -EAFNOSUPPORT,
 * -EPROTOTYPE, -EISCONN: it is no listening TCP socket, and remains the caller's. */
int pl_listener_take(struct pl_listener *listener, struct pl_loop *loop, int socket,
                     char host[PL_IP_TEXT_BYTES], uint16_t *port,
                     const struct pl_listener_events *events, void *owner);

/* Stops listening. The struct must stay until the loop has run another turn. */
void pl_listener_close(struct pl_listener *listener);
