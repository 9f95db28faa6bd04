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

/* Sets a field of the table on top of the stack. */
void pl_set_number(lua_State *L, const char *key, double number);

/* Pushes nil, the text of a negative errno, and its name. */
int pl_push_error(lua_State *L, int error);
