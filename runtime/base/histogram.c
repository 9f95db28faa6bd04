#include "base/histogram.h"

#include "base/ticks.h"

struct pl_buckets pl_buckets_short = {
    .count = 13,
    .seconds = {1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1, 5, 10},
};

struct pl_buckets pl_buckets_long = {
    .count = 14,
    .seconds = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10},
};

static void start(struct pl_buckets *buckets) {
    for (size_t i = 0; i < buckets->count; i++) {
        buckets->ticks[i] = (uint64_t)(buckets->seconds[i] * pl_ticks_per_second());
    }
}

void pl_buckets_start(void) {
    start(&pl_buckets_short);
    start(&pl_buckets_long);
}

uint64_t pl_histogram_count(const struct pl_histogram *histogram) {
    uint64_t count = 0;
    for (size_t i = 0; i <= PL_BUCKETS_MAX; i++) count += histogram->counts[i];
    return count;
}

double pl_histogram_sum(const struct pl_histogram *histogram) {
    return (double)histogram->sum_ticks / pl_ticks_per_second();
}
