#include "lua/engine.h"

#include "lua/engine_parts.h"
#include "lua/handle.h"
#include "party/room.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#define REFS_AT_HAND 256

static struct pl_list all = {&all, &all}; /* of pl_engine.in_all */
struct pl_engine_asked pl_engine_asked;

static int on_panic(lua_State *L) {
    fprintf(stderr, "partylua: unprotected error in Lua: %s\n", lua_tostring(L, -1));
    return 0;
}

/* Functions and objects of every message are found by their number in the registry. Numbers that
 * come one by one may end up in the hash part of a table, where finding them costs five times as
 * much: so many at once go to its array part, and stay there. */
static void make_room_for_refs(lua_State *L) {
    int refs[REFS_AT_HAND];
    for (int i = 0; i < REFS_AT_HAND; i++) {
        lua_pushboolean(L, 1);
        refs[i] = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    for (int i = REFS_AT_HAND - 1; i >= 0; i--) luaL_unref(L, LUA_REGISTRYINDEX, refs[i]);
}

void pl_engine_init(struct pl_engine *engine, struct pl_clock *clock,
                    struct pl_timers *timers) {
    *engine = (struct pl_engine){.clock = clock, .timers = timers};
    pl_list_init(&engine->busy);
    pl_list_init(&engine->ready);
    pl_list_init(&engine->held);
    lua_State *L = luaL_newstate();
    if (L == NULL) abort();
    engine->L = L;
    lua_atpanic(L, on_panic);
    luaL_openlibs(L);
    engine->registry = lua_topointer(L, LUA_REGISTRYINDEX);
    pl_list_push(&all, &engine->in_all);
    make_room_for_refs(L);
    engine->shelf = lua_newthread(L);
    lua_settop(engine->shelf, PL_SHELF_TOP);
    luaL_ref(L, LUA_REGISTRYINDEX);
    lua_newtable(L);
    engine->waits_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_newtable(L);
    engine->woken_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    pl_handles_init(engine);
    pl_tidy_init(&engine->tidy, engine);
}

struct pl_engine *pl_engine_of(lua_State *L) {
    struct pl_engine_asked *asked = &pl_engine_asked;
    if (L == asked->co) return asked->engine;
    const void *registry = lua_topointer(L, LUA_REGISTRYINDEX);
    if (asked->engine != NULL && asked->engine->registry == registry) return asked->engine;
    PL_LIST_EACH(at, &all) {
        struct pl_engine *engine = pl_container_of(at, struct pl_engine, in_all);
        if (engine->registry == registry) *asked = (struct pl_engine_asked){.engine = engine};
    }
    return asked->engine;
}

struct pl_list *pl_engines(void) {
    return &all;
}

/* ---- turns ---------------------------------------------------------------------------------- */

static void release(struct pl_engine *engine, const struct pl_room *room) {
    PL_LIST_EACH(at, &engine->held) {
        struct pl_task *task = pl_container_of(at, struct pl_task, in_engine);
        if (task->room != room) continue;
        pl_list_remove(at);
        pl_list_push(&engine->ready, at);
    }
}

void pl_engines_release(const struct pl_room *room) {
    PL_LIST_EACH(at, &all) release(pl_container_of(at, struct pl_engine, in_all), room);
}

void pl_engine_turn(struct pl_engine *engine) {
    struct pl_list ready;
    pl_list_move(&ready, &engine->ready);
    while (!pl_list_is_empty(&ready)) {
        struct pl_task *task = pl_container_of(ready.next, struct pl_task, in_engine);
        pl_list_remove(&task->in_engine);
        if (pl_task_is_held(task)) {
            pl_list_push(&engine->held, &task->in_engine);
            continue;
        }
        pl_list_push(&engine->busy, &task->in_engine);
        task->is_ready = false;
        pl_task_run(task, task->arg_count);
    }
}

bool pl_engine_is_due(const struct pl_engine *engine) {
    return !pl_list_is_empty(&engine->ready);
}

/* ---- the end -------------------------------------------------------------------------------- */

static void drop_tasks(struct pl_list *tasks) {
    while (!pl_list_is_empty(tasks)) {
        pl_task_drop(pl_container_of(tasks->next, struct pl_task, in_engine));
    }
}

/* Exchanges and connections that end here may end further tasks, so each list is looked through
 * from its beginning after every one that was found. */
static bool drop_one_of(struct pl_list *tasks, const struct pl_room *room,
                        void (*on_drop)(struct pl_task *task)) {
    PL_LIST_EACH(at, tasks) {
        struct pl_task *task = pl_container_of(at, struct pl_task, in_engine);
        if (task->room != room) continue;
        on_drop(task);
        pl_task_drop(task);
        return true;
    }
    return false;
}

void pl_engine_drop_room(struct pl_engine *engine, struct pl_room *room,
                         void (*on_drop)(struct pl_task *task)) {
    if (room != NULL) pl_room_ref(room);
    while (drop_one_of(&engine->busy, room, on_drop) ||
           drop_one_of(&engine->ready, room, on_drop) ||
           drop_one_of(&engine->held, room, on_drop)) {
    }
    if (room != NULL) pl_room_unref(room);
}

bool pl_engine_is_busy(const struct pl_engine *engine) {
    return !pl_list_is_empty(&engine->busy) || !pl_list_is_empty(&engine->ready) ||
           !pl_list_is_empty(&engine->held);
}

void pl_engine_drop_tasks(struct pl_engine *engine) {
    pl_tidy_stop(&engine->tidy);
    do { /* the end of one may wake another */
        drop_tasks(&engine->ready);
        drop_tasks(&engine->held);
        drop_tasks(&engine->busy);
    } while (!pl_list_is_empty(&engine->ready));
    while (engine->free_tasks != NULL) {
        struct pl_task *task = engine->free_tasks;
        engine->free_tasks = task->next_waiter;
        pl_task_free(task);
    }
    engine->free_count = 0;
}

void pl_engine_finish(struct pl_engine *engine) {
    lua_close(engine->L); /* what it collects may ask for its engine */
    pl_list_remove(&engine->in_all);
    pl_engine_asked = (struct pl_engine_asked){0};
}
