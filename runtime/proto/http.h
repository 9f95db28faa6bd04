/*
 * http.h -- bytes to HTTP/1.1 requests (on llhttp), and response heads to bytes.
 *
 * The parser is pulled: each pl_http_feed reports one step, so that a caller can stop between
 * any two (to keep pipelined requests in order, or to hold a body back). Head bytes are copied
 * into the parser's own buffer, since a head may arrive in pieces; body bytes are handed on as
 * slices of what was fed. No sockets, no clock.
 */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"

#include <stdint.h>

/* Bounds, checked before memory is taken. */
struct pl_http_limits {
    size_t head_bytes_max;   /* request line and headers together: 431 */
    size_t url_bytes_max;    /* the request target: 414 */
    size_t header_count_max; /* 431 */
    size_t body_bytes_max;   /* declared or received, after de-chunking: 413 */
};

struct pl_http_header {
    struct pl_slice name;  /* lower-cased */
    struct pl_slice value; /* without surrounding blanks */
};

/* One request's head; slices are valid until the next feed after PL_HTTP_END or the finish. */
struct pl_http_head {
    struct pl_slice method;
    struct pl_slice target; /* as sent: origin-form, absolute-form, or * */
    const struct pl_http_header *headers;
    size_t header_count;
    struct pl_slice host;  /* value of Host; empty in HTTP/1.0 without one */
    int minor_version;     /* 0 or 1 */
    bool keep_alive;       /* may another request follow? */
    bool has_body;         /* Content-Length above 0, or chunked */
    bool expects_continue; /* Expect: 100-continue and a body is still to come */
    bool wants_upgrade; /* HTTP/1.1, Connection names upgrade, and there is an Upgrade header */
};

enum pl_http_step {
    PL_HTTP_MORE,  /* everything was consumed; more bytes are needed */
    PL_HTTP_HEAD,  /* http->head is complete. The caller may take the connection over here (an
                      upgrade: what follows is not HTTP), or go on feeding */
    PL_HTTP_BODY,  /* http->body holds the next piece of the body, never empty */
    PL_HTTP_END,   /* the request is complete; the next feed starts another one */
    PL_HTTP_ERROR, /* http->error_status and http->error say what to answer; feed no more */
};

struct pl_http;

struct pl_http *pl_http_create(const struct pl_http_limits *limits);
void pl_http_destroy(struct pl_http *http);

/* Takes bytes up to the next step; `*consumed` says how many were used. */
enum pl_http_step pl_http_feed(struct pl_http *http, struct pl_slice bytes, size_t *consumed);

const struct pl_http_head *pl_http_head(const struct pl_http *http);
struct pl_slice pl_http_body(const struct pl_http *http);
int pl_http_error_status(const struct pl_http *http);  /* 400, 413, 414, 417, 431, 501 or 505 */
const char *pl_http_error(const struct pl_http *http); /* one line for the answer's body */

/* Whether a request is begun but not complete (for the choice of time limit). */
bool pl_http_is_mid_head(const struct pl_http *http);

/* Lets the head buffer go between requests, so that an idle connection holds little. */
void pl_http_rest(struct pl_http *http);

/* ---- responses -------------------------------------------------------------------------- */

/* The standard phrase of a status ("Not Found"), or an empty string. */
const char *pl_http_reason(int status);

enum pl_http_framing {
    PL_HTTP_LENGTH,  /* Content-Length: `content_length` */
    PL_HTTP_CHUNKED, /* Transfer-Encoding: chunked */
    PL_HTTP_CLOSE,   /* the end of the connection ends the body (HTTP/1.0 peers) */
    PL_HTTP_BARE,    /* no framing header: 1xx, 204, 304 */
};

/* Starts a response head: status line, Date (29 characters, given by the caller, or empty),
 * framing, and `Connection: close` unless keep_alive (or keep-alive for an HTTP/1.0 peer that
 * asked). The head stays open for pl_http_add_header until pl_http_end_head. */
void pl_http_begin_head(struct pl_buffer *out, int status, struct pl_slice reason,
                        struct pl_slice date, enum pl_http_framing framing,
                        uint64_t content_length, bool keep_alive, int minor_version);

/* Adds one header. False, adding nothing, when the name is no token or the value holds CR, LF
 * or NUL; framing headers (content-length, transfer-encoding, connection, date given twice) are
 * dropped silently: framing is ours. */
bool pl_http_add_header(struct pl_buffer *out, struct pl_slice name, struct pl_slice value);
void pl_http_end_head(struct pl_buffer *out);

/* Writes "LEN-HEX CRLF"; the caller adds the bytes and CRLF. */
void pl_http_add_chunk_head(struct pl_buffer *out, size_t len);

/* IMF-fixdate (RFC 9110 5.6.7) of a Unix time, 29 characters and a terminator. */
void pl_http_date(char out[30], int64_t unix_seconds);
