/*
 * outlet.h -- standard error, as a server writes to it: never waiting for whoever reads.
 *
 * A terminal that somebody has stopped, or a pipe whose reader hangs, takes nothing. What it does
 * not take is kept, in order and up to a bound, and what comes on top of that is lost, line by
 * line: rooms are worth more than their log. Whoever does not serve may as well wait.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

/* From here on nothing is waited for. */
void pl_outlet_stop_waiting(void);

/* Writes a line, or keeps it behind those that are kept. False: it was lost. */
bool pl_outlet_write(struct pl_slice line);

/* Whether anything is kept. */
bool pl_outlet_is_behind(void);

/* Writes what is kept, as far as it is taken now, or within a time. False when some is left. */
bool pl_outlet_flush(void);
bool pl_outlet_flush_within(int timeout_ms);
