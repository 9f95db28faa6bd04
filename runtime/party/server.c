#include "party/server.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "party/exchange.h"
#include "party/host.h"
#include "party/room.h"
#include "party/router.h"
#include "party/tap.h"

#include <stdio.h>
#include <stdlib.h>

void pl_server_init(struct pl_server *server, struct pl_clock *clock, struct pl_timers *timers,
                    const struct pl_limits *limits) {
    *server = (struct pl_server){.clock = clock, .timers = timers, .limits = *limits};
    pl_list_init(&server->storing);
    pl_list_init(&server->renewal.leaving);
    pl_list_init(&server->taps);
    pl_buckets_start();
}

struct pl_party *pl_party_ref(struct pl_party *party) {
    party->refs++;
    return party;
}

void pl_party_unref(struct pl_party *party) {
    if (--party->refs == 0) free(party);
}

static void destroy_party(struct pl_party *party) {
    for (;;) {
        size_t at = 0;
        struct pl_room *room = pl_map_next(&party->rooms, &at);
        if (room == NULL) break;
        pl_room_destroy(room);
    }
    pl_map_finish(&party->rooms);
    pl_party_unref(party);
}

void pl_server_finish(struct pl_server *server) {
    size_t at = 0;
    for (struct pl_party *party; (party = pl_map_next(&server->parties, &at)) != NULL;) {
        destroy_party(party);
    }
    pl_map_finish(&server->parties);
    pl_taps_finish(server);
    pl_request_meter_finish(&server->requests);
    if (server->sockets != NULL) destroy_party(server->sockets);
}

static struct pl_party *create_party(struct pl_server *server, struct pl_slice name) {
    struct pl_party *party = pl_alloc_zero(sizeof *party + name.len);
    party->server = server;
    party->refs = 1;
    party->room_idle_ms = server->limits.room_idle_ms;
    party->name_len = name.len;
    memcpy(party->name, name.at, name.len);
    return party;
}

struct pl_party *pl_server_add_party(struct pl_server *server, struct pl_slice name) {
    struct pl_party *party = pl_map_find(&server->parties, name);
    if (party == NULL) {
        party = create_party(server, name);
        pl_map_add(&server->parties, pl_party_name(party), party);
    }
    party->is_gone = false;
    return party;
}

struct pl_party *pl_server_find_party(struct pl_server *server, struct pl_slice name) {
    struct pl_party *last = server->last;
    if (last == NULL || !pl_slice_equal(pl_party_name(last), name)) {
        last = pl_map_find(&server->parties, name);
        if (last != NULL) server->last = last;
    }
    return last == NULL || last->is_gone ? NULL : last;
}

void pl_server_clear_parties(struct pl_server *server) {
    size_t at = 0;
    for (struct pl_party *party; (party = pl_map_next(&server->parties, &at)) != NULL;) {
        party->is_gone = true;
    }
    if (server->sockets != NULL) server->sockets->is_gone = true;
}

void pl_server_take_sockets(struct pl_server *server, struct pl_slice name) {
    if (server->sockets == NULL) server->sockets = create_party(server, name);
    server->sockets->room_idle_ms = 0;
    server->sockets->is_gone = false;
}

void pl_server_set_limits(struct pl_server *server, const struct pl_limits *limits) {
    size_t at = 0;
    server->limits = *limits;
    for (struct pl_party *party; (party = pl_map_next(&server->parties, &at)) != NULL;) {
        party->room_idle_ms = limits->room_idle_ms;
    }
}

static bool takes_sockets(const struct pl_server *server) {
    return server->sockets != NULL && !server->sockets->is_gone && !server->is_draining;
}

/* An upgrade to no party: a connection in a room of its own. */
static void deliver_socket(struct pl_server *server, struct pl_exchange *exchange) {
    char id[24];
    int len = snprintf(id, sizeof id, "%llu", (unsigned long long)++server->socket_count);
    exchange->party = server->sockets;
    struct pl_room *room = pl_room_get(server->sockets, pl_slice(id, (size_t)len));
    pl_room_on_exchange(room, pl_exchange_ref(exchange));
}

static void refuse_unknown(struct pl_exchange *exchange, struct pl_slice name) {
    struct pl_buffer text = {0};
    pl_buffer_add(&text, PL_SLICE("Party "));
    pl_buffer_add(&text, name);
    pl_buffer_add(&text, PL_SLICE(" not found"));
    pl_exchange_respond_text(exchange, 404, pl_buffer_slice(&text));
    pl_buffer_finish(&text);
}

static bool is_for_front(const struct pl_server *server, struct pl_slice path) {
    struct pl_slice below = PL_FRONT_PATH;
    if (!server->has_front) return false;
    if (server->host == NULL) return true;
    return path.len >= below.len && memcmp(path.at, below.at, below.len) == 0;
}

void pl_server_on_exchange(struct pl_server *server, struct pl_exchange *exchange) {
    struct pl_route route;
    if (exchange->door != PL_DOOR_PUBLIC) {
        server->host_calls->admin(server->own, exchange);
        return;
    }
    if (is_for_front(server, exchange->request->path)) {
        server->host_calls->other(server->own, exchange);
        return;
    }
    if (!pl_route_find(exchange->request->path, &route)) {
        if (exchange->request->is_websocket && takes_sockets(server)) {
            deliver_socket(server, exchange);
        } else {
            server->host_calls->other(server->host, exchange);
        }
        return;
    }
    exchange->party = pl_server_find_party(server, route.party);
    exchange->room_id = route.room;
    if (exchange->party == NULL) {
        refuse_unknown(exchange, route.party);
        return;
    }
    bool has_hook = exchange->request->is_websocket ? exchange->party->has_before_connect
                                                    : exchange->party->has_before_request;
    if (has_hook) {
        server->host_calls->before(server->host, exchange);
    } else {
        pl_server_deliver(server, exchange);
    }
}

void pl_server_deliver(struct pl_server *server, struct pl_exchange *exchange) {
    if (exchange->state != PL_EXCHANGE_OPEN || exchange->socket == NULL) return;
    if (server->is_draining) {
        pl_exchange_respond_text(exchange, 503, PL_SLICE("The server is shutting down"));
        return;
    }
    if (!exchange->request->is_websocket && !exchange->party->has_request) {
        pl_exchange_respond_text(exchange, 500,
                                 exchange->is_from_stub ? PL_SLICE("Invalid onRequest handler")
                                                        : PL_SLICE("No onRequest handler"));
        return;
    }
    struct pl_room *room = pl_room_get(exchange->party, exchange->room_id);
    server->event_count++;
    pl_room_on_exchange(room, pl_exchange_ref(exchange));
}

static void close_stub_sockets(struct pl_room *room) {
    PL_LIST_EACH(at, &room->connections) {
        struct pl_connection *connection = pl_container_of(at, struct pl_connection, in_room);
        if (!connection->is_from_stub) continue;
        pl_connection_close(connection, 1012, PL_SLICE("The server is restarting"));
    }
}

void pl_server_drain(struct pl_server *server) {
    size_t at = 0;
    server->is_draining = true;
    pl_alarms_stop(server);
    for (struct pl_party *party; (party = pl_map_next(&server->parties, &at)) != NULL;) {
        size_t in_party = 0;
        for (struct pl_room *room; (room = pl_map_next(&party->rooms, &in_party)) != NULL;) {
            close_stub_sockets(room);
        }
    }
}
