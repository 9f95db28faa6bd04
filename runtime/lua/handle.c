#include "lua/handle.h"

#include "lua/engine.h"

struct box {
    void *object;
    const struct pl_handle_type *type;
};

/* handle[key]: a method, or what a getter gives. Upvalues: methods, getters. */
static int index_handle(lua_State *L) {
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    if (!lua_isnil(L, -1)) return 1;
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(2));
    if (lua_isnil(L, -1)) return 1;
    lua_CFunction getter = lua_tocfunction(L, -1);
    if (getter != NULL) {
        lua_settop(L, 1);
        return getter(L);
    }
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int collect_handle(lua_State *L) {
    struct box *box = lua_touserdata(L, 1);
    if (box == NULL || box->object == NULL) return 0;
    void *object = box->object;
    box->object = NULL;
    box->type->unref(object);
    return 0;
}

static void push_functions(lua_State *L, const luaL_Reg *functions) {
    lua_newtable(L);
    for (; functions != NULL && functions->name != NULL; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

void pl_handle_register(lua_State *L, const struct pl_handle_type *type) {
    luaL_newmetatable(L, type->name);
    int metatable = lua_gettop(L);
    push_functions(L, type->methods);
    push_functions(L, type->getters);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, index_handle, 2);
    lua_setfield(L, metatable, "__index");
    lua_pushcfunction(L, collect_handle);
    lua_setfield(L, metatable, "__gc");
    lua_pushstring(L, type->name);
    lua_setfield(L, metatable, "__metatable");
    lua_createtable(L, 0, 2);
    lua_insert(L, -3); /* { } methods getters */
    lua_setfield(L, -3, "getters");
    lua_setfield(L, -2, "methods");
    lua_remove(L, metatable);
}

static void push_table(lua_State *L, struct pl_engine *engine) {
    if (engine->handles_ref != 0) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, engine->handles_ref);
        return;
    }
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    engine->handles_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

void pl_handle_push(lua_State *L, const struct pl_handle_type *type, void *object) {
    push_table(L, pl_engine_of(L));
    lua_pushlightuserdata(L, object);
    lua_rawget(L, -2); /* handles handle? */
    if (!lua_isnil(L, -1)) {
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    struct box *box = lua_newuserdata(L, sizeof *box);
    *box = (struct box){.type = type};
    luaL_getmetatable(L, type->name);
    lua_setmetatable(L, -2);
    box->object = object;
    type->ref(object);
    lua_pushlightuserdata(L, object);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4); /* handles handle */
    lua_remove(L, -2);
}

void *pl_handle_check(lua_State *L, int arg, const char *name) {
    struct box *box = luaL_checkudata(L, arg, name);
    return box->object;
}

int pl_handle_side(lua_State *L) {
    luaL_checktype(L, 1, LUA_TUSERDATA);
    lua_getfenv(L, 1);
    lua_pushliteral(L, "partylua.side");
    lua_rawget(L, -2);
    bool is_own = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (is_own) return 1;
    lua_pop(L, 1);
    lua_createtable(L, 0, 2);
    lua_pushliteral(L, "partylua.side");
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_pushvalue(L, -1);
    lua_setfenv(L, 1);
    return 1;
}
