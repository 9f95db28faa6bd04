/* The store of a data folder for code outside of rooms: the commands that look at it, change it
 * and copy it. What the bytes of values mean is known above (lualib/partylua/value.lua). */
#include "base/alloc.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/handle.h"
#include "lua/opened.h"
#include "store/commit.h"
#include "store/copy.h"
#include "vector/indexes.h"

#include <errno.h>
#include <stdlib.h>

static const struct pl_handle_type type;

static void close_opened(struct pl_opened *opened) {
    pl_opened_end_walks(opened);
    pl_stage_drop(opened->stage);
    pl_indexes_destroy(opened->indexes);
    pl_store_close(opened->store);
    opened->stage = NULL;
    opened->indexes = NULL;
    opened->store = NULL;
}

void pl_opened_ref(void *object) { ((struct pl_opened *)object)->refs++; }

void pl_opened_unref(void *object) {
    struct pl_opened *opened = object;
    if (--opened->refs > 0) return;
    close_opened(opened);
    free(opened);
}

struct pl_opened *pl_check_opened(lua_State *L) {
    struct pl_opened *opened = pl_handle_check(L, 1, &type);
    if (opened->store == NULL) luaL_error(L, "the store is closed");
    return opened;
}

/* Pushes nil, a sentence, and the errno name; the sentence is freed. */
static int push_why(lua_State *L, int rc, struct pl_buffer *why) {
    int count = pl_push_error(L, rc);
    if (why->len > 0) {
        pl_push_slice(L, pl_buffer_slice(why));
        lua_replace(L, -count);
    }
    pl_buffer_finish(why);
    return count;
}

static int push_result(lua_State *L, int rc) {
    if (rc != 0) return pl_push_error(L, rc);
    lua_pushboolean(L, 1);
    return 1;
}

static bool get_flag(lua_State *L, int index, const char *key) {
    lua_getfield(L, index, key);
    bool flag = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return flag;
}

/* ---- opening -------------------------------------------------------------------------------- */

/* native.store_open(folder, { read_only, volatile, map_bytes })
 *   --> store | nil, message, errno name */
static int store_open(lua_State *L) {
    const char *folder = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    struct pl_store_options options = {
        .map_bytes = (uint64_t)pl_get_number(L, 2, "map_bytes", 0),
        .is_read_only = get_flag(L, 2, "read_only"),
        .is_volatile = get_flag(L, 2, "volatile"),
    };
    struct pl_store *store;
    struct pl_buffer why = {0};
    int rc = pl_store_open(folder, &options, &store, &why);
    if (rc != 0) return push_why(L, rc, &why);
    struct pl_opened *opened = pl_alloc_zero(sizeof *opened);
    opened->store = store;
    pl_list_init(&opened->walks);
    pl_handle_push(L, &type, opened, NULL);
    return 1;
}

/* store:close() */
static int store_close(lua_State *L) {
    close_opened(pl_handle_check(L, 1, &type));
    return 0;
}

/* store:refresh(): what is read from now on is everything committed by now; iterators end */
static int store_refresh(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    pl_opened_end_walks(opened);
    pl_store_refresh(opened->store);
    return 0;
}

/* ---- changing ------------------------------------------------------------------------------- */

/* Looks at a list of keys, each followed by its bytes or by false. Gives its length. */
static int check_writes(lua_State *L, int arg) {
    luaL_checktype(L, arg, LUA_TTABLE);
    int count = (int)lua_objlen(L, arg);
    luaL_argcheck(L, count % 2 == 0, arg, "a key has neither bytes nor false");
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, arg, i);
        bool is_string = lua_type(L, -1) == LUA_TSTRING;
        bool is_delete = i % 2 == 0 && lua_isboolean(L, -1) && !lua_toboolean(L, -1);
        luaL_argcheck(L, is_string || is_delete, arg, "keys and bytes are strings");
        luaL_argcheck(L, i % 2 == 0 || lua_objlen(L, -1) <= PL_KEY_BYTES_MAX, arg,
                      "a key is too long");
        lua_pop(L, 1);
    }
    return count;
}

static void add_writes(lua_State *L, int arg, int count, struct pl_batch *batch) {
    for (int i = 1; i < count; i += 2) {
        struct pl_slice key, value;
        lua_rawgeti(L, arg, i);
        key.at = lua_tolstring(L, -1, &key.len);
        lua_rawgeti(L, arg, i + 1);
        value.at = lua_tolstring(L, -1, &value.len);
        if (value.at == NULL) value.len = 0;
        pl_batch_add(batch, key, value);
        lua_pop(L, 2);
    }
}

/* The name that two arguments make, in `name`. */
static struct pl_slice check_name(lua_State *L, struct pl_buffer *name) {
    struct pl_slice party = pl_check_slice(L, 2), id = pl_check_slice(L, 3);
    luaL_argcheck(L, party.len + id.len < PL_ROOM_NAME_BYTES_MAX, 3, "the id is too long");
    pl_room_name_add(name, party, id);
    return pl_buffer_slice(name);
}

/* The alarm in the table at `index`: due 0 is none. False when there is nothing about it. */
static bool read_alarm(lua_State *L, int index, struct pl_stored_alarm *out) {
    *out = (struct pl_stored_alarm){0};
    if (!lua_istable(L, index)) return false;
    double due_ms = pl_get_number(L, index, "due", -1);
    if (due_ms <= 0) return due_ms == 0;
    *out = (struct pl_stored_alarm){
        .due_ms = (int64_t)due_ms,
        .attempt_ms = (int64_t)pl_get_number(L, index, "attempt", due_ms),
        .retries = (uint32_t)pl_get_number(L, index, "retries", 0),
    };
    return true;
}

/* store:write(party, id, writes, { clear, due, attempt, retries }?) --> true | nil, message,
 * errno name: `writes` is a list of keys, each followed by its bytes, or by false to delete it;
 * `clear` deletes what was there before; `due` sets the alarm, 0 takes it away */
static int store_write(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    struct pl_buffer name = {0};
    lua_settop(L, 5);
    int count = check_writes(L, 4);
    struct pl_writer *writer = pl_writer_create(check_name(L, &name));
    struct pl_batch *batch = pl_batch_create(writer, 1);
    pl_buffer_finish(&name);
    pl_writer_unref(writer);
    add_writes(L, 4, count, batch);
    batch->has_alarm = read_alarm(L, 5, &batch->alarm);
    batch->clears = lua_istable(L, 5) && get_flag(L, 5, "clear");
    int rc = pl_commit_now(opened->store, batch);
    pl_batch_destroy(batch);
    return push_result(L, rc);
}

/* ---- changing much -------------------------------------------------------------------------- */

/* store:stage_begin(party, id, keeps_entries) --> true | nil, message, errno name: what is added
 * from now on takes the place of what the room has, or joins it, when it is placed */
static int stage_begin(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    struct pl_buffer name = {0};
    if (opened->stage != NULL) return luaL_error(L, "a stage has begun already");
    pl_opened_end_walks(opened);
    int rc = pl_stage_begin(opened->store, check_name(L, &name), lua_toboolean(L, 4),
                            &opened->stage);
    pl_buffer_finish(&name);
    return push_result(L, rc);
}

static struct pl_opened *check_stage(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    if (opened->stage == NULL) luaL_error(L, "no stage has begun");
    pl_opened_end_walks(opened);
    return opened;
}

/* store:stage_add(writes) --> true | nil, message, errno name: as of store:write */
static int stage_add(lua_State *L) {
    struct pl_opened *opened = check_stage(L);
    int count = check_writes(L, 2);
    struct pl_writer *writer = pl_writer_create(PL_SLICE("")); /* the stage knows its room */
    struct pl_batch *batch = pl_batch_create(writer, 1);
    pl_writer_unref(writer);
    add_writes(L, 2, count, batch);
    int rc = pl_stage_add(opened->stage, batch);
    pl_batch_destroy(batch);
    return push_result(L, rc);
}

/* store:stage_place({ due, attempt, retries }?) --> true | nil, message, errno name: without the
 * alarm, the room keeps the one it has */
static int stage_place(lua_State *L) {
    struct pl_opened *opened = check_stage(L);
    struct pl_stored_alarm alarm;
    bool has_alarm = read_alarm(L, 2, &alarm);
    int rc = pl_stage_place(opened->stage, has_alarm ? &alarm : NULL);
    opened->stage = NULL;
    return push_result(L, rc);
}

/* store:stage_drop(): harmless when none has begun */
static int stage_drop(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    pl_opened_end_walks(opened);
    pl_stage_drop(opened->stage);
    opened->stage = NULL;
    return 0;
}

/* ---- copies --------------------------------------------------------------------------------- */

/* store:backup(path) --> true | nil, message, errno name: EEXIST for the path, or for the same
 * with ".part" behind it, which it has until it is whole */
static int store_backup(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    return push_result(L, pl_store_backup(opened->store, luaL_checkstring(L, 2)));
}

/* native.store_restore(file, folder, { force, map_bytes })
 *   --> { rooms, entries, kept? } | nil, message, errno name, "file" or "folder": what is at fault;
 * `kept` is the name that the earlier store has in the folder now */
static int store_restore(lua_State *L) {
    struct pl_restore restore = {.file = luaL_checkstring(L, 1),
                                 .folder = luaL_checkstring(L, 2)};
    luaL_checktype(L, 3, LUA_TTABLE);
    restore.is_forced = get_flag(L, 3, "force");
    restore.map_bytes = (uint64_t)pl_get_number(L, 3, "map_bytes", 0);
    struct pl_restored restored;
    struct pl_buffer why = {0};
    int rc = pl_store_restore(&restore, &restored, &why);
    if (rc != 0) {
        int count = push_why(L, rc, &why);
        lua_pushstring(L, restored.is_file_at_fault ? "file" : "folder");
        return count + 1;
    }
    lua_createtable(L, 0, 3);
    pl_set_number(L, "rooms", (double)restored.rooms);
    pl_set_number(L, "entries", (double)restored.entries);
    if (restored.kept[0] == '\0') return 1;
    lua_pushstring(L, restored.kept);
    lua_setfield(L, -2, "kept");
    return 1;
}

static const luaL_Reg methods[] = {
    {"rooms", pl_opened_rooms},     {"room", pl_opened_room},   {"measure", pl_opened_measure},
    {"entries", pl_opened_entries}, {"get", pl_opened_get},     {"write", store_write},
    {"stage_begin", stage_begin},   {"stage_add", stage_add},   {"stage_place", stage_place},
    {"stage_drop", stage_drop},     {"refresh", store_refresh}, {"backup", store_backup},
    {"run", pl_opened_run},         {"close", store_close},     {NULL, NULL},
};

static const struct pl_handle_type type = {
    .name = "partylua.Store",
    .place = PL_SHELF_STORE,
    .methods = methods,
    .ref = pl_opened_ref,
    .unref = pl_opened_unref,
};

static const luaL_Reg functions[] = {
    {"store_open", store_open},
    {"store_restore", store_restore},
    {NULL, NULL},
};

void pl_bind_store(lua_State *L) {
    pl_opened_init(L);
    pl_handle_register(L, &type);
    lua_pop(L, 1);
    luaL_register(L, NULL, functions);
}
