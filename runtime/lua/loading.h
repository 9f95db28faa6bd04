/*
 * loading.h -- how a state gets the library: from its own folder, and quickly.
 *
 * Loading makes little garbage and runs nothing often, and a program that only says its version
 * does no more than that: so the collector and the compiler stand still until somebody goes on for
 * longer.
 */
#pragma once

#include <lua.h>

/* Stops the collector and the compiler. */
void pl_loading_begin(lua_State *L);

/* The compiler works again: what comes now is code of others, which may do anything. */
void pl_loading_compile(lua_State *L);

/* Both work. Lua does the same by native.loaded(). */
void pl_loading_end(lua_State *L);

/* `require` finds modules of the library in `folder`, which outlives the state, before it looks
 * anywhere else: what an app has beside it under the same name is not meant, not even by a module
 * that is loaded late. */
void pl_loading_find(lua_State *L, const char *folder);
