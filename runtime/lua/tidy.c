#include "lua/tidy.h"

#include "base/alloc.h"
#include "lua/engine.h"
#include "lua/handle.h"

#include <lua.h>

#define LOOK_MS 250   /* between two looks while others are at work */
#define STEP_MS 5     /* between two steps of a collection */
#define BUSY_TASKS 50 /* in LOOK_MS: not a quiet moment */
#define STEP_SIZE 200 /* of lua_gc, in its own unit: a fraction of a millisecond of work */

/* How far the heap may grow between two collections, in percent of what the last has left. A small
 * one is soon looked through, and its garbage had better not drive all else out of the processor's
 * cache; to look through a large one costs the cache itself, and a multiple of a few megabytes is
 * no price for doing it less often; of very large ones it would be. */
#define SMALL_KIB 2048
#define LARGE_KIB (64 * 1024)
#define SMALL_PAUSE 140
#define MIDDLE_PAUSE 300
#define LARGE_PAUSE 200

static int pause_of(int kib) {
    if (kib < SMALL_KIB) return SMALL_PAUSE;
    return kib < LARGE_KIB ? MIDDLE_PAUSE : LARGE_PAUSE;
}

/* Only where the size has changed that much: an app may have a mind of its own. */
static void set_pause(struct pl_tidy *tidy) {
    int pause = pause_of(lua_gc(tidy->engine->L, LUA_GCCOUNT, 0));
    if (pause == tidy->pause) return;
    tidy->pause = pause;
    lua_gc(tidy->engine->L, LUA_GCSETPAUSE, pause);
}

static void on_due(struct pl_timer *timer) {
    struct pl_tidy *tidy = pl_container_of(timer, struct pl_tidy, timer);
    struct pl_timers *timers = tidy->engine->timers;
    size_t ran = tidy->task_count - tidy->seen_count;
    tidy->seen_count = tidy->task_count;
    set_pause(tidy);
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
    set_pause(tidy);
}

void pl_tidy_start(struct pl_tidy *tidy) {
    pl_timer_start(tidy->engine->timers, &tidy->timer, LOOK_MS);
}

void pl_tidy_stop(struct pl_tidy *tidy) { pl_timer_stop(tidy->engine->timers, &tidy->timer); }
