#include "lua/headers.h"

#include "lua/check.h"

void pl_push_headers(lua_State *L, const struct pl_buffer *texts) {
    int count = 0;
    lua_newtable(L);
    for (size_t at = 0; at < texts->len;) {
        struct pl_slice text = pl_slice_of(texts->at + at);
        pl_push_slice(L, text);
        lua_rawseti(L, -2, ++count);
        at += text.len + 1;
    }
}

size_t pl_get_headers(lua_State *L, int table, struct pl_request_header *out, size_t most) {
    lua_getfield(L, table, "headers");
    luaL_checktype(L, -1, LUA_TTABLE);
    int list = lua_gettop(L);
    size_t count = lua_objlen(L, list) / 2;
    if (count > most) luaL_error(L, "too many headers");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list, (int)i * 2 + 1);
        out[i].name = pl_check_slice(L, -1);
        lua_rawgeti(L, list, (int)i * 2 + 2);
        out[i].value = pl_check_slice(L, -1);
        lua_pop(L, 2); /* the list keeps them alive */
    }
    return count;
}
