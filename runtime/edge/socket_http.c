#include "base/alloc.h"
#include "base/url.h"
#include "edge/address.h"
#include "edge/socket.h"
#include "party/exchange.h"
#include "party/router.h"
#include "party/server.h"
#include "proto/handshake.h"

#include <stdlib.h>
#include <unistd.h>

#define FILE_PIECE_BYTES (64 * 1024)
#define HEADERS_MAX 256 /* of one response, ours included */
#define EXTRA_MAX 2     /* of an answer that the edge gives by itself */

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

static bool is_http(const struct pl_socket *socket) {
    return socket->mode == PL_SOCKET_HTTP && !socket->stream.is_closing;
}

/* Output the kernel has not taken is bounded by making whoever writes wait for it: a hook, a
 * file, or the next of many pipelined requests. */
static bool can_take_more(const struct pl_socket *socket) {
    return socket->stream.queued_bytes < PL_CORK_BYTES_MAX;
}

/* ---- answers of our own --------------------------------------------------------------------- */

/* An answer the edge gives by itself; the connection ends with it when the request was broken. */
static void answer_with(struct pl_socket *socket, int status, const char *text,
                        const struct pl_request_header *extra, size_t extra_count) {
    struct pl_request_header headers[1 + EXTRA_MAX] = {
        {PL_SLICE("content-type"), PL_SLICE("text/plain;charset=UTF-8")}};
    for (size_t i = 0; i < extra_count; i++) headers[1 + i] = extra[i];
    struct pl_response response = {.status = status,
                                   .headers = headers,
                                   .header_count = 1 + extra_count,
                                   .body = pl_slice_of(text)};
    pl_socket_respond(socket, &response);
}

static void answer_text(struct pl_socket *socket, int status, const char *text) {
    answer_with(socket, status, text, NULL, 0);
}

/* Whether pages of other origins may read the answer: of every URL that looks like a room's. */
static bool wants_cors(const struct pl_socket *socket, struct pl_slice path) {
    struct pl_route route;
    return socket->edge->cors_count > 0 && pl_route_find(path, &route);
}

static void fail(struct pl_socket *socket, int status, const char *text) {
    struct pl_http_side *http = socket->http;
    pl_socket_http_gone(socket);
    if (!is_http(socket)) return;
    http->keep_alive = false;
    /* Where an answer has begun, only the body of its request was bad, and a second answer would
     * be read as a part of the first. */
    if (!http->is_begun || !http->is_answering) {
        http->is_begun = true;
        http->adds_cors = wants_cors(socket, pl_http_head(http->parser)->target);
        http->is_head = http->is_answering = http->is_answered = false;
        http->minor_version = 1;
        answer_text(socket, status, text);
    }
    if (is_http(socket)) pl_socket_end(socket);
}

/* ---- requests ------------------------------------------------------------------------------- */

static void forget_client(struct pl_socket *socket) {
    pl_address_give_back(&socket->edge->addresses, socket->client);
    socket->client = NULL;
}

/* Whom a trusted proxy asks for. False when there are too many connections for that client. */
static bool take_client(struct pl_socket *socket, const struct pl_http_head *head,
                        struct pl_forwarded *out) {
    *out = (struct pl_forwarded){0};
    if (!socket->is_proxy) return true;
    pl_forwarded_read(&socket->edge->proxies, &socket->address->ip, head, out);
    socket->client = pl_address_take(&socket->edge->addresses, &out->client);
    bool is_itself = socket->client == socket->address;
    if (is_itself || !pl_edge_is_crowded_by(socket->edge, socket->client)) return true;
    forget_client(socket);
    return false;
}

static struct pl_slice choose_protocol(const struct pl_socket *socket,
                                       struct pl_slice offered) {
    struct pl_slice spoken = pl_buffer_slice(&socket->edge->subprotocols);
    return spoken.len == 0 ? pl_handshake_first_protocol(offered)
                           : pl_handshake_choose_protocol(offered, spoken);
}

/* The request as the party sees it; NULL when its target is of no use. */
static struct pl_request *make_request(struct pl_socket *socket,
                                       const struct pl_http_head *head,
                                       const struct pl_handshake_result *handshake,
                                       const struct pl_forwarded *forwarded) {
    struct pl_target target;
    struct pl_buffer *url = &socket->edge->scratch;
    if (!pl_target_split(head->target, &target)) return NULL;
    url->len = 0;
    pl_url_add_path(url, target.path);
    size_t path_len = url->len;
    pl_url_add_query(url, target.query);
    struct pl_request_parts parts = {
        .method = head->method,
        .host = target.authority.len > 0 ? target.authority : head->host,
        .path = pl_slice(url->at, path_len),
        .search = pl_slice(url->at + path_len, url->len - path_len),
        .address =
            pl_slice_of((socket->client == NULL ? socket->address : socket->client)->text),
        .headers = (const struct pl_request_header *)head->headers,
        .header_count = head->header_count,
        .has_body = head->has_body,
        .is_websocket = handshake != NULL,
        .is_https = forwarded->is_https,
        .is_forwarded = socket->is_proxy,
    };
    _Static_assert(sizeof(struct pl_request_header) == sizeof(struct pl_http_header),
                   "headers of both floors are name and value");
    if (handshake != NULL) parts.protocol = choose_protocol(socket, handshake->protocols);
    if (parts.host.len == 0) parts.host = PL_SLICE("localhost");
    return pl_request_create(&parts);
}

static const struct pl_request_header retry_after = {{"retry-after", 11}, {"1", 1}};

static void refuse_handshake(struct pl_socket *socket,
                             const struct pl_handshake_result *handshake) {
    static const struct pl_request_header allow = {{"allow", 5}, {"GET", 3}};
    static const struct pl_request_header upgrade[EXTRA_MAX] = {
        {{"upgrade", 7}, {"websocket", 9}}, /* RFC 9110 15.5.22 */
        {{"sec-websocket-version", 21}, {"13", 2}},
    };
    switch (handshake->status) {
    case 405: answer_with(socket, 405, handshake->why, &allow, 1); break;
    case 426: answer_with(socket, 426, handshake->why, upgrade, EXTRA_MAX); break;
    default: answer_text(socket, handshake->status, handshake->why);
    }
}

/* A browser asks whether it may ask (Fetch standard: CORS preflight). */
static bool is_preflight(const struct pl_http_head *head) {
    static const struct pl_slice asked = {"access-control-request-method", 29};
    if (!pl_slice_equal(head->method, PL_SLICE("OPTIONS"))) return false;
    for (size_t i = 0; i < head->header_count; i++) {
        if (pl_slice_equal(head->headers[i].name, asked)) return true;
    }
    return false;
}

static void begin_request(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    const struct pl_http_head *head = pl_http_head(http->parser);
    struct pl_handshake_result handshake = {0};
    http->is_begun = true;
    http->is_read = http->is_answering = http->is_answered = http->is_body_full = false;
    http->is_head_timed = http->adds_cors = false;
    http->is_head = pl_slice_equal(head->method, PL_SLICE("HEAD"));
    http->minor_version = head->minor_version;
    http->keep_alive = head->keep_alive && !socket->edge->is_draining;
    pl_socket_set_deadline(socket, head->has_body ? socket->edge->server->limits.body_timeout_ms
                                                  : PL_NO_DEADLINE);
    enum pl_handshake kind = pl_handshake_check(head, &handshake);
    if (kind == PL_HANDSHAKE_REFUSED) {
        refuse_handshake(socket, &handshake);
        return;
    }
    bool is_websocket = kind == PL_HANDSHAKE_OK;
    struct pl_forwarded forwarded;
    http->adds_cors = !is_websocket && wants_cors(socket, head->target);
    if (!take_client(socket, head, &forwarded)) {
        answer_with(socket, 503, "Too many connections from this address", &retry_after, 1);
        return;
    }
    struct pl_request *request =
        make_request(socket, head, is_websocket ? &handshake : NULL, &forwarded);
    if (request == NULL) {
        answer_text(socket, 400, "Bad request target");
        return;
    }
    http->is_upgrading = is_websocket;
    http->key = handshake.key;
    if (head->expects_continue) {
        pl_stream_write(&socket->stream, PL_SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    http->adds_cors = !is_websocket && wants_cors(socket, request->path);
    if (http->adds_cors && is_preflight(head)) {
        pl_request_unref(request);
        pl_socket_respond(socket, &(struct pl_response){.status = 204});
        return;
    }
    struct pl_exchange *exchange =
        pl_exchange_create(socket->edge->server, request, &pl_socket_calls, socket);
    exchange->door = socket->edge->door;
    http->exchange = exchange;
    pl_exchange_ref(exchange);
    pl_server_on_exchange(socket->edge->server, exchange);
    pl_exchange_unref(exchange);
    pl_request_unref(request);
}

static void expect_body(struct pl_socket *socket) {
    pl_socket_set_deadline(socket, socket->edge->server->limits.body_timeout_ms);
}

static void take_body(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    expect_body(socket);
    if (http->exchange == NULL) return; /* answered: the rest is read to find its end */
    bool wants_more = pl_exchange_on_body(http->exchange, pl_http_body(http->parser));
    if (wants_more || !is_http(socket) || http->is_answered) return;
    http->is_body_full = true;
    pl_socket_set_deadline(socket, PL_NO_DEADLINE); /* it is us who do not read */
}

static void end_request(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    http->is_read = true;
    pl_socket_set_deadline(socket, PL_NO_DEADLINE);
    if (http->exchange != NULL) pl_exchange_on_body_end(http->exchange);
    if (is_http(socket) && socket->http->is_answered) next_request(socket);
}

/* Whether the bytes at hand have to wait. An upgrade that is being decided on leaves what
 * follows its head alone: it may be frames. */
static bool must_wait(const struct pl_socket *socket) {
    const struct pl_http_side *http = socket->http;
    if (!http->is_begun) return !can_take_more(socket);
    if (http->is_read) return !http->is_answered;
    return http->is_body_full || (http->is_upgrading && http->exchange != NULL);
}

/* A head has one time limit, from its first byte on, however it comes in. */
static void set_waiting_deadline(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    if (http->is_begun) return;
    bool is_in_head = pl_http_is_mid_head(http->parser) && can_take_more(socket);
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
    while (is_http(socket) && !must_wait(socket)) {
        struct pl_http *parser = socket->http->parser;
        size_t used = 0;
        enum pl_http_step step = pl_http_feed(parser, *bytes, &used);
        *bytes = pl_slice_after(*bytes, used);
        switch (step) {
        case PL_HTTP_MORE: return;
        case PL_HTTP_HEAD: begin_request(socket); break;
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
    if (!is_http(socket)) return;
    socket->http->is_processing = false;
    pl_socket_keep(socket, bytes.at, bytes.len);
    set_waiting_deadline(socket);
    if (is_http(socket)) pl_socket_http_end(socket);
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
    if (!is_http(socket)) return;
    if (socket->pending.len > 0) {
        pl_socket_mark_due(socket);
    } else if (socket->has_peer_ended) {
        pl_socket_http_end(socket);
    } else {
        pl_stream_start_reading(&socket->stream);
    }
}

/* The answer is complete. A request whose body is still coming is read to its end first, so
 * that the client, which is busy sending it, gets to see the answer. */
static void end_answer(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    http->is_answered = true;
    http->exchange = NULL;
    http->is_body_full = false;
    forget_client(socket);
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

/* ---- answers -------------------------------------------------------------------------------- */

static bool is_bare(int status) { return status < 200 || status == 204 || status == 304; }

static bool has_header(const struct pl_response *response, struct pl_slice name) {
    for (size_t i = 0; i < response->header_count; i++) {
        if (pl_slice_equal_nocase(response->headers[i].name, name)) return true;
    }
    return false;
}

static void add_cors(const struct pl_edge *edge, const struct pl_response *response,
                     struct pl_buffer *out) {
    for (size_t i = 0; i < edge->cors_count; i++) {
        const struct pl_request_header *header = &edge->cors[i];
        if (has_header(response, header->name)) continue;
        pl_http_add_header(out, header->name, header->value);
    }
}

static void add_head(struct pl_socket *socket, const struct pl_response *response,
                     enum pl_http_framing framing, uint64_t content_length) {
    struct pl_http_side *http = socket->http;
    struct pl_buffer *out = &socket->edge->scratch;
    struct pl_slice reason = response->reason.len > 0
                                 ? response->reason
                                 : pl_slice_of(pl_http_reason(response->status));
    out->len = 0;
    if (framing == PL_HTTP_CLOSE) http->keep_alive = false;
    pl_http_begin_head(out, response->status, reason, pl_edge_date(socket->edge), framing,
                       content_length, http->keep_alive, http->minor_version);
    for (size_t i = 0; i < response->header_count && i < HEADERS_MAX; i++) {
        pl_http_add_header(out, response->headers[i].name, response->headers[i].value);
    }
    if (http->adds_cors) add_cors(socket->edge, response, out);
    pl_http_end_head(out);
    http->is_answering = true;
}

static bool can_answer(const struct pl_socket *socket) {
    return is_http(socket) && socket->http->is_begun && !socket->http->is_answered;
}

void pl_socket_respond(void *owner, const struct pl_response *response) {
    struct pl_socket *socket = owner;
    if (!can_answer(socket)) return;
    bool has_body = !socket->http->is_head && !is_bare(response->status);
    add_head(socket, response, is_bare(response->status) ? PL_HTTP_BARE : PL_HTTP_LENGTH,
             response->body.len);
    struct pl_slice head = pl_buffer_slice(&socket->edge->scratch);
    if (has_body && response->body.len >= PL_DIRECT_BYTES_MIN) {
        pl_stream_write_large(&socket->stream, head, response->body);
    } else {
        pl_stream_write(&socket->stream, head);
        if (has_body) pl_stream_write(&socket->stream, response->body);
    }
    end_answer(socket);
}

void pl_socket_begin(void *owner, const struct pl_response *head) {
    struct pl_socket *socket = owner;
    if (!can_answer(socket)) return;
    struct pl_http_side *http = socket->http;
    bool bare = is_bare(head->status);
    http->is_chunked = http->minor_version >= 1 && !bare;
    add_head(socket, head,
             bare               ? PL_HTTP_BARE
             : http->is_chunked ? PL_HTTP_CHUNKED
                                : PL_HTTP_CLOSE,
             0);
    pl_stream_write(&socket->stream, pl_buffer_slice(&socket->edge->scratch));
    if (bare) http->is_head = true; /* no body goes out */
}

bool pl_socket_write(void *owner, struct pl_slice piece) {
    struct pl_socket *socket = owner;
    if (!can_answer(socket) || socket->http->is_head) return true;
    if (socket->http->is_chunked) {
        struct pl_buffer *out = &socket->edge->scratch;
        out->len = 0;
        pl_http_add_chunk_head(out, piece.len);
        pl_stream_write(&socket->stream, pl_buffer_slice(out));
        pl_stream_write(&socket->stream, piece);
        pl_stream_write(&socket->stream, PL_SLICE("\r\n"));
    } else {
        pl_stream_write(&socket->stream, piece);
    }
    if (can_take_more(socket)) return true;
    pl_socket_wait_for_reader(socket);
    return false;
}

void pl_socket_finish(void *owner) {
    struct pl_socket *socket = owner;
    if (!can_answer(socket)) return;
    if (socket->http->is_chunked && !socket->http->is_head) {
        pl_stream_write(&socket->stream, PL_SLICE("0\r\n\r\n"));
    }
    end_answer(socket);
}

void pl_socket_abort(void *owner) {
    struct pl_socket *socket = owner;
    if (!can_answer(socket)) return;
    socket->http->exchange = NULL;
    pl_socket_drop(socket);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Sends pieces of the file while the kernel takes them; drained brings us back. */
static void send_file(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    while (http->file_left > 0 && can_take_more(socket) && !socket->stream.is_closing) {
        size_t want =
            http->file_left < FILE_PIECE_BYTES ? (size_t)http->file_left : FILE_PIECE_BYTES;
        char *room = pl_stream_reserve(&socket->stream, want);
        ssize_t got = pread(http->file, room, want, (off_t)http->file_at);
        if (got <= 0) { /* shorter than it was when the head went out */
            pl_socket_drop(socket);
            return;
        }
        http->file_at += (uint64_t)got;
        http->file_left -= (uint64_t)got;
        pl_stream_commit(&socket->stream, (size_t)got);
    }
    if (http->file_left > 0) {
        pl_socket_wait_for_reader(socket);
        return;
    }
    close(http->file);
    http->file = -1;
    end_answer(socket);
}

void pl_socket_respond_file(void *owner, const struct pl_response *head,
                            struct pl_file_part part) {
    struct pl_socket *socket = owner;
    if (!can_answer(socket)) {
        close(part.file);
        return;
    }
    struct pl_http_side *http = socket->http;
    http->exchange = NULL;
    add_head(socket, head, PL_HTTP_LENGTH, part.size);
    pl_stream_write(&socket->stream, pl_buffer_slice(&socket->edge->scratch));
    http->file = part.file;
    http->file_at = part.from;
    http->file_left = http->is_head ? 0 : part.size;
    send_file(socket);
}

void pl_socket_http_drained(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    if (http->file >= 0) {
        send_file(socket);
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
    if (!is_http(socket)) return;
    socket->http->is_body_full = false;
    expect_body(socket);
    if (!socket->http->is_processing) pl_socket_mark_due(socket);
}
