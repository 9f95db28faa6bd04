/*
 * timer.h -- things to do at a time, kept in one heap on a clock.
 *
 * A timer is embedded in its owner and costs no handle of the event loop, so that every
 * connection can have one. Timers due at the same time run in the order they were started.
 */
#pragma once

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct pl_timer {
    void (*on_due)(struct pl_timer *timer);
    uint64_t due_ms; /* loop time */
    uint64_t order;  /* of starting */
    size_t place;    /* in the heap, from 1; 0 when stopped */
};

struct pl_timers {
    struct pl_clock *clock;
    struct pl_timer **heap;
    size_t count, cap;
    uint64_t started;
};

void pl_timers_init(struct pl_timers *timers, struct pl_clock *clock);
void pl_timers_finish(struct pl_timers *timers);

/* Starts `timer`, or moves it when it runs already. `on_due` is called once. */
void pl_timer_start(struct pl_timers *timers, struct pl_timer *timer, uint64_t delay_ms);

/* Harmless on a stopped timer; a zeroed struct is one. */
void pl_timer_stop(struct pl_timers *timers, struct pl_timer *timer);

static inline bool pl_timer_is_running(const struct pl_timer *timer) {
    return timer->place != 0;
}

/* Whether a timer runs; when so, `*due_ms` is the loop time of the first. */
bool pl_timers_next(const struct pl_timers *timers, uint64_t *due_ms);

/* Runs what is due at the clock's loop time. Timers started meanwhile wait for the next call. */
void pl_timers_run(struct pl_timers *timers);
