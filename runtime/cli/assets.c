#include "cli/assets.h"

#include "edge/assets.h"
#include "lua/bind.h"
#include "lua/check.h"

/* native.find_asset(folder, path, suffix, follows_links) --> file, content_type | nil, message, code:
 * `path` as in the URL; `suffix` is added to the name of the file and not looked at for its type.
 * The code is ENOENT where there is no such file */
static int find_asset(lua_State *L) {
    struct pl_asset asset;
    const char *folder = luaL_checkstring(L, 1);
    struct pl_slice path = pl_check_slice(L, 2), suffix = pl_check_slice(L, 3);
    int rc = pl_asset_open(folder, path, suffix, lua_toboolean(L, 4), &asset);
    if (rc != 0) return pl_push_error(L, rc);
    pl_push_file(L, asset.file, &asset.about);
    lua_pushstring(L, asset.content_type);
    return 2;
}

void pl_bind_assets(lua_State *L) {
    lua_pushcfunction(L, find_asset);
    lua_setfield(L, -2, "find_asset");
}
