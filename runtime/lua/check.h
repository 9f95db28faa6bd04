/*
 * check.h -- arguments in, results out.
 */
#pragma once

#include "base/slice.h"

#include <lauxlib.h>
#include <lua.h>

/* A string argument, borrowed while it is on the stack. */
struct pl_slice pl_check_slice(lua_State *L, int arg);

static inline void pl_push_slice(lua_State *L, struct pl_slice bytes) {
    lua_pushlstring(L, bytes.at == NULL ? "" : bytes.at, bytes.len);
}

struct pl_message;

/* What send and broadcast take: a string (text, which must be UTF-8) or party.binary(s). Raises
 * for anything else. */
void pl_check_message(lua_State *L, int arg, struct pl_message *out);

/* Tells pl_check_message the metatable of party.binary: native.set_binary(metatable) */
int pl_set_binary(lua_State *L);

/* A number of the table at `index`, or `otherwise` when it is absent. */
double pl_get_number(lua_State *L, int index, const char *key, double otherwise);

/* A string of the table at `index`, or empty when it is absent. It stays on the stack, and so alive. */
struct pl_slice pl_get_slice(lua_State *L, int index, const char *key);

/* Sets a field of the table on top of the stack. */
void pl_set_number(lua_State *L, const char *key, double number);

/* Adds functions to the table on top of the stack, each with `owner` as its upvalue. */
void pl_set_functions(lua_State *L, const luaL_Reg *functions, void *owner);

/* Pushes nil, the text of a negative errno, and its name. */
int pl_push_error(lua_State *L, int error);
