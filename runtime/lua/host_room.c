#include "lua/bind.h"
#include "lua/call.h"
#include "lua/check.h"
#include "lua/host_parts.h"
#include "lua/timers.h"
#include "lua/transfer.h"
#include "party/connection.h"
#include "party/event.h"
#include "party/exchange.h"

#include <stdlib.h>

/* Whoever looks after the server may enter a room before its start. */
static bool has_side(const struct pl_room *room) { return room != NULL && room->side != NULL; }

static void add_side(struct pl_host *host, struct pl_room *room) {
    struct pl_room_side *side = pl_alloc_zero(sizeof *side);
    side->host = host;
    host->room_count++;
    pl_list_init(&side->timers);
    pl_list_init(&side->calls);
    pl_list_init(&side->transfers);
    room->side = side;
}

struct pl_list *pl_host_timers(struct pl_engine *engine, struct pl_room *room) {
    struct pl_host *host = engine->owner;
    return has_side(room) ? &pl_host_side_of(room)->timers : &host->timers;
}

struct pl_list *pl_host_calls_of(struct pl_room *room) {
    return has_side(room) ? &pl_host_side_of(room)->calls : NULL;
}

struct pl_list *pl_host_transfers_of(struct pl_host *host, struct pl_room *room) {
    return has_side(room) ? &pl_host_side_of(room)->transfers : &host->transfers;
}

struct pl_fetch_group *pl_host_fetch_group_of(struct pl_room *room, bool is_service) {
    if (!has_side(room)) return NULL;
    return is_service ? &pl_host_side_of(room)->service_group : &pl_host_side_of(room)->group;
}

/* The host in a connection's URL. */
static struct pl_slice host_of_uri(const struct pl_connection *connection) {
    struct pl_slice rest = pl_connection_uri(connection);
    rest = pl_slice_after(rest, pl_slice_starts_with(rest, PL_SLICE("https:")) ? 8 : 7);
    const char *slash = memchr(rest.at, '/', rest.len);
    return slash == NULL ? rest : pl_slice(rest.at, (size_t)(slash - rest.at));
}

/* The host that the request which woke the room was sent to, or that its connections know: stubs
 * build URLs with it. */
static struct pl_slice host_of_first(const struct pl_room *room) {
    PL_LIST_EACH(at, &room->events) {
        struct pl_event *event = pl_container_of(at, struct pl_event, in_room);
        if (event->exchange != NULL) return event->exchange->request->host;
    }
    if (pl_list_is_empty(&room->connections)) return PL_SLICE("localhost");
    return host_of_uri(pl_container_of(room->connections.next, struct pl_connection, in_room));
}

/* A room that a call has woken starts as a part of that call. */
static unsigned depth_of_first(const struct pl_room *room) {
    PL_LIST_EACH(at, &room->events) {
        struct pl_event *event = pl_container_of(at, struct pl_event, in_room);
        if (event->exchange != NULL) return event->exchange->depth;
    }
    return 0;
}

void pl_host_start_room(void *owner, struct pl_room *room) {
    struct pl_host *host = owner;
    add_side(host, room);
    struct pl_task *task =
        pl_task_begin(host->engine, PL_TASK_START, "onStart", room, NULL, NULL);
    lua_rawgeti(task->co, LUA_REGISTRYINDEX, host->start);
    pl_host_measure(task, room->party, PL_HOOK_START);
    unsigned depth = depth_of_first(room);
    if (task->depth < depth) task->depth = depth;
    pl_push_slice(task->co, pl_party_name(room->party));
    pl_push_room(task->co, room);
    pl_push_slice(task->co, host_of_first(room));
    pl_task_run(task, 3);
}

void pl_host_stop_room(void *owner, struct pl_room *room) {
    struct pl_room_side *side = room->side;
    (void)owner;
    if (side == NULL) return;
    room->side = NULL;
    side->host->room_count--;
    pl_lua_timers_cancel(&side->timers);
    pl_calls_cancel(&side->calls);
    pl_transfers_cancel(&side->transfers, "its room has ended");
    luaL_unref(side->host->engine->L, LUA_REGISTRYINDEX, side->object_ref);
    free(side);
}

int pl_host_set_object(lua_State *L) {
    struct pl_engine *engine = pl_engine_of(L);
    struct pl_room *room = engine->current == NULL ? NULL : engine->current->room;
    if (!has_side(room)) return luaL_error(L, "only a starting room gets an object");
    room->hibernates = lua_toboolean(L, 2);
    room->is_serial = lua_toboolean(L, 3);
    lua_settop(L, 1);
    pl_host_side_of(room)->object_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}
