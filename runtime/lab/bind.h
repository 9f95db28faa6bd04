/*
 * bind.h -- the lab for Lua: what lualib/partylua/testing is made of.
 */
#pragma once

#include <lua.h>

struct pl_lab;

/* Each adds its functions to the table on top of the stack. */
void pl_bind_lab(lua_State *L, struct pl_lab *lab);
void pl_bind_line(lua_State *L, struct pl_lab *lab);
void pl_bind_dial(lua_State *L);
