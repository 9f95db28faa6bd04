/*
 * outlet.h -- standard output and standard error, for whoever must not wait for their reader.
 *
 * A terminal that is stopped, or a pipe that nobody empties, takes nothing. What is said then waits
 * here, up to PL_OUTLET_BYTES_MAX; lines beyond that are left out, and a line says how many.
 */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* Says whole lines on descriptor 1 or 2. */
void pl_outlet_say(int fd, struct pl_slice lines);

/* Writes what waits, as far as it is taken now. Whether nothing waits any more. */
bool pl_outlets_flush(void);

/* Whether anything waits. */
bool pl_outlets_wait(void);

/* The same at the end of the program: waits up to `ms` for the readers. */
void pl_outlets_settle(uint64_t ms);
