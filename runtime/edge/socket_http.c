#include "edge/socket_http.h"

#include "base/alloc.h"
#include "party/exchange.h"
#include "party/server.h"

#include <stdlib.h>
#include <unistd.h>

static void next_request(struct pl_socket *socket);

struct pl_http_side *pl_http_side_create(struct pl_edge *edge) {
    struct pl_http_side *http = pl_alloc_zero(sizeof *http);
    http->parser = pl_http_create(&edge->http_limits);
    http->file = -1;
    return http;
}

void pl_http_side_destroy(struct pl_http_side *http) {
    if (http == NULL) return;
    if (http->file >= 0) close(http->file);
    pl_http_destroy(http->parser);
    free(http);
}

static void fail(struct pl_socket *socket, int status, const char *text) {
    struct pl_http_side *http = socket->http;
    pl_socket_http_gone(socket);
    if (!pl_socket_is_http(socket)) return;
    http->keep_alive = false;
    /* Where an answer has begun, only the body of its request was bad, and a second answer would
     * be read as a part of the first. */
    if (!http->is_begun || !http->is_answering) {
        http->is_begun = true;
        http->adds_cors = pl_socket_is_shared(socket, pl_http_head(http->parser)->target);
        http->is_head = http->is_answering = http->is_answered = false;
        http->minor_version = 1;
        pl_socket_answer_text(socket, status, text);
    }
    if (pl_socket_is_http(socket)) pl_socket_end(socket);
}

static void expect_body(struct pl_socket *socket) {
    pl_socket_set_deadline(socket, socket->edge->server->limits.body_timeout_ms);
}

static void take_body(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    expect_body(socket);
    if (http->exchange == NULL) return; /* answered: the rest is read to find its end */
    bool wants_more = pl_exchange_on_body(http->exchange, pl_http_body(http->parser));
    if (wants_more || !pl_socket_is_http(socket) || http->is_answered) return;
    http->is_body_full = true;
    pl_socket_set_deadline(socket, PL_NO_DEADLINE); /* it is us who do not read */
}

static void end_request(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    http->is_read = true;
    pl_socket_set_deadline(socket, PL_NO_DEADLINE);
    if (http->exchange != NULL) pl_exchange_on_body_end(http->exchange);
    if (pl_socket_is_http(socket) && socket->http->is_answered) next_request(socket);
}

/* Whether the bytes at hand have to wait. An upgrade that is being decided on leaves what
 * follows its head alone: it may be frames. */
static bool must_wait(const struct pl_socket *socket) {
    const struct pl_http_side *http = socket->http;
    if (!http->is_begun) return !pl_socket_can_take_more(socket);
    if (http->is_read) return !http->is_answered;
    return http->is_body_full || (http->is_upgrading && http->exchange != NULL);
}

/* A head has one time limit, from its first byte on, however it comes in. */
static void set_waiting_deadline(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    if (http->is_begun) return;
    bool is_in_head = pl_http_is_mid_head(http->parser) && pl_socket_can_take_more(socket);
    if (is_in_head && http->is_head_timed) return;
    http->is_head_timed = is_in_head;
    if (is_in_head) {
        pl_socket_set_deadline(socket, socket->edge->server->limits.header_timeout_ms);
        return;
    }
    pl_socket_wait_for_reader(socket); /* if there is output; and else for a request */
    if (pl_http_is_mid_head(http->parser)) return;
    pl_http_rest(http->parser);
    if (socket->edge->is_draining) pl_socket_end(socket);
}

/* Requests that came before the peer's end are answered; then, or when the last of them is cut
 * short, it is ours. */
void pl_socket_http_end(struct pl_socket *socket) {
    if (!socket->has_peer_ended || socket->pending.len > 0) return;
    if (socket->http->is_begun && must_wait(socket)) return;
    pl_socket_http_gone(socket);
    pl_socket_end(socket);
}

static void process(struct pl_socket *socket, struct pl_slice *bytes) {
    while (pl_socket_is_http(socket) && !must_wait(socket)) {
        struct pl_http *parser = socket->http->parser;
        size_t used = 0;
        enum pl_http_step step = pl_http_feed(parser, *bytes, &used);
        *bytes = pl_slice_after(*bytes, used);
        switch (step) {
        case PL_HTTP_MORE: return;
        case PL_HTTP_HEAD: pl_socket_begin_request(socket); break;
        case PL_HTTP_BODY: take_body(socket); break;
        case PL_HTTP_END: end_request(socket); break;
        case PL_HTTP_ERROR:
            fail(socket, pl_http_error_status(parser), pl_http_error(parser));
            break;
        }
    }
}

void pl_socket_http_bytes(struct pl_socket *socket, const char *at, size_t len) {
    struct pl_slice bytes = pl_slice(at, len);
    socket->http->is_processing = true;
    process(socket, &bytes);
    if (socket->mode == PL_SOCKET_WS) { /* upgraded on the spot: the rest are frames */
        if (bytes.len > 0) pl_socket_keep(socket, bytes.at, bytes.len);
        if (bytes.len > 0 && socket->is_ws_open) pl_socket_mark_due(socket);
        return;
    }
    if (!pl_socket_is_http(socket)) return;
    socket->http->is_processing = false;
    pl_socket_keep(socket, bytes.at, bytes.len);
    set_waiting_deadline(socket);
    if (pl_socket_is_http(socket)) pl_socket_http_end(socket);
}

/* The next request of the connection may be in `pending`; it runs at the end of the turn, so
 * that answering never runs another hook inside the one that answers. */
static void next_request(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    if (!http->keep_alive) {
        pl_socket_end(socket);
        return;
    }
    http->is_begun = http->is_upgrading = false;
    if (http->is_processing) return;
    set_waiting_deadline(socket);
    if (!pl_socket_is_http(socket)) return;
    if (socket->pending.len > 0) {
        pl_socket_mark_due(socket);
    } else if (socket->has_peer_ended) {
        pl_socket_http_end(socket);
    } else {
        pl_stream_start_reading(&socket->stream);
    }
}

void pl_socket_end_answer(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    http->is_answered = true;
    http->exchange = NULL;
    http->is_body_full = false;
    pl_socket_forget_client(socket);
    if (http->is_read) {
        next_request(socket);
    } else if (!http->is_processing) {
        expect_body(socket);
        pl_socket_mark_due(socket);
    }
}

void pl_socket_http_deadline(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    bool is_in_request = http->is_begun ? !http->is_read : pl_http_is_mid_head(http->parser);
    if (is_in_request && !must_wait(socket)) {
        fail(socket, 408, "The request took too long");
    } else if (pl_stream_is_read(&socket->stream)) {
        pl_socket_set_deadline(socket, socket->edge->server->limits.idle_timeout_ms);
    } else if (socket->stream.queued_bytes > 0) {
        pl_socket_drop(socket);
    } else if (!http->is_begun) {
        pl_socket_end(socket);
    }
}

void pl_socket_http_gone(struct pl_socket *socket) {
    struct pl_exchange *exchange = socket->http->exchange;
    socket->http->exchange = NULL;
    if (exchange != NULL) pl_exchange_on_gone(exchange);
}

void pl_socket_http_drain(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    http->keep_alive = false;
    if (!http->is_begun && !pl_http_is_mid_head(http->parser)) pl_socket_end(socket);
}

void pl_socket_http_drained(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    if (http->file >= 0) {
        pl_socket_send_file(socket);
    } else if (http->exchange != NULL) {
        pl_exchange_on_drained(http->exchange);
    } else if (socket->pending.len > 0) {
        if (!http->is_begun) pl_socket_mark_due(socket);
    } else {
        set_waiting_deadline(socket); /* the next request has its time from here on */
    }
}

void pl_socket_read_body(void *owner) {
    struct pl_socket *socket = owner;
    if (!pl_socket_is_http(socket)) return;
    socket->http->is_body_full = false;
    expect_body(socket);
    if (!socket->http->is_processing) pl_socket_mark_due(socket);
}
