#include "base/clock.h"

#include <stddef.h>
#include <time.h>

int64_t pl_clock_wall_ms(struct pl_clock *clock) {
    if (clock->wall_ms != NULL) return clock->wall_ms(clock);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
