#include "party/room.h"

#include "base/hash.h"
#include "base/log.h"
#include "party/event.h"
#include "party/exchange.h"
#include "party/host.h"
#include "party/outbox.h"
#include "party/server.h"
#include "party/tap.h"

#include <stdio.h>
#include <stdlib.h>

#define ALARM_IDLE_MS 1000
#define ALARM_ROOMS_MAX 2048 /* with more rooms in memory, those leave at once */
#define CALLS_FACTOR 2       /* times room_tasks: hooks that calls of other rooms may run */
#define MAPPED_FROM 16       /* connections; below that walking the list is quicker */

static void run_events(struct pl_room *room);
static void check_idle(struct pl_room *room);
static void on_block_limit(struct pl_timer *timer);

static const struct pl_host_calls *calls_of(const struct pl_room *room) {
    return room->server->host_calls;
}

static void *host_of(const struct pl_room *room) { return room->server->host; }

/* ---- life ----------------------------------------------------------------------------------- */

static void log_life(const struct pl_room *room, const char *what) {
    struct pl_log_line line;
    pl_log_begin(&line, PL_LOG_DEBUG, "room", pl_slice_of(what));
    pl_log_add(&line, "party", pl_party_name(room->party));
    pl_log_add(&line, "id", pl_room_id(room));
    pl_log_end(&line);
}

static void stop_leaving(struct pl_room *room) {
    if (!pl_room_is_leaving(room)) return;
    pl_list_remove(&room->in_renewal);
    room->server->renewal.leaving_count--;
}

static void leave(struct pl_room *room) {
    log_life(room, "unload");
    if (room->state == PL_ROOM_ASLEEP) room->party->meter.asleep_count--;
    room->state = PL_ROOM_GONE;
    pl_timer_stop(room->server->timers, &room->idle);
    stop_leaving(room);
    pl_timer_stop(room->server->timers, &room->block_limit);
    pl_map_remove(&room->party->rooms, pl_room_id(room));
    room->server->room_count--;
    calls_of(room)->stop(host_of(room), room);
    pl_storage_destroy(room->storage);
    room->storage = NULL;
    pl_room_unref(room);
}

static bool is_needed(const struct pl_room *room) {
    return room->holds > 0 || room->connection_count > 0 || room->event_count > 0;
}

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

static void rest(struct pl_room *room) {
    stop_leaving(room);
    room->state = PL_ROOM_ASLEEP;
    room->party->meter.asleep_count++;
    pl_timer_stop(room->server->timers, &room->idle);
    calls_of(room)->stop(host_of(room), room);
    PL_LIST_EACH(at, &room->connections) {
        calls_of(room)->rest(host_of(room), pl_container_of(at, struct pl_connection, in_room));
    }
    pl_storage_destroy(room->storage);
    room->storage = NULL;
}

static void sleep_now(struct pl_room *room) {
    log_life(room, "hibernate");
    rest(room);
}

bool pl_room_hibernate(struct pl_room *room) {
    if (room->state == PL_ROOM_GONE || room->state == PL_ROOM_ASLEEP) return true;
    if (!is_needed(room)) leave(room);
    else if (may_sleep(room)) sleep_now(room);
    else return false;
    return true;
}

/* How long it may still do nothing before it leaves or sleeps; false when it may do neither. */
static bool find_idle_ms(const struct pl_room *room, uint64_t *left_ms) {
    uint64_t limit_ms;
    if (!is_needed(room)) limit_ms = idle_ms_of(room);
    else if (may_sleep(room)) limit_ms = room->server->limits.hibernate_idle_ms;
    else return false;
    uint64_t since_ms = room->server->clock->now_ms - room->active_ms;
    *left_ms = since_ms < limit_ms ? limit_ms - since_ms : 0;
    return true;
}

static bool is_writing(const struct pl_room *room) {
    return room->storage != NULL && room->storage->durable_seq < room->storage->seq;
}

static void on_idle(struct pl_timer *timer) {
    struct pl_room *room = pl_container_of(timer, struct pl_room, idle);
    uint64_t left_ms;
    if (room->is_resetting) {
        if (!is_writing(room)) pl_room_abort(room); /* else pl_room_on_durable comes back */
        return;
    }
    if (!find_idle_ms(room, &left_ms)) return; /* check_idle starts the timer again */
    if (left_ms > 0) pl_timer_start(room->server->timers, timer, left_ms);
    else if (is_needed(room)) sleep_now(room);
    else leave(room);
}

/* A room that hibernates becomes idle after every message: its timer is left alone meanwhile, and
 * finds out when it runs. */
static void check_idle(struct pl_room *room) {
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
    check_idle(room);
}

struct pl_room *pl_room_get(struct pl_party *party, struct pl_slice id) {
    struct pl_room *room = pl_map_find(&party->rooms, id);
    if (room != NULL) return room;
    room = pl_alloc_zero(offsetof(struct pl_room, id) + id.len);
    room->server = party->server;
    room->party = pl_party_ref(party);
    room->refs = 1; /* the party's */
    room->idle.on_due = on_idle;
    room->block_limit.on_due = on_block_limit;
    room->id_len = (uint32_t)id.len;
    memcpy(room->id, id.at, id.len);
    pl_list_init(&room->connections);
    pl_list_init(&room->events);
    pl_list_init(&room->in_renewal);
    pl_map_add(&party->rooms, pl_room_id(room), room);
    party->server->room_count++;
    return room;
}

struct pl_room *pl_room_ref(struct pl_room *room) {
    room->refs++;
    return room;
}

void pl_room_unref(struct pl_room *room) {
    if (--room->refs > 0) return;
    room->server->host_calls->forget_room(room->server->host, room);
    pl_map_finish(&room->by_id);
    pl_party_unref(room->party);
    free(room);
}

void pl_room_hold(struct pl_room *room) {
    room->holds++;
    check_idle(room);
}

void pl_room_let_go(struct pl_room *room) {
    room->holds--;
    check_idle(room);
}

void pl_room_begin_task(struct pl_room *room, bool is_for_event) {
    room->tasks++;
    if (is_for_event) room->event_tasks++;
    pl_room_hold(room);
}

void pl_room_end_task(struct pl_room *room, bool is_for_event) {
    room->tasks--;
    if (is_for_event) room->event_tasks--;
    if (room->event_count > 0) run_events(room);
    pl_room_let_go(room);
}

/* ---- events --------------------------------------------------------------------------------- */

/* A room that writes faster than the disk has to wait for it. */
static bool is_ahead(const struct pl_room *room) {
    const struct pl_storage *storage = room->storage;
    return storage != NULL &&
           storage->flying_bytes + storage->outbox_bytes >= PL_PENDING_BYTES_MAX;
}

static bool is_ready(const struct pl_room *room) {
    return room->state == PL_ROOM_LIVE && !pl_room_is_held_up(room) && !is_ahead(room);
}

static bool can_run(const struct pl_room *room) {
    return is_ready(room) && room->tasks < room->server->limits.room_tasks &&
           !pl_room_is_leaving(room);
}

static bool is_crowded(const struct pl_room *room) {
    return room->event_count >= room->server->limits.room_events ||
           room->event_bytes >= room->server->limits.room_event_bytes;
}

static void start(struct pl_room *room) {
    if (room->state != PL_ROOM_NEW && room->state != PL_ROOM_ASLEEP) return;
    if (pl_room_is_leaving(room)) return; /* asleep, and its party is gone */
    log_life(room, "start");
    if (room->state == PL_ROOM_ASLEEP) room->party->meter.asleep_count--;
    room->party->meter.room_starts++;
    room->state = PL_ROOM_STARTING;
    calls_of(room)->start(host_of(room), room);
}

static void take_events(struct pl_room *room, struct pl_list *out) {
    pl_list_move(out, &room->events);
    room->event_count = room->event_bytes = 0;
}

static struct pl_event *take_first(struct pl_list *events) {
    struct pl_event *event = pl_container_of(events->next, struct pl_event, in_room);
    pl_list_remove(&event->in_room);
    return event;
}

static void push_event(struct pl_room *room, struct pl_event *event) {
    pl_list_push(&room->events, &event->in_room);
    room->event_count++;
    room->event_bytes += pl_event_cost(event);
    check_idle(room);
    start(room);
}

static struct pl_event *pop_event(struct pl_room *room) {
    struct pl_event *event = take_first(&room->events);
    room->event_count--;
    room->event_bytes -= pl_event_cost(event);
    return event;
}

static void run_exchange(struct pl_room *room, struct pl_exchange *exchange) {
    if (exchange->socket == NULL) return; /* the client has given up */
    room->is_visited = true;
    if (exchange->request->is_websocket) {
        struct pl_connection *connection = pl_connection_create(room, exchange);
        calls_of(room)->connect(host_of(room), room, exchange, connection);
    } else {
        exchange->room = room;
        calls_of(room)->request(host_of(room), room, exchange);
    }
}

static void run_event(struct pl_room *room, struct pl_event *event) {
    struct pl_slice bytes = pl_event_bytes(event);
    switch (event->kind) {
    case PL_EVENT_EXCHANGE: run_exchange(room, event->exchange); break;
    case PL_EVENT_MESSAGE:
        calls_of(room)->message(host_of(room), room, event->connection, bytes, event->flag);
        break;
    case PL_EVENT_CLOSE:
        calls_of(room)->close(host_of(room), room, event->connection, event->code, bytes,
                              event->flag);
        break;
    case PL_EVENT_ERROR:
        calls_of(room)->error(host_of(room), room, event->connection, bytes);
        break;
    case PL_EVENT_ALARM: pl_alarm_run(room); break;
    }
}

static void resume_paused(struct pl_room *room) {
    const struct pl_limits *limits = &room->server->limits;
    if (room->paused_count == 0 || room->event_count * 2 > limits->room_events ||
        room->event_bytes * 2 > limits->room_event_bytes) {
        return;
    }
    PL_LIST_EACH(at, &room->connections) {
        struct pl_connection *connection = pl_container_of(at, struct pl_connection, in_room);
        if (!connection->is_paused) continue;
        connection->is_paused = false;
        room->paused_count--;
        if (connection->socket != NULL) connection->edge->resume(connection->socket);
    }
}

static void run_events(struct pl_room *room) {
    pl_room_ref(room);
    while (can_run(room) && room->event_count > 0) {
        struct pl_event *event = pop_event(room);
        run_event(room, event);
        pl_event_destroy(event);
    }
    resume_paused(room);
    check_idle(room);
    pl_room_unref(room);
}

/* Hooks that wait for a call may keep others waiting, in the end those that the call is for: a
 * call does not wait until one of them has ended. */
static bool is_call_due(const struct pl_room *room) {
    return is_ready(room) &&
           (pl_room_is_leaving(room) || room->tasks >= room->server->limits.room_tasks);
}

static bool is_full_of_calls(const struct pl_room *room) {
    return room->tasks / CALLS_FACTOR >= room->server->limits.room_tasks;
}

void pl_room_on_exchange(struct pl_room *room, struct pl_exchange *exchange) {
    bool is_next = can_run(room) && room->event_count == 0;
    bool is_due = exchange->depth > 0 && is_call_due(room);
    if (is_next || (is_due && !is_full_of_calls(room))) {
        run_exchange(room, exchange);
        pl_exchange_unref(exchange);
        check_idle(room);
    } else if (is_due || is_crowded(room)) {
        pl_exchange_respond_text(exchange, 503, PL_SLICE("The room is too busy"));
        pl_exchange_unref(exchange);
    } else {
        push_event(room, pl_event_of_exchange(exchange));
    }
}

/* All senders at once: each of thousands could still add a message otherwise. */
static void pause_all(struct pl_room *room) {
    PL_LIST_EACH(at, &room->connections) {
        struct pl_connection *connection = pl_container_of(at, struct pl_connection, in_room);
        if (connection->is_paused || connection->socket == NULL) continue;
        connection->is_paused = true;
        room->paused_count++;
        connection->edge->pause(connection->socket);
    }
}

void pl_room_on_message(struct pl_room *room, struct pl_connection *connection,
                        struct pl_slice message, bool is_binary) {
    if (can_run(room) && room->event_count == 0) {
        calls_of(room)->message(host_of(room), room, connection, message, is_binary);
        return;
    }
    push_event(room, pl_event_of_message(connection, message, is_binary));
    if (is_crowded(room)) pause_all(room);
}

void pl_room_on_close(struct pl_room *room, struct pl_connection *connection, uint16_t code,
                      struct pl_slice reason, bool was_clean) {
    if (can_run(room) && room->event_count == 0) {
        calls_of(room)->close(host_of(room), room, connection, code, reason, was_clean);
    } else {
        push_event(room, pl_event_of_close(connection, code, reason, was_clean));
    }
}

void pl_room_on_error(struct pl_room *room, struct pl_connection *connection,
                      struct pl_slice why) {
    if (can_run(room) && room->event_count == 0) {
        calls_of(room)->error(host_of(room), room, connection, why);
    } else {
        push_event(room, pl_event_of_error(connection, why));
    }
}

void pl_room_on_alarm(struct pl_room *room) {
    if (can_run(room) && room->event_count == 0) {
        pl_alarm_run(room);
    } else {
        push_event(room, pl_event_of_alarm());
    }
}

/* Not at once: a hook of the room may be running. */
static void reset_soon(struct pl_room *room) {
    pl_timer_start(room->server->timers, &room->idle, 0);
}

void pl_room_on_durable(struct pl_room *room) {
    if (room->waiter != NULL) calls_of(room)->durable(host_of(room), room);
    if (room->is_resetting) reset_soon(room);
    if (room->event_count > 0) run_events(room);
}

static void log_reset(const struct pl_room *room, struct pl_slice why) {
    struct pl_log_line line;
    pl_log_begin(&line, PL_LOG_ERROR, "room",
                 PL_SLICE("blockConcurrencyWhile failed, the room is reset"));
    pl_log_add(&line, "party", pl_party_name(room->party));
    pl_log_add(&line, "room", pl_room_id(room));
    pl_log_add(&line, "err", why);
    pl_log_end(&line);
}

void pl_room_reset(struct pl_room *room, uint64_t block, struct pl_slice why) {
    if (room->state == PL_ROOM_GONE || room->is_resetting) return;
    log_reset(room, why);
    pl_timer_stop(room->server->timers, &room->block_limit);
    room->block = block;
    room->is_resetting = true;
    reset_soon(room);
}

static void on_block_limit(struct pl_timer *timer) {
    struct pl_room *room = pl_container_of(timer, struct pl_room, block_limit);
    char why[64];
    int len = snprintf(why, sizeof why, "it took longer than %llu ms",
                       (unsigned long long)room->server->limits.block_timeout_ms);
    pl_room_reset(room, UINT64_MAX, pl_slice(why, (size_t)len));
}

void pl_room_block(struct pl_room *room, uint64_t block, bool has_limit) {
    uint64_t limit_ms = room->server->limits.block_timeout_ms;
    room->block = block;
    if (!has_limit || limit_ms == 0) return;
    pl_timer_start(room->server->timers, &room->block_limit, limit_ms);
}

void pl_room_unblock(struct pl_room *room) {
    if (room->is_resetting) return;
    pl_timer_stop(room->server->timers, &room->block_limit);
    room->block = 0;
    if (room->event_count > 0) run_events(room);
}

/* A room that cannot start has run its alarm in vain. */
static void fail_event(struct pl_room *room, struct pl_event *event, struct pl_slice why) {
    if (event->kind == PL_EVENT_EXCHANGE) pl_exchange_respond_text(event->exchange, 500, why);
    if (event->kind == PL_EVENT_ALARM) pl_alarm_fail(room);
    pl_event_destroy(event);
}

void pl_room_on_started(struct pl_room *room, bool is_ok, struct pl_slice why) {
    if (room->state != PL_ROOM_STARTING) return;
    if (is_ok) {
        room->state = PL_ROOM_LIVE;
        run_events(room);
        return;
    }
    if (pl_room_is_leaving(room)) { /* the new code may do better */
        room->state = PL_ROOM_LIVE;
        return;
    }
    room->state = PL_ROOM_NEW;
    struct pl_list failed;
    take_events(room, &failed);
    calls_of(room)->stop(host_of(room), room);
    while (!pl_list_is_empty(&failed)) fail_event(room, take_first(&failed), why);
    check_idle(room);
}

/* ---- connections ---------------------------------------------------------------------------- */

void pl_room_add(struct pl_room *room, struct pl_connection *connection) {
    pl_list_push(&room->connections, &connection->in_room);
    room->connection_count++;
    room->party->meter.connection_count++;
    if (room->by_id.count > 0) {
        pl_map_add(&room->by_id, pl_connection_id(connection), connection);
    } else if (room->connection_count >= MAPPED_FROM) {
        PL_LIST_EACH(at, &room->connections) {
            struct pl_connection *each = pl_container_of(at, struct pl_connection, in_room);
            pl_map_add(&room->by_id, pl_connection_id(each), each);
        }
    }
    check_idle(room);
}

void pl_room_remove(struct pl_room *room, struct pl_connection *connection) {
    if (pl_list_is_empty(&connection->in_room)) return;
    pl_list_remove(&connection->in_room);
    room->connection_count--;
    room->party->meter.connection_count--;
    if (room->by_id.count > 0) pl_map_remove(&room->by_id, pl_connection_id(connection));
    if (connection->is_paused) {
        connection->is_paused = false;
        room->paused_count--;
        if (connection->socket != NULL) connection->edge->resume(connection->socket);
    }
    check_idle(room);
}

struct pl_connection *pl_room_find(struct pl_room *room, struct pl_slice id) {
    if (room->by_id.count > 0) return pl_map_find(&room->by_id, id);
    PL_LIST_EACH(at, &room->connections) {
        struct pl_connection *connection = pl_container_of(at, struct pl_connection, in_room);
        if (pl_slice_equal(pl_connection_id(connection), id)) return connection;
    }
    return NULL;
}

static bool is_excluded(const struct pl_connection *connection, const struct pl_slice *without,
                        size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (pl_slice_equal(pl_connection_id(connection), without[i])) return true;
    }
    return false;
}

bool pl_room_reaches(const struct pl_connection *connection, const struct pl_slice *without,
                     size_t without_count) {
    return connection->ready_state == PL_OPEN && connection->socket != NULL &&
           (without_count == 0 || !is_excluded(connection, without, without_count));
}

void pl_room_broadcast(struct pl_room *room, struct pl_message *message,
                       const struct pl_slice *without, size_t without_count) {
    if (pl_room_is_gated(room)) {
        pl_outbox_broadcast(room, message, without, without_count);
        return;
    }
    size_t receivers = 0;
    PL_LIST_EACH(at, &room->connections) {
        struct pl_connection *connection = pl_container_of(at, struct pl_connection, in_room);
        if (!pl_room_reaches(connection, without, without_count)) continue;
        connection->edge->send(connection->socket, message);
        receivers++;
    }
    room->party->meter.sent[message->is_binary] += receivers;
    if (pl_server_is_tapped(room->server)) {
        pl_taps_on_broadcast(room, message->bytes, message->is_binary, receivers);
    }
}

/* ---- ids and the end ------------------------------------------------------------------------ */

void pl_room_internal_id(const struct pl_room *room, char out[PL_INTERNAL_ID_BYTES + 1]) {
    struct pl_buffer name = {0};
    pl_buffer_add(&name, pl_party_name(room->party));
    pl_buffer_add_byte(&name, '/');
    pl_buffer_add(&name, pl_room_id(room));
    for (unsigned i = 0; i < 4; i++) {
        uint64_t part = pl_hash(pl_buffer_slice(&name), 0x7061727479u, i);
        snprintf(out + i * 16, 17, "%016llx", (unsigned long long)part);
    }
    pl_buffer_finish(&name);
}

static void deliver_one_anew(struct pl_room *room, struct pl_exchange *exchange) {
    if (room->party->is_gone || pl_exchange_is_outdated(exchange)) {
        pl_exchange_restart(exchange);
    } else {
        pl_room_on_exchange(pl_room_get(room->party, pl_room_id(room)),
                            pl_exchange_ref(exchange));
    }
}

/* Requests that have not begun are nobody's fault: they go to the room that comes next. */
static void deliver_anew(struct pl_room *room, struct pl_list *events) {
    while (!pl_list_is_empty(events)) {
        struct pl_event *event = take_first(events);
        if (event->exchange != NULL) deliver_one_anew(room, event->exchange);
        pl_event_destroy(event);
    }
}

static void fail_connections(struct pl_room *room, uint16_t code, struct pl_slice reason) {
    while (!pl_list_is_empty(&room->connections)) {
        pl_connection_fail(
            pl_container_of(room->connections.next, struct pl_connection, in_room), code,
            reason);
    }
}

static void refuse_all(struct pl_list *events, struct pl_slice why) {
    while (!pl_list_is_empty(events)) {
        struct pl_event *event = take_first(events);
        if (event->kind == PL_EVENT_EXCHANGE)
            pl_exchange_respond_text(event->exchange, 500, why);
        pl_event_destroy(event);
    }
}

void pl_room_abort(struct pl_room *room) {
    struct pl_list events;
    if (room->state == PL_ROOM_GONE) return;
    bool is_start_lost = room->state == PL_ROOM_STARTING && room->is_resetting;
    pl_room_ref(room);
    take_events(room, &events);
    pl_alarm_abort(room);
    leave(room);
    calls_of(room)->abort(host_of(room), room);
    fail_connections(room, PL_FAILED_CODE, pl_room_end_reason(room));
    /* A start that takes too long would do so again, and whoever waits for it wait for ever. */
    if (is_start_lost) refuse_all(&events, pl_room_end_reason(room));
    deliver_anew(room, &events);
    pl_room_unref(room);
}

/* ---- moving to new code --------------------------------------------------------------------- */

bool pl_room_can_move(const struct pl_room *room) {
    const struct pl_storage *storage = room->storage;
    if (room->state == PL_ROOM_ASLEEP) return true;
    return room->state == PL_ROOM_LIVE && room->tasks == room->listening && room->block == 0 &&
           (storage == NULL || storage->durable_seq == storage->seq);
}

static void restart_exchanges(struct pl_list *events) {
    while (!pl_list_is_empty(events)) {
        struct pl_event *event = take_first(events);
        if (event->exchange != NULL) pl_exchange_restart(event->exchange);
        pl_event_destroy(event);
    }
}

/* Requests that have passed a before-hook of the old code have to pass the new one. */
static void take_outdated(struct pl_room *room, struct pl_list *out) {
    pl_list_init(out);
    PL_LIST_EACH(at, &room->events) {
        struct pl_event *event = pl_container_of(at, struct pl_event, in_room);
        if (event->exchange == NULL || !pl_exchange_is_outdated(event->exchange)) continue;
        pl_list_remove(at);
        pl_list_push(out, at);
        room->event_count--;
        room->event_bytes -= pl_event_cost(event);
    }
}

/* The new app has no such party. */
static void end_room(struct pl_room *room) {
    struct pl_list events;
    take_events(room, &events);
    if (room->alarm.is_queued) pl_alarm_abort(room);
    fail_connections(room, PL_RELOADED_CODE, PL_RELOADED_REASON);
    leave(room);
    restart_exchanges(&events);
}

/* A room that has timers, or keeps what it knows in memory, starts again at once: the new code has
 * to set its own, and to know. One that hibernates waits for its next event, as ever. */
void pl_room_move(struct pl_room *room) {
    bool is_awake = !room->hibernates || room->wakeful > 0 || room->holds > 0;
    bool stays = is_needed(room) || room->wakeful > 0;
    struct pl_list outdated;
    pl_room_ref(room);
    log_life(room, "move");
    if (room->listening > 0) calls_of(room)->abort(host_of(room), room);
    if (room->state == PL_ROOM_ASLEEP) stop_leaving(room);
    else rest(room);
    if (room->party->is_gone || room->party == room->server->sockets) {
        end_room(room);
    } else if (!stays) {
        leave(room);
    } else {
        take_outdated(room, &outdated);
        if (is_awake || room->event_count > 0) start(room);
        restart_exchanges(&outdated);
        check_idle(room);
    }
    pl_room_unref(room);
}

void pl_room_destroy(struct pl_room *room) {
    struct pl_list events;
    take_events(room, &events);
    while (!pl_list_is_empty(&events)) pl_event_destroy(take_first(&events));
    if (room->state != PL_ROOM_GONE) leave(room);
}
