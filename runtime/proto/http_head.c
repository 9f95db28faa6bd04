#include "base/alloc.h"
#include "proto/http_parts.h"
#include "proto/http_text.h"

#include <stdlib.h>

#define BLANK_LINES_MAX 8 /* before a request line: RFC 9112 2.2 asks to skip them */

/* ---- what llhttp tells ----------------------------------------------------------------------- */

/* Makes a name lower-case where it lies, in our copy of the head. False when it is no token. */
static bool lower_name(char *name, size_t len) {
    unsigned char worst = 0xff;
    for (size_t i = 0; i < len; i++) {
        unsigned char lower = pl_text_token[(unsigned char)name[i]];
        name[i] = (char)lower;
        if (lower < worst) worst = lower;
    }
    return worst != 0 && len > 0;
}

/* A field's name, which a colon must follow at once. Those of trailers are checked, not kept. */
static int on_header_field(llhttp_t *parser, const char *at, size_t len) {
    struct pl_http *http = parser->data;
    if (at[len] != ':') return HPE_USER;
    if (http->state != PL_HTTP_READING_HEAD) {
        return pl_text_is_token(pl_slice(at, len)) ? 0 : HPE_USER;
    }
    if (http->head.header_count == http->header_cap) return HPE_USER;
    if (!lower_name(http->bytes.at + (at - http->bytes.at), len)) return HPE_USER;
    struct pl_http_header *header = &http->headers[http->head.header_count++];
    *header = (struct pl_http_header){pl_slice(at, len), pl_slice(at + len, 0)};
    return 0;
}

/* Adds to a slice what follows it; llhttp may hand a value over in several parts. */
static int extend(struct pl_slice *slice, const char *at, size_t len) {
    if (slice->len == 0) slice->at = at;
    if (slice->at + slice->len != at) return HPE_USER;
    slice->len += len;
    return 0;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t len) {
    struct pl_http *http = parser->data;
    if (http->state != PL_HTTP_READING_HEAD) return 0;
    if (http->head.header_count == 0) return HPE_USER;
    return extend(&http->headers[http->head.header_count - 1].value, at, len);
}

static int on_method(llhttp_t *parser, const char *at, size_t len) {
    struct pl_http *http = parser->data;
    return extend(&http->head.method, at, len);
}

static int on_url(llhttp_t *parser, const char *at, size_t len) {
    struct pl_http *http = parser->data;
    return extend(&http->head.target, at, len);
}

/* What an upgrade means is not llhttp's to decide: to it, each request is an ordinary one. */
static int on_headers_complete(llhttp_t *parser) {
    parser->upgrade = 0;
    return HPE_PAUSED;
}

static int on_chunk_header(llhttp_t *parser) {
    struct pl_http *http = parser->data;
    http->body_left = parser->content_length;
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len) {
    struct pl_http *http = parser->data;
    http->body = pl_slice(at, len);
    return 0;
}

static int on_message_complete(llhttp_t *parser) {
    struct pl_http *http = parser->data;
    http->is_message_read = true;
    return 0;
}

static const llhttp_settings_t settings = {
    .on_method = on_method,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_chunk_header = on_chunk_header,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

/* ---- lines of the head ----------------------------------------------------------------------- */

static bool skip_blank_lines(struct pl_http *http, struct pl_slice *rest) {
    while (rest->len > 0 && http->bytes.len == 0) {
        if (!http->is_after_cr && rest->at[0] != '\r') return true;
        if (http->is_after_cr && rest->at[0] != '\n') {
            return pl_http_refuse(http, 400, "Bad line end");
        }
        if (http->is_after_cr && ++http->blank_lines > BLANK_LINES_MAX) {
            return pl_http_refuse(http, 400, "A request line is missing");
        }
        http->is_after_cr = !http->is_after_cr;
        *rest = pl_slice_after(*rest, 1);
    }
    return true;
}

/* Looks at the line that has just ended. `*is_end` tells whether it ends the head. */
static bool end_head_line(struct pl_http *http, size_t head_len, bool *is_end) {
    size_t len = http->line_len;
    http->line_len = 0;
    if (http->request_line_len == 0) {
        http->request_line_len = head_len;
        return true;
    }
    *is_end = len == 2;
    if (*is_end) return true;
    if (http->line_first == ' ' || http->line_first == '\t') {
        return pl_http_refuse(http, 400, "A header is folded");
    }
    if (++http->header_lines > http->limits.header_count_max) {
        return pl_http_refuse(http, 431, "There are too many headers");
    }
    return true;
}

/* Takes lines up to the head's end, or as far as they are good. */
static size_t scan_head(struct pl_http *http, struct pl_slice bytes, bool *is_end) {
    size_t done = 0, used = 0;
    while (done < bytes.len && !*is_end && http->state == PL_HTTP_READING_HEAD) {
        if (http->line_len == 0) http->line_first = bytes.at[done];
        enum pl_http_found found = pl_http_read_line(http, pl_slice_after(bytes, done), &used);
        done += used;
        http->line_len += used;
        if (found == PL_LINE_END) end_head_line(http, http->bytes.len + done, is_end);
        if (found == PL_LINE_BAD) {
            pl_http_refuse(http, 400, "A control byte or bad line end in the head");
        }
    }
    return done;
}

/* The request line comes first, so what is wrong with it counts before what was found later. */
static bool judge_line(struct pl_http *http) {
    bool is_whole = http->request_line_len > 0;
    size_t len = is_whole ? http->request_line_len - 2 : http->bytes.len;
    if (!is_whole && len <= http->limits.url_bytes_max) return true;
    if (!is_whole && http->is_after_cr) len--;
    struct pl_http_refusal refusal;
    struct pl_slice line = pl_slice(http->bytes.at, len);
    if (pl_http_judge_line(line, is_whole, http->limits.url_bytes_max, &refusal)) return true;
    return pl_http_refuse(http, refusal.status, refusal.why);
}

/* Turns tabs at the ends of lines into spaces. They mean the same, but llhttp takes them for a
 * part of the value, and so misses the codings and lengths before them. */
static void blank_tabs(struct pl_buffer *head) {
    const char *tab = memchr(head->at, '\t', head->len);
    if (tab == NULL) return;
    for (size_t i = (size_t)(tab - head->at); i < head->len; i++) {
        if (head->at[i] != '\r') continue;
        for (size_t end = i; end > 0 && pl_text_is_blank(head->at[end - 1]);)
            head->at[--end] = ' ';
    }
}

/* Lets llhttp read the whole head. */
static bool parse_head(struct pl_http *http) {
    llhttp_t *parser = &http->parser;
    if (http->header_cap < http->header_lines) {
        http->header_cap = http->header_lines < 16 ? 16 : http->header_lines;
        free(http->headers);
        http->headers = pl_alloc(http->header_cap * sizeof *http->headers);
    }
    blank_tabs(&http->bytes);
    llhttp_init(parser, HTTP_REQUEST, &settings);
    parser->data = http;
    llhttp_errno_t rc = llhttp_execute(parser, http->bytes.at, http->bytes.len);
    switch (rc) {
    case HPE_PAUSED: break; /* by on_headers_complete */
    case HPE_INVALID_METHOD:
    case HPE_INVALID_CONSTANT:
    case HPE_INVALID_VERSION: /* of PRI: any other was looked at before */
        return pl_http_refuse(http, 501, "Unknown method");
    case HPE_INVALID_URL: return pl_http_refuse(http, 400, "Bad URL");
    default: return pl_http_refuse(http, 400, "Bad header");
    }
    if (llhttp_get_error_pos(parser) != http->bytes.at + http->bytes.len) {
        return pl_http_refuse(http, 400, "Bad end of the head");
    }
    llhttp_resume(parser);
    return true;
}

static bool judge_head(struct pl_http *http) {
    struct pl_http_head *head = &http->head;
    struct pl_http_extent extent;
    struct pl_http_refusal refusal;
    for (size_t i = 0; i < head->header_count; i++) {
        http->headers[i].value = pl_text_trim(http->headers[i].value);
    }
    head->headers = http->headers;
    head->minor_version = llhttp_get_http_minor(&http->parser);
    if (!pl_http_judge_head(head, http->limits.body_bytes_max, &extent, &refusal)) {
        return pl_http_refuse(http, refusal.status, refusal.why);
    }
    bool agrees = ((http->parser.flags & F_CHUNKED) != 0) == extent.is_chunked &&
                  http->parser.content_length == extent.length;
    if (!agrees) return pl_http_refuse(http, 400, "The length of the body is unclear");
    http->body_left = extent.length;
    http->body_room = http->limits.body_bytes_max;
    http->framing_room = http->limits.head_bytes_max;
    http->state = extent.is_chunked    ? PL_HTTP_READING_CHUNK_LINE
                  : extent.length == 0 ? PL_HTTP_REQUEST_READ
                                       : PL_HTTP_READING_LENGTH;
    return true;
}

enum pl_http_step pl_http_feed_head(struct pl_http *http, struct pl_slice *rest) {
    if (!skip_blank_lines(http, rest)) return PL_HTTP_ERROR;
    if (http->bytes.len == 0) pl_http_take_spare(http);
    struct pl_slice bytes = *rest;
    size_t room = http->limits.head_bytes_max - http->bytes.len;
    if (bytes.len > room) bytes.len = room;

    bool is_end = false;
    size_t done = scan_head(http, bytes, &is_end);
    pl_buffer_add(&http->bytes, pl_slice(bytes.at, done));
    *rest = pl_slice_after(*rest, done);
    if (!judge_line(http) || http->state == PL_HTTP_REFUSED) return PL_HTTP_ERROR;
    if (is_end) return parse_head(http) && judge_head(http) ? PL_HTTP_HEAD : PL_HTTP_ERROR;
    if (rest->len == 0) return PL_HTTP_MORE;
    pl_http_refuse(http, 431, "The head is too large");
    return PL_HTTP_ERROR;
}
