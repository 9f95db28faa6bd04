/*
 * assets.h -- finding static files for Lua: native.find_asset.
 */
#pragma once

struct lua_State;

/* Adds native.find_asset to the table on top of the stack. */
void pl_bind_assets(struct lua_State *L);
