/*
 * timers.h -- party.after and party.every: timers of room code.
 *
 * A timer belongs to the room whose code started it and ends with it. One that fires once keeps
 * its room in memory until then; a repeating one does not, or a room with a clock in onStart
 * would never leave.
 */
#pragma once

#include "base/list.h"

#include <math.h>
#include <stdint.h>

/* A wait is never shorter than asked for; but 1.1 seconds, which are a little more than 1100 ms as
 * a product of doubles, are 1100. */
static inline uint64_t pl_whole_ms(double ms) { return (uint64_t)ceil(ms - 1e-6); }

/* Cancels the timers of a list made of them. */
void pl_lua_timers_cancel(struct pl_list *timers);
