#include "lua/bind.h"
#include "lua/check.h"
#include "lua/handle.h"
#include "lua/host_parts.h"
#include "party/connection.h"
#include "party/exchange.h"
#include "party/tap.h"

/* A task with a function of host.lua on its stack, and the room's object when there is a room. */
static struct pl_task *begin(struct pl_host *host, enum pl_task_kind kind, const char *hook,
                             int function, struct pl_room *room, struct pl_exchange *exchange,
                             struct pl_connection *connection) {
    struct pl_task *task = pl_task_begin(host->engine, kind, hook, room, exchange, connection);
    lua_rawgeti(task->co, LUA_REGISTRYINDEX, function);
    if (room == NULL) return task;
    lua_rawgeti(task->co, LUA_REGISTRYINDEX, pl_host_side_of(room)->object_ref);
    return task;
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
    pl_host_measure(task, exchange->party,
                    exchange->request->is_websocket ? PL_HOOK_BEFORE_CONNECT
                                                    : PL_HOOK_BEFORE_REQUEST);
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
    lua_getfield(task->co, LUA_REGISTRYINDEX, PL_HOST_ADMIN);
    pl_push_exchange(task->co, exchange);
    lua_pushboolean(task->co, exchange->door == PL_DOOR_LOCAL);
    pl_task_run(task, 2);
}

static void connect(void *owner, struct pl_room *room, struct pl_exchange *exchange,
                    struct pl_connection *connection) {
    (void)owner;
    struct pl_host *host = pl_host_side_of(room)->host;
    struct pl_task *task =
        begin(host, PL_TASK_CONNECT, "onConnect", host->connect, room, exchange, connection);
    pl_host_measure(task, room->party, PL_HOOK_CONNECT);
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
    (void)owner;
    struct pl_host *host = pl_host_side_of(room)->host;
    struct pl_task *task =
        begin(host, PL_TASK_EVENT, "onMessage", host->message, room, NULL, connection);
    bool is_remembered = !is_binary && bytes.len >= REMEMBERED_BYTES_MIN;
    pl_host_measure(task, room->party, PL_HOOK_MESSAGE);
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
    (void)owner;
    struct pl_host *host = pl_host_side_of(room)->host;
    struct pl_task *task =
        begin(host, PL_TASK_EVENT, "onClose", host->close, room, NULL, connection);
    pl_host_measure(task, room->party, PL_HOOK_CLOSE);
    pl_push_connection(task->co, connection);
    drop_connection(host, connection);
    lua_pushinteger(task->co, code);
    pl_push_slice(task->co, reason);
    lua_pushboolean(task->co, was_clean);
    pl_task_run(task, 5);
}

static void failed(void *owner, struct pl_room *room, struct pl_connection *connection,
                   struct pl_slice why) {
    (void)owner;
    struct pl_host *host = pl_host_side_of(room)->host;
    struct pl_task *task =
        begin(host, PL_TASK_EVENT, "onError", host->error, room, NULL, connection);
    pl_host_measure(task, room->party, PL_HOOK_ERROR);
    pl_push_connection(task->co, connection);
    drop_connection(host, connection);
    pl_push_slice(task->co, why);
    pl_task_run(task, 3);
}

static void request(void *owner, struct pl_room *room, struct pl_exchange *exchange) {
    (void)owner;
    struct pl_host *host = pl_host_side_of(room)->host;
    struct pl_task *task =
        begin(host, PL_TASK_REQUEST, "onRequest", host->request, room, exchange, NULL);
    pl_host_measure(task, room->party, PL_HOOK_REQUEST);
    pl_push_exchange(task->co, exchange);
    push_kept(task->co, host, exchange);
    pl_task_run(task, 3);
}

static void alarm_due(void *owner, struct pl_room *room, unsigned retries) {
    (void)owner;
    struct pl_host *host = pl_host_side_of(room)->host;
    struct pl_task *task = begin(host, PL_TASK_ALARM, "onAlarm", host->alarm, room, NULL, NULL);
    pl_host_measure(task, room->party, PL_HOOK_ALARM);
    lua_pushinteger(task->co, (lua_Integer)retries);
    pl_task_run(task, 2);
}
/* In every state: somebody who looks after the server may have entered it from another. */
static void abort_room(void *owner, struct pl_room *room) {
    (void)owner;
    PL_LIST_EACH(at, pl_engines()) {
        struct pl_engine *engine = pl_container_of(at, struct pl_engine, in_all);
        pl_engine_drop_room(engine, room, pl_host_on_drop);
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
    .start = pl_host_start_room,
    .stop = pl_host_stop_room,
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
