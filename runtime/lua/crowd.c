#include "lua/crowd.h"

#include "lua/engine.h"

#include <stdlib.h>

#define LISTENERS_MAX 1024

void pl_crowd_ref(struct pl_crowd *crowd) { crowd->refs++; }

void pl_crowd_unref(struct pl_crowd *crowd) {
    if (--crowd->refs > 0) return;
    pl_tasks_wake_in(&crowd->waiter);
    free(crowd);
}

bool pl_crowd_has_room(const struct pl_crowd *crowd) { return crowd->count < LISTENERS_MAX; }

void pl_crowd_enter(struct pl_crowd *crowd) {
    crowd->count++;
    pl_crowd_ref(crowd);
}

void pl_crowd_leave(struct pl_crowd *crowd) {
    crowd->count--;
    pl_tasks_wake_in(&crowd->waiter);
    pl_crowd_unref(crowd);
}
