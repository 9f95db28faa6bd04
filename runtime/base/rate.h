/*
 * rate.h -- how many times a second something happens, over about the last ten seconds.
 *
 * Counts of two windows: the current one and the one before, of which as much counts as the
 * current one has not covered yet. Nothing ticks while nothing happens.
 */
#pragma once

#include <stdint.h>

#define PL_RATE_WINDOW_MS 10000

struct pl_rate {
    uint64_t since_ms; /* when the current window began; loop time */
    uint32_t current, before;
};

static inline void pl_rate_turn(struct pl_rate *rate, uint64_t now_ms) {
    uint64_t age_ms = now_ms - rate->since_ms;
    if (age_ms < PL_RATE_WINDOW_MS) return;
    rate->before = age_ms < 2 * PL_RATE_WINDOW_MS ? rate->current : 0;
    rate->current = 0;
    rate->since_ms = now_ms - age_ms % PL_RATE_WINDOW_MS;
}

static inline void pl_rate_add(struct pl_rate *rate, uint64_t now_ms) {
    pl_rate_turn(rate, now_ms);
    rate->current++;
}

static inline double pl_rate_per_second(struct pl_rate *rate, uint64_t now_ms) {
    pl_rate_turn(rate, now_ms);
    double of_window = (double)(now_ms - rate->since_ms) / PL_RATE_WINDOW_MS;
    return (rate->before * (1 - of_window) + rate->current) * 1000 / PL_RATE_WINDOW_MS;
}
