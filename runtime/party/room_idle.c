#include "party/room_parts.h"

#define ALARM_IDLE_MS 1000
#define ALARM_ROOMS_MAX 2048 /* with more rooms in memory, those leave at once */

/* A room that only its alarm has woken leaves soon: there may be a million of them. */
static uint64_t idle_ms_of(const struct pl_room *room) {
    uint64_t idle_ms = room->party->room_idle_ms;
    if (room->is_visited) return idle_ms;
    if (room->server->room_count > ALARM_ROOMS_MAX) return 0;
    return idle_ms < ALARM_IDLE_MS ? idle_ms : ALARM_IDLE_MS;
}

/* Whether nothing but connections is left of what it does. */
static bool may_sleep(const struct pl_room *room) {
    return room->hibernates && room->state == PL_ROOM_LIVE && room->holds == 0 &&
           room->wakeful == 0 && room->event_count == 0 && room->block == 0;
}

void pl_room_rest(struct pl_room *room) {
    pl_renewal_remove(room);
    room->state = PL_ROOM_ASLEEP;
    room->party->meter.asleep_count++;
    pl_timer_stop(room->server->timers, &room->idle);
    pl_room_calls(room)->stop(pl_room_host(room), room);
    PL_LIST_EACH(at, &room->connections) {
        pl_room_calls(room)->rest(pl_room_host(room),
                                  pl_container_of(at, struct pl_connection, in_room));
    }
    pl_storage_destroy(room->storage);
    room->storage = NULL;
}

static void sleep_now(struct pl_room *room) {
    pl_room_log(room, "hibernate");
    pl_room_rest(room);
}

bool pl_room_hibernate(struct pl_room *room) {
    if (room->state == PL_ROOM_GONE || room->state == PL_ROOM_ASLEEP) return true;
    if (!pl_room_is_needed(room)) pl_room_leave(room);
    else if (may_sleep(room)) sleep_now(room);
    else return false;
    return true;
}

/* How long it may still do nothing before it leaves or sleeps; false when it may do neither. */
static bool find_idle_ms(const struct pl_room *room, uint64_t *left_ms) {
    uint64_t limit_ms;
    if (!pl_room_is_needed(room)) limit_ms = idle_ms_of(room);
    else if (may_sleep(room)) limit_ms = room->server->limits.hibernate_idle_ms;
    else return false;
    uint64_t since_ms = room->server->clock->now_ms - room->active_ms;
    *left_ms = since_ms < limit_ms ? limit_ms - since_ms : 0;
    return true;
}

static bool is_writing(const struct pl_room *room) {
    return room->storage != NULL && room->storage->durable_seq < room->storage->seq;
}

void pl_room_on_idle(struct pl_timer *timer) {
    struct pl_room *room = pl_container_of(timer, struct pl_room, idle);
    uint64_t left_ms;
    if (room->is_resetting) {
        if (!is_writing(room)) pl_room_abort(room); /* else pl_room_on_durable comes back */
        return;
    }
    if (!find_idle_ms(room, &left_ms)) return; /* pl_room_check_idle starts the timer again */
    if (left_ms > 0) pl_timer_start(room->server->timers, timer, left_ms);
    else if (pl_room_is_needed(room)) sleep_now(room);
    else pl_room_leave(room);
}

/* A room that hibernates becomes idle after every message: its timer is left alone meanwhile, and
 * finds out when it runs. */
void pl_room_check_idle(struct pl_room *room) {
    uint64_t left_ms;
    if (room->state == PL_ROOM_GONE || room->is_resetting) return;
    struct pl_timers *timers = room->server->timers;
    room->active_ms = room->server->clock->now_ms;
    if (find_idle_ms(room, &left_ms)) {
        if (!pl_timer_is_running(&room->idle)) pl_timer_start(timers, &room->idle, left_ms);
    } else if (!room->hibernates) {
        pl_timer_stop(timers, &room->idle);
    }
}

void pl_room_stay_awake(struct pl_room *room) { room->wakeful++; }

void pl_room_may_sleep(struct pl_room *room) {
    room->wakeful--;
    pl_room_check_idle(room);
}

void pl_room_hold(struct pl_room *room) {
    room->holds++;
    pl_room_check_idle(room);
}

void pl_room_let_go(struct pl_room *room) {
    room->holds--;
    pl_room_check_idle(room);
}

void pl_room_begin_task(struct pl_room *room, bool is_for_event) {
    room->tasks++;
    if (is_for_event) room->event_tasks++;
    pl_room_hold(room);
}

void pl_room_end_task(struct pl_room *room, bool is_for_event) {
    room->tasks--;
    if (is_for_event) room->event_tasks--;
    if (room->event_count > 0) pl_room_run_events(room);
    pl_room_let_go(room);
}
