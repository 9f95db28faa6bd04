#include "lua/host.h"

#include "base/limits.h"
#include "base/ticks.h"
#include "lua/bind.h"
#include "lua/call.h"
#include "lua/check.h"
#include "lua/fault.h"
#include "lua/handle.h"
#include "lua/timers.h"
#include "lua/transfer.h"
#include "party/connection.h"
#include "party/event.h"
#include "party/exchange.h"
#include "party/room.h"
#include "party/server.h"
#include "party/tap.h"

#include <stdlib.h>

/* The registry's small numbers are for what every message needs. */
#define ADMIN "partylua admin"

#define REJECTED_CODE 1011 /* RFC 6455 7.4.1: the server met a condition it did not expect */

/* The side of a room that has one: from its start on, whoever may enter it before. */
static struct pl_room_side *side_of(struct pl_room *room) { return room->side; }
static bool has_side(const struct pl_room *room) { return room != NULL && room->side != NULL; }

/* The host that has the room's object: after a reload not always the one that starts rooms. */
static struct pl_host *host_of(void *owner, const struct pl_room *room) {
    const struct pl_room_side *side = room->side;
    return side == NULL ? owner : side->host;
}

static struct pl_room_side *get_side(struct pl_host *host, struct pl_room *room) {
    if (room->side == NULL) {
        struct pl_room_side *side = pl_alloc_zero(sizeof *side);
        side->host = host;
        host->room_count++;
        pl_list_init(&side->timers);
        pl_list_init(&side->calls);
        pl_list_init(&side->transfers);
        room->side = side;
    }
    return room->side;
}

struct pl_list *pl_host_timers(struct pl_engine *engine, struct pl_room *room) {
    struct pl_host *host = engine->owner;
    return has_side(room) ? &side_of(room)->timers : &host->timers;
}

struct pl_list *pl_host_calls_of(struct pl_room *room) {
    return has_side(room) ? &side_of(room)->calls : NULL;
}

struct pl_list *pl_host_transfers_of(struct pl_host *host, struct pl_room *room) {
    return has_side(room) ? &side_of(room)->transfers : &host->transfers;
}

struct pl_fetch_group *pl_host_fetch_group_of(struct pl_room *room, bool is_service) {
    if (!has_side(room)) return NULL;
    return is_service ? &side_of(room)->service_group : &side_of(room)->group;
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* A task with a function of host.lua on its stack, and the room's object when there is a room. */
static struct pl_task *begin(struct pl_host *host, enum pl_task_kind kind, const char *hook,
                             int function, struct pl_room *room, struct pl_exchange *exchange,
                             struct pl_connection *connection) {
    struct pl_task *task = pl_task_begin(host->engine, kind, hook, room, exchange, connection);
    lua_rawgeti(task->co, LUA_REGISTRYINDEX, function);
    if (room == NULL) return task;
    struct pl_room_side *side = get_side(host, room);
    if (kind != PL_TASK_START) lua_rawgeti(task->co, LUA_REGISTRYINDEX, side->object_ref);
    return task;
}

/* Has the task's duration, from here to its end, counted for a hook of the party. */
static void measure(struct pl_task *task, struct pl_party *party, enum pl_hook hook) {
    task->meter = &party->meter.hooks[hook];
    task->begun_ticks = pl_ticks();
}

static void count(const struct pl_task *task, bool is_ok) {
    if (task->meter == NULL) return;
    pl_histogram_add(&task->meter->durations, &pl_buckets_short,
                     pl_ticks_since(task->begun_ticks));
    if (!is_ok) task->meter->errors++;
}

/* The request as a before-hook has passed it on, or nil. An argument costs nothing, where asking
 * for it would end the compiled code of a hook's call. */
static void push_kept(lua_State *L, const struct pl_host *host,
                      const struct pl_exchange *exchange) {
    if (exchange->keeper != host) {
        lua_pushnil(L);
    } else {
        lua_rawgeti(L, LUA_REGISTRYINDEX, exchange->kept);
    }
}

static void before(void *owner, struct pl_exchange *exchange) {
    struct pl_host *host = owner;
    const char *hook = exchange->request->is_websocket ? "onBeforeConnect" : "onBeforeRequest";
    struct pl_task *task =
        begin(host, PL_TASK_BEFORE, hook, host->before, NULL, exchange, NULL);
    measure(task, exchange->party,
            exchange->request->is_websocket ? PL_HOOK_BEFORE_CONNECT : PL_HOOK_BEFORE_REQUEST);
    pl_push_slice(task->co, pl_party_name(exchange->party));
    pl_push_exchange(task->co, exchange);
    pl_task_run(task, 2);
}

static void other(void *owner, struct pl_exchange *exchange) {
    struct pl_host *host = owner;
    const char *hook = exchange->request->is_websocket ? "onSocket" : "onFetch";
    struct pl_task *task = begin(host, PL_TASK_OTHER, hook, host->other, NULL, exchange, NULL);
    pl_push_exchange(task->co, exchange);
    pl_task_run(task, 1);
}

static void admin(void *owner, struct pl_exchange *exchange) {
    struct pl_host *host = owner;
    struct pl_task *task =
        pl_task_begin(host->engine, PL_TASK_OTHER, "admin", NULL, exchange, NULL);
    lua_getfield(task->co, LUA_REGISTRYINDEX, ADMIN);
    pl_push_exchange(task->co, exchange);
    lua_pushboolean(task->co, exchange->door == PL_DOOR_LOCAL);
    pl_task_run(task, 2);
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

static void start(void *owner, struct pl_room *room) {
    struct pl_host *host = owner;
    struct pl_task *task = begin(host, PL_TASK_START, "onStart", host->start, room, NULL, NULL);
    measure(task, room->party, PL_HOOK_START);
    unsigned depth = depth_of_first(room);
    if (task->depth < depth) task->depth = depth;
    pl_push_slice(task->co, pl_party_name(room->party));
    pl_push_room(task->co, room);
    pl_push_slice(task->co, host_of_first(room));
    pl_task_run(task, 3);
}

static void stop(void *owner, struct pl_room *room) {
    struct pl_room_side *side = room->side;
    (void)owner;
    if (side == NULL) return;
    room->side = NULL;
    side->host->room_count--;
    pl_lua_timers_cancel(&side->timers);
    pl_calls_cancel(&side->calls);
    pl_transfers_cancel(&side->transfers);
    luaL_unref(side->host->engine->L, LUA_REGISTRYINDEX, side->object_ref);
    free(side);
}

int pl_host_set_object(lua_State *L) {
    struct pl_engine *engine = pl_engine_of(L);
    if (engine->current == NULL || engine->current->room == NULL) {
        return luaL_error(L, "only a starting room gets an object");
    }
    struct pl_room *room = engine->current->room;
    room->hibernates = lua_toboolean(L, 2);
    room->is_serial = lua_toboolean(L, 3);
    lua_settop(L, 1);
    side_of(room)->object_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static void connect(void *owner, struct pl_room *room, struct pl_exchange *exchange,
                    struct pl_connection *connection) {
    struct pl_host *host = host_of(owner, room);
    struct pl_task *task =
        begin(host, PL_TASK_CONNECT, "onConnect", host->connect, room, exchange, connection);
    measure(task, room->party, PL_HOOK_CONNECT);
    pl_push_connection(task->co, connection);
    pl_push_exchange(task->co, exchange);
    push_kept(task->co, host, exchange);
    pl_task_run(task, 4);
}

#define REMEMBERED_BYTES_MIN 128 /* below that looking again is quicker */

/* A message is often sent on as it came: the string on top, which is known to be UTF-8 already,
 * need not be looked through again while its hook runs. */
static void remember_text(struct pl_engine *engine, lua_State *L) {
    lua_pushvalue(L, -1);
    lua_xmove(L, engine->shelf, 1);
    lua_replace(engine->shelf, PL_SHELF_TEXT);
    engine->valid_text = lua_tostring(L, -1);
}

static void forget_text(struct pl_engine *engine) {
    engine->valid_text = NULL;
    lua_pushnil(engine->shelf);
    lua_replace(engine->shelf, PL_SHELF_TEXT);
}

static void message(void *owner, struct pl_room *room, struct pl_connection *connection,
                    struct pl_slice bytes, bool is_binary) {
    struct pl_host *host = host_of(owner, room);
    struct pl_task *task =
        begin(host, PL_TASK_EVENT, "onMessage", host->message, room, NULL, connection);
    bool is_remembered = !is_binary && bytes.len >= REMEMBERED_BYTES_MIN;
    measure(task, room->party, PL_HOOK_MESSAGE);
    pl_push_slice(task->co, bytes);
    if (is_remembered) remember_text(host->engine, task->co);
    pl_push_connection(task->co, connection);
    lua_pushboolean(task->co, is_binary);
    pl_task_run(task, 4);
    if (is_remembered) forget_text(host->engine);
}

/* Lets go of a pinned handle (native.pin). What runs with it has it on its stack. */
static void drop_connection(void *owner, struct pl_connection *connection) {
    (void)owner;
    connection->is_dropped = true;
    if (connection->ref != 0) pl_handle_unpin(connection->ref);
}

static void rest(void *owner, struct pl_connection *connection) {
    (void)owner;
    if (connection->ref != 0) pl_handle_unpin(connection->ref);
}

static void closed(void *owner, struct pl_room *room, struct pl_connection *connection,
                   uint16_t code, struct pl_slice reason, bool was_clean) {
    struct pl_host *host = host_of(owner, room);
    struct pl_task *task =
        begin(host, PL_TASK_EVENT, "onClose", host->close, room, NULL, connection);
    measure(task, room->party, PL_HOOK_CLOSE);
    pl_push_connection(task->co, connection);
    drop_connection(host, connection);
    lua_pushinteger(task->co, code);
    pl_push_slice(task->co, reason);
    lua_pushboolean(task->co, was_clean);
    pl_task_run(task, 5);
}

static void failed(void *owner, struct pl_room *room, struct pl_connection *connection,
                   struct pl_slice why) {
    struct pl_host *host = host_of(owner, room);
    struct pl_task *task =
        begin(host, PL_TASK_EVENT, "onError", host->error, room, NULL, connection);
    measure(task, room->party, PL_HOOK_ERROR);
    pl_push_connection(task->co, connection);
    drop_connection(host, connection);
    pl_push_slice(task->co, why);
    pl_task_run(task, 3);
}

static void request(void *owner, struct pl_room *room, struct pl_exchange *exchange) {
    struct pl_host *host = host_of(owner, room);
    struct pl_task *task =
        begin(host, PL_TASK_REQUEST, "onRequest", host->request, room, exchange, NULL);
    measure(task, room->party, PL_HOOK_REQUEST);
    pl_push_exchange(task->co, exchange);
    push_kept(task->co, host, exchange);
    pl_task_run(task, 3);
}

static void alarm_due(void *owner, struct pl_room *room, unsigned retries) {
    struct pl_host *host = host_of(owner, room);
    struct pl_task *task = begin(host, PL_TASK_ALARM, "onAlarm", host->alarm, room, NULL, NULL);
    measure(task, room->party, PL_HOOK_ALARM);
    lua_pushinteger(task->co, (lua_Integer)retries);
    pl_task_run(task, 2);
}

static void on_drop(struct pl_task *task) {
    bool is_saved =
        task->room == NULL || pl_room_is_leaving(task->room); /* reloaded, not reset */
    struct pl_slice why = is_saved ? PL_RELOADED_REASON : pl_room_end_reason(task->room);
    if (task->exchange != NULL) pl_exchange_fail(task->exchange, why);
    if (task->kind != PL_TASK_CONNECT) return;
    pl_connection_fail(task->connection, is_saved ? PL_RELOADED_CODE : PL_FAILED_CODE, why);
}

/* In every state: somebody who looks after the server may have entered it from another. */
static void abort_room(void *owner, struct pl_room *room) {
    (void)owner;
    PL_LIST_EACH(at, pl_engines()) {
        struct pl_engine *engine = pl_container_of(at, struct pl_engine, in_all);
        pl_engine_drop_room(engine, room, on_drop);
    }
}

static void durable(void *owner, struct pl_room *room) {
    (void)owner;
    pl_tasks_wake_synced(room);
}

static void wake(void *owner, struct pl_exchange *exchange) {
    (void)owner;
    pl_tasks_wake_at(exchange);
}

void pl_host_keep(struct pl_host *host, lua_State *L, struct pl_exchange *exchange) {
    pl_host_let_go(exchange);
    exchange->kept = luaL_ref(L, LUA_REGISTRYINDEX);
    exchange->keeper = host;
    pl_list_push(&host->keeping, &exchange->in_keeper);
}

void pl_host_let_go(struct pl_exchange *exchange) {
    struct pl_host *keeper = exchange->keeper;
    if (keeper == NULL) return;
    luaL_unref(keeper->engine->L, LUA_REGISTRYINDEX, exchange->kept);
    pl_list_remove(&exchange->in_keeper);
    exchange->keeper = NULL;
    exchange->kept = 0;
}

static void tapped(void *owner, struct pl_tap *tap) {
    (void)owner;
    pl_tasks_wake_in(&tap->waiter);
}

static void forget_exchange(void *owner, struct pl_exchange *exchange) {
    (void)owner;
    pl_host_let_go(exchange);
}

static void forget_connection(void *owner, struct pl_connection *connection) {
    (void)owner;
    pl_handle_free_slot(&connection->ref);
}

static void forget_room(void *owner, struct pl_room *room) {
    (void)owner;
    pl_handle_free_slot(&room->ref);
}

const struct pl_host_calls pl_host_calls = {
    .before = before,
    .other = other,
    .admin = admin,
    .start = start,
    .stop = stop,
    .connect = connect,
    .message = message,
    .close = closed,
    .error = failed,
    .request = request,
    .alarm = alarm_due,
    .abort = abort_room,
    .durable = durable,
    .wake = wake,
    .tapped = tapped,
    .forget_exchange = forget_exchange,
    .drop_connection = drop_connection,
    .rest = rest,
    .forget_connection = forget_connection,
    .forget_room = forget_room,
};

/* ---- failures ------------------------------------------------------------------------------- */

static struct pl_slice text_or(const struct pl_fault *fault, struct pl_slice otherwise) {
    return fault->message.len > 0 ? pl_buffer_slice(&fault->message) : otherwise;
}

/* PartyKit: a before-hook that raises answers 401 with the message, an empty one included. */
static void fail_before(struct pl_exchange *exchange, const struct pl_fault *fault) {
    pl_exchange_respond_text(exchange, 401,
                             fault->has_message ? pl_buffer_slice(&fault->message)
                                                : PL_SLICE("Unauthorised"));
}

static void fail_request(struct pl_exchange *exchange, const struct pl_fault *fault) {
    int status = fault->code >= 400 && fault->code <= 599 ? fault->code : 500;
    if (exchange->state == PL_EXCHANGE_STREAMED) {
        pl_exchange_abort(exchange);
        return;
    }
    pl_exchange_respond_text(
        exchange, status, text_or(fault, PL_SLICE("Uncaught exception when making a request")));
}

static void fail_other(struct pl_exchange *exchange, const struct pl_fault *fault) {
    if (exchange->state == PL_EXCHANGE_STREAMED) {
        pl_exchange_abort(exchange);
        return;
    }
    pl_exchange_respond_text(
        exchange, 500, text_or(fault, PL_SLICE("Uncaught exception when making a request")));
}

static void fail_connect(struct pl_connection *connection, const struct pl_fault *fault) {
    struct pl_party *party = connection->room->party;
    if (party == party->server->sockets) {
        pl_connection_refuse(connection, 500,
                             text_or(fault, PL_SLICE("Uncaught exception when connecting")));
        return;
    }
    bool is_own = fault->code >= 3000 && fault->code <= 4999;
    pl_connection_reject(connection, is_own ? (uint16_t)fault->code : REJECTED_CODE,
                         text_or(fault, PL_SLICE("Uncaught exception when connecting")));
}

static void fail_start(struct pl_room *room, const struct pl_fault *fault) {
    pl_room_on_started(room, false,
                       text_or(fault, PL_SLICE("Uncaught exception when making a request")));
}

static void tell_failure(struct pl_task *task, const struct pl_fault *fault) {
    switch (task->kind) {
    case PL_TASK_START: fail_start(task->room, fault); break;
    case PL_TASK_BEFORE: fail_before(task->exchange, fault); break;
    case PL_TASK_OTHER: fail_other(task->exchange, fault); break;
    case PL_TASK_CONNECT: fail_connect(task->connection, fault); break;
    case PL_TASK_REQUEST: fail_request(task->exchange, fault); break;
    case PL_TASK_ALARM: pl_alarm_done(task->room, false); break;
    case PL_TASK_EVENT:
    case PL_TASK_OWN: break;
    }
}

/* What is left is what clients are told of an error without a message. */
static void hide(struct pl_fault *fault) {
    fault->message.len = 0;
    fault->has_message = false;
}

void pl_host_on_task_end(void *owner, struct pl_task *task, bool is_ok) {
    struct pl_host *host = owner;
    count(task, is_ok);
    if (!is_ok) {
        struct pl_fault fault;
        pl_fault_read(&fault, task->co);
        pl_fault_log(&fault, task);
        if (host->hides_errors && fault.code == 0) hide(&fault);
        tell_failure(task, &fault);
        pl_fault_finish(&fault);
    } else if (task->kind == PL_TASK_START) {
        pl_room_on_started(task->room, true, (struct pl_slice){0});
    } else if (task->kind == PL_TASK_CONNECT) {
        pl_connection_open(task->connection);
    } else if (task->kind == PL_TASK_ALARM) {
        pl_alarm_done(task->room, true);
    }
    bool is_of_room = task->kind == PL_TASK_REQUEST || task->kind == PL_TASK_OTHER;
    if (is_of_room) task->exchange->room = NULL;
}

/* ---- life ----------------------------------------------------------------------------------- */

static int take_function(lua_State *L, const char *name) {
    lua_getfield(L, -1, name);
    return luaL_ref(L, LUA_REGISTRYINDEX); /* LUA_REFNIL without one */
}

void pl_host_init(struct pl_host *host, struct pl_engine *engine, struct pl_server *server) {
    lua_State *L = engine->L;
    *host = (struct pl_host){.engine = engine, .server = server};
    pl_list_init(&host->timers);
    pl_list_init(&host->transfers);
    pl_list_init(&host->keeping);
    engine->owner = host;
    engine->on_task_end = pl_host_on_task_end;
    server->host_calls = &pl_host_calls;
    host->start = take_function(L, "start");
    host->connect = take_function(L, "connect");
    host->message = take_function(L, "message");
    host->close = take_function(L, "close");
    host->error = take_function(L, "error");
    host->request = take_function(L, "request");
    host->alarm = take_function(L, "alarm");
    host->before = take_function(L, "before");
    host->other = take_function(L, "other");
    host->drain = take_function(L, "drain");
    host->started = take_function(L, "started");
    lua_getfield(L, -1, "admin");
    lua_setfield(L, LUA_REGISTRYINDEX, ADMIN);
    lua_pop(L, 1);
}

void pl_host_tell_started(struct pl_host *host, struct pl_slice authority) {
    if (host->started == LUA_REFNIL) return;
    struct pl_task *task = begin(host, PL_TASK_OWN, "start", host->started, NULL, NULL, NULL);
    pl_push_slice(task->co, authority);
    pl_task_run(task, 1);
}

void pl_host_leave(struct pl_host *host) { pl_lua_timers_cancel(&host->timers); }

void pl_host_give_up(struct pl_host *host) {
    PL_LIST_EACH(at, &host->server->renewal.leaving) {
        struct pl_room *room = pl_container_of(at, struct pl_room, in_renewal);
        if (host_of(NULL, room) == host) pl_renewal_give_up(room);
    }
    pl_engine_drop_room(host->engine, NULL, on_drop);
}

void pl_host_drain(struct pl_host *host) {
    if (host->drain == LUA_REFNIL) return;
    pl_task_run(begin(host, PL_TASK_OWN, "drain", host->drain, NULL, NULL, NULL), 0);
}

void pl_host_finish(struct pl_host *host) {
    const int functions[] = {host->start, host->connect, host->message, host->close,
                             host->error, host->request, host->alarm,   host->before,
                             host->other, host->started, host->drain};
    pl_lua_timers_cancel(&host->timers);
    while (!pl_list_is_empty(&host->keeping)) {
        pl_host_let_go(pl_container_of(host->keeping.next, struct pl_exchange, in_keeper));
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        luaL_unref(host->engine->L, LUA_REGISTRYINDEX, functions[i]);
    }
}
