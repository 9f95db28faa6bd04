#include "cli/house.h"

#include "base/log.h"
#include "cli/edge_options.h"
#include "lua/check.h"
#include "lua/options.h"
#include "net/stream.h"
#include "party/room.h"
#include "store/folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define WAITING_LOGGED_MAX 10

void pl_house_init(struct pl_house *house) {
    *house = (struct pl_house){0};
    pl_loop_init(&house->loop);
    pl_engine_init(&house->engine, &house->loop.clock, &house->loop.timers);
    pl_list_init(&house->apps);
}

void pl_house_finish(struct pl_house *house) {
    pl_engine_finish(&house->engine);
    pl_loop_finish(&house->loop);
}

/* ---- stopping ------------------------------------------------------------------------------- */

/* Whoever looks on through an admin door does not keep the server from ending. */
static bool is_watching(const struct pl_task *task) {
    return task->exchange != NULL && task->exchange->door != PL_DOOR_PUBLIC;
}

static bool has_tasks(const struct pl_list *tasks) {
    PL_LIST_EACH(at, tasks) {
        if (!is_watching(pl_container_of(at, struct pl_task, in_engine))) return true;
    }
    return false;
}

static bool has_work(const struct pl_engine *engine) {
    return has_tasks(&engine->busy) || has_tasks(&engine->ready) || has_tasks(&engine->held);
}

static bool is_busy(const struct pl_house *house) {
    PL_LIST_EACH(at, &house->apps) {
        if (has_work(&pl_container_of(at, struct pl_app, in_house)->engine)) return true;
    }
    return has_work(&house->engine);
}

static bool is_quiet(const struct pl_house *house) {
    return pl_edge_is_empty(&house->edge) && !is_busy(house) &&
           pl_list_is_empty(&house->server.storing) && house->server.flying_count == 0;
}

/* Names what kept the drain from ending, so that somebody can mend it. */
static void log_waiting_in(struct pl_engine *engine, int *left) {
    PL_LIST_EACH(at, &engine->busy) {
        struct pl_task *task = pl_container_of(at, struct pl_task, in_engine);
        struct pl_log_line line;
        if (is_watching(task)) continue;
        if (*left == 0) break;
        --*left;
        pl_log_begin(&line, PL_LOG_WARN, "server", PL_SLICE("hook still waiting"));
        if (task->room != NULL) {
            pl_log_add(&line, "party", pl_party_name(task->room->party));
            pl_log_add(&line, "room", pl_room_id(task->room));
        }
        pl_log_add(&line, "hook", pl_slice_of(task->hook));
        pl_log_end(&line);
    }
}

static void log_waiting(struct pl_house *house) {
    int left = WAITING_LOGGED_MAX;
    PL_LIST_EACH(at, &house->apps) {
        log_waiting_in(&pl_container_of(at, struct pl_app, in_house)->engine, &left);
    }
    log_waiting_in(&house->engine, &left);
}

static void on_drain_limit(struct pl_timer *timer) {
    struct pl_house *house = pl_container_of(timer, struct pl_house, drain_limit);
    pl_log(PL_LOG_WARN, "server", "drain timed out");
    log_waiting(house);
    pl_loop_stop(&house->loop);
}

/* A server in the foreground ends with its terminal; SIGHUP means a reload while that is there, and
 * to one without. */
static bool has_lost_terminal(const struct pl_house *house) {
    if (!house->has_terminal) return false;
    int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) return true;
    close(terminal);
    return false;
}

/* A hook of the program's own, in the command's state, as a task. */
static void run_own(struct pl_house *house, const char *name, int function) {
    if (function == LUA_REFNIL) return;
    struct pl_task *task = pl_task_begin(&house->engine, PL_TASK_OWN, name, NULL, NULL, NULL);
    lua_rawgeti(task->co, LUA_REGISTRYINDEX, function);
    pl_task_run_later(task, 0); /* whoever asks for it in a task of its own waits first */
}

void pl_house_reload(struct pl_house *house) {
    pl_systemd_tell_reloading(&house->systemd);
    run_own(house, "reload", house->on_reload);
}

static void drain(struct pl_house *house) {
    house->is_draining = true;
    pl_systemd_tell_stopping(&house->systemd);
    run_own(house, "drain", house->on_drain);
    pl_server_drain(&house->server);
    PL_LIST_EACH(at, &house->apps) {
        pl_host_drain(&pl_container_of(at, struct pl_app, in_house)->host);
    }
    house->drain_limit.on_due = on_drain_limit;
    pl_timer_start(&house->loop.timers, &house->drain_limit, house->drain_timeout_ms);
    pl_edge_drain(&house->edge, house->drain_timeout_ms);
}

/* The first signal drains; whoever sends a second one does not want to wait. */
static void on_signal(void *owner, int signal) {
    struct pl_house *house = owner;
    if (signal == SIGCONT) {
        pl_keys_resume(&house->keys);
        return;
    }
    if (house->is_draining) {
        pl_loop_stop(&house->loop);
        return;
    }
    if (signal == SIGHUP && !has_lost_terminal(house)) {
        pl_house_reload(house);
        return;
    }
    pl_log_with(PL_LOG_INFO, "server", "draining", "signal", pl_slice_of(strsignal(signal)));
    drain(house);
}

/* Old apps go when nothing is left of them: only here, where no Lua code runs. */
static void turn_apps(struct pl_house *house) {
    PL_LIST_EACH(at, &house->apps) {
        struct pl_app *app = pl_container_of(at, struct pl_app, in_house);
        pl_engine_turn(&app->engine);
        if (pl_app_has_left(app)) pl_app_destroy(app);
    }
}

/* Tasks first: one that answers a request lets its connection go on with the next. */
static void on_turn(void *owner) {
    struct pl_house *house = owner;
    pl_renewal_turn(&house->server);
    turn_apps(house);
    pl_engine_turn(&house->engine);
    pl_edge_turn(&house->edge);
    if (pl_edge_is_due(&house->local)) pl_edge_turn(&house->local);
    if (pl_edge_is_due(&house->admin)) pl_edge_turn(&house->admin);
    pl_storages_submit(&house->server);
    pl_store_refresh(house->store);
    if (house->is_ending || (house->is_draining && is_quiet(house))) {
        pl_loop_stop(&house->loop);
    }
}

static bool wants_turn(void *owner) {
    struct pl_house *house = owner;
    PL_LIST_EACH(at, &house->apps) {
        if (pl_engine_is_due(&pl_container_of(at, struct pl_app, in_house)->engine))
            return true;
    }
    return pl_edge_is_due(&house->edge) || pl_edge_is_due(&house->local) ||
           pl_edge_is_due(&house->admin) || pl_engine_is_due(&house->engine);
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

/* Twice, in a way: what ends in one state may end tasks in another. */
static void drop_tasks(struct pl_house *house) {
    PL_LIST_EACH(at, &house->apps) {
        pl_engine_drop_tasks(&pl_container_of(at, struct pl_app, in_house)->engine);
    }
    pl_engine_drop_tasks(&house->engine);
}

static void forget_apps(struct pl_house *house) {
    PL_LIST_EACH(at, &house->apps) {
        pl_app_destroy(pl_container_of(at, struct pl_app, in_house));
    }
    house->app = NULL;
}

static void finish_edges(struct pl_house *house) {
    pl_edge_finish(&house->edge);
    pl_edge_finish(&house->local);
    pl_edge_finish(&house->admin);
}

/* Rooms hear of no end: their process goes. Connections were closed by the drain, or are cut. */
static void take_down(struct pl_house *house) {
    pl_keys_close(&house->keys);
    settle_store(house);
    pl_look_stop(house);
    drop_tasks(house);
    house->server.is_draining = true;
    pl_edge_close(&house->edge);
    pl_edge_close(&house->local);
    pl_edge_close(&house->admin);
    drop_tasks(house);
    pl_loop_settle(&house->loop);
    drop_tasks(house);
    pl_timer_stop(&house->loop.timers, &house->drain_limit);
    pl_server_finish(&house->server);
    forget_apps(house);
    pl_host_close_vectors(&house->own);
    pl_host_finish(&house->own);
    house->engine.owner = NULL;
    finish_edges(house);
    close_store(house);
    pl_buffer_finish(&house->reload_fault);
    pl_systemd_close(&house->systemd);
    house->loop.on_turn = NULL;
    house->is_serving = house->is_draining = house->is_broken = house->is_ending = false;
}

/* The admin address, when there is one. */
static int listen_admin(lua_State *L, struct pl_house *house, uint16_t *port) {
    int rc = 0;
    lua_getfield(L, 1, "admin_host");
    if (lua_isstring(L, -1)) {
        *port = (uint16_t)pl_get_number(L, 1, "admin_port", 0);
        rc = pl_edge_listen(&house->admin, lua_tostring(L, -1), port);
    }
    lua_pop(L, 1);
    return rc;
}

/* The admin socket. A server without it serves all the same. */
static void listen_local(lua_State *L, struct pl_house *house) {
    lua_getfield(L, 1, "admin_folder");
    if (lua_isstring(L, -1)) {
        const char *folder = lua_tostring(L, -1);
        int rc = pl_folder_make(folder);
        if (rc == 0) rc = pl_edge_listen_local(&house->local, folder, "admin.sock");
        if (rc != 0) {
            struct pl_log_line line;
            pl_log_begin(&line, PL_LOG_WARN, "admin", PL_SLICE("there is no admin socket"));
            pl_log_add(&line, "folder", pl_slice_of(folder));
            pl_log_add(&line, "err", pl_slice_of(strerror(-rc)));
            pl_log_end(&line);
        }
    }
    lua_pop(L, 1);
}

static void push_admin_port(lua_State *L, uint16_t port) {
    if (port == 0) lua_pushnil(L);
    else lua_pushinteger(L, port);
}

static int take_option(lua_State *L, const char *key) {
    lua_getfield(L, 1, key);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

/* What the command's own state does while it serves. */
static void open_own(struct pl_house *house, lua_State *L) {
    house->on_reload = take_option(L, "on_reload");
    house->on_drain = take_option(L, "on_drain");
    lua_getfield(L, 1, "own");
    luaL_checktype(L, -1, LUA_TTABLE);
    bool has_front = pl_has_field(L, lua_gettop(L), "other");
    pl_host_init(&house->own, &house->engine, &house->server);
    pl_host_open_vectors(&house->own, &house->loop, &house->vectors);
    house->vectors.on_broken = on_broken;
    house->vectors.owner = house;
    house->server.own = &house->own;
    house->server.has_front = has_front;
}

static void begin_app(struct pl_house *house, struct pl_app *app) {
    pl_app_begin(app, house);
    pl_host_tell_started(&app->host, pl_slice_of(house->authority));
}

/* options.on_listening(host, port, admin_port, report): `report` is a stack place, 0 without an
 * app. */
static int call_on_listening(lua_State *L, const char *host, uint16_t port, uint16_t admin_port,
                             int report) {
    lua_getfield(L, 1, "on_listening");
    lua_pushstring(L, host);
    lua_pushinteger(L, port);
    push_admin_port(L, admin_port);
    if (report == 0) {
        lua_pushnil(L);
    } else {
        lua_pushvalue(L, report);
    }
    return lua_pcall(L, 4, 0, 0);
}

static int push_broken(lua_State *L) {
    lua_pushnil(L);
    lua_pushliteral(L, "a write to the data folder failed half way, so the server has stopped");
    lua_pushliteral(L, "ENOTRECOVERABLE");
    lua_pushliteral(L, "data");
    return 4;
}

/* At the socket that systemd has handed over, else at one of our own. `*place` names what is at
 * fault when that does not work. */
static int listen_public(struct pl_house *house, const char *address, uint16_t *port,
                         const char **place) {
    int socket = pl_systemd_take_socket(&house->systemd);
    *place = socket == -ENOENT ? "listen" : "socket";
    snprintf(house->host, sizeof house->host, "%s", address);
    if (socket == -ENOENT) return pl_edge_listen(&house->edge, address, port);
    if (socket < 0) return socket;
    return pl_edge_listen_at(&house->edge, socket, house->host, port);
}

/* Opens what a server needs; how many results tell the caller that it did not work. */
static int open_server(struct pl_house *house, lua_State *L, uint16_t *port) {
    lua_getfield(L, 1, "host");
    const char *address = luaL_checkstring(L, -1);
    struct pl_limits limits = pl_read_limits(L, 1);
    int failed = open_store(L, house);
    if (failed > 0) return failed;
    pl_server_init(&house->server, &house->loop.clock, &house->loop.timers, &limits);
    pl_edge_init(&house->edge, &house->loop, &house->server);
    pl_edge_init_admin(&house->local, &house->loop, &house->server, PL_DOOR_LOCAL);
    pl_edge_init_admin(&house->admin, &house->loop, &house->server, PL_DOOR_ADMIN);
    pl_read_edge_options(L, 1, &house->edge);
    const char *place = "admin";
    int rc = listen_admin(L, house, &house->admin_port);
    if (rc == 0) rc = listen_public(house, address, port, &place);
    if (rc != 0) {
        pl_edge_close(&house->admin);
        pl_loop_turn(&house->loop, 0);
        finish_edges(house);
        close_store(house);
        int count = pl_push_error(L, rc);
        lua_pushstring(L, place);
        return count + 1;
    }
    listen_local(L, house);
    house->is_serving = true;
    house->has_terminal = isatty(STDERR_FILENO);
    house->server.store = house->store;
    house->server.commit_calls = &commit_calls;
    house->server.commits = house->commits;
    snprintf(house->authority, sizeof house->authority,
             strchr(house->host, ':') == NULL ? "%s:%u" : "[%s]:%u", house->host, *port);
    return 0;
}

static void watch(struct pl_house *house) {
    house->loop.owner = house;
    house->loop.on_turn = on_turn;
    house->loop.wants_turn = wants_turn;
    house->loop.on_signal = on_signal;
    pl_loop_watch_signals(&house->loop);
}

/* native.serve { host, port, admin_host, admin_port, admin_folder, data, map_bytes, is_volatile,
 *                limits, app, own, drain_timeout_ms, on_listening, on_reload, on_drain }
 *   --> 0 when it was told to stop | nil, message, errno name, what is at fault: "listen",
 *   "socket" for one that was handed over, "admin", "data" for the store, also when it broke while
 *   serving, and "app" with a hint in place of the errno name */
static int house_serve(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 1, LUA_TTABLE);
    if (house->is_serving) return luaL_error(L, "this process serves already");
    pl_systemd_open(&house->systemd, &house->loop.timers);
    uint16_t port = (uint16_t)pl_get_number(L, 1, "port", 0);
    struct pl_app *app = NULL;
    int report = 0;
    house->drain_timeout_ms = (uint64_t)pl_get_number(L, 1, "drain_timeout_ms", 10000);
    raise_file_limit();
    if (pl_has_field(L, 1, "app")) {
        app = pl_app_load_option(house, L);
        report = lua_gettop(L);
        if (app == NULL) {
            lua_pushliteral(L, "app");
            lua_replace(L, -2);
            pl_systemd_close(&house->systemd);
            return 4;
        }
    }
    int failed = open_server(house, L, &port);
    if (failed > 0) {
        if (app != NULL) pl_app_discard(app);
        pl_systemd_close(&house->systemd);
        return failed;
    }
    open_own(house, L);
    pl_look_start(house);
    if (app != NULL) begin_app(house, app);
    watch(house);
    int rc = call_on_listening(L, house->host, port, house->admin_port, report);
    if (rc == 0) pl_alarms_start(&house->server);
    if (rc == 0) pl_systemd_tell_ready(&house->systemd, house->authority);
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
    pl_host_init(&house->own, &house->engine, &house->server);
    pl_host_open_fetches(&house->own, L, 1, &house->loop);
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
    pl_host_finish(&house->own);
    pl_host_close_fetches(&house->own);
    pl_loop_settle(&house->loop);
    pl_server_finish(&house->server);
    house->engine.owner = NULL;
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

/* native.drain(timeout_ms?): the same, with another time limit */
static int house_drain(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    if (!house->is_serving || house->is_draining) return 0;
    house->drain_timeout_ms =
        (uint64_t)luaL_optnumber(L, 1, (lua_Number)house->drain_timeout_ms);
    pl_log(PL_LOG_INFO, "server", "draining");
    drain(house);
    return 0;
}

/* native.end_now(): the loop ends with this turn; what was written is kept */
static int house_end_now(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    if (!house->is_serving) return 0;
    pl_log(PL_LOG_INFO, "server", "stopping at once");
    pl_systemd_tell_stopping(&house->systemd);
    house->is_draining = house->is_ending = true; /* behind this turn, whose answers leave */
    return 0;
}

/* native.is_draining() --> boolean: whether the server was told to stop */
static int house_is_draining(lua_State *L) {
    struct pl_house *house = lua_touserdata(L, lua_upvalueindex(1));
    lua_pushboolean(L, house->is_draining);
    return 1;
}

static const luaL_Reg functions[] = {
    {"serve", house_serve}, {"run", house_run},         {"stop", house_stop},
    {"drain", house_drain}, {"end_now", house_end_now}, {"is_draining", house_is_draining},
    {NULL, NULL},
};

void pl_bind_house(lua_State *L, struct pl_house *house) {
    for (const luaL_Reg *at = functions; at->name != NULL; at++) {
        lua_pushlightuserdata(L, house);
        lua_pushcclosure(L, at->func, 1);
        lua_setfield(L, -2, at->name);
    }
    pl_bind_look(L, house);
}
