/*
 * develop.h -- what `partylua dev` asks of the system: changes in folders, keys, addresses.
 */
#pragma once

#include "lua/check.h"

struct pl_house;

/* Adds its functions to the native module on top of the stack. */
void pl_bind_develop(lua_State *L, struct pl_house *house);
