/*
 * window.h -- the time that is measured, between a warm-up and a drain.
 *
 * A unit is whatever a scenario counts: a message that came back, a delivery, a connection
 * from its handshake to its end, an answer.
 */
#pragma once

#include "load/histogram.h"
#include "load/loop.h"
#include "load/options.h"
#include "load/usage.h"

struct pl_window {
    struct pl_histogram latency; /* ns */
    bool is_open;
    uint64_t verified; /* units checked, those of warm-up and drain included */
    uint64_t elapsed_ns;
    uint64_t own_cpu_ns; /* what the load generator itself used */
    struct pl_usage used;
};

/* Warms up, measures, and returns with the load still running. */
void pl_window_run(struct pl_window *window, struct pl_loop *loop,
                   const struct pl_options *options);

/* One unit is done and verified. */
static inline void pl_window_count(struct pl_window *window, uint64_t latency_ns) {
    window->verified++;
    if (window->is_open) pl_histogram_add(&window->latency, latency_ns);
}

/* Prints the figures of the window as fields of a report. */
void pl_window_report(const struct pl_window *window, const char *unit);
