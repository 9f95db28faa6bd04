/* What answers to admin requests are made of: live rooms, totals, and a way into a room. Only the
 * tasks of such requests may enter one (lualib/partylua/admin). */
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "lua/host.h"
#include "party/exchange.h"
#include "party/room.h"
#include "party/server.h"

static struct pl_server *check_server(lua_State *L) {
    struct pl_host *host = pl_engine_of(L)->owner;
    if (host == NULL || host->server == NULL) luaL_error(L, "there is no server");
    return host->server;
}

/* ---- rooms ---------------------------------------------------------------------------------- */

static const char *state_of(const struct pl_room *room) {
    switch (room->state) {
    case PL_ROOM_ASLEEP: return "hibernating";
    case PL_ROOM_STARTING:
    case PL_ROOM_FAILED: return "starting";
    default: return "awake";
    }
}

static void push_live_room(lua_State *L, struct pl_room *room) {
    lua_createtable(L, 0, 7);
    pl_push_slice(L, pl_party_name(room->party));
    lua_setfield(L, -2, "party");
    pl_push_slice(L, pl_room_id(room));
    lua_setfield(L, -2, "room");
    lua_pushstring(L, state_of(room));
    lua_setfield(L, -2, "state");
    pl_set_number(L, "connections", (double)room->connection_count);
    pl_set_number(L, "rate", pl_rate_per_second(&room->messages, room->server->clock->now_ms));
    pl_set_number(L, "waiting", (double)room->event_count);
    pl_set_number(L, "hooks", room->tasks);
}

/* Whether there is more of it than what an admin request has looked up. */
static bool is_live(const struct pl_room *room) {
    return room->state != PL_ROOM_NEW || room->connection_count > 0;
}

/* Adds rooms of the party to the list on top of the stack; false when there are too many. */
static bool push_rooms(lua_State *L, const struct pl_party *party, size_t most) {
    size_t at = 0;
    for (struct pl_room *room; (room = pl_map_next(&party->rooms, &at)) != NULL;) {
        if (!is_live(room)) continue;
        if (lua_objlen(L, -1) >= most) return false;
        push_live_room(L, room);
        lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
    }
    return true;
}

static bool is_party(lua_State *L, int arg, const struct pl_party *party) {
    return lua_isnoneornil(L, arg) ||
           pl_slice_equal(pl_check_slice(L, arg), pl_party_name(party));
}

/* native.live_rooms(most, party?) --> list, is_whole: rooms in memory, in no order */
static int live_rooms(lua_State *L) {
    struct pl_server *server = check_server(L);
    size_t most = (size_t)luaL_checknumber(L, 1), at = 0;
    bool is_whole = true;
    lua_settop(L, 2);
    lua_newtable(L);
    for (struct pl_party *party; (party = pl_map_next(&server->parties, &at)) != NULL;) {
        if (is_party(L, 2, party) && !push_rooms(L, party, most)) is_whole = false;
    }
    lua_pushboolean(L, is_whole);
    return 2;
}

static struct pl_party *find_party(lua_State *L, int arg) {
    return pl_map_find(&check_server(L)->parties, pl_check_slice(L, arg));
}

/* native.live_room(party, id) --> table as of live_rooms | nil when it is not in memory */
static int live_room(lua_State *L) {
    struct pl_party *party = find_party(L, 1);
    struct pl_slice id = pl_check_slice(L, 2);
    struct pl_room *room = party == NULL ? NULL : pl_map_find(&party->rooms, id);
    if (room == NULL || !is_live(room)) return 0;
    push_live_room(L, room);
    return 1;
}

/* native.hibernate_room(party, id) --> boolean: false when something holds it off | nil when it is
 * not in memory */
static int hibernate_room(lua_State *L) {
    struct pl_party *party = find_party(L, 1);
    struct pl_slice id = pl_check_slice(L, 2);
    struct pl_room *room = party == NULL ? NULL : pl_map_find(&party->rooms, id);
    if (room == NULL || !is_live(room)) return 0;
    lua_pushboolean(L, room->state == PL_ROOM_ASLEEP || pl_room_hibernate(room));
    return 1;
}

/* native.enter_room(party, id) --> room | nil without such a party: the running task is one of the
 * room from now on, whose answer waits for what it writes. The room is not started by that. */
static int enter_room(lua_State *L) {
    struct pl_task *task = pl_task_check(L, "entering a room");
    struct pl_party *party = find_party(L, 1);
    struct pl_slice id = pl_check_slice(L, 2);
    if (task->exchange == NULL || task->exchange->door == PL_DOOR_PUBLIC ||
        task->room != NULL) {
        return luaL_error(L, "only an admin request may enter a room, and only one");
    }
    if (party == NULL) return 0;
    struct pl_room *room = pl_room_get(party, id);
    task->room = pl_room_ref(room);
    task->exchange->room = room;
    pl_room_begin_task(room, false);
    pl_push_room(L, room);
    return 1;
}

/* native.await_room(): waits while another blocks the room that was entered */
static int await_room(lua_State *L) {
    struct pl_task *task = pl_task_check(L, "entering a room");
    if (!pl_task_is_held(task)) return 0;
    pl_timer_start(task->engine->timers, &task->timer, 0);
    return pl_task_wait(task);
}

/* native.restore_alarm(room, due, attempt, retries): as it was stored; due 0 takes it away */
static int restore_alarm(lua_State *L) {
    struct pl_room *room = pl_check_room(L, 1);
    struct pl_storage *storage;
    struct pl_stored_alarm alarm = {.due_ms = (int64_t)luaL_checknumber(L, 2),
                                    .attempt_ms = (int64_t)luaL_checknumber(L, 3),
                                    .retries = (uint32_t)luaL_checknumber(L, 4)};
    if (room->state == PL_ROOM_GONE) return luaL_error(L, "the room has left memory");
    if (pl_room_storage(room, &storage) != 0)
        return luaL_error(L, "the storage cannot be read");
    room->alarm.is_changed = room->alarm.is_running;
    pl_storage_set_alarm(storage, alarm, false);
    return 0;
}

/* ---- totals --------------------------------------------------------------------------------- */

struct totals {
    double rooms, asleep, connections, received, sent, errors;
    struct pl_histogram hooks;
};

static void add_histogram(struct pl_histogram *to, const struct pl_histogram *from) {
    for (size_t i = 0; i <= PL_BUCKETS_MAX; i++) to->counts[i] += from->counts[i];
    to->sum_ticks += from->sum_ticks;
}

static void add_party(struct totals *totals, const struct pl_party *party) {
    const struct pl_meter *meter = &party->meter;
    totals->rooms += (double)party->rooms.count;
    totals->asleep += (double)meter->asleep_count;
    totals->connections += (double)meter->connection_count;
    totals->received += (double)(meter->received[0] + meter->received[1]);
    totals->sent += (double)(meter->sent[0] + meter->sent[1]);
    for (size_t hook = 0; hook < PL_HOOK_COUNT; hook++) {
        totals->errors += (double)meter->hooks[hook].errors;
        add_histogram(&totals->hooks, &meter->hooks[hook].durations);
    }
}

/* Sets `hooks`: { { seconds, count }, ... }, the last without a bound. */
static void set_hooks(lua_State *L, const struct pl_histogram *histogram) {
    size_t count = pl_buckets_short.count;
    lua_createtable(L, (int)count + 1, 0);
    for (size_t i = 0; i <= count; i++) {
        lua_createtable(L, 2, 0);
        lua_pushnumber(L, i < count ? pl_buckets_short.seconds[i] : -1);
        lua_rawseti(L, -2, 1);
        lua_pushnumber(L, (double)histogram->counts[i]);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "hooks");
}

/* native.totals() --> { rooms, hibernating, connections, received, sent, errors, hooks,
 * hook_seconds }: of all parties, since the server has started */
static int server_totals(lua_State *L) {
    struct pl_server *server = check_server(L);
    struct totals totals = {0};
    size_t at = 0;
    for (struct pl_party *party; (party = pl_map_next(&server->parties, &at)) != NULL;) {
        add_party(&totals, party);
    }
    lua_createtable(L, 0, 8);
    pl_set_number(L, "rooms", totals.rooms);
    pl_set_number(L, "hibernating", totals.asleep);
    pl_set_number(L, "connections", totals.connections);
    pl_set_number(L, "received", totals.received);
    pl_set_number(L, "sent", totals.sent);
    pl_set_number(L, "errors", totals.errors);
    pl_set_number(L, "hook_seconds", pl_histogram_sum(&totals.hooks));
    set_hooks(L, &totals.hooks);
    return 1;
}

static const luaL_Reg functions[] = {
    {"live_rooms", live_rooms},         {"live_room", live_room},
    {"hibernate_room", hibernate_room}, {"enter_room", enter_room},
    {"await_room", await_room},         {"restore_alarm", restore_alarm},
    {"totals", server_totals},          {NULL, NULL},
};

void pl_bind_admin(lua_State *L) { luaL_register(L, NULL, functions); }
