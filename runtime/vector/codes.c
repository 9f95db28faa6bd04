#include "vector/codes.h"

#include "vector/kernel.h"

#include <math.h>

#define CODE_MAX 127
#define SAFE 1.000001 /* more than rounding a double to a float takes away */

/* The largest length of a vector: its square, and twice that, are numbers of a float. */
#define LENGTH_MAX 1e18

static inline double value_at(struct pl_slice values, size_t i) {
    float value;
    memcpy(&value, values.at + i * sizeof value, sizeof value);
    return value;
}

size_t pl_codes_width(size_t count) {
    return (count + PL_KERNEL_BYTES - 1) / PL_KERNEL_BYTES * PL_KERNEL_BYTES;
}

static double square_of(struct pl_slice values, size_t count, double *largest) {
    double sum = 0;
    *largest = 0;
    for (size_t i = 0; i < count; i++) {
        double value = value_at(values, i);
        sum += value * value;
        if (fabs(value) > *largest) *largest = fabs(value);
    }
    return sum;
}

bool pl_codes_can_make(struct pl_slice values) {
    double largest, square = square_of(values, values.len / 4, &largest);
    return square <= LENGTH_MAX * LENGTH_MAX; /* false for what is no number, too */
}

struct pl_codes pl_codes_make(enum pl_metric metric, struct pl_slice values, size_t count,
                              int8_t *codes, size_t width) {
    double largest, length = sqrt(square_of(values, count, &largest));
    double factor = metric == PL_COSINE && length > 0 ? 1 / length : 1;
    float scale = (float)(largest * factor / CODE_MAX);
    double rests = 0;
    memset(codes, 0, width);
    for (size_t i = 0; i < count; i++) {
        double value = value_at(values, i) * factor;
        double code = scale > 0 ? nearbyint(value / scale) : 0;
        if (code > CODE_MAX) code = CODE_MAX;
        if (code < -CODE_MAX) code = -CODE_MAX;
        double rest = value - code * scale;
        codes[i] = (int8_t)code;
        rests += rest * rest;
    }
    return (struct pl_codes){.scale = scale,
                             .slip = (float)(sqrt(rests) * SAFE),
                             .length = (float)(length * factor)};
}

double pl_codes_nearness(enum pl_metric metric, struct pl_slice a, struct pl_slice b,
                         size_t count) {
    double product = 0, distance = 0, a_square = 0, b_square = 0;
    for (size_t i = 0; i < count; i++) {
        double x = value_at(a, i), y = value_at(b, i);
        product += x * y;
        distance += (x - y) * (x - y);
        a_square += x * x;
        b_square += y * y;
    }
    if (metric == PL_EUCLIDEAN) return -sqrt(distance);
    if (metric == PL_DOT_PRODUCT) return product;
    if (a_square == 0 || b_square == 0) return 0;
    double cosine = product / (sqrt(a_square) * sqrt(b_square));
    return cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
}
