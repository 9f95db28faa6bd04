/*
 * heap.h -- the largest numbers of many, the smallest of them on top.
 */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

struct pl_heap {
    float *at; /* borrowed */
    size_t count, size;
};

/* Whether a number would be among the largest. */
static inline bool pl_heap_takes(const struct pl_heap *heap, float number) {
    return heap->count < heap->size || (heap->size > 0 && number > heap->at[0]);
}

/* What a number has to be above of to be among them. */
static inline float pl_heap_floor(const struct pl_heap *heap) {
    if (heap->size == 0) return INFINITY;
    return heap->count < heap->size ? -INFINITY : heap->at[0];
}

/* Adds one that it takes, in the place of the smallest when it is full. */
void pl_heap_add(struct pl_heap *heap, float number);
