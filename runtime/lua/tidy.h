/*
 * tidy.h -- when Lua garbage is collected: while nothing happens, and how often else.
 *
 * LuaJIT's collector runs on allocation, so a server that has just been busy and is idle now would
 * keep its garbage, and the connections' handles among it, until it is busy again. Steps run only
 * in quiet moments, and stop when a cycle is complete.
 */
#pragma once

#include "base/timer.h"

#include <stdbool.h>
#include <stddef.h>

struct pl_engine;

struct pl_tidy {
    struct pl_engine *engine;
    struct pl_timer timer;
    size_t task_count; /* begun so far; the engine counts them */
    size_t seen_count; /* of them at the last look */
    int pause;         /* of the collector, as it was set last */
    bool is_off;
};

void pl_tidy_init(struct pl_tidy *tidy, struct pl_engine *engine);
void pl_tidy_stop(struct pl_tidy *tidy);

/* Something ran: there may be garbage soon. */
void pl_tidy_start(struct pl_tidy *tidy);

static inline void pl_tidy_note(struct pl_tidy *tidy) {
    tidy->task_count++;
    if (!tidy->is_off && !pl_timer_is_running(&tidy->timer)) pl_tidy_start(tidy);
}
