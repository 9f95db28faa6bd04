/*
 * outlet.h -- standard error and output, as a server writes to them: never waiting for whoever
 * reads.
 *
 * A terminal that somebody has stopped, or a pipe whose reader hangs, takes nothing. What it does
 * not take is kept, in order and up to a bound, and what comes on top of that is lost, line by
 * line: rooms are worth more than their log. Whoever does not serve may as well wait.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct pl_outlet;

extern struct pl_outlet pl_outlet_errors, pl_outlet_output;

/* From here on nothing is waited for. */
void pl_outlet_stop_waiting(struct pl_outlet *outlet);

/* Writes whole lines, or keeps them behind those that are kept. False: they were lost. */
bool pl_outlet_write(struct pl_outlet *outlet, struct pl_slice lines);

/* Whether anything is kept. */
bool pl_outlet_is_behind(const struct pl_outlet *outlet);

/* Writes what is kept, as far as it is taken now, or within a time. False when some is left. */
bool pl_outlet_flush(struct pl_outlet *outlet);
bool pl_outlet_flush_within(struct pl_outlet *outlet, int timeout_ms);
