/*
 * histogram.h -- how often something took how long, in the buckets that metrics show.
 *
 * Adding is a few comparisons: durations are ticks (ticks.h), and so are the bounds they are
 * compared with. Most of what is measured is short and ends at the first.
 */
#pragma once

#include "base/buffer.h"

#include <stdint.h>

#define PL_BUCKETS_MAX 16

/* The upper bounds of buckets, in ascending order; one more bucket has no bound. */
struct pl_buckets {
    size_t count;
    double seconds[PL_BUCKETS_MAX];
    uint64_t ticks[PL_BUCKETS_MAX];
};

/* For what takes microseconds, and for what a client waits for (OpenTelemetry's bounds). */
extern struct pl_buckets pl_buckets_short, pl_buckets_long;

/* Sets the bounds in ticks; before anything is added. */
void pl_buckets_start(void);

struct pl_histogram {
    uint64_t counts[PL_BUCKETS_MAX + 1];
    uint64_t sum_ticks;
};

static inline void pl_histogram_add(struct pl_histogram *histogram,
                                    const struct pl_buckets *buckets, uint64_t ticks) {
    size_t at = 0;
    while (at < buckets->count && ticks > buckets->ticks[at]) at++;
    histogram->counts[at]++;
    histogram->sum_ticks += ticks;
}

uint64_t pl_histogram_count(const struct pl_histogram *histogram);
double pl_histogram_sum(const struct pl_histogram *histogram);
