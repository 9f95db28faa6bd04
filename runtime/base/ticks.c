#include "base/ticks.h"

#include <time.h>

#define COMPARED_NS 2000000

struct pl_ticks_run pl_ticks_run;

static uint64_t start_ticks, start_ns;
static double per_second;

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void pl_ticks_start(void) {
    start_ns = now_ns();
    start_ticks = pl_ticks();
}

double pl_ticks_per_second(void) {
    if (per_second > 0) return per_second;
    if (start_ns == 0) pl_ticks_start();
    uint64_t passed_ns;
    do {
        passed_ns = now_ns() - start_ns;
    } while (passed_ns < COMPARED_NS);
    per_second = (double)pl_ticks_since(start_ticks) * 1e9 / (double)passed_ns;
    if (per_second < 1) per_second = 1;
    return per_second;
}
