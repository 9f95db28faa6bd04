#include "lua/tidy.h"

#include "base/alloc.h"
#include "lua/engine.h"
#include "lua/handle.h"

#include <lua.h>

#define LOOK_MS 250   /* between two looks while others are at work */
#define STEP_MS 5     /* between two steps of a collection */
#define BUSY_TASKS 50 /* in LOOK_MS: not a quiet moment */
#define STEP_SIZE 200 /* of lua_gc, in its own unit: a fraction of a millisecond of work */

static void on_due(struct pl_timer *timer) {
    struct pl_tidy *tidy = pl_container_of(timer, struct pl_tidy, timer);
    struct pl_timers *timers = tidy->engine->timers;
    size_t ran = tidy->task_count - tidy->seen_count;
    tidy->seen_count = tidy->task_count;
    if (ran >= BUSY_TASKS) {
        pl_timer_start(timers, timer, LOOK_MS);
    } else if (lua_gc(tidy->engine->L, LUA_GCSTEP, STEP_SIZE) == 0) {
        pl_timer_start(timers, timer, STEP_MS);
    } else {
        pl_handles_compact(tidy->engine);
    }
}

void pl_tidy_init(struct pl_tidy *tidy, struct pl_engine *engine) {
    *tidy = (struct pl_tidy){.engine = engine, .timer = {.on_due = on_due}};
}

void pl_tidy_start(struct pl_tidy *tidy) {
    pl_timer_start(tidy->engine->timers, &tidy->timer, LOOK_MS);
}

void pl_tidy_stop(struct pl_tidy *tidy) { pl_timer_stop(tidy->engine->timers, &tidy->timer); }
