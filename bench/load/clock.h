/* clock.h -- monotonic time in nanoseconds. */
#pragma once

#include <stdint.h>
#include <time.h>

#define PL_NS_PER_SECOND 1000000000ull
#define PL_NS_PER_MS 1000000ull

static inline uint64_t pl_clock_read_ns(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * PL_NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static inline uint64_t pl_clock_ns(void) { return pl_clock_read_ns(CLOCK_MONOTONIC); }
