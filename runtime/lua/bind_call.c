/* Calls to other rooms: the handle of a call (lua/call.h). */
#include "lua/bind.h"
#include "lua/call.h"
#include "lua/check.h"
#include "lua/cycle.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "lua/headers.h"
#include "lua/host.h"
#include "party/exchange.h"
#include "party/room.h"
#include "party/server.h"

#include <stdlib.h>

#define CALL_DEPTH_MAX 16
#define CALL_HEADERS_MAX 256

static const struct pl_handle_type type;

static void ref_call(void *object) { pl_call_ref(object); }
static void unref_call(void *object) { pl_call_unref(object); }

static struct pl_call *check_call(lua_State *L) { return pl_handle_check(L, 1, &type); }

/* call:start(): on to the room */
static int call_start(lua_State *L) {
    pl_call_start(check_call(L));
    return 0;
}

/* call:wait(what): until there may be more to read, or to write */
static int call_wait(lua_State *L) {
    struct pl_call *call = check_call(L);
    return pl_task_wait_at(pl_task_check(L, luaL_checkstring(L, 2)), call->exchange);
}

/* call:has_head() --> boolean */
static int call_has_head(lua_State *L) {
    struct pl_call *call = check_call(L);
    lua_pushboolean(L, call->status != 0 || call->is_ended);
    return 1;
}

/* call:head() --> status, reason, { name, value, ... } | nil when the room gave no answer */
static int call_head(lua_State *L) {
    struct pl_call *call = check_call(L);
    if (call->status == 0) return 0;
    lua_pushinteger(L, call->status);
    pl_push_slice(L, pl_buffer_slice(&call->reason));
    pl_push_headers(L, &call->headers);
    return 3;
}

/* call:take() --> bytes | nil, "end" | nil, "broken" | nil, "wait" */
static int call_take(lua_State *L) {
    struct pl_call *call = check_call(L);
    if (call->answer.len > 0) {
        struct pl_buffer bytes;
        pl_call_take(call, &bytes);
        pl_push_slice(L, pl_buffer_slice(&bytes));
        pl_buffer_finish(&bytes);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, call->is_broken ? "broken" : call->is_ended ? "end" : "wait");
    return 2;
}

/* call:has_ended() --> boolean: nothing more will come of it, and nothing more is taken */
static int call_has_ended(lua_State *L) {
    lua_pushboolean(L, check_call(L)->is_ended);
    return 1;
}

/* call:give_up(): nothing more of the answer is wanted, whose head has come */
static int call_give_up(lua_State *L) {
    pl_call_give_up(check_call(L));
    return 0;
}

/* call:send_body(bytes) --> boolean: false when the caller should wait before the next */
static int call_send_body(lua_State *L) {
    struct pl_call *call = check_call(L);
    if (call->exchange->has_body_ended) return 0;
    lua_pushboolean(L, pl_call_send_body(call, pl_check_slice(L, 2)));
    return 1;
}

/* call:end_body() */
static int call_end_body(lua_State *L) {
    pl_call_end_body(check_call(L));
    return 0;
}

/* call:next_event() --> "message", data, is_binary | "close", code, reason, was_clean | nil */
static int call_next_event(lua_State *L) {
    struct pl_call_event *event = pl_call_next_event(check_call(L));
    if (event == NULL) return 0;
    lua_pushstring(L, event->is_close ? "close" : "message");
    if (event->is_close) lua_pushinteger(L, event->code);
    lua_pushlstring(L, event->bytes, event->len);
    lua_pushboolean(L, event->is_close ? event->was_clean : event->is_binary);
    int count = event->is_close ? 4 : 3;
    free(event);
    return count;
}

/* call:say(message) --> boolean: keeps what the caller sends to the room for call:deliver; false when
 * it should wait until call:can_say() */
static int call_say(lua_State *L) {
    struct pl_call *call = check_call(L);
    struct pl_message message;
    pl_check_message(L, 2, &message);
    lua_pushboolean(L, pl_call_say(call, message.bytes, message.is_binary));
    return 1;
}

/* call:can_say() --> boolean */
static int call_can_say(lua_State *L) {
    lua_pushboolean(L, pl_call_can_say(check_call(L)));
    return 1;
}

/* call:deliver() --> boolean: hands the room what was kept; false when it takes no more just now */
static int call_deliver(lua_State *L) {
    lua_pushboolean(L, pl_call_deliver(check_call(L)));
    return 1;
}

/* call:closed(code, reason): the caller's part of the closing is done */
static int call_closed(lua_State *L) {
    struct pl_call *call = check_call(L);
    int code = (int)luaL_checkinteger(L, 2);
    pl_call_close(call, (uint16_t)code, pl_check_slice(L, 3));
    return 0;
}

static const luaL_Reg methods[] = {
    {"start", call_start},
    {"wait", call_wait},
    {"has_head", call_has_head},
    {"head", call_head},
    {"take", call_take},
    {"has_ended", call_has_ended},
    {"give_up", call_give_up},
    {"send_body", call_send_body},
    {"end_body", call_end_body},
    {"next_event", call_next_event},
    {"say", call_say},
    {"can_say", call_can_say},
    {"deliver", call_deliver},
    {"closed", call_closed},
    {NULL, NULL},
};

static const struct pl_handle_type type = {.name = "partylua.Call",
                                           .place = PL_SHELF_CALL,
                                           .methods = methods,
                                           .ref = ref_call,
                                           .unref = unref_call};

static void check_cycle(lua_State *L, const struct pl_task *task, struct pl_party *party,
                        struct pl_slice id) {
    struct pl_room *room = pl_map_find(&party->rooms, id);
    if (room == NULL || !pl_call_would_wait_for_itself(task, room)) return;
    lua_pushfstring(L,
                    "a call to %s/%s would wait for itself: that room is %s until it has ended",
                    lua_tostring(L, 1), lua_tostring(L, 2),
                    room->state == PL_ROOM_STARTING ? "starting"
                    : room->block != 0              ? "blocked"
                                                    : "busy");
    lua_error(L);
}

/* native.call(party, room_id, { method, host, path, search, headers, has_body, is_websocket,
 *   is_awaited, is_public }) --> call: started with call:start() */
static int create_call(lua_State *L) {
    struct pl_engine *engine = pl_engine_of(L);
    struct pl_host *host = engine->owner;
    if (host == NULL) return luaL_error(L, "there is no server in this process");
    unsigned depth = engine->current == NULL ? 1 : engine->current->depth + 1;
    if (depth > CALL_DEPTH_MAX) {
        return luaL_error(L, "rooms call each other more than %d levels deep", CALL_DEPTH_MAX);
    }
    struct pl_slice name = pl_check_slice(L, 1);
    struct pl_slice id = pl_check_slice(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    struct pl_party *party = pl_server_find_party(host->server, name);
    if (party == NULL) return luaL_error(L, "there is no party of this name");
    struct pl_request_header headers[CALL_HEADERS_MAX];
    struct pl_request_parts parts = {.headers = headers,
                                     .header_count =
                                         pl_get_headers(L, 3, headers, CALL_HEADERS_MAX),
                                     .method = pl_get_slice(L, 3, "method"),
                                     .host = pl_get_slice(L, 3, "host"),
                                     .path = pl_get_slice(L, 3, "path"),
                                     .search = pl_get_slice(L, 3, "search")};
    if (parts.path.len < sizeof "/parties//" - 1 + name.len + id.len) {
        return luaL_error(L, "the room's id cannot stand in a path");
    }
    lua_getfield(L, 3, "has_body");
    parts.has_body = lua_toboolean(L, -1);
    lua_getfield(L, 3, "is_websocket");
    parts.is_websocket = lua_toboolean(L, -1);
    struct pl_room *caller = engine->current == NULL ? NULL : engine->current->room;
    lua_getfield(L, 3, "is_awaited");
    bool is_awaited = lua_toboolean(L, -1) && caller != NULL;
    if (is_awaited) check_cycle(L, engine->current, party, id);
    struct pl_call *call =
        pl_call_create(party, &parts, id, depth, caller, pl_host_calls_of(caller));
    if (is_awaited) pl_call_set_awaited(call, engine->current);
    lua_getfield(L, 3, "is_public");
    call->is_public = lua_toboolean(L, -1);
    pl_handle_push(L, &type, call, NULL);
    return 1;
}

static const luaL_Reg functions[] = {{"call", create_call}, {NULL, NULL}};

void pl_bind_call(lua_State *L) {
    luaL_register(L, NULL, functions);
    pl_handle_register(L, &type);
    lua_pop(L, 1);
}
