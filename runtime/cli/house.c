#include "cli/house.h"

#include "base/log.h"
#include "cli/edge_options.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/options.h"
#include "net/stream.h"
#include "party/room.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define WAITING_LOGGED_MAX 10

void pl_house_init(struct pl_house *house) {
    *house = (struct pl_house){0};
    pl_loop_init(&house->loop);
    pl_engine_init(&house->engine, &house->loop.clock, &house->loop.timers);
}

void pl_house_finish(struct pl_house *house) {
    pl_engine_finish(&house->engine);
    pl_loop_finish(&house->loop);
}

/* ---- stopping ------------------------------------------------------------------------------- */

static bool is_quiet(const struct pl_house *house) {
    const struct pl_engine *engine = &house->engine;
    return pl_edge_is_empty(&house->edge) && pl_list_is_empty(&engine->busy) &&
           pl_list_is_empty(&engine->ready) && pl_list_is_empty(&engine->held) &&
           pl_list_is_empty(&house->server.storing) && house->server.flying_count == 0;
}

/* Names what kept the drain from ending, so that somebody can mend it. */
static void log_waiting(struct pl_house *house) {
    int left = WAITING_LOGGED_MAX;
    PL_LIST_EACH(at, &house->engine.busy) {
        struct pl_task *task = pl_container_of(at, struct pl_task, in_engine);
        struct pl_log_line line;
        if (left-- == 0) break;
        pl_log_begin(&line, PL_LOG_WARN, "server", PL_SLICE("hook still waiting"));
        if (task->room != NULL) {
            pl_log_add(&line, "party", pl_party_name(task->room->party));
            pl_log_add(&line, "room", pl_room_id(task->room));
        }
        pl_log_add(&line, "hook", pl_slice_of(task->hook));
        pl_log_end(&line);
    }
}

static void on_drain_limit(struct pl_timer *timer) {
    struct pl_house *house = pl_container_of(timer, struct pl_house, drain_limit);
    pl_log(PL_LOG_WARN, "server", "drain timed out");
    log_waiting(house);
    pl_loop_stop(&house->loop);
}

static void drain(struct pl_house *house) {
    house->is_draining = true;
    pl_server_drain(&house->server);
    pl_host_drain(&house->host);
    house->drain_limit.on_due = on_drain_limit;
    pl_timer_start(&house->loop.timers, &house->drain_limit, house->drain_timeout_ms);
    pl_edge_drain(&house->edge, house->drain_timeout_ms);
}

/* The first signal drains; whoever sends a second one does not want to wait. */
static void on_signal(void *owner, int signal) {
    struct pl_house *house = owner;
    if (house->is_draining) {
        pl_loop_stop(&house->loop);
        return;
    }
    pl_log_with(PL_LOG_INFO, "server", "draining", "signal", pl_slice_of(strsignal(signal)));
    drain(house);
}

/* Tasks first: one that answers a request lets its connection go on with the next. */
static void on_turn(void *owner) {
    struct pl_house *house = owner;
    pl_engine_turn(&house->engine);
    pl_edge_turn(&house->edge);
    pl_storages_submit(&house->server);
    pl_store_refresh(house->store);
    if (house->is_draining && is_quiet(house)) pl_loop_stop(&house->loop);
}

static bool wants_turn(void *owner) {
    struct pl_house *house = owner;
    return pl_edge_is_due(&house->edge) || pl_engine_is_due(&house->engine);
}

/* ---- options -------------------------------------------------------------------------------- */

/* As many files as the system lets us have: every connection is one. */
static void raise_file_limit(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* ---- the store ------------------------------------------------------------------------------ */

static void submit(void *commits, struct pl_list *batches) {
    pl_commits_submit(commits, batches);
}

static const struct pl_commit_calls commit_calls = {.submit = submit};

/* Every room would answer 503 from now on. */
static void on_broken(void *owner) {
    struct pl_house *house = owner;
    if (house->is_broken) return;
    pl_log(PL_LOG_ERROR, "storage", "the store is broken, stopping");
    house->is_broken = true;
    if (!house->is_draining) drain(house);
}

static void on_committed(void *owner) {
    struct pl_house *house = owner;
    struct pl_list done;
    pl_commits_take_done(house->commits, &done);
    pl_storages_take_back(&house->server, &done);
    if (pl_commits_is_broken(house->commits)) on_broken(house);
}

static void close_store(struct pl_house *house) {
    pl_watch_close(&house->committed);
    pl_commits_stop(house->commits);
    pl_store_close(house->store);
    house->commits = NULL;
    house->store = NULL;
}

/* ---- serving -------------------------------------------------------------------------------- */

/* What rooms have stored, in its folder; and the thread that writes it. */
static int open_store(lua_State *L, struct pl_house *house) {
    struct pl_buffer why = {0};
    struct pl_store_options options = {.map_bytes =
                                           (uint64_t)pl_get_number(L, 1, "map_bytes", 0),
                                       .is_volatile = pl_get_flag(L, 1, "is_volatile"),
                                       .is_served = true};
    lua_getfield(L, 1, "data");
    int rc = pl_store_open(luaL_checkstring(L, -1), &options, &house->store, &why);
    if (rc == 0) rc = pl_commits_start(house->store, &house->commits);
    if (rc == 0) {
        rc = pl_watch_open(&house->committed, &house->loop, pl_commits_fd(house->commits),
                           on_committed, house);
    }
    if (rc == 0) return 0;
    int count = pl_push_error(L, rc);
    if (why.len > 0) {
        pl_push_slice(L, pl_buffer_slice(&why));
        lua_replace(L, -count);
    }
    pl_buffer_finish(&why);
    close_store(house);
    lua_pushliteral(L, "data");
    return count + 1;
}

/* What hooks have written and nobody could be told of is still worth keeping. */
static void settle_store(struct pl_house *house) {
    pl_storages_submit(&house->server);
    pl_commits_settle(house->commits);
    on_committed(house);
}

/* Rooms hear of no end: their process goes. Connections were closed by the drain, or are cut. */
static void take_down(struct pl_house *house) {
    settle_store(house);
    pl_engine_drop_tasks(&house->engine);
    house->server.is_draining = true;
    pl_edge_close(&house->edge);
    pl_engine_drop_tasks(&house->engine);
    pl_loop_settle(&house->loop);
    pl_engine_drop_tasks(&house->engine);
    pl_timer_stop(&house->loop.timers, &house->drain_limit);
    pl_host_finish(&house->host);
    pl_server_finish(&house->server);
    pl_host_close_fetches(&house->host);
    pl_host_close_vectors(&house->host);
    pl_edge_finish(&house->edge);
    close_store(house);
    house->loop.on_turn = NULL;
    house->is_serving = house->is_draining = house->is_broken = false;
}

static int call_on_listening(lua_State *L, int options, uint16_t port) {
    lua_getfield(L, options, "on_listening");
    if (!lua_isfunction(L, -1)) {
        lua_pop(L, 1);
        return 0;
    }
    lua_pushinteger(L, port);
    return lua_pcall(L, 1, 0, 0);
}

static int push_broken(lua_State *L) {
    lua_pushnil(L);
    lua_pushliteral(L, "a write to the data folder failed half way, so the server has stopped");
    lua_pushliteral(L, "ENOTRECOVERABLE");
    lua_pushliteral(L, "data");
    return 4;
}

/* native.serve { host, port, data, map_bytes, is_volatile, limits, parties, hooks, hides_errors,
 *                fetch_allow, fetch_deny, fetch_proxy, fetch_ca, services, trusted_proxies,
 *                subprotocols, cors, drain_timeout_ms, on_listening }
 *   --> 0 when it was told to stop | nil, message, errno name, "data" when the store is at fault,
 *   also when it broke while serving */
static int house_serve(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 1, LUA_TTABLE);
    if (house->is_serving) return luaL_error(L, "this process serves already");
    lua_getfield(L, 1, "host");
    const char *address = luaL_checkstring(L, -1);
    uint16_t port = (uint16_t)pl_get_number(L, 1, "port", 0);
    struct pl_limits limits = pl_read_limits(L, 1);
    house->drain_timeout_ms = (uint64_t)pl_get_number(L, 1, "drain_timeout_ms", 10000);
    raise_file_limit();
    int failed = open_store(L, house);
    if (failed > 0) return failed;
    pl_server_init(&house->server, &house->loop.clock, &house->loop.timers, &limits);
    pl_edge_init(&house->edge, &house->loop, &house->server);
    pl_read_edge_options(L, 1, &house->edge);
    int rc = pl_edge_listen(&house->edge, address, &port);
    if (rc != 0) {
        pl_edge_finish(&house->edge);
        close_store(house);
        return pl_push_error(L, rc);
    }
    house->is_serving = true;
    house->server.store = house->store;
    house->server.commit_calls = &commit_calls;
    house->server.commits = house->commits;
    lua_getfield(L, 1, "hooks");
    pl_host_init(&house->host, &house->engine, &house->server);
    pl_host_open_fetches(&house->host, L, 1, &house->loop);
    pl_host_open_vectors(&house->host, &house->loop, &house->vectors);
    house->vectors.on_broken = on_broken;
    house->vectors.owner = house;
    pl_read_parties(L, 1, &house->server);
    house->host.hides_errors = pl_get_flag(L, 1, "hides_errors");
    if (pl_get_flag(L, 1, "has_socket")) {
        pl_server_take_sockets(&house->server, PL_SLICE("(socket)"));
    }
    house->loop.owner = house;
    house->loop.on_turn = on_turn;
    house->loop.wants_turn = wants_turn;
    house->loop.on_signal = on_signal;
    pl_loop_watch_signals(&house->loop);
    rc = call_on_listening(L, 1, port);
    if (rc == 0) pl_alarms_start(&house->server);
    if (rc == 0) pl_loop_run(&house->loop);
    bool is_broken = house->is_broken;
    take_down(house);
    if (rc != 0) return lua_error(L);
    if (is_broken) return push_broken(L);
    lua_pushinteger(L, 0);
    return 1;
}

/* ---- a task without a server ---------------------------------------------------------------- */

static void on_turn_alone(void *owner) {
    struct pl_house *house = owner;
    pl_engine_turn(&house->engine);
    if (pl_list_is_empty(&house->engine.busy) && pl_list_is_empty(&house->engine.ready)) {
        pl_loop_stop(&house->loop);
    }
}

static bool wants_turn_alone(void *owner) {
    struct pl_house *house = owner;
    return pl_engine_is_due(&house->engine);
}

/* native.run { run, hooks, limits, services, fetch_allow, fetch_deny, fetch_proxy, fetch_ca }:
 * calls the function `run` as a task, in a process that serves nothing, until all tasks are over:
 * so commands may wait, and fetch. An error in it is logged. */
static int house_run(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 1, LUA_TTABLE);
    if (house->is_serving) return luaL_error(L, "this process serves already");
    struct pl_limits limits = pl_read_limits(L, 1);
    pl_server_init(&house->server, &house->loop.clock, &house->loop.timers, &limits);
    lua_getfield(L, 1, "hooks");
    pl_host_init(&house->host, &house->engine, &house->server);
    pl_host_open_fetches(&house->host, L, 1, &house->loop);
    house->is_serving = true;
    house->loop.owner = house;
    house->loop.on_turn = on_turn_alone;
    house->loop.wants_turn = wants_turn_alone;
    struct pl_task *task = pl_task_begin(&house->engine, PL_TASK_OWN, "run", NULL, NULL, NULL);
    lua_getfield(L, 1, "run");
    lua_xmove(L, task->co, 1);
    pl_task_run_later(task, 0);
    pl_loop_run(&house->loop);
    pl_engine_drop_tasks(&house->engine);
    pl_host_finish(&house->host);
    pl_host_close_fetches(&house->host);
    pl_loop_settle(&house->loop);
    pl_server_finish(&house->server);
    house->loop.on_turn = NULL;
    house->is_serving = false;
    return 0;
}

/* native.stop(): as if SIGTERM had come */
static int house_stop(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    if (house->is_serving) on_signal(house, SIGTERM);
    return 0;
}

/* native.is_draining() --> boolean: whether the server was told to stop */
static int house_is_draining(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    lua_pushboolean(L, house->is_draining);
    return 1;
}

void pl_bind_house(lua_State *L, struct pl_house *house) {
    lua_pushlightuserdata(L, house);
    lua_pushcclosure(L, house_serve, 1);
    lua_setfield(L, -2, "serve");
    lua_pushlightuserdata(L, house);
    lua_pushcclosure(L, house_run, 1);
    lua_setfield(L, -2, "run");
    lua_pushlightuserdata(L, house);
    lua_pushcclosure(L, house_stop, 1);
    lua_setfield(L, -2, "stop");
    lua_pushlightuserdata(L, house);
    lua_pushcclosure(L, house_is_draining, 1);
    lua_setfield(L, -2, "is_draining");
}
