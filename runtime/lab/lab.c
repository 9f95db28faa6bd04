#include "lab/lab.h"

#include "base/log.h"
#include "base/random.h"
#include "lab/line.h"
#include "lua/check.h"
#include "lua/fault.h"
#include "lua/opened.h"
#include "party/room.h"
#include "store/commit.h"
#include "store/store.h"

#define TURNS_MAX 20000 /* without time passing: whoever still has work does so for ever */
#define LOG_BYTES_MAX (256 * 1024)
#define REAL_WAIT_MS 2 /* for sockets and the commit thread, in one turn */

static int64_t wall_ms(struct pl_clock *clock) {
    struct pl_lab *lab = pl_container_of(clock, struct pl_lab, clock);
    return lab->begun_wall_ms + (int64_t)clock->now_ms;
}

void pl_lab_init(struct pl_lab *lab, struct pl_engine *engine, struct pl_loop *loop) {
    *lab = (struct pl_lab){.engine = engine, .loop = loop, .faults_ref = LUA_NOREF};
}

/* ---- what went wrong ------------------------------------------------------------------------ */

static void set_text(lua_State *L, const char *key, struct pl_slice text) {
    pl_push_slice(L, text);
    lua_setfield(L, -2, key);
}

static void keep_fault(struct pl_lab *lab, struct pl_task *task) {
    lua_State *L = lab->engine->L;
    struct pl_fault fault;
    pl_fault_read(&fault, task->co);
    lua_checkstack(L, 8);
    lua_rawgeti(L, LUA_REGISTRYINDEX, lab->faults_ref);
    lua_createtable(L, 0, 8);
    set_text(L, "message", pl_buffer_slice(&fault.message));
    set_text(L, "place", pl_buffer_slice(&fault.place));
    set_text(L, "source", pl_buffer_slice(&fault.source));
    set_text(L, "stack", pl_buffer_slice(&fault.stack));
    set_text(L, "hook", pl_slice_of(task->hook));
    if (task->room != NULL) {
        set_text(L, "party", pl_party_name(task->room->party));
        set_text(L, "room", pl_room_id(task->room));
    }
    lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
    lua_pop(L, 1);
    pl_fault_finish(&fault);
}

static void on_task_end(void *owner, struct pl_task *task, bool is_ok) {
    struct pl_host *host = owner;
    struct pl_lab *lab = pl_container_of(host, struct pl_lab, host);
    if (!is_ok) keep_fault(lab, task);
    pl_host_on_task_end(host, task, is_ok);
}

/* Lines beyond the bound are lost: those at the beginning say what began it. */
static void on_log(void *owner, struct pl_slice line) {
    struct pl_lab *lab = owner;
    if (lab->log.len + line.len <= LOG_BYTES_MAX) pl_buffer_add(&lab->log, line);
}

/* ---- opening -------------------------------------------------------------------------------- */

static const struct pl_commit_calls commit_calls = {.submit = pl_disk_submit};

static void on_committed(void *owner) {
    struct pl_lab *lab = owner;
    struct pl_list done;
    pl_commits_take_done(lab->commits, &done);
    pl_storages_take_back(&lab->server, &done);
}

static void on_turn(void *owner);
static bool wants_turn(void *owner);

/* A port of the loopback interface, and the thread that writes. */
static int open_real(struct pl_lab *lab) {
    int rc = pl_edge_listen(&lab->edge, "127.0.0.1", &lab->port);
    if (rc == 0) rc = pl_commits_start(lab->opened->store, &lab->commits);
    if (rc == 0) {
        rc = pl_watch_open(&lab->committed, lab->loop, pl_commits_fd(lab->commits),
                           on_committed, lab);
    }
    if (rc != 0) return rc;
    lab->disk.commits = lab->commits;
    lab->loop->owner = lab;
    lab->loop->on_turn = on_turn;
    lab->loop->wants_turn = wants_turn;
    return 0;
}

static void close_real(struct pl_lab *lab) {
    pl_edge_close(&lab->edge);
    pl_loop_settle(lab->loop);
    pl_edge_finish(&lab->edge);
    if (lab->commits != NULL) {
        pl_watch_close(&lab->committed);
        pl_commits_stop(lab->commits);
    }
    pl_loop_turn(lab->loop,
                 0); /* whose handles have to be gone before others take their place */
    lab->commits = NULL;
    lab->loop->on_turn = NULL;
    lab->port = 0;
}

static void lend_clock(struct pl_lab *lab) {
    pl_tidy_stop(&lab->engine->tidy);
    lab->engine->tidy.is_off = true; /* hours pass in a moment here */
    lab->clock = (struct pl_clock){.wall_ms = wall_ms};
    pl_timers_init(&lab->timers, &lab->clock);
    lab->engine->clock = &lab->clock;
    lab->engine->timers = &lab->timers;
}

static void take_clock_back(struct pl_lab *lab) {
    lab->engine->tidy.is_off = false;
    pl_timers_finish(&lab->timers);
    lab->engine->clock = &lab->loop->clock;
    lab->engine->timers = &lab->loop->timers;
}

int pl_lab_open(struct pl_lab *lab, struct pl_opened *opened,
                const struct pl_lab_options *options) {
    lua_State *L = lab->engine->L;
    pl_random_seed(&options->seed);
    lend_clock(lab);
    lab->begun_wall_ms = options->wall_ms;
    lab->opened = opened;
    pl_opened_ref(opened);
    pl_list_init(&lab->lines);
    pl_list_init(&lab->due);
    lua_newtable(L);
    lab->faults_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    pl_log_divert(on_log, lab);
    pl_server_init(&lab->server, &lab->clock, &lab->timers, &options->limits);
    pl_host_init(&lab->host, lab->engine, &lab->server);
    lab->server.host = &lab->host;
    lab->engine->on_task_end = on_task_end;
    pl_disk_init(&lab->disk, &lab->timers);
    lab->disk.store = opened->store;
    lab->server.store = opened->store;
    lab->server.commit_calls = &commit_calls;
    lab->server.commits = &lab->disk;
    pl_host_open_vectors(&lab->host, NULL, &lab->vectors);
    lab->is_open = true;
    lab->is_real = options->is_real;
    if (!lab->is_real) return 0;
    pl_edge_init(&lab->edge, lab->loop, &lab->server);
    int rc = open_real(lab);
    if (rc != 0) pl_lab_close(lab);
    return rc;
}

/* Seeded once more: what the opening itself has drawn is no part of the test. */
void pl_lab_begin(struct pl_lab *lab, uint64_t seed) {
    pl_alarms_start(&lab->server);
    pl_random_seed(&seed);
}

/* ---- turns ---------------------------------------------------------------------------------- */

static bool has_due_timer(const struct pl_lab *lab) {
    uint64_t due_ms;
    return pl_timers_next(&lab->timers, &due_ms) && due_ms <= lab->clock.now_ms;
}

static bool is_due(const struct pl_lab *lab) {
    return pl_engine_is_due(lab->engine) || !pl_list_is_empty(&lab->due) ||
           !pl_list_is_empty(&lab->server.storing) || pl_disk_is_due(&lab->disk) ||
           has_due_timer(lab);
}

static void turn_lines(struct pl_lab *lab) {
    struct pl_list due;
    pl_list_move(&due, &lab->due);
    while (!pl_list_is_empty(&due)) {
        struct pl_line *line = pl_container_of(due.next, struct pl_line, in_due);
        pl_list_remove(&line->in_due);
        pl_line_turn(line);
    }
}

/* The same order as in a serving process: tasks, clients, then what was written. */
static void on_turn(void *owner) {
    struct pl_lab *lab = owner;
    pl_timers_run(&lab->timers);
    pl_engine_turn(lab->engine);
    turn_lines(lab);
    if (lab->is_real) pl_edge_turn(&lab->edge);
    pl_storages_submit(&lab->server);
    pl_store_refresh(lab->server.store);
    pl_disk_turn(&lab->disk, &lab->server);
}

static bool wants_turn(void *owner) {
    struct pl_lab *lab = owner;
    return is_due(lab) || pl_edge_is_due(&lab->edge);
}

static void turn(struct pl_lab *lab, bool may_wait) {
    if (!lab->is_real) {
        on_turn(lab);
        return;
    }
    pl_loop_turn(lab->loop, may_wait ? REAL_WAIT_MS : 0);
    pl_commits_settle(lab->commits);
    on_committed(lab);
}

bool pl_lab_settle(struct pl_lab *lab) {
    if (lab->is_real)
        turn(lab, false); /* whether sockets have anything is known after it only */
    for (int i = 0; i < TURNS_MAX; i++) {
        bool has_work = lab->is_real ? wants_turn(lab) : is_due(lab);
        if (!has_work && lab->is_real) turn(lab, true);
        if (!has_work) return true;
        turn(lab, false);
    }
    return false;
}

bool pl_lab_advance(struct pl_lab *lab, uint64_t ms) {
    uint64_t target_ms = lab->clock.now_ms + ms, due_ms;
    if (!pl_lab_settle(lab)) return false;
    while (pl_timers_next(&lab->timers, &due_ms) && due_ms <= target_ms) {
        if (due_ms > lab->clock.now_ms) lab->clock.now_ms = due_ms;
        if (!pl_lab_settle(lab)) return false;
    }
    lab->clock.now_ms = target_ms;
    return true;
}

/* ---- the end -------------------------------------------------------------------------------- */

void pl_lab_drain(struct pl_lab *lab) {
    pl_server_drain(&lab->server);
    if (lab->is_real) pl_edge_drain(&lab->edge, 1);
    PL_LIST_EACH(at, &lab->lines) {
        pl_line_drain(pl_container_of(at, struct pl_line, in_lab));
    }
}

bool pl_lab_is_quiet(const struct pl_lab *lab) {
    const struct pl_engine *engine = lab->engine;
    return pl_list_is_empty(&lab->lines) && (!lab->is_real || pl_edge_is_empty(&lab->edge)) &&
           pl_list_is_empty(&engine->busy) && pl_list_is_empty(&engine->ready) &&
           pl_list_is_empty(&engine->held) && pl_list_is_empty(&lab->server.storing) &&
           lab->server.flying_count == 0;
}

static void no_exchange(void *host, struct pl_exchange *exchange) {
    (void)host, (void)exchange;
}
static void no_room(void *host, struct pl_room *room) { (void)host, (void)room; }
static void no_request(void *host, struct pl_room *room, struct pl_exchange *exchange) {
    (void)host, (void)room, (void)exchange;
}
static void no_connect(void *host, struct pl_room *room, struct pl_exchange *exchange,
                       struct pl_connection *connection) {
    (void)host, (void)room, (void)exchange, (void)connection;
}
static void no_message(void *host, struct pl_room *room, struct pl_connection *connection,
                       struct pl_slice message, bool is_binary) {
    (void)host, (void)room, (void)connection, (void)message, (void)is_binary;
}
static void no_close(void *host, struct pl_room *room, struct pl_connection *connection,
                     uint16_t code, struct pl_slice reason, bool was_clean) {
    (void)host, (void)room, (void)connection, (void)code, (void)reason, (void)was_clean;
}
static void no_error(void *host, struct pl_room *room, struct pl_connection *connection,
                     struct pl_slice why) {
    (void)host, (void)room, (void)connection, (void)why;
}
static void no_alarm(void *host, struct pl_room *room, unsigned retries) {
    (void)host, (void)room, (void)retries;
}

/* A process that is gone runs no hooks, whatever its rooms would hear. */
static void silence(struct pl_lab *lab) {
    static struct pl_host_calls silent;
    silent = pl_host_calls;
    silent.before = silent.other = no_exchange;
    silent.start = no_room;
    silent.connect = no_connect;
    silent.message = no_message;
    silent.close = no_close;
    silent.error = no_error;
    silent.request = no_request;
    silent.alarm = no_alarm;
    lab->server.host_calls = &silent;
}

static void drop_lines(struct pl_lab *lab) {
    while (!pl_list_is_empty(&lab->lines)) {
        pl_line_drop(pl_container_of(lab->lines.next, struct pl_line, in_lab));
    }
}

void pl_lab_close(struct pl_lab *lab) {
    if (!lab->is_open) return;
    lab->is_open = false;
    silence(lab);
    lab->server.is_draining = true;
    pl_alarms_stop(&lab->server);
    pl_engine_drop_tasks(lab->engine);
    drop_lines(lab);
    if (lab->is_real) close_real(lab);
    pl_disk_finish(&lab->disk);
    pl_engine_drop_tasks(lab->engine);
    pl_host_finish(&lab->host);
    pl_server_finish(&lab->server);
    pl_host_close_fetches(&lab->host);
    pl_host_close_vectors(&lab->host);
    lab->engine->owner = NULL;
    take_clock_back(lab);
    luaL_unref(lab->engine->L, LUA_REGISTRYINDEX, lab->faults_ref);
    lab->faults_ref = LUA_NOREF;
    pl_opened_unref(lab->opened);
    lab->opened = NULL;
    pl_log_divert(NULL, NULL);
    pl_buffer_finish(&lab->log);
    pl_random_seed(NULL);
}
