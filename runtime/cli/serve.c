#include "cli/serve.h"

#include "cli/depot.h"
#include "cli/doors.h"
#include "cli/edge_options.h"
#include "cli/house.h"
#include "lua/options.h"
#include "net/stream.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* As many files as the system lets us have: every connection is one. */
static void raise_file_limit(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* Twice, in a way: what ends in one state may end tasks in another. */
static void drop_tasks(struct pl_house *house) {
    PL_LIST_EACH(at, &house->apps) {
        pl_engine_drop_tasks(&pl_container_of(at, struct pl_app, in_house)->engine);
    }
    pl_engine_drop_tasks(&house->engine);
}

static void forget_apps(struct pl_house *house) {
    PL_LIST_EACH(at, &house->apps) {
        pl_app_destroy(pl_container_of(at, struct pl_app, in_house));
    }
    house->app = NULL;
}

static void finish_edges(struct pl_house *house) {
    pl_edge_finish(&house->edge);
    pl_edge_finish(&house->local);
    pl_edge_finish(&house->admin);
}

/* Rooms hear of no end: their process goes. Connections were closed by the drain, or are cut. Gives
 * whether all that was to be kept has been: the last writes end in here. */
static bool take_down(struct pl_house *house) {
    pl_keys_close(&house->keys);
    pl_depot_settle(house);
    pl_look_stop(house);
    drop_tasks(house);
    house->server.is_draining = true;
    pl_edge_close(&house->edge);
    pl_edge_close(&house->local);
    pl_edge_close(&house->admin);
    drop_tasks(house);
    pl_loop_settle(&house->loop);
    drop_tasks(house);
    pl_timer_stop(&house->loop.timers, &house->drain_limit);
    pl_server_finish(&house->server);
    forget_apps(house);
    pl_host_close_vectors(&house->own);
    pl_host_finish(&house->own);
    house->engine.owner = NULL;
    finish_edges(house);
    pl_depot_close(house);
    pl_buffer_finish(&house->reload_fault);
    pl_systemd_close(&house->systemd);
    house->loop.on_turn = NULL;
    bool is_whole = !house->is_broken;
    house->is_serving = house->is_draining = house->is_broken = house->is_ending = false;
    return is_whole;
}

static void push_admin_port(lua_State *L, uint16_t port) {
    if (port == 0) lua_pushnil(L);
    else lua_pushinteger(L, port);
}

static int take_option(lua_State *L, const char *key) {
    lua_getfield(L, 1, key);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

/* What the command's own state does while it serves. */
static void open_own(struct pl_house *house, lua_State *L) {
    house->on_reload = take_option(L, "on_reload");
    house->on_drain = take_option(L, "on_drain");
    lua_getfield(L, 1, "own");
    luaL_checktype(L, -1, LUA_TTABLE);
    bool has_front = pl_has_field(L, lua_gettop(L), "other");
    pl_host_init(&house->own, &house->engine, &house->server);
    pl_host_open_vectors(&house->own, &house->loop, &house->vectors);
    house->vectors.on_broken = pl_depot_on_broken;
    house->vectors.owner = house;
    house->server.own = &house->own;
    house->server.has_front = has_front;
}

static void begin_app(struct pl_house *house, struct pl_app *app) {
    pl_app_begin(app, house);
    pl_host_tell_started(&app->host, pl_slice_of(house->authority));
}

/* options.on_listening(host, port, admin_port, report): `report` is a stack place, 0 without an
 * app. */
static int call_on_listening(lua_State *L, const char *host, uint16_t port, uint16_t admin_port,
                             int report) {
    lua_getfield(L, 1, "on_listening");
    lua_pushstring(L, host);
    lua_pushinteger(L, port);
    push_admin_port(L, admin_port);
    if (report == 0) {
        lua_pushnil(L);
    } else {
        lua_pushvalue(L, report);
    }
    return lua_pcall(L, 4, 0, 0);
}

static int push_broken(lua_State *L) {
    lua_pushnil(L);
    lua_pushliteral(L, "a write to the data folder failed half way, so the server has stopped");
    lua_pushliteral(L, "ENOTRECOVERABLE");
    lua_pushliteral(L, "data");
    return 4;
}

/* Opens what a server needs; how many results tell the caller that it did not work. */
static int open_server(struct pl_house *house, lua_State *L, uint16_t *port) {
    lua_getfield(L, 1, "host");
    const char *address = luaL_checkstring(L, -1);
    struct pl_limits limits = pl_read_limits(L, 1);
    int failed = pl_depot_open(L, house);
    if (failed > 0) return failed;
    pl_server_init(&house->server, &house->loop.clock, &house->loop.timers, &limits);
    pl_edge_init(&house->edge, &house->loop, &house->server);
    pl_edge_init_admin(&house->local, &house->loop, &house->server, PL_DOOR_LOCAL);
    pl_edge_init_admin(&house->admin, &house->loop, &house->server, PL_DOOR_ADMIN);
    pl_read_edge_options(L, 1, &house->edge);
    const char *place = "admin";
    int rc = pl_doors_open_admin(L, house, &house->admin_port);
    if (rc == 0) rc = pl_doors_open_public(house, address, port, &place);
    if (rc != 0) {
        pl_edge_close(&house->admin);
        pl_loop_turn(&house->loop, 0);
        finish_edges(house);
        pl_depot_close(house);
        int count = pl_push_error(L, rc);
        lua_pushstring(L, place);
        return count + 1;
    }
    pl_doors_open_local(L, house);
    house->is_serving = true;
    house->has_terminal = isatty(STDERR_FILENO);
    pl_depot_serve(house);
    snprintf(house->authority, sizeof house->authority,
             strchr(house->host, ':') == NULL ? "%s:%u" : "[%s]:%u", house->host, *port);
    return 0;
}

/* native.serve { host, port, admin_host, admin_port, admin_folder, data, map_bytes, is_volatile,
 *                limits, app, own, drain_timeout_ms, on_listening, on_reload, on_drain }
 *   --> 0 when it was told to stop | nil, message, errno name, what is at fault: "listen",
 *   "socket" for one that was handed over, "admin", "data" for the store, also when it broke while
 *   serving, and "app" with a hint in place of the errno name */
int pl_house_serve(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 1, LUA_TTABLE);
    if (house->is_serving) return luaL_error(L, "this process serves already");
    pl_systemd_open(&house->systemd, &house->loop.timers);
    uint16_t port = (uint16_t)pl_get_number(L, 1, "port", 0);
    struct pl_app *app = NULL;
    int report = 0;
    house->drain_timeout_ms = (uint64_t)pl_get_number(L, 1, "drain_timeout_ms", 10000);
    raise_file_limit();
    if (pl_has_field(L, 1, "app")) {
        app = pl_app_load_option(house, L);
        report = lua_gettop(L);
        if (app == NULL) {
            lua_pushliteral(L, "app");
            lua_replace(L, -2);
            pl_systemd_close(&house->systemd);
            return 4;
        }
    }
    int failed = open_server(house, L, &port);
    if (failed > 0) {
        if (app != NULL) pl_app_discard(app);
        pl_systemd_close(&house->systemd);
        return failed;
    }
    open_own(house, L);
    pl_look_start(house);
    if (app != NULL) begin_app(house, app);
    pl_house_watch(house);
    int rc = call_on_listening(L, house->host, port, house->admin_port, report);
    if (rc == 0) pl_alarms_start(&house->server);
    if (rc == 0) pl_systemd_tell_ready(&house->systemd, house->authority);
    if (rc == 0) pl_loop_run(&house->loop);
    bool is_whole = take_down(house);
    if (rc != 0) return lua_error(L);
    if (!is_whole) return push_broken(L);
    lua_pushinteger(L, 0);
    return 1;
}
