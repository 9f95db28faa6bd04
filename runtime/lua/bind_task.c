#include "lua/bind.h"
#include "lua/engine.h"
#include "lua/timers.h"

/* native.sleep(ms) */
static int task_sleep(lua_State *L) {
    double ms = luaL_checknumber(L, 1);
    struct pl_task *task = pl_task_check(L, "party.sleep");
    if (!(ms >= 0 && ms < 1e15)) luaL_argerror(L, 1, "a number of seconds from 0 expected");
    pl_timer_start(task->engine->timers, &task->timer, pl_whole_ms(ms));
    return pl_task_wait(task);
}

/* native.wait_id(what) --> number: what native.wake takes to wake this task */
static int task_wait_id(lua_State *L) {
    const char *what = luaL_checkstring(L, 1);
    struct pl_task *task = pl_task_check(L, what);
    struct pl_engine *engine = task->engine;
    task->wait_id = ++engine->last_wait_id;
    lua_rawgeti(L, LUA_REGISTRYINDEX, engine->waits_ref);
    lua_pushnumber(L, task->wait_id);
    lua_pushlightuserdata(L, task);
    lua_rawset(L, -3); /* waits */
    lua_pushnumber(L, task->wait_id);
    return 1;
}

/* native.wait(id) --> what native.wake was given; waits unless it was woken already */
static int task_wait(lua_State *L) {
    double id = luaL_checknumber(L, 1);
    struct pl_task *task = pl_task_check(L, "waiting");
    lua_rawgeti(L, LUA_REGISTRYINDEX, task->engine->woken_ref);
    lua_pushnumber(L, id);
    lua_rawget(L, -2); /* woken values? */
    if (lua_isnil(L, -1)) {
        lua_settop(L, 0);
        return pl_task_wait(task);
    }
    lua_pushnumber(L, id);
    lua_pushnil(L);
    lua_rawset(L, -4); /* woken values */
    task->wait_id = 0;
    int values = lua_gettop(L);
    int count = (int)lua_objlen(L, values);
    lua_rawgeti(L, values, 0);
    if (lua_isnumber(L, -1)) count = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    luaL_checkstack(L, count, "too many values");
    for (int i = 1; i <= count; i++) lua_rawgeti(L, values, i);
    return count;
}

static void keep_values(lua_State *L, struct pl_engine *engine, int count) {
    lua_createtable(L, count, 1);
    for (int i = 1; i <= count; i++) {
        lua_pushvalue(L, i + 1);
        lua_rawseti(L, -2, i);
    }
    lua_pushinteger(L, count);
    lua_rawseti(L, -2, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, engine->woken_ref);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3); /* values woken */
}

/* native.wake(id, ...): the task that waits with this id goes on with these values; false when
 * it has been woken before or is gone */
static int task_wake(lua_State *L) {
    struct pl_engine *engine = pl_engine_of(L);
    luaL_checknumber(L, 1);
    int count = lua_gettop(L) - 1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, engine->waits_ref);
    lua_pushvalue(L, 1);
    lua_rawget(L, -2); /* ... waits task? */
    struct pl_task *task = lua_touserdata(L, -1);
    lua_pop(L, 2);
    lua_pushboolean(L, task != NULL);
    if (task == NULL) return 1;
    if (!task->is_waiting) {
        keep_values(L, engine, count);
        lua_pushboolean(L, 1);
        return 1;
    }
    luaL_checkstack(L, count, "too many values");
    lua_checkstack(task->co, count);
    for (int i = 1; i <= count; i++) lua_pushvalue(L, i + 1);
    lua_xmove(L, task->co, count);
    pl_task_wake(task, count);
    return 1;
}

static int run_later(lua_State *L, struct pl_task *task) {
    int count = lua_gettop(L);
    lua_checkstack(task->co, count);
    lua_xmove(L, task->co, count);
    pl_task_run_later(task, count - 1);
    return 0;
}

/* native.spawn(fn, ...): runs fn as a task of the same room at the end of the turn */
static int task_spawn(lua_State *L) {
    struct pl_engine *engine = pl_engine_of(L);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    struct pl_task *parent = engine->current;
    struct pl_room *room = parent == NULL ? NULL : parent->room;
    return run_later(L, pl_task_begin(engine, PL_TASK_OWN, "party.spawn", room, NULL, NULL));
}

/* native.spawn_awaited(fn, ...): the same for a task that this one will wait for */
static int task_spawn_awaited(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    pl_task_check(L, "party.all");
    return run_later(L, pl_task_begin_awaited(pl_engine_of(L)));
}

/* native.listen(): all that the running task does from here on is to wait for what others say, so a
 * reload may end it */
static int task_listen(lua_State *L) {
    pl_task_listen(pl_task_check(L, "listening"));
    return 0;
}

static const luaL_Reg functions[] = {
    {"listen", task_listen},
    {"sleep", task_sleep},
    {"wait_id", task_wait_id},
    {"wait", task_wait},
    {"wake", task_wake},
    {"spawn", task_spawn},
    {"spawn_awaited", task_spawn_awaited},
    {NULL, NULL},
};

void pl_bind_task(lua_State *L) { luaL_register(L, NULL, functions); }
