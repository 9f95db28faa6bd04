/*
 * kernel.h -- products of small integers, by what the processor can do.
 *
 * A row is a vector rounded to codes from -127 to 127, filled up with zeros to a multiple of
 * PL_KERNEL_BYTES. The portable kernel gives the same numbers as every other.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define PL_KERNEL_BYTES 32

struct pl_kernel {
    const char *name;
    /* The product of the query with each of `count` rows, which lie `width` bytes apart. */
    void (*multiply)(const int8_t *query, const int8_t *rows, size_t width, size_t count,
                     int32_t *out);
};

/* The fastest that runs here. */
const struct pl_kernel *pl_kernel_best(void);

/* All that run here, the portable one first; ends with NULL. */
const struct pl_kernel *const *pl_kernels(void);
