/*
 * run.h -- native.run: a task in a process that serves nothing.
 */
#pragma once

#include "lua/check.h"

/* The function; its upvalue is the house. */
int pl_house_run(lua_State *L);
