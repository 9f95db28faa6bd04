/*
 * metric.h -- numbers as Prometheus reads them: the text format, version 0.0.4.
 *
 * A family is begun with what it is, and its samples follow at once.
 */
#pragma once

#include "base/buffer.h"

struct pl_buckets;
struct pl_histogram;

struct pl_label {
    const char *name; /* NULL: none */
    struct pl_slice value;
};

/* `type` is counter, gauge or histogram; `help` has no line's end and no backslash. */
void pl_metric_begin(struct pl_buffer *out, const char *name, const char *type,
                     const char *help);

void pl_metric_add(struct pl_buffer *out, const char *name, const struct pl_label *labels,
                   size_t count, double value);

/* A family of one sample without labels. */
void pl_metric_add_one(struct pl_buffer *out, const char *name, const char *type,
                       const char *help, double value);

/* The samples of one histogram, with at most two labels of its own. */
void pl_metric_add_histogram(struct pl_buffer *out, const char *name, struct pl_label first,
                             struct pl_label second, const struct pl_histogram *histogram,
                             const struct pl_buckets *buckets);
