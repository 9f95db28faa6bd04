/* Listeners of sockets: the handle of a crowd (lua/crowd.h). */
#include "base/alloc.h"
#include "lua/bind.h"
#include "lua/crowd.h"
#include "lua/engine.h"
#include "lua/handle.h"

static const struct pl_handle_type type;

static void ref_crowd(void *object) { pl_crowd_ref(object); }
static void unref_crowd(void *object) { pl_crowd_unref(object); }

static struct pl_crowd *check_crowd(lua_State *L) { return pl_handle_check(L, 1, &type); }

/* crowd:run(fn, event): calls a listener in a task of the running one's room */
static int crowd_run(lua_State *L) {
    struct pl_crowd *crowd = check_crowd(L);
    struct pl_engine *engine = pl_engine_of(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 3);
    struct pl_room *room = engine->current == NULL ? NULL : engine->current->room;
    struct pl_task *task =
        pl_task_begin(engine, PL_TASK_OWN, "a socket's listener", room, NULL, NULL);
    task->crowd = crowd;
    pl_crowd_enter(crowd);
    lua_xmove(L, task->co, 2);
    pl_task_run_later(task, 1);
    return 0;
}

/* crowd:has_room() --> boolean: false while too many listeners run */
static int crowd_has_room(lua_State *L) {
    lua_pushboolean(L, pl_crowd_has_room(check_crowd(L)));
    return 1;
}

/* crowd:wait(what): until a listener has ended */
static int crowd_wait(lua_State *L) {
    struct pl_crowd *crowd = check_crowd(L);
    return pl_task_wait_in(pl_task_check(L, luaL_checkstring(L, 2)), &crowd->waiter);
}

static const luaL_Reg methods[] = {
    {"run", crowd_run}, {"has_room", crowd_has_room}, {"wait", crowd_wait}, {NULL, NULL}};

static const struct pl_handle_type type = {.name = "partylua.Crowd",
                                           .place = PL_SHELF_CROWD,
                                           .methods = methods,
                                           .ref = ref_crowd,
                                           .unref = unref_crowd};

/* native.crowd() --> crowd: the listeners of a socket */
static int create_crowd(lua_State *L) {
    struct pl_crowd *crowd = pl_alloc_zero(sizeof *crowd);
    pl_handle_push(L, &type, crowd, NULL);
    return 1;
}

static const luaL_Reg functions[] = {{"crowd", create_crowd}, {NULL, NULL}};

void pl_bind_crowd(lua_State *L) {
    luaL_register(L, NULL, functions);
    pl_handle_register(L, &type);
    lua_pop(L, 1);
}
