#include "party/connection.h"

#include "base/buffer.h"
#include "base/random.h"
#include "base/url.h"
#include "party/exchange.h"
#include "party/host.h"
#include "party/outbox.h"
#include "party/room.h"
#include "party/server.h"
#include "party/tap.h"

#include <errno.h>
#include <assert.h>
#include <stdlib.h>

#define REPLACED_CODE 4000
static const struct pl_slice replaced_reason = {"replaced by a newer connection with this id",
                                                43};

#define VIOLATION_CODE 1002 /* RFC 6455 7.4.1: a protocol error */

static struct pl_connection *allocate(struct pl_slice id, struct pl_slice uri,
                                      struct pl_slice protocol) {
    size_t len = id.len + uri.len + protocol.len;
    assert(len >= sizeof(struct pl_connection) - offsetof(struct pl_connection, bytes));
    struct pl_connection *connection = pl_alloc(offsetof(struct pl_connection, bytes) + len);
    *connection = (struct pl_connection){.refs = 1,
                                         .id_len = (uint32_t)id.len,
                                         .uri_len = (uint32_t)uri.len,
                                         .protocol_len = (uint32_t)protocol.len};
    memcpy(connection->bytes, id.at, id.len);
    memcpy(connection->bytes + id.len, uri.at, uri.len);
    if (protocol.len > 0)
        memcpy(connection->bytes + id.len + uri.len, protocol.at, protocol.len);
    pl_list_init(&connection->in_room);
    return connection;
}

struct pl_connection *pl_connection_create(struct pl_room *room, struct pl_exchange *exchange) {
    struct pl_request *request = exchange->request;
    struct pl_buffer id = {0};
    if (!pl_query_find(request->search, PL_SLICE("_pk"), &id) || id.len == 0) {
        char uuid[PL_UUID_BYTES + 1];
        pl_random_uuid(uuid);
        id.len = 0;
        pl_buffer_add(&id, pl_slice(uuid, PL_UUID_BYTES));
    }
    struct pl_connection *connection =
        allocate(pl_buffer_slice(&id), request->url, pl_exchange_protocol(exchange));
    pl_buffer_finish(&id);
    connection->room = pl_room_ref(room);
    connection->edge = exchange->edge;
    connection->is_from_stub = exchange->is_from_stub;
    connection->socket = exchange->socket;
    exchange->status = 101;
    pl_meter_request(exchange);
    exchange->socket = NULL;
    exchange->state = PL_EXCHANGE_DONE;
    connection->edge->upgrade(connection->socket, connection,
                              pl_connection_protocol(connection));
    pl_exchange_unref(exchange);
    return connection;
}

struct pl_connection *pl_connection_ref(struct pl_connection *connection) {
    connection->refs++;
    return connection;
}

void pl_connection_unref(struct pl_connection *connection) {
    if (--connection->refs > 0) return;
    struct pl_room *room = connection->room;
    room->server->host_calls->forget_connection(room->server->host, connection);
    free(connection->attributes);
    free(connection);
    pl_room_unref(room);
}

/* Apart, so that what is seldom costs nothing where it does not happen. */
PL_SELDOM static void show_message(struct pl_connection *connection, struct pl_slice message,
                                   bool is_binary) {
    pl_taps_on_message(connection, "in", message, is_binary);
    pl_room_on_message(connection->room, connection, message, is_binary);
}

void pl_connection_on_message(struct pl_connection *connection, struct pl_slice message,
                              bool is_binary) {
    struct pl_room *room = connection->room;
    if (!connection->is_open || connection->is_close_told) return;
    room->server->event_count++;
    room->party->meter.received[is_binary]++;
    pl_rate_add(&room->messages, room->server->clock->now_ms);
    if (pl_server_is_tapped(room->server)) {
        show_message(connection, message, is_binary);
    } else {
        pl_room_on_message(room, connection, message, is_binary);
    }
}

static void drop(struct pl_connection *connection) {
    struct pl_server *server = connection->room->server;
    connection->is_dropped = true;
    server->host_calls->drop_connection(server->host, connection);
}

static void note_end(struct pl_connection *connection, uint16_t code, struct pl_slice reason) {
    struct pl_room *room = connection->room;
    pl_meter_closed(&room->party->meter, code);
    if (pl_server_is_tapped(room->server)) pl_taps_on_close(connection, code, reason);
}

/* The room hears of an end once, and of none it never heard the beginning of. One that ends
 * while onConnect is still waiting is told of when that has finished. */
static bool take_end(struct pl_connection *connection, uint16_t code, struct pl_slice reason) {
    bool tells = connection->is_open && !connection->is_close_told;
    note_end(connection, code, reason);
    connection->socket = NULL;
    connection->ready_state = PL_CLOSED;
    if (tells) connection->is_close_told = true;
    pl_room_remove(connection->room, connection);
    return tells;
}

void pl_connection_on_close(struct pl_connection *connection, uint16_t code,
                            struct pl_slice reason, bool was_clean) {
    if (take_end(connection, code, reason)) {
        pl_room_on_close(connection->room, connection, code, reason, was_clean);
    } else if (connection->is_close_told) {
        drop(connection);
    }
    pl_connection_unref(connection);
}

void pl_connection_on_error(struct pl_connection *connection, struct pl_slice why) {
    if (take_end(connection, VIOLATION_CODE, why)) {
        pl_room_on_error(connection->room, connection, why);
    } else if (connection->is_close_told) {
        drop(connection);
    }
    pl_connection_unref(connection);
}

void pl_connection_on_closing(struct pl_connection *connection) {
    if (connection->ready_state < PL_CLOSING) connection->ready_state = PL_CLOSING;
}

static struct pl_slice tags_of(const struct pl_connection *connection) {
    const struct pl_attributes *all = connection->attributes;
    return all == NULL ? (struct pl_slice){0} : pl_slice(all->bytes, all->tags_len);
}

struct pl_slice pl_connection_state(const struct pl_connection *connection) {
    const struct pl_attributes *all = connection->attributes;
    if (all == NULL) return (struct pl_slice){0};
    return pl_slice(all->bytes + all->tags_len, all->state_len);
}

/* Both are copied, so that they may be slices of what is there. */
static void set_attributes(struct pl_connection *connection, struct pl_slice tags,
                           struct pl_slice state) {
    struct pl_attributes *old = connection->attributes;
    struct pl_attributes *all = NULL;
    if (tags.len + state.len > 0) {
        all = pl_alloc(sizeof *all + tags.len + state.len);
        *all = (struct pl_attributes){(uint32_t)tags.len, (uint32_t)state.len};
        if (tags.len > 0) memcpy(all->bytes, tags.at, tags.len);
        if (state.len > 0) memcpy(all->bytes + tags.len, state.at, state.len);
    }
    connection->attributes = all;
    free(old);
}

void pl_connection_set_state(struct pl_connection *connection, struct pl_slice state) {
    set_attributes(connection, tags_of(connection), state);
}

void pl_connection_set_tags(struct pl_connection *connection, const struct pl_slice *tags,
                            size_t count) {
    struct pl_buffer packed = {0};
    for (size_t i = 0; i < count; i++) {
        pl_buffer_add_byte(&packed, (char)(tags[i].len >> 8));
        pl_buffer_add_byte(&packed, (char)(tags[i].len & 255));
        pl_buffer_add(&packed, tags[i]);
    }
    set_attributes(connection, pl_buffer_slice(&packed), pl_connection_state(connection));
    pl_buffer_finish(&packed);
}

bool pl_connection_next_tag(const struct pl_connection *connection, uint32_t *at,
                            struct pl_slice *tag) {
    struct pl_slice tags = tags_of(connection);
    if (*at >= tags.len) return false;
    const unsigned char *head = (const unsigned char *)tags.at + *at;
    *tag = pl_slice(tags.at + *at + 2, (size_t)head[0] << 8 | head[1]);
    *at += 2 + (uint32_t)tag->len;
    return true;
}

bool pl_connection_has_tag(const struct pl_connection *connection, struct pl_slice tag) {
    struct pl_slice own;
    if (pl_slice_equal(pl_connection_id(connection), tag)) return true;
    for (uint32_t at = 0; pl_connection_next_tag(connection, &at, &own);) {
        if (pl_slice_equal(own, tag)) return true;
    }
    return false;
}

/* The old socket is mostly dead already, since clients keep their id when they reconnect: its
 * onClose does not wait for a handshake that may never end. */
static void replace(struct pl_connection *old) {
    pl_connection_close(old, REPLACED_CODE, replaced_reason);
    bool tells = old->is_open && !old->is_close_told;
    old->is_close_told = true;
    pl_room_remove(old->room, old);
    if (tells) pl_room_on_close(old->room, old, REPLACED_CODE, replaced_reason, false);
}

void pl_connection_register(struct pl_connection *connection) {
    if (connection->socket == NULL) return;
    struct pl_connection *old = pl_room_find(connection->room, pl_connection_id(connection));
    if (old != NULL) replace(old);
    connection->ready_state = PL_OPEN;
    pl_room_add(connection->room, connection);
}

void pl_connection_open(struct pl_connection *connection) {
    connection->is_open = true;
    if (connection->socket == NULL) {
        /* It left while onConnect was waiting: the room has seen it come and must see it go. */
        connection->is_close_told = true;
        pl_room_on_close(connection->room, connection, 1006, (struct pl_slice){0}, false);
        return;
    }
    if (pl_room_is_gated(connection->room)) {
        pl_outbox_open(connection->room, connection);
    } else {
        pl_connection_let_open(connection);
    }
}

void pl_connection_let_open(struct pl_connection *connection) {
    if (connection->socket == NULL || connection->is_let_open) return;
    connection->is_let_open = true;
    if (pl_server_is_tapped(connection->room->server)) pl_taps_on_open(connection);
    connection->edge->open(connection->socket);
}

void pl_connection_let_reject(struct pl_connection *connection, uint16_t code,
                              struct pl_slice reason) {
    if (connection->socket == NULL || connection->is_let_close) return;
    connection->is_let_close = true;
    connection->edge->close(connection->socket, code, reason, true);
    pl_connection_let_open(connection);
}

void pl_connection_reject(struct pl_connection *connection, uint16_t code,
                          struct pl_slice reason) {
    pl_room_remove(connection->room, connection);
    connection->is_close_told = true;
    connection->ready_state = PL_CLOSING;
    drop(connection);
    if (pl_room_is_gated(connection->room)) {
        pl_outbox_reject(connection->room, connection, code, reason);
    } else {
        pl_connection_let_reject(connection, code, reason);
    }
}

void pl_connection_refuse(struct pl_connection *connection, int status, struct pl_slice text) {
    void *socket = connection->socket;
    pl_room_remove(connection->room, connection);
    connection->is_close_told = true;
    connection->ready_state = PL_CLOSED;
    connection->socket = NULL;
    drop(connection);
    if (socket == NULL) return;
    connection->edge->refuse(socket, status, text);
    pl_connection_unref(connection);
}

void pl_connection_fail(struct pl_connection *connection, uint16_t code,
                        struct pl_slice reason) {
    pl_room_remove(connection->room, connection);
    connection->is_close_told = true;
    connection->ready_state = PL_CLOSING;
    drop(connection);
    if (connection->is_let_open) {
        pl_connection_let_close(connection, code, reason);
    } else {
        pl_connection_let_reject(connection, code, reason);
    }
}

PL_SELDOM static void show_and_send(struct pl_connection *connection,
                                    struct pl_message *message) {
    if (!message->is_shared) {
        pl_taps_on_message(connection, "out", message->bytes, message->is_binary);
    }
    connection->edge->send(connection->socket, message);
}

static void send_now(struct pl_connection *connection, struct pl_message *message) {
    struct pl_room *room = connection->room;
    room->party->meter.sent[message->is_binary]++;
    if (pl_server_is_tapped(room->server)) {
        show_and_send(connection, message);
    } else {
        connection->edge->send(connection->socket, message);
    }
}

int pl_connection_send(struct pl_connection *connection, struct pl_message *message) {
    if (connection->ready_state >= PL_CLOSING || connection->socket == NULL) {
        return connection->is_close_called && connection->socket != NULL ? -EPIPE : 0;
    }
    if (pl_room_is_gated(connection->room)) {
        pl_outbox_send(connection->room, connection, message);
    } else {
        send_now(connection, message);
    }
    return 0;
}

void pl_connection_let_send(struct pl_connection *connection, struct pl_message *message) {
    if (connection->socket != NULL) send_now(connection, message);
}

void pl_connection_let_close(struct pl_connection *connection, uint16_t code,
                             struct pl_slice reason) {
    if (connection->socket == NULL || connection->is_let_close) return;
    connection->is_let_close = true;
    connection->edge->close(connection->socket, code, reason, false);
}

void pl_connection_close(struct pl_connection *connection, uint16_t code,
                         struct pl_slice reason) {
    if (connection->ready_state >= PL_CLOSING) return;
    connection->ready_state = PL_CLOSING;
    connection->is_close_called = true;
    if (connection->socket == NULL) return;
    if (pl_room_is_gated(connection->room)) {
        pl_outbox_close(connection->room, connection, code, reason);
    } else {
        pl_connection_let_close(connection, code, reason);
    }
}

void pl_message_finish(struct pl_message *message) {
    if (message->encoded == NULL) return;
    message->free_encoded(message->encoded);
    message->encoded = NULL;
}
