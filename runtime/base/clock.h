/*
 * clock.h -- loop time and wall time, replaceable in tests.
 *
 * Loop time is monotonic and stands still during a turn of the loop; whoever drives the clock
 * sets it. Wall time is asked for when it is needed.
 */
#pragma once

#include <stdint.h>

struct pl_clock {
    uint64_t now_ms; /* loop time */
    /* Milliseconds since 1970; NULL asks the system. */
    int64_t (*wall_ms)(struct pl_clock *clock);
};

int64_t pl_clock_wall_ms(struct pl_clock *clock);
