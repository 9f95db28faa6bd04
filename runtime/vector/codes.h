/*
 * codes.h -- a vector as small integers, and how far they are off.
 *
 * value = scale * code + rest, for each value; `slip` is the length of all rests together, and so
 * bounds what any product can be off by (Cauchy and Schwarz). Figures are rounded to the safe side.
 */
#pragma once

#include "base/slice.h"
#include "store/vectors.h"

struct pl_codes {
    float scale;
    float slip;
    float length; /* of the vector that the codes stand for */
};

/* Rounds `count` float32s at any address. Of the cosine only the direction counts: the vector is
 * made one unit long first, if it has a length. `codes` has room for them, filled up with zeros to
 * `width`. */
struct pl_codes pl_codes_make(enum pl_metric metric, struct pl_slice values, size_t count,
                              int8_t *codes, size_t width);

/* The bytes that a vector's codes take. */
size_t pl_codes_width(size_t count);

/* Whether the values are numbers that can be worked with: finite, and not so large that their
 * squares are lost. */
bool pl_codes_can_make(struct pl_slice values);

/* How good a match is, exactly: the larger the better. With cosine and dot product the product,
 * with euclidean the negated distance. */
double pl_codes_nearness(enum pl_metric metric, struct pl_slice a, struct pl_slice b,
                         size_t count);
