/*
 * recent.h -- the last few texts of many, each cut at a bound.
 */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_RECENT_COUNT 64
#define PL_RECENT_BYTES_MAX 8192

struct pl_recent {
    struct pl_buffer texts[PL_RECENT_COUNT]; /* a ring */
    uint64_t count;                          /* of all there ever were */
};

void pl_recent_add(struct pl_recent *recent, struct pl_slice text);

/* The text that came as number `at` (from 0), or NULL when it is forgotten or has not come. */
const struct pl_buffer *pl_recent_find(const struct pl_recent *recent, uint64_t at);
void pl_recent_finish(struct pl_recent *recent);
