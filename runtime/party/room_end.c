#include "party/event.h"
#include "party/exchange.h"
#include "party/room_parts.h"

void pl_room_leave(struct pl_room *room) {
    pl_room_log(room, "unload");
    if (room->state == PL_ROOM_ASLEEP) room->party->meter.asleep_count--;
    room->state = PL_ROOM_GONE;
    pl_timer_stop(room->server->timers, &room->idle);
    pl_renewal_remove(room);
    pl_timer_stop(room->server->timers, &room->block_limit);
    pl_map_remove(&room->party->rooms, pl_room_id(room));
    room->server->room_count--;
    pl_room_calls(room)->stop(pl_room_host(room), room);
    pl_storage_destroy(room->storage);
    room->storage = NULL;
    pl_room_unref(room);
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
        struct pl_event *event = pl_event_take_first(events);
        if (event->exchange != NULL) deliver_one_anew(room, event->exchange);
        pl_event_destroy(event);
    }
}

void pl_room_fail_connections(struct pl_room *room, uint16_t code, struct pl_slice reason) {
    while (!pl_list_is_empty(&room->connections)) {
        pl_connection_fail(
            pl_container_of(room->connections.next, struct pl_connection, in_room), code,
            reason);
    }
}

static void refuse_all(struct pl_list *events, struct pl_slice why) {
    while (!pl_list_is_empty(events)) {
        struct pl_event *event = pl_event_take_first(events);
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
    pl_room_take_events(room, &events);
    pl_alarm_abort(room);
    pl_room_leave(room);
    pl_room_calls(room)->abort(pl_room_host(room), room);
    pl_room_fail_connections(room, PL_FAILED_CODE, pl_room_end_reason(room));
    /* A start that takes too long would do so again, and whoever waits for it wait for ever. */
    if (is_start_lost) refuse_all(&events, pl_room_end_reason(room));
    deliver_anew(room, &events);
    pl_room_unref(room);
}

void pl_room_destroy(struct pl_room *room) {
    struct pl_list events;
    pl_room_take_events(room, &events);
    while (!pl_list_is_empty(&events)) pl_event_destroy(pl_event_take_first(&events));
    if (room->state != PL_ROOM_GONE) pl_room_leave(room);
}
