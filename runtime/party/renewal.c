#include "party/renewal.h"

#include "party/event.h"
#include "party/exchange.h"
#include "party/room_parts.h"

/* ---- on their way ---------------------------------------------------------------------------- */

/* A room that hibernates has no code to leave; but where the new app has no such party, there is
 * nothing left for its connections to wake. */
static bool has_to_move(const struct pl_room *room) {
    return room->state == PL_ROOM_LIVE || room->state == PL_ROOM_STARTING ||
           room->state == PL_ROOM_FAILED ||
           (room->state == PL_ROOM_ASLEEP && room->party->is_gone);
}

static void send_off(struct pl_server *server, struct pl_room *room) {
    struct pl_renewal *renewal = &server->renewal;
    if (!has_to_move(room)) return;
    renewal->connection_count += room->connection_count;
    if (pl_room_is_leaving(room)) return;
    pl_list_push(&renewal->leaving, &room->in_renewal);
    renewal->leaving_count++;
}

void pl_renewal_remove(struct pl_room *room) {
    if (!pl_room_is_leaving(room)) return;
    pl_list_remove(&room->in_renewal);
    room->server->renewal.leaving_count--;
}

static void send_off_all(struct pl_server *server, struct pl_party *party) {
    size_t at = 0;
    for (struct pl_room *room; (room = pl_map_next(&party->rooms, &at)) != NULL;) {
        send_off(server, room);
    }
}

void pl_renewal_start(struct pl_server *server) {
    size_t at = 0;
    server->renewal.moved_count = server->renewal.connection_count = 0;
    for (struct pl_party *party; (party = pl_map_next(&server->parties, &at)) != NULL;) {
        send_off_all(server, party);
    }
    if (server->sockets != NULL) send_off_all(server, server->sockets);
}

/* ---- moving ---------------------------------------------------------------------------------- */

static bool can_move(const struct pl_room *room) {
    const struct pl_storage *storage = room->storage;
    if (room->state == PL_ROOM_ASLEEP) return true;
    bool is_idle = room->state == PL_ROOM_LIVE || room->state == PL_ROOM_FAILED;
    return is_idle && room->tasks == room->listening && room->block == 0 &&
           (storage == NULL || storage->durable_seq == storage->seq);
}

static void restart_exchanges(struct pl_list *events) {
    while (!pl_list_is_empty(events)) {
        struct pl_event *event = pl_event_take_first(events);
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
    pl_room_take_events(room, &events);
    if (room->alarm.is_queued) pl_alarm_abort(room);
    pl_room_fail_connections(room, PL_RELOADED_CODE, PL_RELOADED_REASON);
    pl_room_leave(room);
    restart_exchanges(&events);
}

/* A room that has timers, or keeps what it knows in memory, starts again at once: the new code has
 * to set its own, and to know. One that hibernates waits for its next event, as ever. */
static void move(struct pl_room *room) {
    bool is_awake = !room->hibernates || room->wakeful > 0 || room->holds > 0;
    bool stays = pl_room_is_needed(room) || room->wakeful > 0;
    struct pl_list outdated;
    pl_room_ref(room);
    pl_room_log(room, "move");
    if (room->listening > 0) pl_room_calls(room)->abort(pl_room_host(room), room);
    if (room->state == PL_ROOM_ASLEEP) pl_renewal_remove(room);
    else pl_room_rest(room);
    if (room->party->is_gone || room->party == room->server->sockets) {
        end_room(room);
    } else if (!stays) {
        pl_room_leave(room);
    } else {
        take_outdated(room, &outdated);
        if (is_awake || room->event_count > 0) pl_room_start(room);
        restart_exchanges(&outdated);
        pl_room_check_idle(room);
    }
    pl_room_unref(room);
}

/* Rooms start again while this goes on, and one may end another: the list is looked through from
 * its beginning after each that has moved. */
static bool move_one(struct pl_renewal *renewal) {
    PL_LIST_EACH(at, &renewal->leaving) {
        struct pl_room *room = pl_container_of(at, struct pl_room, in_renewal);
        if (!can_move(room)) continue;
        renewal->moved_count++;
        move(room);
        return true;
    }
    return false;
}

void pl_renewal_turn(struct pl_server *server) {
    if (pl_list_is_empty(&server->renewal.leaving)) return;
    while (move_one(&server->renewal)) {
    }
}

void pl_renewal_give_up(struct pl_room *room) {
    pl_room_ref(room);
    if (room->alarm.is_running) pl_alarm_abort(room);
    pl_room_calls(room)->abort(pl_room_host(room), room);
    if (!room->is_resetting) pl_room_unblock(room);
    if (room->state == PL_ROOM_STARTING) room->state = PL_ROOM_FAILED;
    pl_room_unref(room);
}
