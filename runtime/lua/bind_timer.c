#include "lua/bind.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "lua/host.h"
#include "lua/timers.h"
#include "party/room.h"

#include <stdlib.h>

struct lua_timer {
    struct pl_timer timer;
    struct pl_list in_room; /* of pl_room_side.timers, or of the engine's own */
    struct pl_engine *engine;
    struct pl_room *room; /* borrowed: the room's end cancels its timers; NULL outside rooms */
    unsigned refs;        /* the handle's, and one while it runs */
    uint64_t interval_ms; /* 0: once */
    uint64_t pass;        /* of the block during which it was begun: it is a part of that */
    int function_ref;
};

static void ref_timer(void *object) { ((struct lua_timer *)object)->refs++; }

static void unref_timer(void *object) {
    struct lua_timer *timer = object;
    if (--timer->refs == 0) free(timer);
}

static bool is_running(const struct lua_timer *timer) {
    return timer->function_ref != LUA_NOREF;
}

static void stop(struct lua_timer *timer) {
    if (!is_running(timer)) return;
    pl_timer_stop(timer->engine->timers, &timer->timer);
    luaL_unref(timer->engine->L, LUA_REGISTRYINDEX, timer->function_ref);
    timer->function_ref = LUA_NOREF;
    pl_list_remove(&timer->in_room);
    if (timer->room != NULL && timer->interval_ms == 0) pl_room_let_go(timer->room);
    if (timer->room != NULL && timer->interval_ms > 0) pl_room_may_sleep(timer->room);
    unref_timer(timer);
}

void pl_lua_timers_cancel(struct pl_list *timers) {
    while (!pl_list_is_empty(timers)) {
        stop(pl_container_of(timers->next, struct lua_timer, in_room));
    }
}

static void on_due(struct pl_timer *due) {
    struct lua_timer *timer = pl_container_of(due, struct lua_timer, timer);
    bool repeats = timer->interval_ms > 0;
    struct pl_task *task =
        pl_task_begin(timer->engine, PL_TASK_OWN, repeats ? "party.every" : "party.after",
                      timer->room, NULL, NULL);
    task->pass = timer->pass;
    lua_rawgeti(task->co, LUA_REGISTRYINDEX, timer->function_ref);
    if (repeats) {
        pl_timer_start(timer->engine->timers, &timer->timer, timer->interval_ms);
    } else {
        stop(timer);
    }
    if (pl_task_is_held(task)) {
        pl_task_run_later(task, 0);
    } else {
        pl_task_run(task, 0);
    }
}

static const struct pl_handle_type type;

/* timer:cancel(): harmless when it has fired or was cancelled before */
static int timer_cancel(lua_State *L) {
    stop(pl_handle_check(L, 1, &type));
    return 0;
}

static const luaL_Reg methods[] = {{"cancel", timer_cancel}, {NULL, NULL}};

static const struct pl_handle_type type = {.name = "partylua.Timer",
                                           .place = PL_SHELF_TIMER,
                                           .methods = methods,
                                           .ref = ref_timer,
                                           .unref = unref_timer};

/* native.timer(ms, repeats, fn) --> timer with :cancel() */
static int start(lua_State *L) {
    struct pl_engine *engine = pl_engine_of(L);
    double ms = luaL_checknumber(L, 1);
    bool repeats = lua_toboolean(L, 2);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    if (!(ms >= 0 && ms < 1e15)) luaL_argerror(L, 1, "a number of seconds from 0 expected");
    if (engine->owner == NULL) {
        return luaL_error(L, "a timer cannot start before the server does: start it in a hook");
    }
    struct lua_timer *timer = pl_alloc_zero(sizeof *timer);
    timer->engine = engine;
    timer->timer.on_due = on_due;
    timer->refs = 1;
    timer->room = engine->current == NULL ? NULL : engine->current->room;
    timer->pass = engine->current == NULL ? 0 : engine->current->pass;
    uint64_t delay_ms = pl_whole_ms(ms);
    timer->interval_ms = !repeats ? 0 : delay_ms == 0 ? 1 : delay_ms;
    lua_pushvalue(L, 3);
    timer->function_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    pl_list_init(&timer->in_room);
    pl_list_push(pl_host_timers(engine, timer->room), &timer->in_room);
    if (timer->room != NULL && !repeats) pl_room_hold(timer->room);
    if (timer->room != NULL && repeats) pl_room_stay_awake(timer->room);
    pl_timer_start(engine->timers, &timer->timer, delay_ms);
    pl_handle_push(L, &type, timer, NULL);
    return 1;
}

static const luaL_Reg functions[] = {{"timer", start}, {NULL, NULL}};

void pl_bind_timer(lua_State *L) {
    luaL_register(L, NULL, functions);
    pl_handle_register(L, &type);
    lua_pop(L, 1);
}
