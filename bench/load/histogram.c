/* histogram.c -- see histogram.h. */
#include "load/histogram.h"

static unsigned bucket_of(uint64_t value) {
    if (value < 64) return (unsigned)value;
    unsigned power = 63u - (unsigned)__builtin_clzll(value);
    return (power - 5) * 64 + (unsigned)((value >> (power - 6)) & 63);
}

/* The largest value that falls into `bucket`. */
static uint64_t top_of(unsigned bucket) {
    if (bucket < 64) return bucket;
    unsigned power = bucket / 64 + 5;
    uint64_t width = 1ull << (power - 6);
    return (1ull << power) + (bucket % 64) * width + (width - 1);
}

void pl_histogram_add(struct pl_histogram *histogram, uint64_t value) {
    histogram->counts[bucket_of(value)]++;
    histogram->total++;
    if (value > histogram->max) histogram->max = value;
}

uint64_t pl_histogram_quantile(const struct pl_histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)(share * (double)histogram->total);
    uint64_t seen = 0;
    for (unsigned bucket = 0; bucket < PL_HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->counts[bucket];
        if (seen > 0 && seen >= wanted) {
            uint64_t top = top_of(bucket);
            return top < histogram->max ? top : histogram->max;
        }
    }
    return histogram->max;
}
