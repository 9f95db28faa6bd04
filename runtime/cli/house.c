#include "cli/house.h"

#include "base/log.h"
#include "lua/bind.h"
#include "lua/check.h"
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

static void read_size(lua_State *L, const char *key, size_t *out) {
    *out = (size_t)pl_get_number(L, -1, key, (double)*out);
}

static void read_ms(lua_State *L, const char *key, uint64_t *out) {
    *out = (uint64_t)pl_get_number(L, -1, key, (double)*out);
}

/* options.limits; each absent one keeps its default */
static struct pl_limits read_limits(lua_State *L, int options) {
    struct pl_limits limits = pl_limits_default();
    lua_getfield(L, options, "limits");
    if (lua_istable(L, -1)) {
        read_size(L, "message_bytes", &limits.message_bytes);
        read_size(L, "queued_bytes", &limits.queued_bytes);
        read_size(L, "head_bytes", &limits.head_bytes);
        read_size(L, "header_count", &limits.header_count);
        read_size(L, "url_bytes", &limits.url_bytes);
        read_size(L, "body_bytes", &limits.body_bytes);
        read_ms(L, "header_timeout_ms", &limits.header_timeout_ms);
        read_ms(L, "body_timeout_ms", &limits.body_timeout_ms);
        read_ms(L, "idle_timeout_ms", &limits.idle_timeout_ms);
        read_ms(L, "ping_interval_ms", &limits.ping_interval_ms);
        read_ms(L, "close_timeout_ms", &limits.close_timeout_ms);
        read_ms(L, "room_idle_ms", &limits.room_idle_ms);
        read_ms(L, "hibernate_idle_ms", &limits.hibernate_idle_ms);
        read_size(L, "max_connections", &limits.connections);
        read_size(L, "max_connections_per_address", &limits.connections_per_address);
        read_size(L, "room_events", &limits.room_events);
        read_size(L, "room_event_bytes", &limits.room_event_bytes);
        read_size(L, "room_tasks", &limits.room_tasks);
        read_size(L, "fetch_active", &limits.fetch_active);
        read_size(L, "fetch_room_active", &limits.fetch_room_active);
        read_size(L, "fetch_waiting", &limits.fetch_waiting);
        read_ms(L, "fetch_timeout_ms", &limits.fetch_timeout_ms);
        read_ms(L, "fetch_connect_timeout_ms", &limits.fetch_connect_timeout_ms);
    }
    lua_pop(L, 1);
    return limits;
}

static bool get_flag(lua_State *L, int index, const char *key) {
    lua_getfield(L, index, key);
    bool flag = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return flag;
}

/* options.parties: a list of { name =, has_request =, ... } */
static void read_parties(lua_State *L, int options, struct pl_server *server) {
    lua_getfield(L, options, "parties");
    int count = lua_istable(L, -1) ? (int)lua_objlen(L, -1) : 0;
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        int party = lua_gettop(L);
        lua_getfield(L, party, "name");
        struct pl_party *added = pl_server_add_party(server, pl_check_slice(L, -1));
        added->has_request = get_flag(L, party, "has_request");
        added->has_before_request = get_flag(L, party, "has_before_request");
        added->has_before_connect = get_flag(L, party, "has_before_connect");
        lua_settop(L, party - 1);
    }
    lua_pop(L, 1);
}

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

static void on_committed(void *owner) {
    struct pl_house *house = owner;
    struct pl_list done;
    pl_commits_take_done(house->commits, &done);
    pl_storages_take_back(&house->server, &done);
    if (!pl_commits_is_broken(house->commits) || house->is_broken) return;
    /* Every room would answer 503 from now on. */
    pl_log(PL_LOG_ERROR, "storage", "the store is broken, stopping");
    house->is_broken = true;
    if (!house->is_draining) drain(house);
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
                                       .is_volatile = get_flag(L, 1, "is_volatile"),
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

/* native.serve { host, port, data, map_bytes, is_volatile, limits, parties, hooks, fetch_allow,
 *                fetch_deny, fetch_proxy, fetch_ca, drain_timeout_ms, on_listening }
 *   --> 0 when it was told to stop | nil, message, errno name, "data" when the store is at fault,
 *   also when it broke while serving */
static int house_serve(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 1, LUA_TTABLE);
    if (house->is_serving) return luaL_error(L, "this process serves already");
    lua_getfield(L, 1, "host");
    const char *address = luaL_checkstring(L, -1);
    uint16_t port = (uint16_t)pl_get_number(L, 1, "port", 0);
    struct pl_limits limits = read_limits(L, 1);
    house->drain_timeout_ms = (uint64_t)pl_get_number(L, 1, "drain_timeout_ms", 10000);
    raise_file_limit();
    int failed = open_store(L, house);
    if (failed > 0) return failed;
    pl_server_init(&house->server, &house->loop.clock, &house->loop.timers, &limits);
    pl_edge_init(&house->edge, &house->loop, &house->server);
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
    read_parties(L, 1, &house->server);
    if (get_flag(L, 1, "has_socket")) {
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
    lua_pushcclosure(L, house_stop, 1);
    lua_setfield(L, -2, "stop");
    lua_pushlightuserdata(L, house);
    lua_pushcclosure(L, house_is_draining, 1);
    lua_setfield(L, -2, "is_draining");
}
