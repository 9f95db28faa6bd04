#include "party/outbox.h"
#include "party/room_parts.h"
#include "party/tap.h"

#define MAPPED_FROM 16 /* connections; below that walking the list is quicker */

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
    pl_room_check_idle(room);
}

static void resume(struct pl_room *room, struct pl_connection *connection) {
    connection->is_paused = false;
    room->paused_count--;
    if (connection->socket != NULL) connection->edge->resume(connection->socket);
}

void pl_room_remove(struct pl_room *room, struct pl_connection *connection) {
    if (pl_list_is_empty(&connection->in_room)) return;
    pl_list_remove(&connection->in_room);
    room->connection_count--;
    room->party->meter.connection_count--;
    if (room->by_id.count > 0) pl_map_remove(&room->by_id, pl_connection_id(connection));
    if (connection->is_paused) resume(room, connection);
    pl_room_check_idle(room);
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

void pl_room_pause_all(struct pl_room *room) {
    PL_LIST_EACH(at, &room->connections) {
        struct pl_connection *connection = pl_container_of(at, struct pl_connection, in_room);
        if (connection->is_paused || connection->socket == NULL) continue;
        connection->is_paused = true;
        room->paused_count++;
        connection->edge->pause(connection->socket);
    }
}

void pl_room_resume_all(struct pl_room *room) {
    PL_LIST_EACH(at, &room->connections) {
        struct pl_connection *connection = pl_container_of(at, struct pl_connection, in_room);
        if (connection->is_paused) resume(room, connection);
    }
}
