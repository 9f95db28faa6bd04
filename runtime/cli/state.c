#include "cli/state.h"

#include "cli/assets.h"
#include "cli/develop.h"
#include "cli/house.h"
#include "cli/reload.h"
#include "lab/bind.h"
#include "lua/bind.h"
#include "lua/loading.h"

#include <libgen.h>
#include <luajit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION "0.1.0"

#ifndef PL_LUADIR_DEFAULT
#define PL_LUADIR_DEFAULT "/usr/local/share/lua/5.1"
#endif

/* Where lualib may be, seen from the folder of the program: in the build tree, beside an
 * installed program, and in a LuaRocks tree, whose programs may run from the rock itself. */
static const char *const lualib_places[] = {
    "../../lualib",
    "../share/lua/5.1",
    "../lua",
    "../../../../../../share/lua/5.1",
};

static struct {
    char executable[4096];
    char lualib[4096];
} places;

static bool has_library(const char *folder) {
    char path[8400];
    snprintf(path, sizeof path, "%s/partylua/init.lua", folder);
    return access(path, R_OK) == 0;
}

bool pl_state_find_library(void) {
    ssize_t len = readlink("/proc/self/exe", places.executable, sizeof places.executable - 1);
    if (len < 0) return false;
    places.executable[len] = '\0';
    char folder[4096];
    memcpy(folder, places.executable, (size_t)len + 1);
    char *parent = dirname(folder);
    for (size_t i = 0; i < sizeof lualib_places / sizeof *lualib_places; i++) {
        char path[8200];
        snprintf(path, sizeof path, "%s/%s", parent, lualib_places[i]);
        if (has_library(path) && realpath(path, places.lualib) != NULL) return true;
    }
    snprintf(places.lualib, sizeof places.lualib, "%s", PL_LUADIR_DEFAULT);
    return has_library(places.lualib);
}

/* package.path: our library first, then what the user's environment says, then Debian's Lua 5.1
 * modules, whose C parts load into us since the program exports LuaJIT's symbols. */
static void set_paths(lua_State *L) {
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "path");
    lua_pushfstring(L,
                    "%s/?.lua;%s/?/init.lua;%s;/usr/share/lua/5.1/?.lua;"
                    "/usr/share/lua/5.1/?/init.lua",
                    places.lualib, places.lualib, lua_tostring(L, -1));
    lua_setfield(L, -3, "path");
    lua_pop(L, 1);
    lua_getfield(L, -1, "cpath");
    lua_pushfstring(L,
                    "%s;/usr/lib/x86_64-linux-gnu/lua/5.1/?.so;"
                    "/usr/lib/aarch64-linux-gnu/lua/5.1/?.so;/usr/lib/lua/5.1/?.so",
                    lua_tostring(L, -1));
    lua_setfield(L, -3, "cpath");
    lua_pop(L, 2);
}

static int open_native(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

static void preload_native(lua_State *L, struct pl_house *house) {
    lua_newtable(L);
    pl_bind_base(L);
    pl_bind_json(L);
    pl_bind_jws(L);
    pl_bind_log(L);
    pl_bind_task(L);
    pl_bind_admin(L);
    pl_bind_tap(L);
    pl_bind_wire(L);
    pl_bind_lab(L, house->lab);
    pl_bind_line(L, house->lab);
    pl_bind_dial(L);
    pl_bind_timer(L);
    pl_bind_room(L);
    pl_bind_connection(L);
    pl_bind_block(L);
    pl_bind_storage(L);
    pl_bind_store(L);
    pl_bind_exchange(L);
    pl_bind_call(L);
    pl_bind_crowd(L);
    pl_bind_fetch(L);
    pl_bind_ws(L);
    pl_bind_file(L);
    pl_bind_vector(L);
    pl_bind_assets(L);
    pl_bind_house(L, house);
    pl_bind_develop(L, house);
    pl_bind_reload(L, house);
    lua_pushcfunction(L, pl_host_set_object);
    lua_setfield(L, -2, "set_object");
    lua_pushliteral(L, VERSION);
    lua_setfield(L, -2, "version");
    lua_pushliteral(L, LUAJIT_VERSION);
    lua_setfield(L, -2, "luajit");
    lua_pushstring(L, places.executable);
    lua_setfield(L, -2, "executable");
    lua_pushstring(L, places.lualib);
    lua_setfield(L, -2, "lualib");
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, open_native, 1);
    lua_setfield(L, -2, "partylua.native");
    lua_pop(L, 3);
}

const char *pl_state_executable(void) { return places.executable; }

void pl_state_prepare(lua_State *L, struct pl_house *house) {
    set_paths(L);
    pl_loading_find(L, places.lualib);
    preload_native(L, house);
}
