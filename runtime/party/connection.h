/*
 * connection.h -- one WebSocket as a room sees it: an edge's socket with attributes.
 *
 * References: the edge holds one until pl_connection_on_close or pl_connection_on_error, events
 * and the application hold theirs. After the socket has gone the attributes stay readable and
 * every effect does nothing.
 */
#pragma once

#include "base/list.h"
#include "party/edge.h"

#include <stddef.h>

struct pl_exchange;
struct pl_room;

/* What the application has hung on a connection, in one piece of memory. */
struct pl_attributes {
    uint32_t tags_len;  /* own tags, each as two bytes of length and its bytes */
    uint32_t state_len; /* what setState was given, as the host encodes it */
    char bytes[];       /* the tags, then the state */
};

enum pl_ready_state {
    PL_CONNECTING = 0,
    PL_OPEN = 1,
    PL_CLOSING = 2,
    PL_CLOSED = 3,
};

struct pl_connection {
    struct pl_list in_room; /* while it is registered */
    struct pl_room *room;   /* borrowed; the room outlives its connections and their events */
    const struct pl_edge_calls *edge;
    void *socket;                     /* the edge's; NULL when it is gone */
    struct pl_attributes *attributes; /* tags and state; NULL without any */
    unsigned refs;
    int ref; /* the host's */
    uint32_t id_len, uri_len, protocol_len;
    uint8_t ready_state;
    bool is_open : 1;         /* onConnect has finished well: events go to the room */
    bool is_close_told : 1;   /* the room has heard of its end, or never will */
    bool is_dropped : 1;      /* the host was told that nothing follows */
    bool is_close_called : 1; /* by room code: sending on is a mistake it should hear of */
    bool is_from_stub : 1;    /* room code is at the other end */
    bool is_let_open : 1;     /* the 101 has left */
    bool is_let_close : 1;    /* the edge has been told to close */
    bool is_paused : 1;       /* the edge reads no messages: too many events wait */
    char bytes[];             /* id, uri, sub-protocol */
};

/* With a UUID and a URI of 46 bytes malloc gives it 160 bytes, of which it keeps 8. */
_Static_assert(offsetof(struct pl_connection, bytes) <= 70, "a connection has grown");

/* Makes the connection of an upgrade request and turns the socket into a WebSocket: the id is
 * `_pk` of the query, or a random UUID (PartyKit: connection ids). The 101 is held. */
struct pl_connection *pl_connection_create(struct pl_room *room, struct pl_exchange *exchange);
struct pl_connection *pl_connection_ref(struct pl_connection *connection);
void pl_connection_unref(struct pl_connection *connection);

static inline struct pl_slice pl_connection_id(const struct pl_connection *connection) {
    return pl_slice(connection->bytes, connection->id_len);
}

static inline struct pl_slice pl_connection_uri(const struct pl_connection *connection) {
    return pl_slice(connection->bytes + connection->id_len, connection->uri_len);
}

/* The sub-protocol that the handshake is answered with, or empty. */
static inline struct pl_slice pl_connection_protocol(const struct pl_connection *connection) {
    return pl_slice(connection->bytes + connection->id_len + connection->uri_len,
                    connection->protocol_len);
}

/* ---- for edges ------------------------------------------------------------------------------ */

void pl_connection_on_message(struct pl_connection *connection, struct pl_slice message,
                              bool is_binary);

/* The closing handshake is over or the socket broke (1006, not clean). Gives up the edge's
 * reference. */
void pl_connection_on_close(struct pl_connection *connection, uint16_t code,
                            struct pl_slice reason, bool was_clean);

/* The peer broke the protocol. Gives up the edge's reference. */
void pl_connection_on_error(struct pl_connection *connection, struct pl_slice why);

/* The edge started the closing handshake by itself (a slow reader, a drain). */
void pl_connection_on_closing(struct pl_connection *connection);

/* ---- for the host --------------------------------------------------------------------------- */

/* Sets the own tags: `count` of them, checked by the host; once, before registering. */
void pl_connection_set_tags(struct pl_connection *connection, const struct pl_slice *tags,
                            size_t count);

/* Whether `tag` is the id or one of the own tags. */
bool pl_connection_has_tag(const struct pl_connection *connection, struct pl_slice tag);

/* Walks the own tags: start with *at = 0. */
bool pl_connection_next_tag(const struct pl_connection *connection, uint32_t *at,
                            struct pl_slice *tag);

/* Keeps bytes for the host, whatever becomes of its own memory; empty forgets them. */
void pl_connection_set_state(struct pl_connection *connection, struct pl_slice state);
struct pl_slice pl_connection_state(const struct pl_connection *connection);

/* Lists the connection in its room. An older one with the same id is closed with 4000 and leaves
 * the room at once: the newest wins. */
void pl_connection_register(struct pl_connection *connection);

/* onConnect has finished: the 101 goes out. */
void pl_connection_open(struct pl_connection *connection);

/* onConnect failed: 101 and a close frame, nothing that was sent meanwhile; no onClose follows. */
void pl_connection_reject(struct pl_connection *connection, uint16_t code,
                          struct pl_slice reason);

/* onSocket failed: the upgrade is refused with an HTTP status. */
void pl_connection_refuse(struct pl_connection *connection, int status, struct pl_slice text);

/* The room is reset, or ends: closed with a code, and no hook hears of it. */
void pl_connection_fail(struct pl_connection *connection, uint16_t code,
                        struct pl_slice reason);

/* -EPIPE after our own close; 0 otherwise, also when the peer has already gone. */
int pl_connection_send(struct pl_connection *connection, struct pl_message *message);

/* Starts the closing handshake; a second call does nothing. Code 0 means none. */
void pl_connection_close(struct pl_connection *connection, uint16_t code,
                         struct pl_slice reason);

void pl_message_finish(struct pl_message *message);

/* ---- for the outbox: effects that have waited long enough ------------------------------------ */

void pl_connection_let_send(struct pl_connection *connection, struct pl_message *message);
void pl_connection_let_close(struct pl_connection *connection, uint16_t code,
                             struct pl_slice reason);
void pl_connection_let_open(struct pl_connection *connection);
void pl_connection_let_reject(struct pl_connection *connection, uint16_t code,
                              struct pl_slice reason);
