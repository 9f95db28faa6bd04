#include "lua/opened.h"

#include "lua/check.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>

#define WALK "partylua walk"

/* An iterator over rooms or entries. */
struct walk {
    struct pl_list in_opened; /* while it has not ended */
    struct pl_opened *opened;
    struct pl_entries_cursor *cursor; /* NULL: it has ended */
    bool is_cut;                      /* before its end, with its snapshot */
};

static int fail_to_read(lua_State *L, int rc) {
    return luaL_error(L, "the store cannot be read: %s", strerror(-rc));
}

static void end_walk(struct walk *walk) {
    pl_store_end_list(walk->cursor);
    walk->cursor = NULL;
    pl_list_remove(&walk->in_opened);
}

void pl_opened_end_walks(struct pl_opened *opened) {
    PL_LIST_EACH(at, &opened->walks) {
        struct walk *walk = pl_container_of(at, struct walk, in_opened);
        walk->is_cut = true;
        end_walk(walk);
    }
}

/* The record of the room that two arguments name: 0, -ENOENT, or an error. */
static int find_room(lua_State *L, struct pl_opened *opened, struct pl_room_record *out) {
    struct pl_buffer name = {0};
    struct pl_slice party = pl_check_slice(L, 2), id = pl_check_slice(L, 3);
    pl_room_name_add(&name, party, id);
    int rc = pl_store_find_room(opened->store, pl_buffer_slice(&name), out);
    pl_buffer_finish(&name);
    return rc;
}

static void push_record(lua_State *L, const struct pl_room_record *record) {
    lua_createtable(L, 0, 4);
    pl_set_number(L, "created", (double)record->created_ms);
    if (record->alarm.due_ms == 0) return;
    pl_set_number(L, "due", (double)record->alarm.due_ms);
    pl_set_number(L, "attempt", (double)record->alarm.attempt_ms);
    pl_set_number(L, "retries", record->alarm.retries);
}

/* store:room(party, id) --> { created, due?, attempt?, retries? } | nil: times are milliseconds
 * since 1970, and the last three its alarm's */
int pl_opened_room(lua_State *L) {
    struct pl_room_record record;
    int rc = find_room(L, pl_check_opened(L), &record);
    if (rc == -ENOENT) return 0;
    if (rc != 0) return fail_to_read(L, rc);
    push_record(L, &record);
    return 1;
}

/* store:measure(party, id) --> entries, bytes of their keys and values */
int pl_opened_measure(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    struct pl_room_record record;
    struct pl_room_size size = {0};
    int rc = find_room(L, opened, &record);
    if (rc == 0) rc = pl_store_measure(opened->store, record.number, &size);
    if (rc != 0 && rc != -ENOENT) return fail_to_read(L, rc);
    lua_pushnumber(L, (double)size.entries);
    lua_pushnumber(L, (double)size.bytes);
    return 2;
}

/* ---- walking -------------------------------------------------------------------------------- */

static int walk_gc(lua_State *L) {
    struct walk *walk = lua_touserdata(L, 1);
    if (walk->opened == NULL) return 0;
    end_walk(walk);
    pl_opened_unref(walk->opened);
    walk->opened = NULL;
    return 0;
}

/* Pushes a walk that has not begun. */
static struct walk *push_walk(lua_State *L, struct pl_opened *opened) {
    struct walk *walk = lua_newuserdata(L, sizeof *walk);
    *walk = (struct walk){.opened = opened};
    pl_list_init(&walk->in_opened);
    pl_opened_ref(opened);
    luaL_getmetatable(L, WALK);
    lua_setmetatable(L, -2);
    return walk;
}

static void begin_walk(struct walk *walk) {
    if (walk->cursor != NULL) pl_list_push(&walk->opened->walks, &walk->in_opened);
}

/* One step of the walk of upvalue 1. False: at its end. */
static bool next_of(lua_State *L, struct pl_slice *key, struct pl_slice *value) {
    struct walk *walk = lua_touserdata(L, lua_upvalueindex(1));
    if (walk->is_cut) luaL_error(L, "the snapshot of this iterator is gone");
    if (walk->cursor == NULL) return false;
    int rc = pl_store_next(walk->cursor, key, value);
    if (rc == 0) return true;
    end_walk(walk);
    if (rc != -ENOENT) fail_to_read(L, rc);
    return false;
}

static int next_entry(lua_State *L) {
    struct pl_slice key, value;
    if (!next_of(L, &key, &value)) return 0;
    pl_push_slice(L, key);
    pl_push_slice(L, value);
    return 2;
}

static int next_room(lua_State *L) {
    struct pl_slice name, bytes, party, id;
    struct pl_room_record record;
    if (!next_of(L, &name, &bytes)) return 0;
    if (!pl_room_name_split(name, &party, &id) || !pl_room_record_read(bytes, &record)) {
        return fail_to_read(L, -EIO);
    }
    pl_push_slice(L, party);
    pl_push_slice(L, id);
    push_record(L, &record);
    return 3;
}

static struct pl_slice opt_slice(lua_State *L, int arg) {
    return lua_isnoneornil(L, arg) ? (struct pl_slice){0} : pl_check_slice(L, arg);
}

/* Pushes the bounds of the names to be walked, nil for none: from the room of arguments 3 and 4
 * on, or from the first of the party of argument 2, and to its end. The stack keeps them. */
static struct pl_range push_range_of_rooms(lua_State *L) {
    bool has_party = !lua_isnil(L, 2), has_first = !lua_isnil(L, 3);
    lua_pushvalue(L, has_first ? 3 : 2);
    if (has_first || has_party) {
        lua_pushlstring(L, "\0", 1); /* it ends the party in every name */
        lua_pushvalue(L, 4);
        if (!has_first) lua_pop(L, 1);
        lua_concat(L, has_first ? 3 : 2);
    }
    lua_pushvalue(L, 2);
    if (has_party) {
        lua_pushliteral(L, "\1");
        lua_concat(L, 2);
    }
    return (struct pl_range){
        .start = opt_slice(L, -2), .end = opt_slice(L, -1), .is_start_out = has_first};
}

/* store:rooms(party?, after_party?, after_id?) --> iterator: party, id, record as of store:room;
 * the rooms of one party, or of all, in the order of their names, behind one of them. It ends
 * with the next refresh or close. */
int pl_opened_rooms(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    lua_settop(L, 4);
    opt_slice(L, 2);
    if (!lua_isnil(L, 3)) pl_check_slice(L, 3), pl_check_slice(L, 4);
    struct walk *walk = push_walk(L, opened);
    struct pl_range range = push_range_of_rooms(L);
    int rc = pl_store_list_rooms(opened->store, &range, &walk->cursor);
    if (rc != 0) return fail_to_read(L, rc);
    begin_walk(walk);
    lua_pushcclosure(L, next_room, 3);
    return 1;
}

/* store:entries(party, id, start?, is_start_out?, end?, is_reverse?) --> iterator: key, bytes. It
 * ends with the next refresh or close. */
int pl_opened_entries(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    struct pl_room_record record;
    struct pl_range range = {.start = opt_slice(L, 4),
                             .end = opt_slice(L, 6),
                             .is_start_out = lua_toboolean(L, 5),
                             .is_reverse = lua_toboolean(L, 7)};
    lua_settop(L, 7);
    struct walk *walk = push_walk(L, opened);
    int rc = find_room(L, opened, &record);
    if (rc == 0) rc = pl_store_list(opened->store, record.number, &range, &walk->cursor);
    if (rc != 0 && rc != -ENOENT) return fail_to_read(L, rc);
    begin_walk(walk);
    lua_pushvalue(L, 4); /* the bounds must last as long as the cursor */
    lua_pushvalue(L, 6);
    lua_pushcclosure(L, next_entry, 3);
    return 1;
}

/* store:get(party, id, key) --> bytes | nil */
int pl_opened_get(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    struct pl_slice key = pl_check_slice(L, 4), value;
    struct pl_room_record record;
    int rc = find_room(L, opened, &record);
    if (rc == 0) rc = pl_store_get(opened->store, record.number, key, &value);
    if (rc == -ENOENT) return 0;
    if (rc != 0) return fail_to_read(L, rc);
    pl_push_slice(L, value);
    return 1;
}

void pl_opened_init(lua_State *L) {
    luaL_newmetatable(L, WALK);
    lua_pushcfunction(L, walk_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
