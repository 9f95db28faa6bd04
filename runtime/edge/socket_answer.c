#include "edge/socket_http.h"

#define HEADERS_MAX 256 /* of one response, ours included */

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

void pl_socket_add_head(struct pl_socket *socket, const struct pl_response *response,
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

void pl_socket_respond(void *owner, const struct pl_response *response) {
    struct pl_socket *socket = owner;
    if (!pl_socket_can_answer(socket)) return;
    bool has_body = !socket->http->is_head && !is_bare(response->status);
    pl_socket_add_head(socket, response,
                       is_bare(response->status) ? PL_HTTP_BARE : PL_HTTP_LENGTH,
                       response->body.len);
    struct pl_slice head = pl_buffer_slice(&socket->edge->scratch);
    if (has_body && response->body.len >= PL_DIRECT_BYTES_MIN) {
        pl_stream_write_large(&socket->stream, head, response->body);
    } else {
        pl_stream_write(&socket->stream, head);
        if (has_body) pl_stream_write(&socket->stream, response->body);
    }
    pl_socket_end_answer(socket);
}

void pl_socket_begin(void *owner, const struct pl_response *head) {
    struct pl_socket *socket = owner;
    if (!pl_socket_can_answer(socket)) return;
    struct pl_http_side *http = socket->http;
    bool bare = is_bare(head->status);
    http->is_chunked = http->minor_version >= 1 && !bare;
    pl_socket_add_head(socket, head,
                       bare               ? PL_HTTP_BARE
                       : http->is_chunked ? PL_HTTP_CHUNKED
                                          : PL_HTTP_CLOSE,
                       0);
    pl_stream_write(&socket->stream, pl_buffer_slice(&socket->edge->scratch));
    if (bare) http->is_head = true; /* no body goes out */
}

bool pl_socket_write(void *owner, struct pl_slice piece) {
    struct pl_socket *socket = owner;
    if (!pl_socket_can_answer(socket) || socket->http->is_head) return true;
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
    if (pl_socket_can_take_more(socket)) return true;
    pl_socket_wait_for_reader(socket);
    return false;
}

void pl_socket_finish(void *owner) {
    struct pl_socket *socket = owner;
    if (!pl_socket_can_answer(socket)) return;
    if (socket->http->is_chunked && !socket->http->is_head) {
        pl_stream_write(&socket->stream, PL_SLICE("0\r\n\r\n"));
    }
    pl_socket_end_answer(socket);
}

void pl_socket_abort(void *owner) {
    struct pl_socket *socket = owner;
    if (!pl_socket_can_answer(socket)) return;
    socket->http->exchange = NULL;
    pl_socket_drop(socket);
}

void pl_socket_answer_with(struct pl_socket *socket, int status, const char *text,
                           const struct pl_request_header *extra, size_t extra_count) {
    struct pl_request_header headers[1 + PL_EXTRA_HEADERS_MAX] = {
        {PL_SLICE("content-type"), PL_SLICE("text/plain;charset=UTF-8")}};
    for (size_t i = 0; i < extra_count; i++) headers[1 + i] = extra[i];
    struct pl_response response = {.status = status,
                                   .headers = headers,
                                   .header_count = 1 + extra_count,
                                   .body = pl_slice_of(text)};
    pl_socket_respond(socket, &response);
}

void pl_socket_answer_text(struct pl_socket *socket, int status, const char *text) {
    pl_socket_answer_with(socket, status, text, NULL, 0);
}
