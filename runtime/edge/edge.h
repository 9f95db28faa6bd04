/*
 * edge.h -- where clients' sockets end: the listener, the sockets, and what they share.
 */
#pragma once

#include "base/buffer.h"
#include "base/list.h"
#include "base/map.h"
#include "net/listener.h"
#include "party/exchange.h"
#include "proto/forwarded.h"
#include "proto/http.h"
#include "proto/ws.h"

struct pl_address;
struct pl_request_header;
struct pl_server;

struct pl_edge {
    struct pl_loop *loop;
    struct pl_server *server;
    enum pl_door door;
    struct pl_listener listener;
    struct pl_http_limits http_limits;
    struct pl_ws_pool ws_pool;
    struct pl_list sockets; /* of pl_socket.in_edge */
    size_t socket_count;
    struct pl_list due;             /* of pl_socket.in_due: to go on with what they have read */
    struct pl_map addresses;        /* of struct pl_address: how many connections each has */
    struct pl_proxies proxies;      /* whose word on their clients counts */
    struct pl_request_header *cors; /* added to answers of rooms' URLs; owned, with its texts */
    size_t cors_count;
    struct pl_buffer
        subprotocols;         /* spoken here, with commas; empty: the first a client offers */
    struct pl_buffer scratch; /* for URLs of requests, and for response heads */
    char date[30];            /* of `date_second` */
    int64_t date_second;
    uint64_t drain_slice_ms;
    size_t drain_quota; /* WebSockets to close in one slice */
    struct pl_timer drain;
    bool is_draining;
};

/* `server` must outlive the edge. */
void pl_edge_init(struct pl_edge *edge, struct pl_loop *loop, struct pl_server *server);

/* The server's limits have changed: they hold for the heads and messages that begin from now on. */
void pl_edge_take_limits(struct pl_edge *edge);

/* The same for an admin door. */
void pl_edge_init_admin(struct pl_edge *edge, struct pl_loop *loop, struct pl_server *server,
                        enum pl_door door);

/* Listens at a Unix socket; see pl_listener_open_local. */
int pl_edge_listen_local(struct pl_edge *edge, const char *folder, const char *name);

/* Believes a proxy at this address, or in this range; false when the text is none. */
bool pl_edge_trust(struct pl_edge *edge, struct pl_slice proxy);

/* Lets pages of other origins read what rooms answer: adds a header to every answer of a room's URL
 * that has none of this name, and answers preflights. Lower-case name; both are copied. */
void pl_edge_add_cors(struct pl_edge *edge, struct pl_slice name, struct pl_slice value);

/* Whether one more connection from the address is too many. */
bool pl_edge_is_crowded_by(const struct pl_edge *edge, const struct pl_address *address);

/* Listens; see pl_listener_open. */
int pl_edge_listen(struct pl_edge *edge, const char *host, uint16_t *port);

/* The same at a socket that listens already; see pl_listener_take. */
int pl_edge_listen_at(struct pl_edge *edge, int socket, char host[PL_IP_TEXT_BYTES],
                      uint16_t *port);

/* Does what sockets have left for the end of the turn. */
void pl_edge_turn(struct pl_edge *edge);
static inline bool pl_edge_is_due(const struct pl_edge *edge) {
    return !pl_list_is_empty(&edge->due);
}

/* Stops accepting, lets answers finish, and closes WebSockets with 1012, spread over half of
 * `within_ms` so that they do not all come back at once. */
void pl_edge_drain(struct pl_edge *edge, uint64_t within_ms);

/* Whether any socket is left. */
bool pl_edge_is_empty(const struct pl_edge *edge);

/* Closes everything now. The loop has to run until it is empty. */
void pl_edge_close(struct pl_edge *edge);

/* Frees what is left; after the sockets have gone. */
void pl_edge_finish(struct pl_edge *edge);

/* The Date header's value for now. */
struct pl_slice pl_edge_date(struct pl_edge *edge);
