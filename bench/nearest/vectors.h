/*
 * vectors.h -- vectors as a model makes them: of one unit's length, with less in them than their
 * dimensions, and noise.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define LATENT 32 /* directions that the vectors are mixed from */

struct mixture {
    size_t dimensions;
    float *directions; /* LATENT vectors */
};

struct mixture mixture_create(size_t dimensions);
void mixture_destroy(struct mixture *mixture);

/* Vector `number`, the same each time. */
void mixture_make(const struct mixture *mixture, uint64_t number, float *out);
