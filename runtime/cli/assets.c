#include "cli/assets.h"

#include "edge/assets.h"
#include "lua/check.h"

/* native.find_asset(folder, path) --> file, size, content_type | nil: `path` as in the URL. The
 * file goes to exchange:respond_file, which closes it. */
static int find_asset(lua_State *L) {
    struct pl_asset asset;
    const char *folder = luaL_checkstring(L, 1);
    if (!pl_asset_open(folder, pl_check_slice(L, 2), &asset)) return 0;
    lua_pushinteger(L, asset.file);
    lua_pushnumber(L, (lua_Number)asset.size);
    lua_pushstring(L, asset.content_type);
    return 3;
}

void pl_bind_assets(lua_State *L) {
    lua_pushcfunction(L, find_asset);
    lua_setfield(L, -2, "find_asset");
}
