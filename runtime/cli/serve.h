/*
 * serve.h -- native.serve: builds a house, runs it, and takes it down in the reverse order.
 */
#pragma once

#include "lua/check.h"

/* The function; its upvalue is the house. */
int pl_house_serve(lua_State *L);
