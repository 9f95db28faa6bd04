#include "edge/socket.h"

#include "edge/address.h"
#include "party/edge.h"
#include "party/server.h"

#include <stdlib.h>

#define LINGER_MS 2000 /* for the peer to end its side, once all output has left */

const struct pl_edge_calls pl_socket_calls = {
    .respond = pl_socket_respond,
    .begin = pl_socket_begin,
    .write = pl_socket_write,
    .end = pl_socket_finish,
    .abort = pl_socket_abort,
    .respond_file = pl_socket_respond_file,
    .read_body = pl_socket_read_body,
    .upgrade = pl_socket_upgrade,
    .open = pl_socket_open,
    .refuse = pl_socket_refuse,
    .send = pl_socket_send,
    .close = pl_socket_close,
    .pause = pl_socket_pause,
    .resume = pl_socket_resume,
};

static void on_bytes(void *owner, char *bytes, size_t len) {
    struct pl_socket *socket = owner;
    socket->heard_ms = (uint32_t)socket->edge->loop->clock.now_ms;
    if (socket->pending.len > 0) {
        pl_socket_keep(socket, bytes, len);
        return;
    }
    switch (socket->mode) {
    case PL_SOCKET_HTTP: pl_socket_http_bytes(socket, bytes, len); break;
    case PL_SOCKET_WS: pl_socket_ws_bytes(socket, bytes, len); break;
    case PL_SOCKET_ENDING: break;
    }
}

/* Tells whoever deals with the peer that it is gone. */
static void tell_gone(struct pl_socket *socket) {
    if (socket->mode == PL_SOCKET_HTTP) pl_socket_http_gone(socket);
    if (socket->mode == PL_SOCKET_WS) pl_socket_ws_gone(socket);
}

/* A half-closed peer may still want the answers that are on their way (RFC 9112 9.6). */
static void on_end(void *owner) {
    struct pl_socket *socket = owner;
    socket->has_peer_ended = true;
    if (socket->mode == PL_SOCKET_HTTP) {
        pl_socket_http_end(socket);
    } else if (socket->mode == PL_SOCKET_WS || socket->stream.has_ended) {
        pl_socket_drop(socket);
    }
}

static void on_failed(void *owner, int error) {
    (void)error;
    pl_socket_drop(owner);
}

static void on_drained(void *owner) {
    struct pl_socket *socket = owner;
    if (socket->mode == PL_SOCKET_HTTP) pl_socket_http_drained(socket);
    if (socket->mode != PL_SOCKET_ENDING || !socket->stream.has_ended) return;
    if (socket->has_peer_ended) {
        pl_socket_drop(socket);
    } else {
        pl_socket_set_deadline(socket, LINGER_MS);
    }
}

static void on_closed(void *owner) {
    struct pl_socket *socket = owner;
    pl_list_remove(&socket->in_edge);
    socket->edge->socket_count--;
    pl_address_give_back(&socket->edge->addresses, socket->address);
    pl_address_give_back(&socket->edge->addresses, socket->client);
    pl_buffer_finish(&socket->pending);
    if (socket->ws.pool != NULL) pl_ws_finish(&socket->ws); /* not earlier: it may be feeding */
    free(socket);
}

static const struct pl_stream_events stream_events = {
    .on_bytes = on_bytes,
    .on_end = on_end,
    .on_failed = on_failed,
    .on_drained = on_drained,
    .on_closed = on_closed,
};

static uint64_t idle_ms(const struct pl_socket *socket) {
    return socket->edge->server->limits.idle_timeout_ms;
}

static void on_timer(struct pl_timer *timer) {
    struct pl_socket *socket = pl_container_of(timer, struct pl_socket, timer);
    struct pl_loop *loop = socket->edge->loop;
    if (socket->deadline_ms == PL_NO_DEADLINE) return;
    if (socket->deadline_ms > loop->clock.now_ms) {
        pl_timer_start(&loop->timers, timer, socket->deadline_ms - loop->clock.now_ms);
        return;
    }
    switch (socket->mode) {
    case PL_SOCKET_HTTP: pl_socket_http_deadline(socket); break;
    case PL_SOCKET_WS: pl_socket_ws_deadline(socket); break;
    case PL_SOCKET_ENDING:
        if (pl_stream_is_read(&socket->stream)) pl_socket_set_deadline(socket, idle_ms(socket));
        else pl_socket_drop(socket);
        break;
    }
}

/* A later deadline leaves the timer alone: it finds out when it runs. Requests on a kept-alive
 * connection move the deadline all the time, and never pay for the heap. */
void pl_socket_set_deadline(struct pl_socket *socket, uint64_t delay_ms) {
    struct pl_loop *loop = socket->edge->loop;
    if (socket->stream.is_closing) return;
    if (delay_ms == PL_NO_DEADLINE) {
        socket->deadline_ms = PL_NO_DEADLINE;
        return;
    }
    socket->deadline_ms = loop->clock.now_ms + delay_ms;
    if (pl_timer_is_running(&socket->timer) && socket->timer.due_ms <= socket->deadline_ms)
        return;
    pl_timer_start(&loop->timers, &socket->timer, delay_ms);
}

void pl_socket_wait_for_reader(struct pl_socket *socket) {
    pl_stream_watch_reader(&socket->stream);
    pl_socket_set_deadline(socket, idle_ms(socket));
}

void pl_socket_accept(struct pl_edge *edge, int fd, struct pl_address *address, bool is_proxy) {
    struct pl_socket *socket = pl_alloc_zero(sizeof *socket);
    socket->edge = edge;
    socket->address = address;
    socket->is_proxy = is_proxy;
    socket->timer.on_due = on_timer;
    socket->http = pl_http_side_create(edge);
    pl_list_init(&socket->in_due);
    pl_list_push(&edge->sockets, &socket->in_edge);
    edge->socket_count++;
    int rc = pl_stream_open(&socket->stream, edge->loop, fd, &stream_events, socket);
    if (rc != 0) {
        pl_socket_drop(socket);
        return;
    }
    pl_socket_set_deadline(socket, edge->server->limits.header_timeout_ms);
}

static void resume_reading(struct pl_socket *socket) {
    if (socket->has_peer_ended || (socket->mode == PL_SOCKET_WS && socket->is_ws_paused))
        return;
    pl_stream_start_reading(&socket->stream);
}

void pl_socket_keep(struct pl_socket *socket, const char *bytes, size_t len) {
    if (len == 0) {
        /* More may have come, and stopped the reading, before what was kept had its turn. */
        if (socket->pending.len == 0) resume_reading(socket);
        return;
    }
    pl_buffer_add(&socket->pending, pl_slice(bytes, len));
    pl_stream_stop_reading(&socket->stream);
}

void pl_socket_mark_due(struct pl_socket *socket) {
    if (socket->stream.is_closing) return;
    resume_reading(socket);
    if (!pl_list_is_empty(&socket->in_due)) return;
    pl_list_push(&socket->edge->due, &socket->in_due);
}

static void leave_mode(struct pl_socket *socket) {
    socket->mode = PL_SOCKET_ENDING;
    pl_list_remove(&socket->in_due);
    pl_http_side_destroy(socket->http);
    socket->http = NULL;
    pl_buffer_finish(&socket->pending);
}

void pl_socket_end(struct pl_socket *socket) {
    if (socket->mode == PL_SOCKET_ENDING || socket->stream.is_closing) return;
    leave_mode(socket);
    pl_stream_end(&socket->stream);
    resume_reading(socket);
    pl_socket_wait_for_reader(socket);
}

void pl_socket_drop(struct pl_socket *socket) {
    if (socket->stream.is_closing) return;
    pl_stream_close(&socket->stream);
    pl_timer_stop(&socket->edge->loop->timers, &socket->timer);
    tell_gone(socket);
    leave_mode(socket);
}
