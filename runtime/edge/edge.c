#include "edge/edge.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "edge/address.h"
#include "edge/socket.h"
#include "party/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DRAIN_SLICES 10

static const char crowded[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                              "Retry-After: 1\r\nConnection: close\r\n\r\n";

static void refuse(int fd) {
    (void)!write(fd, crowded, sizeof crowded - 1);
    close(fd);
}

static void on_socket(void *owner, int fd, const struct sockaddr_storage *from) {
    struct pl_edge *edge = owner;
    const struct pl_limits *limits = &edge->server->limits;
    bool is_public = edge->door == PL_DOOR_PUBLIC;
    size_t all_most = is_public ? limits->connections : PL_ADMIN_SOCKETS_MAX;
    if (all_most > 0 && edge->socket_count >= all_most) {
        refuse(fd);
        return;
    }
    struct pl_ip ip = {.len = 4}; /* of a family without addresses: 0.0.0.0 */
    pl_ip_of((const struct sockaddr *)from, &ip);
    struct pl_address *address = pl_address_take(&edge->addresses, &ip);
    bool is_proxy = pl_proxies_contain(&edge->proxies, &ip);
    if (is_public && !is_proxy && pl_edge_is_crowded_by(edge, address)) {
        pl_address_give_back(&edge->addresses, address);
        refuse(fd);
        return;
    }
    pl_socket_accept(edge, fd, address, is_proxy);
}

bool pl_edge_trust(struct pl_edge *edge, struct pl_slice proxy) {
    return pl_proxies_add(&edge->proxies, proxy);
}

void pl_edge_add_cors(struct pl_edge *edge, struct pl_slice name, struct pl_slice value) {
    struct pl_request_header header = {
        .name = pl_slice(pl_copy_string(name.at, name.len), name.len),
        .value = pl_slice(pl_copy_string(value.at, value.len), value.len)};
    edge->cors = pl_realloc(edge->cors, (edge->cors_count + 1) * sizeof header);
    edge->cors[edge->cors_count++] = header;
}

static void forget_cors(struct pl_edge *edge) {
    for (size_t i = 0; i < edge->cors_count; i++) {
        free((void *)edge->cors[i].name.at);
        free((void *)edge->cors[i].value.at);
    }
    free(edge->cors);
}

bool pl_edge_is_crowded_by(const struct pl_edge *edge, const struct pl_address *address) {
    size_t most = edge->server->limits.connections_per_address;
    return most > 0 && address->count > most;
}

static const struct pl_listener_events listener_events = {.on_socket = on_socket};

static struct pl_http_limits http_limits_of(const struct pl_limits *limits) {
    return (struct pl_http_limits){
        .head_bytes_max = limits->head_bytes,
        .url_bytes_max = limits->url_bytes,
        .header_count_max = limits->header_count,
        .body_bytes_max = limits->body_bytes,
    };
}

void pl_edge_take_limits(struct pl_edge *edge) {
    const struct pl_limits *limits = &edge->server->limits;
    edge->http_limits = http_limits_of(limits);
    edge->ws_pool.message_bytes_max = limits->message_bytes;
}

void pl_edge_init(struct pl_edge *edge, struct pl_loop *loop, struct pl_server *server) {
    const struct pl_limits *limits = &server->limits;
    *edge = (struct pl_edge){
        .loop = loop,
        .server = server,
        .http_limits = http_limits_of(limits),
        .date_second = -1,
    };
    pl_list_init(&edge->sockets);
    pl_list_init(&edge->due);
    pl_ws_pool_init(&edge->ws_pool, &pl_socket_ws_events, limits->message_bytes);
}

/* What is imported comes as one body, which is read as it is used. */
void pl_edge_init_admin(struct pl_edge *edge, struct pl_loop *loop, struct pl_server *server,
                        enum pl_door door) {
    pl_edge_init(edge, loop, server);
    edge->door = door;
    edge->http_limits.body_bytes_max = PL_ADMIN_BODY_BYTES_MAX;
}

int pl_edge_listen_local(struct pl_edge *edge, const char *folder, const char *name) {
    return pl_listener_open_local(&edge->listener, edge->loop, folder, name, &listener_events,
                                  edge);
}

int pl_edge_listen(struct pl_edge *edge, const char *host, uint16_t *port) {
    return pl_listener_open(&edge->listener, edge->loop, host, port, &listener_events, edge);
}

int pl_edge_listen_at(struct pl_edge *edge, int socket, char host[PL_IP_TEXT_BYTES],
                      uint16_t *port) {
    return pl_listener_take(&edge->listener, edge->loop, socket, host, port, &listener_events,
                            edge);
}

void pl_edge_turn(struct pl_edge *edge) {
    struct pl_list due;
    pl_list_move(&due, &edge->due);
    while (!pl_list_is_empty(&due)) {
        struct pl_socket *socket = pl_container_of(due.next, struct pl_socket, in_due);
        pl_list_remove(&socket->in_due);
        struct pl_buffer bytes = socket->pending;
        socket->pending = (struct pl_buffer){0};
        if (socket->mode == PL_SOCKET_HTTP) {
            pl_socket_http_bytes(socket, bytes.at, bytes.len);
        } else if (socket->mode == PL_SOCKET_WS) {
            pl_socket_ws_bytes(socket, bytes.at, bytes.len);
        }
        pl_buffer_finish(&bytes);
    }
}

/* One slice of the drain. */
static void drain_some(struct pl_timer *timer) {
    struct pl_edge *edge = pl_container_of(timer, struct pl_edge, drain);
    size_t quota = edge->drain_quota;
    PL_LIST_EACH(at, &edge->sockets) {
        struct pl_socket *socket = pl_container_of(at, struct pl_socket, in_edge);
        if (socket->mode == PL_SOCKET_HTTP) pl_socket_http_drain(socket);
        if (socket->mode != PL_SOCKET_WS || socket->has_sent_close || quota == 0) continue;
        quota--;
        pl_socket_ws_drain(socket);
    }
    if (edge->socket_count > 0) {
        pl_timer_start(&edge->loop->timers, &edge->drain, edge->drain_slice_ms);
    }
}

void pl_edge_drain(struct pl_edge *edge, uint64_t within_ms) {
    if (edge->is_draining) return;
    edge->is_draining = true;
    pl_listener_close(&edge->listener);
    /* Few sockets are no stampede: then all slices follow at once. */
    edge->drain_slice_ms = edge->socket_count < 100 ? 1 : within_ms / 2 / DRAIN_SLICES;
    edge->drain_quota = edge->socket_count / DRAIN_SLICES + 1;
    edge->drain.on_due = drain_some;
    drain_some(&edge->drain);
}

bool pl_edge_is_empty(const struct pl_edge *edge) { return edge->socket_count == 0; }

void pl_edge_close(struct pl_edge *edge) {
    pl_listener_close(&edge->listener);
    pl_timer_stop(&edge->loop->timers, &edge->drain);
    PL_LIST_EACH(at, &edge->sockets) {
        pl_socket_drop(pl_container_of(at, struct pl_socket, in_edge));
    }
}

void pl_edge_finish(struct pl_edge *edge) {
    pl_timer_stop(&edge->loop->timers, &edge->drain);
    pl_ws_pool_finish(&edge->ws_pool);
    pl_map_finish(&edge->addresses);
    pl_proxies_finish(&edge->proxies);
    forget_cors(edge);
    pl_buffer_finish(&edge->subprotocols);
    pl_buffer_finish(&edge->scratch);
}

struct pl_slice pl_edge_date(struct pl_edge *edge) {
    int64_t second = pl_clock_wall_ms(&edge->loop->clock) / 1000;
    if (second != edge->date_second) {
        edge->date_second = second;
        pl_http_date(edge->date, second);
    }
    return pl_slice(edge->date, 29);
}
