/*
 * fault.h -- what went wrong in user code, in the parts that different readers need.
 *
 * A client sees the bare message; the log has the place, the source line and the stack.
 */
#pragma once

#include "base/buffer.h"

#include <lua.h>

struct pl_task;

struct pl_fault {
    struct pl_buffer message; /* without Lua's `file:line:` */
    struct pl_buffer place;   /* file:line, or empty */
    struct pl_buffer source;  /* that line, without its indentation */
    struct pl_buffer stack;   /* traceback, one frame a line */
    int code;                 /* of error { message = m, code = n }; 0 without */
    bool has_message;         /* the error value had one, though it may be empty */
};

/* Reads the error on top of the stack of a coroutine that failed. */
void pl_fault_read(struct pl_fault *fault, lua_State *co);
void pl_fault_finish(struct pl_fault *fault);

/* One log line, with the room and hook of the task. */
void pl_fault_log(const struct pl_fault *fault, const struct pl_task *task);
