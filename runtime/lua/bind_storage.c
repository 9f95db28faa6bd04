/* A room's storage. Keys and limits are checked in lualib/partylua/storage.lua, which also turns
 * values into the bytes that go through here. */
#include "base/ticks.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "party/listing.h"
#include "party/room.h"
#include "party/server.h"

#include <errno.h>
#include <string.h>

#define LISTING "partylua listing"

static int fail_to_read(lua_State *L, int rc) {
    return luaL_error(L, "the room's storage cannot be read: %s", strerror(-rc));
}

static struct pl_storage *check_storage(lua_State *L) {
    struct pl_room *room = pl_check_room(L, 1);
    struct pl_storage *storage;
    if (room->state == PL_ROOM_GONE) luaL_error(L, "the room has left memory");
    int rc = pl_room_storage(room, &storage);
    if (rc != 0) fail_to_read(L, rc);
    return storage;
}

static void measure(const struct pl_storage *storage, enum pl_storage_op op, uint64_t begun) {
    pl_histogram_add(&storage->room->server->storage_times[op], &pl_buckets_short,
                     pl_ticks_since(begun));
}

/* native.storage_get(room, key) --> bytes | nil */
static int storage_get(lua_State *L) {
    struct pl_storage *storage = check_storage(L);
    struct pl_slice value;
    uint64_t begun = pl_ticks();
    int rc = pl_storage_get(storage, pl_check_slice(L, 2), &value);
    measure(storage, PL_STORAGE_GET, begun);
    if (rc == -ENOENT) return 0;
    if (rc != 0) return fail_to_read(L, rc);
    pl_push_slice(L, value);
    return 1;
}

#define CDATA 10 /* what lua_type gives for LuaJIT's own type, which lua.h has no name for */

/* A string, or a pointer of the ffi with its length as argument 5. */
static struct pl_slice check_bytes(lua_State *L, int arg) {
    if (lua_type(L, arg) != CDATA) return pl_check_slice(L, arg);
    const char *const *pointer = lua_topointer(L, arg);
    return pl_slice(*pointer, (size_t)luaL_checkinteger(L, 5));
}

/* native.storage_put(room, key, bytes, is_silent, len?): what is silent does not hold effects
 * back */
static int storage_put(lua_State *L) {
    struct pl_storage *storage = check_storage(L);
    struct pl_slice key = pl_check_slice(L, 2);
    pl_storage_put(storage, key, check_bytes(L, 3), lua_toboolean(L, 4));
    return 0;
}

/* native.storage_delete(room, key, is_silent) --> boolean: whether it was there */
static int storage_delete(lua_State *L) {
    struct pl_storage *storage = check_storage(L);
    struct pl_slice key = pl_check_slice(L, 2), value;
    int rc = pl_storage_get(storage, key, &value);
    if (rc != 0 && rc != -ENOENT) return fail_to_read(L, rc);
    if (rc == 0) pl_storage_delete(storage, key, lua_toboolean(L, 3));
    lua_pushboolean(L, rc == 0);
    return 1;
}

/* native.storage_clear(room, is_silent) */
static int storage_clear(lua_State *L) {
    pl_storage_clear(check_storage(L), lua_toboolean(L, 2));
    return 0;
}

/* ---- listing -------------------------------------------------------------------------------- */

static int listing_gc(lua_State *L) {
    pl_listing_finish(lua_touserdata(L, 1));
    return 0;
}

/* The step of storage_list. Upvalue: the listing. */
static int next_entry(lua_State *L) {
    struct pl_slice key, value;
    if (!pl_listing_next(lua_touserdata(L, lua_upvalueindex(1)), &key, &value)) return 0;
    pl_push_slice(L, key);
    pl_push_slice(L, value);
    return 2;
}

static struct pl_slice opt_slice(lua_State *L, int arg) {
    return lua_isnoneornil(L, arg) ? (struct pl_slice){0} : pl_check_slice(L, arg);
}

/* native.storage_list(room, start?, is_start_out, end?, is_reverse, limit) --> iterator: key,
 * bytes; a snapshot */
static int storage_list(lua_State *L) {
    struct pl_storage *storage = check_storage(L);
    struct pl_range range = {.start = opt_slice(L, 2),
                             .end = opt_slice(L, 4),
                             .is_start_out = lua_toboolean(L, 3),
                             .is_reverse = lua_toboolean(L, 5)};
    double limit = luaL_optnumber(L, 6, 1e15);
    struct pl_listing *listing = lua_newuserdata(L, sizeof *listing);
    *listing = (struct pl_listing){0};
    luaL_getmetatable(L, LISTING);
    lua_setmetatable(L, -2);
    uint64_t begun = pl_ticks();
    int rc = pl_listing_make(listing, storage, &range, limit < 1e15 ? (size_t)limit : SIZE_MAX);
    measure(storage, PL_STORAGE_LIST, begun);
    if (rc != 0) return fail_to_read(L, rc);
    lua_pushcclosure(L, next_entry, 1);
    return 1;
}

/* ---- alarm ---------------------------------------------------------------------------------- */

/* native.alarm_get(room) --> milliseconds since 1970 | nil */
static int alarm_get(lua_State *L) {
    int64_t due_ms = pl_alarm_get(check_storage(L)->room);
    if (due_ms == 0) {
        lua_pushnil(L);
    } else {
        lua_pushnumber(L, (double)due_ms);
    }
    return 1;
}

/* native.alarm_set(room, milliseconds since 1970, is_silent): 0 takes the alarm away */
static int alarm_set(lua_State *L) {
    struct pl_storage *storage = check_storage(L);
    pl_alarm_set(storage->room, (int64_t)luaL_checknumber(L, 2), lua_toboolean(L, 3));
    return 0;
}

/* native.is_alarm_strict() --> boolean: whether the task at hand is an onAlarm that must not know
 * its room */
static int is_alarm_strict(lua_State *L) {
    lua_pushboolean(L, pl_engine_is_strict(pl_engine_of(L)));
    return 1;
}

/* native.set_strict_alarms(boolean) */
static int set_strict_alarms(lua_State *L) {
    pl_engine_of(L)->is_relaxed = !lua_toboolean(L, 1);
    return 0;
}

/* ---- waiting -------------------------------------------------------------------------------- */

/* native.storage_sync(room): waits until all that was written before is durable */
static int storage_sync(lua_State *L) {
    struct pl_storage *storage = check_storage(L);
    struct pl_task *task = pl_task_check(L, "storage:sync");
    if (task->room != storage->room) return luaL_error(L, "another room's storage");
    if (storage->durable_seq >= storage->seq) return 0;
    return pl_task_wait_sync(task);
}

static const luaL_Reg functions[] = {
    {"storage_get", storage_get},
    {"storage_put", storage_put},
    {"storage_delete", storage_delete},
    {"storage_clear", storage_clear},
    {"storage_list", storage_list},
    {"storage_sync", storage_sync},
    {"alarm_get", alarm_get},
    {"alarm_set", alarm_set},
    {"is_alarm_strict", is_alarm_strict},
    {"set_strict_alarms", set_strict_alarms},
    {NULL, NULL},
};

void pl_bind_storage(lua_State *L) {
    luaL_newmetatable(L, LISTING);
    lua_pushcfunction(L, listing_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    luaL_register(L, NULL, functions);
}
