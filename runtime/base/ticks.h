/*
 * ticks.h -- the processor's own counter: the cheapest clock, for measuring how long things take.
 *
 * Reading it is one instruction. What a tick is worth is found out by comparing it with the
 * system's clock, once, some milliseconds after the program has started.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
static inline uint64_t pl_ticks(void) { return __builtin_ia32_rdtsc(); }
#elif defined(__aarch64__)
static inline uint64_t pl_ticks(void) {
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
}
#else
#include <time.h>
static inline uint64_t pl_ticks(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
#endif

/* Between two readings; 0 when the counter of another processor is behind. */
static inline uint64_t pl_ticks_between(uint64_t begun, uint64_t ended) {
    return ended > begun ? ended - begun : 0;
}

static inline uint64_t pl_ticks_since(uint64_t begun) {
    return pl_ticks_between(begun, pl_ticks());
}

/* Events that follow each other at once, such as the messages of one read: the end of one is the
 * begin of the next, and the counter, which the processor waits for, is read once for both. */
extern struct pl_ticks_run {
    bool is_on;
    uint64_t latest; /* the latest end of an event of the run, or 0 */
} pl_ticks_run;

static inline void pl_ticks_begin_run(void) {
    pl_ticks_run = (struct pl_ticks_run){.is_on = true};
}

static inline void pl_ticks_end_run(void) { pl_ticks_run = (struct pl_ticks_run){0}; }

static inline uint64_t pl_ticks_of_begin(void) {
    return pl_ticks_run.latest != 0 ? pl_ticks_run.latest : pl_ticks();
}

static inline uint64_t pl_ticks_of_end(void) {
    uint64_t now = pl_ticks();
    if (pl_ticks_run.is_on) pl_ticks_run.latest = now;
    return now;
}

/* Notes the time; pl_ticks_per_second compares with it. */
void pl_ticks_start(void);

/* Waits until at least two milliseconds have passed since then, which they have by the time that
 * an app is loaded; later calls give the first one's answer. */
double pl_ticks_per_second(void);
