/*
 * ticks.h -- the processor's own counter: the cheapest clock, for measuring how long things take.
 *
 * Reading it is one instruction. What a tick is worth is found out by comparing it with the
 * system's clock, once, some milliseconds after the program has started.
 */
#pragma once

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

/* Since `begun`; 0 when the counter of another processor is behind. */
static inline uint64_t pl_ticks_since(uint64_t begun) {
    uint64_t now = pl_ticks();
    return now > begun ? now - begun : 0;
}

/* Notes the time; pl_ticks_per_second compares with it. */
void pl_ticks_start(void);

/* Waits until at least two milliseconds have passed since then, which they have by the time that
 * an app is loaded; later calls give the first one's answer. */
double pl_ticks_per_second(void);
