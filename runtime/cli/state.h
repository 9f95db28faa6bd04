/*
 * state.h -- what every Lua state of the program is given: where modules are, and the native one.
 */
#pragma once

#include "lua/check.h"
#include <stdbool.h>

struct pl_house;

/* Finds the program and its library; false when there is no library. To be called first. */
bool pl_state_find_library(void);

/* The path of the program. */
const char *pl_state_executable(void);

/* Sets package.path and package.cpath, and makes `partylua.native` ready to be required. */
void pl_state_prepare(lua_State *L, struct pl_house *house);
