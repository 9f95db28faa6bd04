#include "lua/host.h"

#include "lua/check.h"
#include "lua/host_parts.h"
#include "lua/timers.h"
#include "party/exchange.h"

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
    lua_setfield(L, LUA_REGISTRYINDEX, PL_HOST_ADMIN);
    lua_pop(L, 1);
}

static struct pl_task *begin(struct pl_host *host, const char *hook, int function) {
    struct pl_task *task = pl_task_begin(host->engine, PL_TASK_OWN, hook, NULL, NULL, NULL);
    lua_rawgeti(task->co, LUA_REGISTRYINDEX, function);
    return task;
}

void pl_host_tell_started(struct pl_host *host, struct pl_slice authority) {
    if (host->started == LUA_REFNIL) return;
    struct pl_task *task = begin(host, "start", host->started);
    pl_push_slice(task->co, authority);
    pl_task_run(task, 1);
}

void pl_host_leave(struct pl_host *host) { pl_lua_timers_cancel(&host->timers); }

void pl_host_give_up(struct pl_host *host) {
    PL_LIST_EACH(at, &host->server->renewal.leaving) {
        struct pl_room *room = pl_container_of(at, struct pl_room, in_renewal);
        const struct pl_room_side *side = room->side;
        if (side != NULL && side->host == host) pl_renewal_give_up(room);
    }
    pl_engine_drop_room(host->engine, NULL, pl_host_on_drop);
}

void pl_host_drain(struct pl_host *host) {
    if (host->drain == LUA_REFNIL) return;
    pl_task_run(begin(host, "drain", host->drain), 0);
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
