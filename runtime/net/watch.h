/*
 * watch.h -- tells when a descriptor that something else has opened becomes readable.
 */
#pragma once

#include "net/loop.h"

struct pl_watch {
    uv_poll_t poll;
    struct pl_loop *loop;
    void (*on_readable)(void *owner);
    void *owner;
    bool is_open;
};

/* Watches `fd`, which stays the caller's. A watch does not keep the loop running. */
int pl_watch_open(struct pl_watch *watch, struct pl_loop *loop, int fd,
                  void (*on_readable)(void *owner), void *owner);

/* The struct must stay until the loop has run another turn. Harmless when repeated. */
void pl_watch_close(struct pl_watch *watch);
