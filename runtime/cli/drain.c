#include "cli/drain.h"

#include "base/log.h"
#include "cli/house.h"
#include "party/exchange.h"
#include "party/room.h"

#define WAITING_LOGGED_MAX 10

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

bool pl_house_is_quiet(const struct pl_house *house) {
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

void pl_house_drain(struct pl_house *house) {
    house->is_draining = true;
    pl_systemd_tell_stopping(&house->systemd);
    pl_house_run_own(house, "drain", house->on_drain);
    pl_server_drain(&house->server);
    PL_LIST_EACH(at, &house->apps) {
        pl_host_drain(&pl_container_of(at, struct pl_app, in_house)->host);
    }
    house->drain_limit.on_due = on_drain_limit;
    pl_timer_start(&house->loop.timers, &house->drain_limit, house->drain_timeout_ms);
    pl_edge_drain(&house->edge, house->drain_timeout_ms);
}
