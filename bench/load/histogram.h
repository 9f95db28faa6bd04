/*
 * histogram.h -- counts of durations, exact to 1/64 of their size.
 *
 * Each power of two is cut into 64 equal buckets, so a percentile is read off without
 * keeping or sorting the millions of values a run produces.
 */
#pragma once

#include <stdint.h>

#define PL_HISTOGRAM_BUCKETS (59 * 64)

struct pl_histogram {
    uint64_t counts[PL_HISTOGRAM_BUCKETS];
    uint64_t total; /* values added */
    uint64_t max;   /* the largest of them, exact */
};

void pl_histogram_add(struct pl_histogram *histogram, uint64_t value);

/* The value that `share` (0 to 1) of all values do not exceed; 0 when there are none. */
uint64_t pl_histogram_quantile(const struct pl_histogram *histogram, double share);
