/*
 * engine_parts.h -- the inside of the engine, for the files that make it up.
 *
 *     engine.c         the state, its turns and its end
 *     task.c           tasks: from their begin over their waits to their end
 */
#pragma once

#include "lua/engine.h"

/* The engine that was asked for last (pl_engine_of), mostly to be asked for again, and by the
 * coroutine of the task that began or went on last. */
extern struct pl_engine_asked {
    struct pl_engine *engine;
    const lua_State *co; /* of that engine; or NULL */
} pl_engine_asked;

/* The task goes no further: gives up what it holds and waits for, and the task itself. */
void pl_task_drop(struct pl_task *task);

/* Of one that is in no list and holds nothing. */
void pl_task_free(struct pl_task *task);
