#include "lua/loading.h"

#include <lauxlib.h>
#include <luajit.h>
#include <stdbool.h>
#include <string.h>

#define LIBRARY "partylua"

static void set_compiler(lua_State *L, int mode) {
    luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | mode);
}

void pl_loading_begin(lua_State *L) {
    lua_gc(L, LUA_GCSTOP, 0);
    set_compiler(L, LUAJIT_MODE_OFF);
}

void pl_loading_compile(lua_State *L) { set_compiler(L, LUAJIT_MODE_ON); }

void pl_loading_end(lua_State *L) {
    set_compiler(L, LUAJIT_MODE_ON);
    lua_gc(L, LUA_GCRESTART, 0);
}

static bool is_of_library(const char *name) {
    size_t len = strlen(LIBRARY);
    return strncmp(name, LIBRARY, len) == 0 && (name[len] == '.' || name[len] == '\0');
}

/* A loader of `package.loaders`. The usual one opens each file twice. */
static int find(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    if (!is_of_library(name)) return 0;
    const char *folder = lua_tostring(L, lua_upvalueindex(1));
    const char *path = luaL_gsub(L, name, ".", "/");
    static const char *const forms[] = {"%s/%s.lua", "%s/%s/init.lua"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const char *file = lua_pushfstring(L, forms[i], folder, path);
        int rc = luaL_loadfile(L, file);
        if (rc == 0) return 1;
        if (rc != LUA_ERRFILE) {
            return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", name, file,
                              lua_tostring(L, -1));
        }
    }
    return 0; /* perhaps it is somewhere else */
}

void pl_loading_find(lua_State *L, const char *folder) {
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "loaders");
    int loaders = lua_gettop(L);
    for (int i = (int)lua_objlen(L, loaders); i >= 2; i--) { /* behind package.preload */
        lua_rawgeti(L, loaders, i);
        lua_rawseti(L, loaders, i + 1);
    }
    lua_pushstring(L, folder);
    lua_pushcclosure(L, find, 1);
    lua_rawseti(L, loaders, 2);
    lua_pop(L, 2); /* package, loaders */
}
