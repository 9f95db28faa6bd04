#include "lua/check.h"

#include "base/utf8.h"
#include "lua/engine.h"
#include "party/edge.h"

#include <errno.h>
#include <string.h>

static char binary_key;

struct pl_slice pl_check_slice(lua_State *L, int arg) {
    size_t len;
    const char *at = luaL_checklstring(L, arg, &len);
    return pl_slice(at, len);
}

int pl_set_binary(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushlightuserdata(L, &binary_key);
    lua_pushvalue(L, 1);
    lua_rawset(L, LUA_REGISTRYINDEX);
    return 0;
}

static bool is_binary(lua_State *L, int arg) {
    if (lua_type(L, arg) != LUA_TTABLE || !lua_getmetatable(L, arg)) return false;
    lua_pushlightuserdata(L, &binary_key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    bool is_equal = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is_equal;
}

/* Whether this string is the one that is known to be UTF-8: strings never change, and that one is
 * kept, so nothing else can be at its address. */
static bool is_known(lua_State *L, const char *at) { return at == pl_engine_of(L)->valid_text; }

/* The bytes of a Binary stay alive with it, so they may be borrowed after the pop. */
void pl_check_message(lua_State *L, int arg, struct pl_message *out) {
    size_t len;
    *out = (struct pl_message){0};
    if (lua_type(L, arg) == LUA_TSTRING) {
        const char *at = lua_tolstring(L, arg, &len);
        out->bytes = pl_slice(at, len);
        if (is_known(L, at) || pl_utf8_is_valid(out->bytes)) return;
        luaL_argerror(L, arg,
                      "a text message must be valid UTF-8; send bytes as "
                      "party.binary(s)");
    }
    if (!is_binary(L, arg)) luaL_argerror(L, arg, "a string or party.binary(s) expected");
    lua_pushliteral(L, "bytes");
    lua_rawget(L, arg);
    const char *at = luaL_checklstring(L, -1, &len);
    lua_pop(L, 1);
    out->bytes = pl_slice(at, len);
    out->is_binary = true;
}

double pl_get_number(lua_State *L, int index, const char *key, double otherwise) {
    lua_getfield(L, index, key);
    double value = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : otherwise;
    lua_pop(L, 1);
    return value;
}

struct pl_slice pl_get_slice(lua_State *L, int index, const char *key) {
    lua_getfield(L, index, key);
    return lua_isnil(L, -1) ? (struct pl_slice){0} : pl_check_slice(L, -1);
}

void pl_set_number(lua_State *L, const char *key, double number) {
    lua_pushnumber(L, number);
    lua_setfield(L, -2, key);
}

void pl_set_functions(lua_State *L, const luaL_Reg *functions, void *owner) {
    for (const luaL_Reg *at = functions; at->name != NULL; at++) {
        lua_pushlightuserdata(L, owner);
        lua_pushcclosure(L, at->func, 1);
        lua_setfield(L, -2, at->name);
    }
}

int pl_push_error(lua_State *L, int error) {
    const char *name = strerrorname_np(-error);
    lua_pushnil(L);
    lua_pushstring(L, strerror(-error));
    lua_pushstring(L, name == NULL ? "EIO" : name);
    return 3;
}
