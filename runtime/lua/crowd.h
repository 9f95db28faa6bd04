/*
 * crowd.h -- the listeners of one socket that run or wait, counted, so that whoever calls them can
 * wait while there are too many.
 */
#pragma once

#include <stdbool.h>

struct pl_crowd {
    unsigned refs; /* the handle's, and one for each task */
    unsigned count;
    void *waiter; /* tasks that wait for a listener to end */
};

void pl_crowd_ref(struct pl_crowd *crowd);
void pl_crowd_unref(struct pl_crowd *crowd);

bool pl_crowd_has_room(const struct pl_crowd *crowd);

/* A task of it begins, and has ended. */
void pl_crowd_enter(struct pl_crowd *crowd);
void pl_crowd_leave(struct pl_crowd *crowd);
