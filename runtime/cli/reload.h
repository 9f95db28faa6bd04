/*
 * reload.h -- a serving house is given another app.
 */
#pragma once

#include "lua/check.h"

struct pl_house;

/* Adds its functions to the native module on top of the stack. */
void pl_bind_reload(lua_State *L, struct pl_house *house);
