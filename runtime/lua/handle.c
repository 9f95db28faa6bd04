#include "lua/handle.h"

#include "lua/engine.h"

#include <assert.h>
#include <string.h>

#define COMPACT_FROM 512

struct box {
    void *object;
    const struct pl_handle_type *type;
    bool has_side;  /* its environment is a table of its own */
    bool is_shared; /* its environment is, or was, one that it was given (native.share) */
};

/* handle[key]: a method, or what a getter gives. In Lua, since LuaJIT compiles it into the code
 * that reads the field, where a C function would end a trace. */
static const char index_source[] = "local methods, getters = ...\n"
                                   "return function(handle, key)\n"
                                   "  local method = methods[key]\n"
                                   "  if method ~= nil then return method end\n"
                                   "  local getter = getters[key]\n"
                                   "  if getter ~= nil then return getter(handle) end\n"
                                   "end";

static void push_index(lua_State *L) {
    if (luaL_loadbuffer(L, index_source, sizeof index_source - 1, "=handle") != 0) lua_error(L);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
}

void pl_handle_release(lua_State *L, int arg) {
    struct box *box = lua_touserdata(L, arg);
    if (box == NULL || box->object == NULL) return;
    void *object = box->object;
    box->object = NULL;
    box->type->unref(object);
}

static int collect_handle(lua_State *L) {
    pl_handle_release(L, 1);
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
    lua_State *shelf = pl_engine_of(L)->shelf;
    assert(type->place > 0 && type->place <= PL_SHELF_TOP);
    luaL_newmetatable(L, type->name);
    int metatable = lua_gettop(L);
    lua_pushvalue(L, metatable);
    lua_xmove(L, shelf, 1);
    lua_replace(shelf, type->place);
    push_functions(L, type->methods);
    push_functions(L, type->getters);
    push_index(L); /* methods getters index */
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

static void push_weak_table(lua_State *L) {
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
}

void pl_handles_init(struct pl_engine *engine) {
    lua_State *L = engine->L;
    push_weak_table(engine->shelf);
    lua_replace(engine->shelf, PL_SHELF_HANDLES);
    lua_newtable(L);
    engine->pins_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* Adds what the table on top of the stack holds to the one below it, and pops it. */
static void move_entries(lua_State *L) {
    for (lua_pushnil(L); lua_next(L, -2) != 0;) { /* new old key value */
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -5); /* new old key */
    }
    lua_pop(L, 1);
}

void pl_handles_compact(struct pl_engine *engine) {
    lua_State *L = engine->L, *shelf = engine->shelf;
    if (engine->made_count < COMPACT_FROM) return;
    engine->made_count = 0;
    push_weak_table(shelf);
    lua_pushvalue(shelf, PL_SHELF_HANDLES);
    move_entries(shelf);
    lua_replace(shelf, PL_SHELF_HANDLES);
    lua_newtable(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, engine->pins_ref);
    move_entries(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, engine->pins_ref);
}

/* Slots that are free again, as a list through the array: `next[slot]` is the one behind it. The
 * array is as long as there have been slots at once, for all states together: an object has one
 * slot, and perhaps a handle in several states. */
static struct {
    int *next;
    int count, capacity, first;
} slots;

static void grow_slots(void) {
    slots.capacity = slots.capacity == 0 ? 64 : slots.capacity * 2;
    slots.next = pl_realloc(slots.next, (size_t)slots.capacity * sizeof *slots.next);
}

static int take_slot(void) {
    int slot = slots.first;
    if (slot != 0) {
        slots.first = slots.next[slot - 1];
        return slot;
    }
    if (slots.count == slots.capacity) grow_slots();
    return ++slots.count;
}

void pl_handle_free_slot(int *slot) {
    if (*slot == 0) return;
    slots.next[*slot - 1] = slots.first;
    slots.first = *slot;
    *slot = 0;
}

void pl_handle_pin(lua_State *L, int slot) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, pl_engine_of(L)->pins_ref);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, slot); /* handle pins */
    lua_pop(L, 1);
}

/* Which state has it pinned is the one that had its room, and the room may have left it. */
void pl_handle_unpin(int slot) {
    PL_LIST_EACH(at, pl_engines()) {
        struct pl_engine *engine = pl_container_of(at, struct pl_engine, in_all);
        lua_rawgeti(engine->L, LUA_REGISTRYINDEX, engine->pins_ref);
        lua_rawgeti(engine->L, -1, slot);
        if (!lua_isnil(engine->L, -1)) {
            lua_pushnil(engine->L);
            lua_rawseti(engine->L, -3, slot); /* pins handle */
        }
        lua_pop(engine->L, 2);
    }
}

static void create_handle(lua_State *L, const struct pl_handle_type *type, void *object) {
    struct box *box = lua_newuserdata(L, sizeof *box);
    *box = (struct box){.type = type};
    lua_State *shelf = pl_engine_of(L)->shelf;
    lua_pushvalue(shelf, type->place);
    lua_xmove(shelf, L, 1);
    lua_setmetatable(L, -2);
    box->object = object;
    type->ref(object);
}

void pl_handle_push(lua_State *L, const struct pl_handle_type *type, void *object, int *slot) {
    struct pl_engine *engine = pl_engine_of(L);
    if (slot == NULL) {
        create_handle(L, type, object);
        return;
    }
    if (*slot == 0) *slot = take_slot();
    lua_State *shelf = engine->shelf;
    lua_rawgeti(shelf, PL_SHELF_HANDLES, *slot);
    if (lua_touserdata(shelf, -1) != NULL) {
        lua_xmove(shelf, L, 1);
        return;
    }
    lua_pop(shelf, 1);
    create_handle(L, type, object);
    engine->made_count++;
    lua_pushvalue(L, -1);
    lua_xmove(L, shelf, 1);
    lua_rawseti(shelf, PL_SHELF_HANDLES, *slot);
}

/* By our own mark rather than by the metatable's name, whose look-up costs more than all else in
 * a call. Only handles are of this size and hold the address of one of our types. */
void *pl_handle_check(lua_State *L, int arg, const struct pl_handle_type *type) {
    struct box *box = lua_touserdata(L, arg); /* a light one has no length */
    if (box == NULL || lua_objlen(L, arg) != sizeof *box || box->type != type ||
        box->object == NULL) {
        luaL_typerror(L, arg, type->name);
        return NULL;
    }
    return box->object;
}

static struct box *check_box(lua_State *L) {
    struct box *box = lua_touserdata(L, 1);
    if (box == NULL || lua_objlen(L, 1) != sizeof *box) luaL_typerror(L, 1, "handle");
    return box;
}

int pl_handle_share(lua_State *L) {
    struct box *box = check_box(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    if (box->has_side) {
        lua_getfenv(L, 1);
        lua_insert(L, 2);
        lua_setfield(L, 2, "shared");
    } else {
        lua_setfenv(L, 1);
        box->is_shared = true;
    }
    return 0;
}

int pl_handle_side(lua_State *L) {
    struct box *box = check_box(L);
    if (!box->has_side) {
        lua_createtable(L, 0, 2);
        if (box->is_shared) {
            lua_getfenv(L, 1);
            lua_setfield(L, -2, "shared");
        }
        lua_setfenv(L, 1);
        box->has_side = true;
    }
    lua_getfenv(L, 1);
    return 1;
}
