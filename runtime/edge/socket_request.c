#include "base/url.h"
#include "edge/socket_http.h"
#include "party/exchange.h"
#include "party/router.h"
#include "party/server.h"
#include "proto/handshake.h"

/* Whom a trusted proxy asks for. False when there are too many connections for that client. */
static bool take_client(struct pl_socket *socket, const struct pl_http_head *head,
                        struct pl_forwarded *out) {
    *out = (struct pl_forwarded){0};
    if (!socket->is_proxy) return true;
    pl_forwarded_read(&socket->edge->proxies, &socket->address->ip, head, out);
    socket->client = pl_address_take(&socket->edge->addresses, &out->client);
    bool is_itself = socket->client == socket->address;
    if (is_itself || !pl_edge_is_crowded_by(socket->edge, socket->client)) return true;
    pl_socket_forget_client(socket);
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
    static const struct pl_request_header upgrade[PL_EXTRA_HEADERS_MAX] = {
        {{"upgrade", 7}, {"websocket", 9}}, /* RFC 9110 15.5.22 */
        {{"sec-websocket-version", 21}, {"13", 2}},
    };
    switch (handshake->status) {
    case 405: pl_socket_answer_with(socket, 405, handshake->why, &allow, 1); break;
    case 426:
        pl_socket_answer_with(socket, 426, handshake->why, upgrade, PL_EXTRA_HEADERS_MAX);
        break;
    default: pl_socket_answer_text(socket, handshake->status, handshake->why);
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

bool pl_socket_is_shared(const struct pl_socket *socket, struct pl_slice path) {
    struct pl_route route;
    return socket->edge->cors_count > 0 && pl_route_find(path, &route);
}

static void note_head(struct pl_socket *socket, const struct pl_http_head *head) {
    struct pl_http_side *http = socket->http;
    http->is_begun = true;
    http->is_read = http->is_answering = http->is_answered = http->is_body_full = false;
    http->is_head_timed = false;
    http->adds_cors = pl_socket_is_shared(socket, head->target);
    http->is_head = pl_slice_equal(head->method, PL_SLICE("HEAD"));
    http->minor_version = head->minor_version;
    http->keep_alive = head->keep_alive && !socket->edge->is_draining;
    pl_socket_set_deadline(socket, head->has_body ? socket->edge->server->limits.body_timeout_ms
                                                  : PL_NO_DEADLINE);
}

/* The request of a head; NULL when it was refused. */
static struct pl_request *admit(struct pl_socket *socket, const struct pl_http_head *head) {
    struct pl_handshake_result handshake = {0};
    struct pl_forwarded forwarded;
    enum pl_handshake kind = pl_handshake_check(head, &handshake);
    if (kind == PL_HANDSHAKE_REFUSED) {
        refuse_handshake(socket, &handshake);
        return NULL;
    }
    if (!take_client(socket, head, &forwarded)) {
        pl_socket_answer_with(socket, 503, "Too many connections from this address",
                              &retry_after, 1);
        return NULL;
    }
    bool is_websocket = kind == PL_HANDSHAKE_OK;
    struct pl_request *request =
        make_request(socket, head, is_websocket ? &handshake : NULL, &forwarded);
    if (request == NULL) {
        pl_socket_answer_text(socket, 400, "Bad request target");
        return NULL;
    }
    socket->http->is_upgrading = is_websocket;
    socket->http->key = handshake.key;
    return request;
}

static void hand_on(struct pl_socket *socket, struct pl_request *request) {
    struct pl_exchange *exchange =
        pl_exchange_create(socket->edge->server, request, &pl_socket_calls, socket);
    exchange->door = socket->edge->door;
    socket->http->exchange = exchange;
    pl_exchange_ref(exchange);
    pl_server_on_exchange(socket->edge->server, exchange);
    pl_exchange_unref(exchange);
}

void pl_socket_begin_request(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    const struct pl_http_head *head = pl_http_head(http->parser);
    note_head(socket, head);
    struct pl_request *request = admit(socket, head);
    if (request == NULL) return;
    if (head->expects_continue) {
        pl_stream_write(&socket->stream, PL_SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    http->adds_cors = !request->is_websocket && pl_socket_is_shared(socket, request->path);
    if (http->adds_cors && is_preflight(head)) {
        pl_socket_respond(socket, &(struct pl_response){.status = 204});
    } else {
        hand_on(socket, request);
    }
    pl_request_unref(request);
}
