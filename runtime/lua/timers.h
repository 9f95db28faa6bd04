/*
 * timers.h -- party.after and party.every: timers of room code.
 *
 * A timer belongs to the room whose code started it and ends with it. One that fires once keeps
 * its room in memory until then; a repeating one does not, or a room with a clock in onStart
 * would never leave.
 */
#pragma once

#include "base/list.h"

/* Cancels the timers of a list made of them. */
void pl_lua_timers_cancel(struct pl_list *timers);
