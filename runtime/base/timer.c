#include "base/timer.h"

#include "base/alloc.h"

#include <stdlib.h>

void pl_timers_init(struct pl_timers *timers, struct pl_clock *clock) {
    *timers = (struct pl_timers){.clock = clock};
}

void pl_timers_finish(struct pl_timers *timers) {
    free(timers->heap);
    *timers = (struct pl_timers){0};
}

static bool is_before(const struct pl_timer *a, const struct pl_timer *b) {
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void put(struct pl_timers *timers, size_t place, struct pl_timer *timer) {
    timers->heap[place - 1] = timer;
    timer->place = place;
}

static void rise(struct pl_timers *timers, struct pl_timer *timer, size_t place) {
    while (place > 1 && is_before(timer, timers->heap[place / 2 - 1])) {
        put(timers, place, timers->heap[place / 2 - 1]);
        place /= 2;
    }
    put(timers, place, timer);
}

static void sink(struct pl_timers *timers, struct pl_timer *timer, size_t place) {
    for (;;) {
        size_t child = place * 2;
        if (child > timers->count) break;
        if (child < timers->count && is_before(timers->heap[child], timers->heap[child - 1])) {
            child++;
        }
        if (!is_before(timers->heap[child - 1], timer)) break;
        put(timers, place, timers->heap[child - 1]);
        place = child;
    }
    put(timers, place, timer);
}

void pl_timer_start(struct pl_timers *timers, struct pl_timer *timer, uint64_t delay_ms) {
    pl_timer_stop(timers, timer);
    timer->due_ms = timers->clock->now_ms + delay_ms;
    timer->order = timers->started++;
    if (timers->count == timers->cap) {
        timers->cap = timers->cap == 0 ? 16 : timers->cap * 2;
        timers->heap = pl_realloc(timers->heap, timers->cap * sizeof *timers->heap);
    }
    timers->count++;
    rise(timers, timer, timers->count);
}

void pl_timer_stop(struct pl_timers *timers, struct pl_timer *timer) {
    size_t place = timer->place;
    if (place == 0) return;
    timer->place = 0;
    struct pl_timer *last = timers->heap[--timers->count];
    if (last == timer) return;
    if (place > 1 && is_before(last, timers->heap[place / 2 - 1])) {
        rise(timers, last, place);
    } else {
        sink(timers, last, place);
    }
}

bool pl_timers_next(const struct pl_timers *timers, uint64_t *due_ms) {
    if (timers->count == 0) return false;
    *due_ms = timers->heap[0]->due_ms;
    return true;
}

void pl_timers_run(struct pl_timers *timers) {
    uint64_t now_ms = timers->clock->now_ms;
    uint64_t first_new = timers->started;
    while (timers->count > 0) {
        struct pl_timer *timer = timers->heap[0];
        if (timer->due_ms > now_ms || timer->order >= first_new) break;
        pl_timer_stop(timers, timer);
        timer->on_due(timer);
    }
}
