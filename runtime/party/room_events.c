#include "base/limits.h"
#include "party/event.h"
#include "party/exchange.h"
#include "party/room_parts.h"

#define CALLS_FACTOR 2 /* times room_tasks: hooks that calls of other rooms may run */

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

/* Later than it was crowded, so that senders do not stop and go with each event. */
static bool is_roomy(const struct pl_room *room) {
    const struct pl_limits *limits = &room->server->limits;
    return room->event_count * 2 <= limits->room_events &&
           room->event_bytes * 2 <= limits->room_event_bytes;
}

void pl_room_take_events(struct pl_room *room, struct pl_list *out) {
    pl_list_move(out, &room->events);
    room->event_count = room->event_bytes = 0;
}

static void push_event(struct pl_room *room, struct pl_event *event) {
    pl_list_push(&room->events, &event->in_room);
    room->event_count++;
    room->event_bytes += pl_event_cost(event);
    pl_room_check_idle(room);
    pl_room_start(room);
}

static struct pl_event *pop_event(struct pl_room *room) {
    struct pl_event *event = pl_event_take_first(&room->events);
    room->event_count--;
    room->event_bytes -= pl_event_cost(event);
    return event;
}

static void run_exchange(struct pl_room *room, struct pl_exchange *exchange) {
    if (exchange->socket == NULL) return; /* the client has given up */
    room->is_visited = true;
    if (exchange->request->is_websocket) {
        struct pl_connection *connection = pl_connection_create(room, exchange);
        pl_room_calls(room)->connect(pl_room_host(room), room, exchange, connection);
    } else {
        exchange->room = room;
        pl_room_calls(room)->request(pl_room_host(room), room, exchange);
    }
}

static void run_event(struct pl_room *room, struct pl_event *event) {
    struct pl_slice bytes = pl_event_bytes(event);
    switch (event->kind) {
    case PL_EVENT_EXCHANGE: run_exchange(room, event->exchange); break;
    case PL_EVENT_MESSAGE:
        pl_room_calls(room)->message(pl_room_host(room), room, event->connection, bytes,
                                     event->flag);
        break;
    case PL_EVENT_CLOSE:
        pl_room_calls(room)->close(pl_room_host(room), room, event->connection, event->code,
                                   bytes, event->flag);
        break;
    case PL_EVENT_ERROR:
        pl_room_calls(room)->error(pl_room_host(room), room, event->connection, bytes);
        break;
    case PL_EVENT_ALARM: pl_alarm_run(room); break;
    }
}

void pl_room_run_events(struct pl_room *room) {
    pl_room_ref(room);
    while (can_run(room) && room->event_count > 0) {
        struct pl_event *event = pop_event(room);
        run_event(room, event);
        pl_event_destroy(event);
    }
    if (room->paused_count > 0 && is_roomy(room)) pl_room_resume_all(room);
    pl_room_check_idle(room);
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
        pl_room_check_idle(room);
    } else if (is_due || is_crowded(room)) {
        pl_exchange_respond_text(exchange, 503, PL_SLICE("The room is too busy"));
        pl_exchange_unref(exchange);
    } else {
        push_event(room, pl_event_of_exchange(exchange));
    }
}

void pl_room_on_message(struct pl_room *room, struct pl_connection *connection,
                        struct pl_slice message, bool is_binary) {
    if (can_run(room) && room->event_count == 0) {
        pl_room_calls(room)->message(pl_room_host(room), room, connection, message, is_binary);
        return;
    }
    push_event(room, pl_event_of_message(connection, message, is_binary));
    if (is_crowded(room)) pl_room_pause_all(room);
}

void pl_room_on_close(struct pl_room *room, struct pl_connection *connection, uint16_t code,
                      struct pl_slice reason, bool was_clean) {
    if (can_run(room) && room->event_count == 0) {
        pl_room_calls(room)->close(pl_room_host(room), room, connection, code, reason,
                                   was_clean);
    } else {
        push_event(room, pl_event_of_close(connection, code, reason, was_clean));
    }
}

void pl_room_on_error(struct pl_room *room, struct pl_connection *connection,
                      struct pl_slice why) {
    if (can_run(room) && room->event_count == 0) {
        pl_room_calls(room)->error(pl_room_host(room), room, connection, why);
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

void pl_room_on_durable(struct pl_room *room) {
    if (room->waiter != NULL) pl_room_calls(room)->durable(pl_room_host(room), room);
    if (room->is_resetting) pl_room_reset_soon(room);
    if (room->event_count > 0) pl_room_run_events(room);
}
