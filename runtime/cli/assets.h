/*
 * assets.h -- finding static files for Lua: native.find_asset.
 */
#pragma once

#include <lua.h>

void pl_bind_assets(lua_State *L);
