/*
 * cycle.h -- calls between rooms that would wait for themselves.
 *
 * A room answers nothing while it starts, or while a hook of it blocks it. If what it waits for
 * then is a call that, by whatever way, waits for the room, neither ever ends: such a call is
 * refused when it is made. What waits for what is read from the calls under way, each of which
 * knows for what it was made (call.h).
 */
#pragma once

#include <stdbool.h>

struct pl_room;
struct pl_task;

/* Whether a call by `task` to `target`, which the task will wait for, would never be answered. */
bool pl_call_would_wait_for_itself(const struct pl_task *task, struct pl_room *target);
