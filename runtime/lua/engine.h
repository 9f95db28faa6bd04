/*
 * engine.h -- a Lua state, and the coroutines hooks run in.
 *
 * A process has several: one for the command that runs, one for the app, and after a reload one
 * for each older app that is not done yet. They share nothing but the objects of the party.
 *
 * Every piece of user code runs as a task: a coroutine from a pool, which may wait (sleep, a
 * request's body, another task) and is resumed at the end of a turn of the loop, never inside
 * another task. pl_task_run is the one place where C enters Lua code of a user.
 */
#pragma once

#include "base/buffer.h"
#include "base/list.h"
#include "base/timer.h"
#include "lua/tidy.h"

#include <lauxlib.h>
#include <lua.h>

struct pl_crowd;
struct pl_connection;
struct pl_engine;
struct pl_exchange;
struct pl_hook_meter;
struct pl_room;

/* What a task was begun for; decides what its failure means. */
enum pl_task_kind {
    PL_TASK_START,
    PL_TASK_BEFORE,
    PL_TASK_OTHER,
    PL_TASK_CONNECT,
    PL_TASK_REQUEST,
    PL_TASK_ALARM,
    PL_TASK_EVENT, /* message, close, error: failures are logged */
    PL_TASK_OWN,   /* timers and spawned functions of user code */
};

struct pl_task {
    struct pl_engine *engine;
    lua_State *co;
    struct pl_list in_engine; /* busy ones, or ready ones */
    struct pl_timer timer;    /* sleeping */
    enum pl_task_kind kind;
    const char *hook;            /* for the log: a string that stays */
    struct pl_hook_meter *meter; /* what its duration is added to, or NULL */
    uint64_t begun_ticks;
    struct pl_room *room; /* references, or NULL */
    struct pl_exchange *exchange;
    struct pl_connection *connection;
    struct pl_crowd *crowd; /* it has entered, or NULL */
    void **queue;           /* whose first task it may be, while it waits in one; borrowed */
    struct pl_exchange *waiting_on; /* a reference, while that is an exchange's */
    uint64_t sync_seq;              /* while it waits for commits: up to this batch */
    uint64_t pass;                  /* of the block (room.h) under which it may go on */
    uint64_t for_block;             /* that lasts until the task has ended; 0: none */
    bool is_for_start;              /* its room's start lasts until the task has ended */
    bool is_for_event;              /* the hook of an event does */
    struct pl_task *next_waiter;
    double wait_id;
    int co_ref;
    int arg_count;  /* of values to resume with, on the stack of `co` */
    unsigned depth; /* of stub calls that led here */
    bool is_waiting, is_ready;
    bool is_listening; /* all it does is to wait for what others say */
};

struct pl_engine {
    lua_State *L;
    const void *registry; /* the state's, by which its engine is found */
    struct pl_list in_all;
    struct pl_clock *clock;
    struct pl_timers *timers;
    struct pl_tidy tidy;
    struct pl_task *current;
    struct pl_task *free_tasks; /* linked by next_waiter */
    size_t free_count;
    struct pl_list busy;  /* running and waiting tasks */
    struct pl_list ready; /* tasks to resume at the end of the turn */
    struct pl_list held;  /* ready ones whose room is blocked by another */
    uint64_t last_block;
    double last_wait_id;
    int waits_ref;          /* table: wait id -> task */
    int woken_ref;          /* table: wait id -> values of a wake that came before the wait */
    lua_State *shelf;       /* a thread that never runs, for values at places that are known */
    const char *valid_text; /* a Lua string that is UTF-8, while it is on the shelf; or NULL */
    int pins_ref;           /* table: slot -> handle that has to stay */
    size_t made_count;      /* handles made since their tables were last compacted */
    bool is_relaxed;        /* onAlarm may know its room (PartyKit: it may not) */
    /* A task is over. On failure its coroutine is as the error left it, value on top. */
    void (*on_task_end)(void *owner, struct pl_task *task, bool is_ok);
    void *owner;
};

/* Opens a state with the standard libraries. */
void pl_engine_init(struct pl_engine *engine, struct pl_clock *clock, struct pl_timers *timers);

/* Forgets every task, waiting or not: for the end, before rooms are destroyed. */
void pl_engine_drop_tasks(struct pl_engine *engine);

/* Whether a task runs, waits or is about to. */
bool pl_engine_is_busy(const struct pl_engine *engine);

/* Forgets the tasks of a room that is reset, or with NULL those outside rooms. `on_drop` hears of
 * each before its references go. */
void pl_engine_drop_room(struct pl_engine *engine, struct pl_room *room,
                         void (*on_drop)(struct pl_task *task));

/* Lets tasks go on that waited for the end of a block of their room. */
void pl_engines_release(const struct pl_room *room);

/* Closes the state. No task may be left. */
void pl_engine_finish(struct pl_engine *engine);

/* The engine of a state. */
struct pl_engine *pl_engine_of(lua_State *L);

/* All engines of the process, as pl_engine.in_all. */
struct pl_list *pl_engines(void);

/* Resumes what is ready. */
void pl_engine_turn(struct pl_engine *engine);
bool pl_engine_is_due(const struct pl_engine *engine);

/* A task with an empty stack. The caller pushes a function and its arguments on task->co, and
 * runs it. The references are taken. */
struct pl_task *pl_task_begin(struct pl_engine *engine, enum pl_task_kind kind,
                              const char *hook, struct pl_room *room,
                              struct pl_exchange *exchange, struct pl_connection *connection);
void pl_task_run(struct pl_task *task, int arg_count);

/* A task of the running one's room, which will wait for it: whatever waits for the running task
 * waits for this one too. */
struct pl_task *pl_task_begin_awaited(struct pl_engine *engine);

/* Whether its room is blocked by another task: then it must not run now. */
bool pl_task_is_held(const struct pl_task *task);

/* Runs the task at the end of the turn. */
void pl_task_run_later(struct pl_task *task, int arg_count);

/* The task running in `L`; raises, naming what wants to wait, where waiting is not possible. */
struct pl_task *pl_task_check(lua_State *L, const char *what);

/* Whether an onAlarm runs that must not know its room (PartyKit: what is unavailable there). */
static inline bool pl_engine_is_strict(const struct pl_engine *engine) {
    return engine->current != NULL && engine->current->kind == PL_TASK_ALARM &&
           !engine->is_relaxed;
}

/* To be returned by a C function: the task waits until something wakes it. */
int pl_task_wait(struct pl_task *task);

/* Makes a waiting task ready; `arg_count` values for it are on top of its own stack. Harmless
 * when it does not wait. */
void pl_task_wake(struct pl_task *task, int arg_count);

/* Waits until what the room has stored so far is durable; wakes those who need wait no longer. */
int pl_task_wait_sync(struct pl_task *task);
void pl_tasks_wake_synced(struct pl_room *room);

/* Waits in the queue that begins at `*queue`, NULL when nobody does; wakes everyone there. Whoever
 * owns the queue wakes them before it goes. */
int pl_task_wait_in(struct pl_task *task, void **queue);
void pl_tasks_wake_in(void **queue);

/* From here on all the task does is to wait for what others say: no reload waits for its end. */
void pl_task_listen(struct pl_task *task);

/* Waits at an exchange for body bytes or room to write; wakes everyone who does. */
int pl_task_wait_at(struct pl_task *task, struct pl_exchange *exchange);
void pl_tasks_wake_at(struct pl_exchange *exchange);
