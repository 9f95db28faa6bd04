#include "cli/look.h"

#include "base/log.h"
#include "base/ticks.h"
#include "cli/house.h"
#include "cli/metrics.h"
#include "lua/check.h"
#include "party/tap.h"

#define BEAT_MS 1000
#define FLUSH_MS 20

static void on_beat(struct pl_timer *timer) {
    struct pl_house *house = pl_container_of(timer, struct pl_house, look.beat);
    uint64_t late_ms = house->loop.clock.now_ms - timer->due_ms;
    pl_histogram_add(&house->look.loop_lag, &pl_buckets_short,
                     (uint64_t)((double)late_ms * pl_ticks_per_second() / 1000));
    pl_timer_start(&house->loop.timers, timer, BEAT_MS);
}

static void on_kept(void *owner) {
    struct pl_house *house = owner;
    if (pl_timer_is_running(&house->look.flush)) return;
    pl_timer_start(&house->loop.timers, &house->look.flush, FLUSH_MS);
}

static void on_flush(struct pl_timer *timer) {
    struct pl_house *house = pl_container_of(timer, struct pl_house, look.flush);
    if (!pl_log_flush()) on_kept(house);
}

static void on_log_line(void *owner, enum pl_log_level level, struct pl_slice object) {
    struct pl_house *house = owner;
    if (level <= PL_LOG_WARN) pl_recent_add(&house->look.faults, object);
    pl_taps_on_log(&house->server, object);
}

/* Lines nobody looks at are not made. */
static void on_tapped(struct pl_server *server) {
    struct pl_house *house = pl_container_of(server, struct pl_house, server);
    pl_log_listen(pl_server_is_tapped(server) ? PL_LOG_INFO : PL_LOG_WARN, on_log_line, house);
}

void pl_look_start(struct pl_house *house) {
    house->look.loop_lag = (struct pl_histogram){0};
    house->look.started_wall_ms = pl_clock_wall_ms(&house->loop.clock);
    house->server.on_tapped = on_tapped;
    on_tapped(&house->server);
    house->look.flush.on_due = on_flush;
    pl_log_stop_waiting(on_kept, house);
    house->look.beat.on_due = on_beat;
    pl_timer_start(&house->loop.timers, &house->look.beat, BEAT_MS);
}

void pl_look_stop(struct pl_house *house) {
    pl_log_listen(PL_LOG_ERROR, NULL, NULL);
    house->server.on_tapped = NULL;
    pl_timer_stop(&house->loop.timers, &house->look.beat);
    pl_log_finish();
    pl_timer_stop(&house->loop.timers, &house->look.flush);
    pl_recent_finish(&house->look.faults);
}

/* native.recent_faults() --> { line, ... }: the last warnings and errors of the log, each a JSON
 * object, oldest first */
static int recent_faults(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    const struct pl_recent *faults = &house->look.faults;
    uint64_t at = faults->count > PL_RECENT_COUNT ? faults->count - PL_RECENT_COUNT : 0;
    lua_newtable(L);
    for (int i = 1; at < faults->count; at++, i++) {
        pl_push_slice(L, pl_buffer_slice(pl_recent_find(faults, at)));
        lua_rawseti(L, -2, i);
    }
    return 1;
}

static double lua_bytes(const struct pl_house *house) {
    double kib = lua_gc(house->engine.L, LUA_GCCOUNT, 0);
    PL_LIST_EACH(at, &house->apps) {
        struct pl_app *app = pl_container_of(at, struct pl_app, in_house);
        kib += lua_gc(app->engine.L, LUA_GCCOUNT, 0);
    }
    return kib * 1024;
}

/* native.lua_bytes() --> number: memory of all Lua states of the process */
static int all_lua_bytes(lua_State *L) {
    lua_pushnumber(L, lua_bytes(lua_touserdata(L, lua_upvalueindex(1))));
    return 1;
}

/* native.metrics() --> text, as Prometheus reads it */
static int metrics(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    struct pl_buffer text = {0};
    if (!house->is_serving) return luaL_error(L, "there is no server");
    pl_metrics_add(&text, house, lua_bytes(house));
    pl_push_slice(L, pl_buffer_slice(&text));
    pl_buffer_finish(&text);
    return 1;
}

static const luaL_Reg functions[] = {
    {"recent_faults", recent_faults},
    {"metrics", metrics},
    {"lua_bytes", all_lua_bytes},
    {NULL, NULL},
};

void pl_bind_look(lua_State *L, struct pl_house *house) {
    pl_set_functions(L, functions, house);
}
