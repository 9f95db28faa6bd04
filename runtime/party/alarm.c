#include "party/alarm.h"

#include "base/log.h"
#include "base/random.h"
#include "base/ticks.h"
#include "party/event.h"
#include "party/host.h"
#include "party/room.h"
#include "party/server.h"

#include <errno.h>

#define RUNNING_MAX 1024
#define LOOK_AGAIN_MS (60 * 60 * 1000) /* the wall clock may be set while we wait */
#define AFTER_ABORT_MS 2000
#define RETRIES_MAX 6
#define RETRY_FIRST_MS 2000

static void look(struct pl_server *server);

static int64_t wall_ms(const struct pl_server *server) {
    return pl_clock_wall_ms(server->clock);
}

/* ---- waiting -------------------------------------------------------------------------------- */

static void wait_until(struct pl_server *server, int64_t next_ms) {
    struct pl_alarms *alarms = &server->alarms;
    int64_t now_ms = wall_ms(server);
    alarms->next_ms = next_ms;
    if (next_ms == INT64_MAX || !alarms->is_started) {
        pl_timer_stop(server->timers, &alarms->timer);
        return;
    }
    int64_t wait_ms = next_ms > now_ms ? next_ms - now_ms : 0;
    if (wait_ms > LOOK_AGAIN_MS) wait_ms = LOOK_AGAIN_MS;
    pl_timer_start(server->timers, &alarms->timer, (uint64_t)wait_ms);
}

static void on_due(struct pl_timer *timer) {
    struct pl_alarms *alarms = pl_container_of(timer, struct pl_alarms, timer);
    look(pl_container_of(alarms, struct pl_server, alarms));
}

void pl_alarms_start(struct pl_server *server) {
    server->alarms.timer.on_due = on_due;
    server->alarms.is_started = true;
    wait_until(server, 0);
}

void pl_alarms_stop(struct pl_server *server) {
    server->alarms.is_started = false;
    pl_timer_stop(server->timers, &server->alarms.timer);
}

/* Looks at all rows again, from a time on. */
static void look_again(struct pl_server *server, int64_t when_ms) {
    server->alarms.last = (struct pl_alarm_row){0};
    if (when_ms < server->alarms.next_ms) wait_until(server, when_ms);
}

void pl_alarms_note(struct pl_server *server, const struct pl_stored_alarm *alarm) {
    if (alarm->due_ms != 0) look_again(server, alarm->attempt_ms);
}

void pl_alarms_look(struct pl_server *server) { look_again(server, 0); }

/* ---- delivering ----------------------------------------------------------------------------- */

/* The room of a row, or NULL when there is no party of its name any more. */
static struct pl_room *room_of(struct pl_server *server, const struct pl_alarm_row *row) {
    struct pl_slice party_name, id;
    if (!pl_room_name_split(row->name, &party_name, &id)) return NULL;
    struct pl_party *party = pl_server_find_party(server, party_name);
    return party == NULL ? NULL : pl_room_get(party, id);
}

/* A row may be older than what the room knows: its alarm is under way, or was changed by a batch
 * that is not durable yet. */
static bool is_current(const struct pl_room *room, const struct pl_alarm_row *row) {
    if (room->alarm.is_queued) return false;
    return room->storage == NULL || room->storage->alarm.attempt_ms == row->attempt_ms;
}

static void deliver(struct pl_server *server, struct pl_room *room) {
    if (!room->alarm.is_settling) server->alarms.running++;
    room->alarm = (struct pl_alarm_run){.is_queued = true};
    pl_room_on_alarm(room);
}

/* Delivers what is due, as far as there is room for it, and waits for the next. Handlers may end
 * at once, so the rest of many waits for the next turn. */
static void look(struct pl_server *server) {
    struct pl_alarms *alarms = &server->alarms;
    struct pl_alarm_row row = alarms->last;
    int64_t now_ms = wall_ms(server);
    int64_t next_ms = INT64_MAX;
    size_t delivered = 0;
    int rc = 0;
    alarms->is_full = false;
    while (next_ms == INT64_MAX && (rc = pl_store_next_alarm(server->store, &row)) == 0) {
        if (row.attempt_ms > now_ms) {
            next_ms = row.attempt_ms;
        } else if (alarms->running >= RUNNING_MAX) {
            alarms->is_full = true;
            break;
        } else if (delivered == RUNNING_MAX) {
            next_ms = 0;
        } else {
            struct pl_room *room = room_of(server, &row);
            alarms->last = row;
            if (room == NULL || !is_current(room, &row)) continue;
            deliver(server, room);
            delivered++;
        }
    }
    if (rc != 0 && rc != -ENOENT) { /* those behind it have to run all the same */
        pl_log_with(PL_LOG_ERROR, "storage", "alarms cannot be read", "err",
                    pl_slice_of(strerror(-rc)));
        next_ms = now_ms + AFTER_ABORT_MS;
    }
    wait_until(server, next_ms);
}

/* ---- running -------------------------------------------------------------------------------- */

/* One place is free. Those who wait for it are delivered at the end of this turn, so that a
 * handler never runs inside another. */
static void end_run(struct pl_room *room) {
    struct pl_server *server = room->server;
    room->alarm = (struct pl_alarm_run){0};
    server->alarms.running--;
    if (server->alarms.is_full) wait_until(server, 0);
}

static void settle(struct pl_room *room) {
    const struct pl_storage *storage = room->storage;
    if (storage == NULL || storage->durable_seq == storage->seq) {
        end_run(room);
        return;
    }
    room->alarm = (struct pl_alarm_run){.is_settling = true, .settle_seq = storage->seq};
}

void pl_alarm_run(struct pl_room *room) {
    struct pl_server *server = room->server;
    struct pl_storage *storage;
    bool is_due = pl_room_storage(room, &storage) == 0 && storage->alarm.due_ms != 0 &&
                  storage->alarm.attempt_ms <= wall_ms(server);
    if (!is_due) { /* deleted or moved while the event waited */
        end_run(room);
        return;
    }
    room->alarm.alarm = storage->alarm;
    room->alarm.is_running = true;
    int64_t late_ms = wall_ms(server) - storage->alarm.attempt_ms;
    pl_histogram_add(&server->alarm_lag, &pl_buckets_short,
                     (uint64_t)((double)late_ms * pl_ticks_per_second() / 1000));
    server->host_calls->alarm(server->host, room, storage->alarm.retries);
}

static struct pl_stored_alarm retry_of(struct pl_room *room, struct pl_stored_alarm alarm) {
    uint32_t chance;
    pl_random_bytes(&chance, sizeof chance);
    int64_t delay_ms = (int64_t)RETRY_FIRST_MS << alarm.retries;
    delay_ms += delay_ms / 4 * (chance % 1000) / 1000;
    alarm.retries++;
    alarm.attempt_ms = wall_ms(room->server) + delay_ms;
    return alarm;
}

static void log_dropped(const struct pl_room *room) {
    struct pl_log_line line;
    pl_log_begin(&line, PL_LOG_ERROR, "room",
                 PL_SLICE("alarm dropped: onAlarm failed in every attempt"));
    pl_log_add(&line, "party", pl_party_name(room->party));
    pl_log_add(&line, "room", pl_room_id(room));
    pl_log_add_number(&line, "attempts", RETRIES_MAX + 1);
    pl_log_end(&line);
}

void pl_alarm_done(struct pl_room *room, bool is_ok) {
    struct pl_alarm_run run = room->alarm;
    if (room->storage != NULL && !run.is_changed) {
        struct pl_stored_alarm next = {0};
        if (!is_ok && run.alarm.retries < RETRIES_MAX) next = retry_of(room, run.alarm);
        if (!is_ok && next.due_ms == 0) log_dropped(room);
        pl_storage_set_alarm(room->storage, next, true);
    }
    settle(room);
}

void pl_alarm_on_durable(struct pl_room *room) {
    if (!room->alarm.is_settling) return;
    if (room->storage->durable_seq >= room->alarm.settle_seq) end_run(room);
}

void pl_alarm_fail(struct pl_room *room) {
    struct pl_storage *storage;
    if (pl_room_storage(room, &storage) == 0) room->alarm.alarm = storage->alarm;
    room->alarm.is_changed = room->storage == NULL || storage->alarm.due_ms == 0;
    pl_alarm_done(room, false);
}

/* Also when its handler has ended: what would have deleted or moved the alarm may be what could
 * not be saved, and its row was passed already. */
void pl_alarm_abort(struct pl_room *room) {
    struct pl_server *server = room->server;
    if (room->alarm.is_queued || room->alarm.is_settling) end_run(room);
    look_again(server, wall_ms(server) + AFTER_ABORT_MS);
}

void pl_alarm_set(struct pl_room *room, int64_t due_ms, bool is_silent) {
    room->alarm.is_changed = room->alarm.is_running;
    pl_storage_set_alarm(room->storage,
                         (struct pl_stored_alarm){.due_ms = due_ms, .attempt_ms = due_ms},
                         is_silent);
}

int64_t pl_alarm_get(const struct pl_room *room) {
    if (room->alarm.is_running && !room->alarm.is_changed) return 0;
    return room->storage->alarm.due_ms;
}
