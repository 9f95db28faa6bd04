#include "cli/house.h"

#include "base/log.h"
#include "cli/drain.h"
#include "cli/run.h"
#include "cli/serve.h"
#include "lua/check.h"
#include "party/storage.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

void pl_house_init(struct pl_house *house) {
    *house = (struct pl_house){0};
    pl_loop_init(&house->loop);
    pl_engine_init(&house->engine, &house->loop.clock, &house->loop.timers);
    pl_list_init(&house->apps);
}

void pl_house_finish(struct pl_house *house) {
    pl_engine_finish(&house->engine);
    pl_loop_finish(&house->loop);
}

/* ---- signals -------------------------------------------------------------------------------- */

/* A server in the foreground ends with its terminal; SIGHUP means a reload while that is there, and
 * to one without. */
static bool has_lost_terminal(const struct pl_house *house) {
    if (!house->has_terminal) return false;
    int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) return true;
    close(terminal);
    return false;
}

/* A hook of the program's own, in the command's state, as a task. */
void pl_house_run_own(struct pl_house *house, const char *name, int function) {
    if (function == LUA_REFNIL) return;
    struct pl_task *task = pl_task_begin(&house->engine, PL_TASK_OWN, name, NULL, NULL, NULL);
    lua_rawgeti(task->co, LUA_REGISTRYINDEX, function);
    pl_task_run_later(task, 0); /* whoever asks for it in a task of its own waits first */
}

void pl_house_reload(struct pl_house *house) {
    if (!house->is_draining) pl_systemd_tell_reloading(&house->systemd);
    pl_house_run_own(house, "reload", house->on_reload);
}

/* The first signal drains; whoever sends a second one does not want to wait. */
static void on_signal(void *owner, int signal) {
    struct pl_house *house = owner;
    if (signal == SIGCONT) {
        pl_keys_resume(&house->keys);
        return;
    }
    if (house->is_draining) {
        pl_loop_stop(&house->loop);
        return;
    }
    if (signal == SIGHUP && !has_lost_terminal(house)) {
        pl_house_reload(house);
        return;
    }
    pl_log_with(PL_LOG_INFO, "server", "draining", "signal", pl_slice_of(strsignal(signal)));
    pl_house_drain(house);
}

/* Old apps go when nothing is left of them: only here, where no Lua code runs. */
static void turn_apps(struct pl_house *house) {
    PL_LIST_EACH(at, &house->apps) {
        struct pl_app *app = pl_container_of(at, struct pl_app, in_house);
        pl_engine_turn(&app->engine);
        if (pl_app_has_left(app)) pl_app_destroy(app);
    }
}

/* Tasks first: one that answers a request lets its connection go on with the next. */
static void on_turn(void *owner) {
    struct pl_house *house = owner;
    pl_renewal_turn(&house->server);
    turn_apps(house);
    pl_engine_turn(&house->engine);
    pl_edge_turn(&house->edge);
    if (pl_edge_is_due(&house->local)) pl_edge_turn(&house->local);
    if (pl_edge_is_due(&house->admin)) pl_edge_turn(&house->admin);
    pl_storages_submit(&house->server);
    pl_store_refresh(house->store);
    if (house->is_ending || (house->is_draining && pl_house_is_quiet(house))) {
        pl_loop_stop(&house->loop);
    }
}

static bool wants_turn(void *owner) {
    struct pl_house *house = owner;
    PL_LIST_EACH(at, &house->apps) {
        if (pl_engine_is_due(&pl_container_of(at, struct pl_app, in_house)->engine))
            return true;
    }
    return pl_edge_is_due(&house->edge) || pl_edge_is_due(&house->local) ||
           pl_edge_is_due(&house->admin) || pl_engine_is_due(&house->engine);
}

void pl_house_watch(struct pl_house *house) {
    house->loop.owner = house;
    house->loop.on_turn = on_turn;
    house->loop.wants_turn = wants_turn;
    house->loop.on_signal = on_signal;
    pl_loop_watch_signals(&house->loop);
}

/* ---- for the command ------------------------------------------------------------------------ */

/* native.stop(): as if SIGTERM had come */
static int house_stop(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    if (house->is_serving) on_signal(house, SIGTERM);
    return 0;
}

/* native.drain(timeout_ms?): the same, with another time limit */
static int house_drain(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    if (!house->is_serving || house->is_draining) return 0;
    house->drain_timeout_ms =
        (uint64_t)luaL_optnumber(L, 1, (lua_Number)house->drain_timeout_ms);
    pl_log(PL_LOG_INFO, "server", "draining");
    pl_house_drain(house);
    return 0;
}

/* native.end_now(): the loop ends with this turn; what was written is kept */
static int house_end_now(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    if (!house->is_serving) return 0;
    pl_log(PL_LOG_INFO, "server", "stopping at once");
    pl_systemd_tell_stopping(&house->systemd);
    house->is_draining = house->is_ending = true; /* behind this turn, whose answers leave */
    return 0;
}

/* native.is_draining() --> boolean: whether the server was told to stop */
static int house_is_draining(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    lua_pushboolean(L, house->is_draining);
    return 1;
}

static const luaL_Reg functions[] = {
    {"serve", pl_house_serve},
    {"run", pl_house_run},
    {"stop", house_stop},
    {"drain", house_drain},
    {"end_now", house_end_now},
    {"is_draining", house_is_draining},
    {NULL, NULL},
};

void pl_bind_house(lua_State *L, struct pl_house *house) {
    pl_set_functions(L, functions, house);
    pl_bind_look(L, house);
}
