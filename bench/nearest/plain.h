/*
 * plain.h -- what searching is measured against: every vector, one after the other, in floats.
 */
#pragma once

#include <stddef.h>

struct plain_match {
    float score;
    size_t number;
};

/* The `count` vectors with the largest products, the largest first. Vectors lie one behind the
 * other. */
void plain_search(const float *vectors, size_t vector_count, size_t dimensions,
                  const float *query, struct plain_match *matches, size_t count);
