#include "cli/app.h"

#include "cli/house.h"
#include "cli/state.h"
#include "lua/loading.h"
#include "lua/options.h"

#include <stdlib.h>

/* Copies a string or nil from one state to another. */
static void copy(lua_State *from, int index, lua_State *to) {
    size_t len;
    const char *text = lua_tolstring(from, index, &len);
    if (text == NULL) {
        lua_pushnil(to);
    } else {
        lua_pushlstring(to, text, len);
    }
}

/* require("partylua.app").open(bytes) --> options, report | nil, message, hint, files: true with
 * four results on the stack. */
static bool run(lua_State *L, struct pl_slice bytes) {
    pl_loading_begin(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "partylua.app");
    if (lua_pcall(L, 1, 1, 0) != 0) return false;
    pl_loading_compile(L);
    lua_getfield(L, -1, "open");
    pl_push_slice(L, bytes);
    if (lua_pcall(L, 1, 4, 0) != 0) return false;
    pl_loading_end(L);
    return true;
}

struct pl_app *pl_app_load(struct pl_house *house, struct pl_slice bytes, lua_State *L) {
    struct pl_app *app = pl_alloc_zero(sizeof *app);
    pl_list_init(&app->in_house);
    pl_engine_init(&app->engine, &house->loop.clock, &house->loop.timers);
    lua_State *own = app->engine.L;
    pl_state_prepare(own, house);
    if (!run(own, bytes)) {
        lua_pushnil(L);
        copy(own, -1, L);
        lua_pushnil(L);
        lua_pushnil(L);
    } else if (lua_istable(own, -4)) {
        copy(own, -3, L);
        lua_pop(own, 3);
        return app;
    } else {
        lua_pushnil(L);
        for (int i = -3; i <= -1; i++) copy(own, i, L);
    }
    pl_app_discard(app);
    return NULL;
}

struct pl_app *pl_app_load_option(struct pl_house *house, lua_State *L) {
    lua_getfield(L, 1, "app");
    return pl_app_load(house, pl_check_slice(L, -1), L);
}

void pl_app_discard(struct pl_app *app) {
    pl_engine_drop_tasks(&app->engine);
    pl_engine_finish(&app->engine);
    free(app);
}

/* The parties of the app take the place of those that were there. */
static void read_parties(lua_State *L, int options, struct pl_server *server) {
    pl_server_clear_parties(server);
    pl_read_parties(L, options, server);
    if (pl_get_flag(L, options, "has_socket")) {
        pl_server_take_sockets(server, PL_SLICE("(socket)"));
    }
}

void pl_app_begin(struct pl_app *app, struct pl_house *house) {
    lua_State *L = app->engine.L; /* options */
    int options = lua_gettop(L);
    read_parties(L, options, &house->server);
    lua_getfield(L, options, "hooks");
    pl_host_init(&app->host, &app->engine, &house->server);
    app->host.vectors = house->own.vectors;
    pl_host_open_fetches(&app->host, L, options, &house->loop);
    app->host.hides_errors = pl_get_flag(L, options, "hides_errors");
    house->server.host = &app->host;
    pl_list_push(&house->apps, &app->in_house);
    house->app = app;
    lua_settop(L, options);
}

void pl_app_push_metrics(const struct pl_app *app, lua_State *L) {
    lua_State *own = app->engine.L;
    int top = lua_gettop(own);
    lua_getfield(own, LUA_REGISTRYINDEX, "_LOADED");
    lua_getfield(own, -1, "partylua.metrics");
    if (lua_istable(own, -1)) {
        lua_getfield(own, -1, "text");
        if (lua_pcall(own, 0, 1, 0) != 0) lua_pushnil(own);
    }
    copy(own, -1, L);
    lua_settop(own, top);
}

#define AGAIN_MS 1000

/* A room that waits for its disk may have answered calls of others since: once is not enough. */
static void on_limit(struct pl_timer *timer) {
    struct pl_app *app = pl_container_of(timer, struct pl_app, limit);
    pl_host_give_up(&app->host);
    pl_timer_start(app->engine.timers, timer, AGAIN_MS);
}

void pl_app_leave(struct pl_app *app, uint64_t within_ms) {
    app->is_leaving = true;
    app->limit.on_due = on_limit;
    pl_timer_start(app->engine.timers, &app->limit, within_ms);
    pl_host_leave(&app->host);
}

bool pl_app_has_left(const struct pl_app *app) {
    return app->is_leaving && app->host.room_count == 0 && !pl_engine_is_busy(&app->engine);
}

void pl_app_destroy(struct pl_app *app) {
    pl_list_remove(&app->in_house);
    pl_timer_stop(app->engine.timers, &app->limit);
    pl_host_finish(&app->host);
    pl_host_close_fetches(&app->host);
    pl_engine_drop_tasks(&app->engine);
    pl_engine_finish(&app->engine);
    free(app);
}
