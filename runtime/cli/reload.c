#include "cli/reload.h"

#include "cli/house.h"
#include "lua/options.h"

#include <string.h>

/* native.reload { app, limits, within_ms }: loads the app anew; rooms move to it in the turns to
 * come, and what old hooks do ends within that time
 *   --> report | nil, message, hint, files: the app that was there serves on */
static int reload_app(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!house->is_serving) return luaL_error(L, "there is no server in this process");
    struct pl_limits limits = pl_read_limits(L, 1);
    uint64_t within_ms = (uint64_t)pl_get_number(L, 1, "within_ms", 10000);
    struct pl_app *old = house->app;
    struct pl_app *app = pl_app_load_option(house, L);
    if (app == NULL) return 4;
    pl_server_set_limits(&house->server, &limits);
    pl_edge_take_limits(&house->edge);
    if (old != NULL) pl_app_leave(old, within_ms);
    pl_app_begin(app, house);
    pl_renewal_start(&house->server);
    pl_host_tell_started(&app->host, pl_slice_of(house->authority));
    pl_alarms_look(&house->server);
    return 1;
}

/* native.await_reload(): reads and loads everything anew, as SIGHUP does, and waits for the end of
 * that; in any state. native.reload_fault() says what came of it. */
static int await_reload(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    struct pl_task *task = pl_task_check(L, "reloading");
    if (!house->is_serving) return luaL_error(L, "there is no server in this process");
    pl_house_reload(house);
    return pl_task_wait_in(task, &house->reload_waiters);
}

/* native.finish_reload([message [, hint]]): the command is done with it; a message says that it has
 * not worked */
static int finish_reload(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    house->reload_fault.len = 0;
    if (!lua_isnoneornil(L, 1)) {
        pl_buffer_add(&house->reload_fault, pl_check_slice(L, 1));
        pl_buffer_add_byte(&house->reload_fault, '\0');
        if (!lua_isnoneornil(L, 2)) pl_buffer_add(&house->reload_fault, pl_check_slice(L, 2));
        pl_buffer_add_byte(&house->reload_fault, '\0');
    }
    pl_tasks_wake_in(&house->reload_waiters);
    if (!house->is_draining) pl_systemd_tell_ready(&house->systemd, house->authority);
    return 0;
}

/* native.reload_fault() --> message, hint | nil when the last reload has worked */
static int push_reload_fault(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    const char *message = house->reload_fault.at;
    if (house->reload_fault.len == 0) return 0;
    lua_pushstring(L, message);
    lua_pushstring(L, message + strlen(message) + 1);
    return 2;
}

/* native.renewal() --> { moved, leaving, connections }: rooms that have moved to the latest app,
 * those that have not yet, and the connections of both */
static int push_renewal(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    const struct pl_renewal *renewal = &house->server.renewal;
    lua_createtable(L, 0, 3);
    pl_set_number(L, "moved", (double)renewal->moved_count);
    pl_set_number(L, "leaving", (double)renewal->leaving_count);
    pl_set_number(L, "connections", (double)renewal->connection_count);
    return 1;
}

/* native.app_metrics() --> text, as Prometheus reads it | nil: what code of the library has counted
 * in the app's state */
static int push_app_metrics(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    if (house->app == NULL) return 0;
    pl_app_push_metrics(house->app, L);
    return 1;
}

static const luaL_Reg functions[] = {
    {"reload", reload_app},
    {"renewal", push_renewal},
    {"app_metrics", push_app_metrics},
    {"await_reload", await_reload},
    {"finish_reload", finish_reload},
    {"reload_fault", push_reload_fault},
    {NULL, NULL},
};

void pl_bind_reload(lua_State *L, struct pl_house *house) {
    pl_set_functions(L, functions, house);
}
