#include "cli/run.h"

#include "cli/house.h"
#include "lua/options.h"

static void on_turn_alone(void *owner) {
    struct pl_house *house = owner;
    pl_engine_turn(&house->engine);
    if (pl_list_is_empty(&house->engine.busy) && pl_list_is_empty(&house->engine.ready)) {
        pl_loop_stop(&house->loop);
    }
}

static bool wants_turn_alone(void *owner) {
    struct pl_house *house = owner;
    return pl_engine_is_due(&house->engine);
}

/* native.run { run, hooks, limits, services, fetch_allow, fetch_deny, fetch_proxy, fetch_ca }:
 * calls the function `run` as a task, in a process that serves nothing, until all tasks are over:
 * so commands may wait, and fetch. An error in it is logged. */
int pl_house_run(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 1, LUA_TTABLE);
    if (house->is_serving) return luaL_error(L, "this process serves already");
    struct pl_limits limits = pl_read_limits(L, 1);
    pl_server_init(&house->server, &house->loop.clock, &house->loop.timers, &limits);
    lua_getfield(L, 1, "hooks");
    pl_host_init(&house->own, &house->engine, &house->server);
    pl_host_open_fetches(&house->own, L, 1, &house->loop);
    house->is_serving = true;
    house->loop.owner = house;
    house->loop.on_turn = on_turn_alone;
    house->loop.wants_turn = wants_turn_alone;
    struct pl_task *task = pl_task_begin(&house->engine, PL_TASK_OWN, "run", NULL, NULL, NULL);
    lua_getfield(L, 1, "run");
    lua_xmove(L, task->co, 1);
    pl_task_run_later(task, 0);
    pl_loop_run(&house->loop);
    pl_engine_drop_tasks(&house->engine);
    pl_host_finish(&house->own);
    pl_host_close_fetches(&house->own);
    pl_loop_settle(&house->loop);
    pl_server_finish(&house->server);
    house->engine.owner = NULL;
    house->loop.on_turn = NULL;
    house->is_serving = false;
    return 0;
}
