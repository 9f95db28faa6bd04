#include "party/renewal.h"

#include "party/host.h"
#include "party/room.h"
#include "party/server.h"

/* A room that hibernates has no code to leave; but where the new app has no such party, there is
 * nothing left for its connections to wake. */
static bool has_to_move(const struct pl_room *room) {
    return room->state == PL_ROOM_LIVE || room->state == PL_ROOM_STARTING ||
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

/* Rooms start again while this goes on, and one may end another: the list is looked through from
 * its beginning after each that has moved. */
static bool move_one(struct pl_renewal *renewal) {
    PL_LIST_EACH(at, &renewal->leaving) {
        struct pl_room *room = pl_container_of(at, struct pl_room, in_renewal);
        if (!pl_room_can_move(room)) continue;
        renewal->moved_count++;
        pl_room_move(room);
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
    struct pl_server *server = room->server;
    pl_room_ref(room);
    if (room->alarm.is_running) pl_alarm_abort(room);
    server->host_calls->abort(server->host, room);
    if (!room->is_resetting) pl_room_unblock(room);
    if (room->state == PL_ROOM_STARTING) room->state = PL_ROOM_LIVE;
    pl_room_unref(room);
}
