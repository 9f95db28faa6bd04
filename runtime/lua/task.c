#include "lua/crowd.h"
#include "lua/engine_parts.h"
#include "party/connection.h"
#include "party/exchange.h"
#include "party/room.h"

#include <stdlib.h>

#define FREE_TASKS_MAX 64

static struct pl_task *create_task(struct pl_engine *engine) {
    struct pl_task *task = pl_alloc_zero(sizeof *task);
    task->engine = engine;
    task->co = lua_newthread(engine->L);
    task->co_ref = luaL_ref(engine->L, LUA_REGISTRYINDEX);
    return task;
}

void pl_task_free(struct pl_task *task) {
    /* The coroutine's address may be another's soon. */
    if (pl_engine_asked.co == task->co) pl_engine_asked.co = NULL;
    luaL_unref(task->engine->L, LUA_REGISTRYINDEX, task->co_ref);
    free(task);
}

static void expect_questions_of(const struct pl_task *task) {
    pl_engine_asked = (struct pl_engine_asked){task->engine, task->co};
}

/* What an event of a room begins. */
static bool is_for_event(enum pl_task_kind kind) {
    return kind == PL_TASK_CONNECT || kind == PL_TASK_REQUEST || kind == PL_TASK_ALARM ||
           kind == PL_TASK_EVENT;
}

static void on_slept(struct pl_timer *timer) {
    struct pl_task *task = pl_container_of(timer, struct pl_task, timer);
    pl_task_wake(task, 0);
}

struct pl_task *pl_task_begin(struct pl_engine *engine, enum pl_task_kind kind,
                              const char *hook, struct pl_room *room,
                              struct pl_exchange *exchange, struct pl_connection *connection) {
    struct pl_task *task = engine->free_tasks;
    if (task != NULL) {
        engine->free_tasks = task->next_waiter;
        engine->free_count--;
        task->next_waiter = NULL;
    } else {
        task = create_task(engine);
    }
    expect_questions_of(task);
    task->timer.on_due = on_slept;
    task->kind = kind;
    task->hook = hook;
    task->meter = NULL;
    task->depth = exchange != NULL          ? exchange->depth
                  : engine->current != NULL ? engine->current->depth
                                            : 0;
    task->pass = engine->current != NULL ? engine->current->pass : 0;
    task->is_for_start = kind == PL_TASK_START;
    task->is_for_event = is_for_event(kind);
    task->for_block = 0;
    task->room = room;
    task->exchange = exchange == NULL ? NULL : pl_exchange_ref(exchange);
    task->connection = connection == NULL ? NULL : pl_connection_ref(connection);
    if (room != NULL) pl_room_begin_task(pl_room_ref(room), is_for_event(kind));
    pl_list_push(&engine->busy, &task->in_engine);
    pl_tidy_note(&engine->tidy);
    return task;
}

struct pl_task *pl_task_begin_awaited(struct pl_engine *engine) {
    const struct pl_task *parent = engine->current;
    struct pl_task *task =
        pl_task_begin(engine, PL_TASK_OWN, "party.all", parent->room, parent->exchange, NULL);
    task->is_for_start = parent->is_for_start;
    task->is_for_event = parent->is_for_event;
    task->for_block = parent->for_block;
    return task;
}

static void leave_queue(struct pl_task **at, struct pl_task *task) {
    while (*at != task) at = &(*at)->next_waiter;
    *at = task->next_waiter;
    task->next_waiter = NULL;
}

/* Takes the task off whatever it waits for. */
static void stop_waiting(struct pl_task *task) {
    struct pl_engine *engine = task->engine;
    if (pl_timer_is_running(&task->timer)) pl_timer_stop(engine->timers, &task->timer);
    task->is_waiting = false;
    if (task->wait_id != 0) {
        lua_rawgeti(engine->L, LUA_REGISTRYINDEX, engine->waits_ref);
        lua_pushnumber(engine->L, task->wait_id);
        lua_pushnil(engine->L);
        lua_rawset(engine->L, -3); /* waits */
        lua_pop(engine->L, 1);
        task->wait_id = 0;
    }
    if (task->queue == NULL) return;
    leave_queue((struct pl_task **)task->queue, task);
    task->queue = NULL;
    struct pl_exchange *exchange = task->waiting_on;
    if (exchange == NULL) return;
    task->waiting_on = NULL;
    pl_exchange_unref(exchange);
}

static void recycle(struct pl_task *task, bool is_reusable) {
    struct pl_engine *engine = task->engine;
    if (is_reusable && engine->free_count < FREE_TASKS_MAX) {
        if (lua_gettop(task->co) > 0) lua_settop(task->co, 0);
        task->next_waiter = engine->free_tasks;
        engine->free_tasks = task;
        engine->free_count++;
        return;
    }
    pl_task_free(task);
}

static void leave_crowd(struct pl_task *task) {
    if (task->crowd == NULL) return;
    pl_crowd_leave(task->crowd);
    task->crowd = NULL;
}

void pl_task_listen(struct pl_task *task) {
    if (task->room == NULL || task->is_listening) return;
    task->is_listening = true;
    task->room->listening++;
}

static void stop_listening(struct pl_task *task) {
    if (!task->is_listening) return;
    task->is_listening = false;
    task->room->listening--;
}

static void end_task(struct pl_task *task, bool is_ok) {
    struct pl_engine *engine = task->engine;
    enum pl_task_kind kind = task->kind;
    struct pl_room *room = task->room;
    struct pl_exchange *exchange = task->exchange;
    struct pl_connection *connection = task->connection;
    stop_waiting(task);
    stop_listening(task);
    pl_list_remove(&task->in_engine);
    engine->on_task_end(engine->owner, task, is_ok);
    leave_crowd(task);
    task->room = NULL;
    task->exchange = NULL;
    task->connection = NULL;
    recycle(task, is_ok);
    if (connection != NULL) pl_connection_unref(connection);
    if (exchange != NULL) pl_exchange_unref(exchange);
    if (room == NULL) return;
    pl_room_end_task(room, is_for_event(kind));
    pl_room_unref(room);
}

void pl_task_run(struct pl_task *task, int arg_count) {
    struct pl_engine *engine = task->engine;
    struct pl_task *outer = engine->current;
    engine->current = task;
    expect_questions_of(task);
    int rc = lua_resume(task->co, arg_count);
    engine->current = outer;
    if (rc == LUA_YIELD && task->is_waiting) return;
    if (rc == LUA_YIELD) {
        lua_settop(task->co, 0);
        lua_pushliteral(task->co,
                        "coroutine.yield was called outside a coroutine: a hook waits "
                        "with party.sleep and the like");
    }
    end_task(task, rc == 0);
}

void pl_task_run_later(struct pl_task *task, int arg_count) {
    task->arg_count = arg_count;
    task->is_ready = true;
    pl_list_remove(&task->in_engine);
    pl_list_push(&task->engine->ready, &task->in_engine);
}

bool pl_task_is_held(const struct pl_task *task) {
    return task->room != NULL && task->room->block != 0 && task->room->block != task->pass;
}

void pl_task_drop(struct pl_task *task) {
    struct pl_room *room = task->room;
    enum pl_task_kind kind = task->kind;
    stop_waiting(task);
    stop_listening(task);
    leave_crowd(task);
    pl_list_remove(&task->in_engine);
    if (task->connection != NULL) pl_connection_unref(task->connection);
    if (task->exchange != NULL) pl_exchange_unref(task->exchange);
    pl_task_free(task);
    if (room == NULL) return;
    room->tasks--;
    room->holds--;
    if (is_for_event(kind)) room->event_tasks--;
    pl_room_unref(room);
}

/* ---- waiting -------------------------------------------------------------------------------- */

struct pl_task *pl_task_check(lua_State *L, const char *what) {
    struct pl_engine *engine = pl_engine_of(L);
    if (engine->current == NULL) {
        luaL_error(L,
                   "%s waits, and waiting is only possible inside a hook, party.spawn or a "
                   "timer",
                   what);
    }
    if (engine->current->co != L) {
        luaL_error(L,
                   "%s waits, and waiting is not possible inside a coroutine of your own; "
                   "use party.spawn",
                   what);
    }
    return engine->current;
}

int pl_task_wait(struct pl_task *task) {
    task->is_waiting = true;
    return lua_yield(task->co, 0);
}

void pl_task_wake(struct pl_task *task, int arg_count) {
    if (!task->is_waiting) return;
    stop_waiting(task);
    pl_task_run_later(task, arg_count);
}

int pl_task_wait_in(struct pl_task *task, void **queue) {
    task->queue = queue;
    task->next_waiter = *queue;
    *queue = task;
    return pl_task_wait(task);
}

void pl_tasks_wake_in(void **queue) {
    while (*queue != NULL) pl_task_wake(*queue, 0);
}

int pl_task_wait_at(struct pl_task *task, struct pl_exchange *exchange) {
    task->waiting_on = pl_exchange_ref(exchange);
    return pl_task_wait_in(task, &exchange->waiter);
}

int pl_task_wait_sync(struct pl_task *task) {
    task->sync_seq = task->room->storage->seq;
    return pl_task_wait_in(task, &task->room->waiter);
}

void pl_tasks_wake_synced(struct pl_room *room) {
    struct pl_task *task = room->waiter;
    while (task != NULL) {
        struct pl_task *next = task->next_waiter;
        if (task->sync_seq <= room->storage->durable_seq) pl_task_wake(task, 0);
        task = next;
    }
}

void pl_tasks_wake_at(struct pl_exchange *exchange) {
    pl_exchange_ref(exchange);
    pl_tasks_wake_in(&exchange->waiter);
    pl_exchange_unref(exchange);
}
