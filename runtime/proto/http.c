#include "proto/http.h"

#include "base/alloc.h"
#include "proto/http_parts.h"
#include "proto/http_text.h"

#include <stdlib.h>

bool pl_http_refuse(struct pl_http *http, int status, const char *why) {
    http->refusal = (struct pl_http_refusal){status, why};
    http->state = PL_HTTP_REFUSED;
    return false;
}

enum pl_http_found pl_http_read_line(struct pl_http *http, struct pl_slice bytes,
                                     size_t *used) {
    size_t at = 0;
    *used = 0;
    if (!http->is_after_cr) {
        at = pl_text_find_control(bytes);
        *used = at;
        if (at == bytes.len) return PL_LINE_PART;
        if (bytes.at[at] != '\r') return PL_LINE_BAD;
        http->is_after_cr = true;
        *used = ++at;
    }
    if (at == bytes.len) return PL_LINE_PART;
    if (bytes.at[at] != '\n') return PL_LINE_BAD;
    http->is_after_cr = false;
    *used = at + 1;
    return PL_LINE_END;
}

/* What the last parser that came to rest has let go, for the next one that reads a head: heads
 * mostly come whole, so one parser after the other needs memory, and only for a moment. */
static struct {
    struct pl_buffer bytes;
    struct pl_http_header *headers;
    size_t header_cap;
} spare;

#define SPARE_BYTES_MAX 4096
#define SPARE_HEADERS_MAX 64

void pl_http_take_spare(struct pl_http *http) {
    if (http->bytes.at == NULL) {
        http->bytes = spare.bytes;
        http->bytes.len = 0;
        spare.bytes = (struct pl_buffer){0};
    }
    if (http->headers == NULL) {
        http->headers = spare.headers;
        http->header_cap = spare.header_cap;
        spare.headers = NULL;
        spare.header_cap = 0;
    }
}

static void let_go(struct pl_http *http) {
    if (spare.bytes.at == NULL && http->bytes.cap <= SPARE_BYTES_MAX) {
        spare.bytes = http->bytes;
        http->bytes = (struct pl_buffer){0};
    }
    if (spare.headers == NULL && http->header_cap <= SPARE_HEADERS_MAX) {
        spare.headers = http->headers;
        spare.header_cap = http->header_cap;
        http->headers = NULL;
    }
    pl_buffer_finish(&http->bytes);
    pl_buffer_finish(&http->line);
    free(http->headers);
    http->headers = NULL;
    http->header_cap = 0;
}

static void begin_request(struct pl_http *http) {
    http->bytes.len = http->line.len = 0;
    http->line_len = http->request_line_len = http->header_lines = 0;
    http->head = (struct pl_http_head){.method = PL_SLICE("")};
    http->body = PL_SLICE("");
    http->blank_lines = 0;
    http->is_after_cr = http->is_message_read = false;
    http->state = PL_HTTP_READING_HEAD;
}

struct pl_http *pl_http_create(const struct pl_http_limits *limits) {
    struct pl_http *http = pl_alloc_zero(sizeof *http);
    http->limits = *limits;
    begin_request(http);
    return http;
}

void pl_http_destroy(struct pl_http *http) {
    if (http == NULL) return;
    let_go(http);
    free(http);
}

static enum pl_http_step feed(struct pl_http *http, struct pl_slice *rest) {
    if (http->state == PL_HTTP_REQUEST_ENDED && rest->len > 0) begin_request(http);
    switch (http->state) {
    case PL_HTTP_READING_HEAD:
        return rest->len == 0 ? PL_HTTP_MORE : pl_http_feed_head(http, rest);
    case PL_HTTP_READING_LENGTH:
        return rest->len == 0 ? PL_HTTP_MORE : pl_http_feed_data(http, rest);
    case PL_HTTP_READING_CHUNK_LINE:
    case PL_HTTP_READING_CHUNK:
    case PL_HTTP_READING_CHUNK_END:
    case PL_HTTP_READING_TRAILERS: return pl_http_feed_chunked(http, rest);
    case PL_HTTP_REQUEST_READ: http->state = PL_HTTP_REQUEST_ENDED; return PL_HTTP_END;
    case PL_HTTP_REQUEST_ENDED: return PL_HTTP_MORE;
    case PL_HTTP_REFUSED: break;
    }
    return PL_HTTP_ERROR;
}

enum pl_http_step pl_http_feed(struct pl_http *http, struct pl_slice bytes, size_t *consumed) {
    struct pl_slice rest = bytes;
    enum pl_http_step step = feed(http, &rest);
    *consumed = bytes.len - rest.len;
    return step;
}

const struct pl_http_head *pl_http_head(const struct pl_http *http) { return &http->head; }

struct pl_slice pl_http_body(const struct pl_http *http) {
    return http->body;
}

int pl_http_error_status(const struct pl_http *http) { return http->refusal.status; }

const char *pl_http_error(const struct pl_http *http) { return http->refusal.why; }

bool pl_http_is_mid_head(const struct pl_http *http) {
    return http->state == PL_HTTP_READING_HEAD && http->bytes.len > 0;
}

void pl_http_rest(struct pl_http *http) {
    if (http->state == PL_HTTP_REQUEST_ENDED) begin_request(http);
    if (http->state != PL_HTTP_READING_HEAD || http->bytes.len > 0) return;
    let_go(http);
}
