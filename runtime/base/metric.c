#include "base/metric.h"

#include "base/histogram.h"

#include <stdbool.h>
#include <stdio.h>

static void add(struct pl_buffer *out, const char *text) {
    pl_buffer_add(out, pl_slice_of(text));
}

void pl_metric_begin(struct pl_buffer *out, const char *name, const char *type,
                     const char *help) {
    add(out, "# HELP ");
    add(out, name);
    add(out, " ");
    add(out, help);
    add(out, "\n# TYPE ");
    add(out, name);
    add(out, " ");
    add(out, type);
    add(out, "\n");
}

/* A label's value: names of parties come from people. */
static void add_label_value(struct pl_buffer *out, struct pl_slice value) {
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '\n') {
            add(out, "\\n");
            continue;
        }
        if (value.at[i] == '"' || value.at[i] == '\\') pl_buffer_add_byte(out, '\\');
        pl_buffer_add_byte(out, value.at[i]);
    }
}

static void add_labels(struct pl_buffer *out, const struct pl_label *labels, size_t count) {
    bool is_first = true;
    for (size_t i = 0; i < count; i++) {
        if (labels[i].name == NULL) continue;
        add(out, is_first ? "{" : ",");
        is_first = false;
        add(out, labels[i].name);
        add(out, "=\"");
        add_label_value(out, labels[i].value);
        add(out, "\"");
    }
    if (!is_first) add(out, "}");
}

void pl_metric_add(struct pl_buffer *out, const char *name, const struct pl_label *labels,
                   size_t count, double value) {
    char text[40];
    snprintf(text, sizeof text, " %.15g\n", value);
    add(out, name);
    add_labels(out, labels, count);
    add(out, text);
}

void pl_metric_add_one(struct pl_buffer *out, const char *name, const char *type,
                       const char *help, double value) {
    pl_metric_begin(out, name, type, help);
    pl_metric_add(out, name, NULL, 0, value);
}

/* The samples of one histogram; at most two labels of its own. */
void pl_metric_add_histogram(struct pl_buffer *out, const char *name, struct pl_label first,
                             struct pl_label second, const struct pl_histogram *histogram,
                             const struct pl_buckets *buckets) {
    char part[96], bound[32];
    struct pl_label labels[3] = {first, second, {"le", {0}}};
    double count = 0;
    snprintf(part, sizeof part, "%s_bucket", name);
    for (size_t i = 0; i <= buckets->count; i++) {
        count += (double)histogram->counts[i];
        if (i < buckets->count) snprintf(bound, sizeof bound, "%g", buckets->seconds[i]);
        else snprintf(bound, sizeof bound, "+Inf");
        labels[2].value = pl_slice_of(bound);
        pl_metric_add(out, part, labels, 3, count);
    }
    snprintf(part, sizeof part, "%s_sum", name);
    pl_metric_add(out, part, labels, 2, pl_histogram_sum(histogram));
    snprintf(part, sizeof part, "%s_count", name);
    pl_metric_add(out, part, labels, 2, count);
}
