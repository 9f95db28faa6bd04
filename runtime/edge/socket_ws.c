#include "base/alloc.h"
#include "base/buffer.h"
#include "base/ticks.h"
#include "edge/socket.h"
#include "net/block.h"
#include "party/connection.h"
#include "party/room.h"
#include "party/server.h"
#include "proto/handshake.h"

#include <assert.h>
#include <stdlib.h>

#define PENDING_BYTES_MAX (64 * 1024) /* frames read before the 101 went out */

static const struct pl_slice too_slow = {"The connection reads too slowly", 31};
static const struct pl_slice dropped = {"WebSocket disconnected without sending Close frame.",
                                        51};

/* ---- the handshake -------------------------------------------------------------------------- */

static void add_switch(struct pl_socket *socket, struct pl_slice key,
                       struct pl_slice protocol) {
    char accept[PL_ACCEPT_KEY_BYTES + 1];
    struct pl_buffer *out = &socket->edge->scratch;
    out->len = 0;
    pl_handshake_accept_key(key, accept);
    pl_buffer_add(out, PL_SLICE("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Accept: "));
    pl_buffer_add(out, pl_slice(accept, PL_ACCEPT_KEY_BYTES));
    if (protocol.len > 0) {
        pl_buffer_add(out, PL_SLICE("\r\nSec-WebSocket-Protocol: "));
        pl_buffer_add(out, protocol);
    }
    pl_buffer_add(out, PL_SLICE("\r\n\r\n"));
    pl_stream_write(&socket->stream, pl_buffer_slice(out));
    assert(out->len < 1u << 21); /* its protocol came in a head, of 2^20 bytes at most */
    socket->switch_len = (uint32_t)out->len;
}

void pl_socket_upgrade(void *owner, struct pl_connection *connection,
                       struct pl_slice protocol) {
    struct pl_socket *socket = owner;
    pl_stream_hold(&socket->stream);
    add_switch(socket, socket->http->key, protocol);
    socket->http->exchange = NULL;
    pl_http_side_destroy(socket->http);
    socket->http = NULL;
    socket->mode = PL_SOCKET_WS;
    socket->connection = connection;
    pl_ws_init(&socket->ws, &socket->edge->ws_pool, socket);
    pl_socket_set_deadline(socket, PL_NO_DEADLINE);
    pl_stream_start_reading(&socket->stream); /* to notice when the client gives up */
}

static uint32_t now_of(const struct pl_socket *socket) {
    return (uint32_t)socket->edge->loop->clock.now_ms;
}

static void expect_pings(struct pl_socket *socket) {
    uint64_t interval_ms = socket->edge->server->limits.ping_interval_ms;
    pl_socket_set_deadline(socket, interval_ms == 0 ? PL_NO_DEADLINE : interval_ms);
}

void pl_socket_open(void *owner) {
    struct pl_socket *socket = owner;
    if (socket->mode != PL_SOCKET_WS || socket->is_ws_open) return;
    socket->is_ws_open = true;
    socket->heard_ms = now_of(socket);
    pl_stream_release(&socket->stream);
    if (!socket->has_sent_close) expect_pings(socket);
    pl_socket_mark_due(socket);
}

/* The HTTP side is gone by now, so this answer ends the connection. */
void pl_socket_refuse(void *owner, int status, struct pl_slice text) {
    struct pl_socket *socket = owner;
    if (socket->mode != PL_SOCKET_WS) return;
    socket->connection = NULL;
    if (socket->is_ws_open) return; /* by a drain, which closes it */
    struct pl_buffer *out = &socket->edge->scratch;
    out->len = 0;
    pl_http_begin_head(out, status, pl_slice_of(pl_http_reason(status)),
                       pl_edge_date(socket->edge), PL_HTTP_LENGTH, text.len, false, 1);
    pl_http_add_header(out, PL_SLICE("content-type"), PL_SLICE("text/plain;charset=UTF-8"));
    pl_http_end_head(out);
    pl_buffer_add(out, text);
    pl_stream_keep_first(&socket->stream, 0);
    pl_stream_write(&socket->stream, pl_buffer_slice(out));
    pl_stream_release(&socket->stream);
    pl_socket_end(socket);
}

/* ---- what arrives --------------------------------------------------------------------------- */

void pl_socket_ws_bytes(struct pl_socket *socket, char *bytes, size_t len) {
    if (len == 0) return;
    if (!socket->is_ws_open || socket->is_ws_paused) {
        pl_buffer_add(&socket->pending, pl_slice(bytes, len));
        if (socket->is_ws_paused || socket->pending.len >= PENDING_BYTES_MAX) {
            pl_stream_stop_reading(&socket->stream);
        }
        return;
    }
    pl_ticks_begin_run();
    size_t used = pl_ws_feed(&socket->ws, bytes, len);
    pl_ticks_end_run();
    if (socket->mode != PL_SOCKET_WS || socket->stream.is_closing) return;
    pl_socket_keep(socket, bytes + used, len - used);
}

/* The peer's part is over: nothing of it reaches the room any more. */
static struct pl_connection *take_connection(struct pl_socket *socket) {
    struct pl_connection *connection = socket->connection;
    socket->connection = NULL;
    return connection;
}

static void on_message(void *owner, struct pl_slice message, bool is_binary) {
    struct pl_socket *socket = owner;
    if (socket->connection == NULL) return;
    pl_connection_on_message(socket->connection, message, is_binary);
}

/* Answers to pings are output like any other: a peer that floods without reading is a slow
 * reader. */
static void on_output(void *owner, struct pl_slice frame) {
    struct pl_socket *socket = owner;
    if (socket->stream.queued_bytes > socket->edge->server->limits.queued_bytes) return;
    pl_stream_write(&socket->stream, frame);
}

static void on_pong(void *owner) {
    struct pl_socket *socket = owner;
    socket->is_ping_out = false;
}

static void on_close(void *owner, uint16_t code, struct pl_slice reason) {
    struct pl_socket *socket = owner;
    struct pl_connection *connection = take_connection(socket);
    socket->has_sent_close = true;
    pl_socket_end(socket);
    if (connection != NULL) pl_connection_on_close(connection, code, reason, true);
}

static void on_violation(void *owner, uint16_t code, const char *why) {
    struct pl_socket *socket = owner;
    struct pl_connection *connection = take_connection(socket);
    (void)code;
    socket->has_sent_close = true;
    pl_socket_end(socket);
    if (connection != NULL) pl_connection_on_error(connection, pl_slice_of(why));
}

const struct pl_ws_events pl_socket_ws_events = {
    .on_message = on_message,
    .on_output = on_output,
    .on_pong = on_pong,
    .on_close = on_close,
    .on_violation = on_violation,
};

void pl_socket_ws_gone(struct pl_socket *socket) {
    struct pl_connection *connection = take_connection(socket);
    if (connection != NULL) pl_connection_on_close(connection, 1006, dropped, false);
}

/* ---- what is sent --------------------------------------------------------------------------- */

static void expect_close(struct pl_socket *socket) {
    pl_stream_watch_reader(&socket->stream);
    pl_socket_set_deadline(socket, socket->edge->server->limits.close_timeout_ms);
}

static void send_close(struct pl_socket *socket, uint16_t code, struct pl_slice reason) {
    uint8_t frame[PL_WS_CONTROL_BYTES_MAX];
    if (socket->has_sent_close) return;
    socket->has_sent_close = true;
    size_t len = pl_ws_close_frame(frame, code, reason);
    pl_stream_write(&socket->stream, pl_slice((const char *)frame, len));
    pl_ws_shut(&socket->ws);
    expect_close(socket);
}

/* What is queued stays queued: a peer that wakes up still gets it all, and then learns why the
 * connection ends. */
static void close_slow(struct pl_socket *socket) {
    if (socket->connection != NULL) {
        socket->connection->room->party->meter.slow_readers++;
        pl_connection_on_closing(socket->connection);
    }
    socket->is_too_slow = true;
    send_close(socket, 1013, too_slow);
}

static void free_shared(void *shared) { pl_shared_unref(shared); }

/* A large message is framed once; every receiver's queue refers to it. */
static void send_shared(struct pl_socket *socket, struct pl_message *message) {
    if (message->encoded == NULL) {
        uint8_t header[PL_WS_HEADER_BYTES_MAX];
        size_t header_len = pl_ws_header(header, message->is_binary ? PL_WS_BINARY : PL_WS_TEXT,
                                         message->bytes.len);
        struct pl_shared *shared = pl_shared_create(header_len + message->bytes.len);
        memcpy(shared->bytes, header, header_len);
        memcpy(shared->bytes + header_len, message->bytes.at, message->bytes.len);
        message->encoded = shared;
        message->free_encoded = free_shared;
    }
    pl_stream_write_shared(&socket->stream, message->encoded);
}

static void send_copy(struct pl_socket *socket, const struct pl_message *message) {
    uint8_t header[PL_WS_HEADER_BYTES_MAX];
    enum pl_ws_opcode opcode = message->is_binary ? PL_WS_BINARY : PL_WS_TEXT;
    size_t len = message->bytes.len;
    if (len >= PL_DIRECT_BYTES_MIN) {
        size_t header_len = pl_ws_header(header, opcode, len);
        pl_stream_write_large(&socket->stream, pl_slice((const char *)header, header_len),
                              message->bytes);
        return;
    }
    char *at = pl_stream_reserve(&socket->stream, PL_WS_HEADER_BYTES_MAX + len);
    size_t header_len = pl_ws_header((uint8_t *)at, opcode, len);
    if (len > 0) memcpy(at + header_len, message->bytes.at, len);
    pl_stream_commit(&socket->stream, header_len + len);
}

void pl_socket_send(void *owner, struct pl_message *message) {
    struct pl_socket *socket = owner;
    size_t most = socket->edge->server->limits.queued_bytes;
    if (socket->has_sent_close || socket->stream.is_closing) return;
    if (socket->stream.queued_bytes > 0 &&
        socket->stream.queued_bytes + message->bytes.len > most) {
        close_slow(socket);
        return;
    }
    if (message->is_shared && message->bytes.len >= PL_SHARE_BYTES_MIN) {
        send_shared(socket, message);
    } else {
        send_copy(socket, message);
    }
}

void pl_socket_close(void *owner, uint16_t code, struct pl_slice reason, bool forget) {
    struct pl_socket *socket = owner;
    if (socket->mode != PL_SOCKET_WS || socket->stream.is_closing) return;
    if (forget && !socket->is_ws_open)
        pl_stream_keep_first(&socket->stream, socket->switch_len);
    send_close(socket, code, reason);
}

void pl_socket_pause(void *owner) {
    struct pl_socket *socket = owner;
    if (socket->mode != PL_SOCKET_WS) return;
    socket->is_ws_paused = true;
    pl_ws_pause(&socket->ws);
    pl_stream_stop_reading(&socket->stream);
}

void pl_socket_resume(void *owner) {
    struct pl_socket *socket = owner;
    if (socket->mode != PL_SOCKET_WS) return;
    socket->is_ws_paused = false;
    pl_ws_resume(&socket->ws);
    pl_socket_mark_due(socket);
}

/* ---- time ----------------------------------------------------------------------------------- */

/* The closing handshake took too long, unless the peer is still taking what was sent before. */
static void close_deadline(struct pl_socket *socket) {
    if (pl_stream_is_read(&socket->stream) && !socket->is_too_slow) {
        expect_close(socket);
    } else {
        pl_socket_drop(socket);
    }
}

/* A silent peer gets a ping; one that stays silent after it is gone. To take output that has to
 * wait is a sign of life as well: the ping waits behind it. */
void pl_socket_ws_deadline(struct pl_socket *socket) {
    uint64_t interval_ms = socket->edge->server->limits.ping_interval_ms;
    if (socket->has_sent_close) {
        close_deadline(socket);
        return;
    }
    if (pl_stream_is_read(&socket->stream)) socket->heard_ms = now_of(socket);
    uint32_t silent_ms = now_of(socket) - socket->heard_ms;
    if (silent_ms < interval_ms || socket->is_ws_paused) {
        socket->is_ping_out = false;
        pl_socket_set_deadline(socket,
                               silent_ms < interval_ms ? interval_ms - silent_ms : interval_ms);
        return;
    }
    if (socket->is_ping_out) {
        pl_socket_drop(socket);
        return;
    }
    uint8_t ping[PL_WS_HEADER_BYTES_MAX];
    size_t len = pl_ws_header(ping, PL_WS_PING, 0);
    pl_stream_write(&socket->stream, pl_slice((const char *)ping, len));
    socket->is_ping_out = true;
    pl_socket_set_deadline(socket, interval_ms);
}

void pl_socket_ws_drain(struct pl_socket *socket) {
    if (socket->connection != NULL) pl_connection_on_closing(socket->connection);
    send_close(socket, 1012, PL_SLICE("The server is restarting"));
    pl_socket_open(socket);
}
