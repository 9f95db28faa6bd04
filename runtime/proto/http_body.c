#include "proto/http_parts.h"
#include "proto/http_text.h"

#define CHUNK_LINE_BYTES 18 /* 16 digits and a line end; what is beyond is an extension */

/* Lets llhttp read bytes of the body's framing or data. */
static bool parse(struct pl_http *http, struct pl_slice bytes) {
    if (llhttp_execute(&http->parser, bytes.at, bytes.len) == HPE_OK) return true;
    return pl_http_refuse(http, 400, "Bad chunk");
}

/* Takes data of the body or chunk. */
enum pl_http_step pl_http_feed_data(struct pl_http *http, struct pl_slice *rest) {
    struct pl_slice data = *rest;
    if (data.len > http->body_left) data.len = (size_t)http->body_left;
    http->body = PL_SLICE("");
    if (!parse(http, data)) return PL_HTTP_ERROR;
    http->body_left -= data.len;
    *rest = pl_slice_after(*rest, data.len);
    bool is_read = http->body_left == 0 && http->state == PL_HTTP_READING_LENGTH;
    if (http->body.len != data.len || http->is_message_read != is_read) {
        pl_http_refuse(http, 400, "Bad body");
        return PL_HTTP_ERROR;
    }
    if (is_read) http->state = PL_HTTP_REQUEST_READ;
    else if (http->body_left == 0) http->state = PL_HTTP_READING_CHUNK_END;
    return PL_HTTP_BODY;
}

/* How long the line at hand may become. */
static size_t line_room(const struct pl_http *http) {
    if (http->state == PL_HTTP_READING_CHUNK_END) return 2;
    return http->framing_room +
           (http->state == PL_HTTP_READING_CHUNK_LINE ? CHUNK_LINE_BYTES : 0);
}

static bool refuse_long_line(struct pl_http *http) {
    switch (http->state) {
    case PL_HTTP_READING_CHUNK_LINE:
        return pl_http_refuse(http, 413, "The chunk extensions are too large");
    case PL_HTTP_READING_TRAILERS:
        return pl_http_refuse(http, 431, "The trailers are too large");
    default: return pl_http_refuse(http, 400, "A chunk is longer than it says");
    }
}

/* Takes bytes up to a line's end; false when it is not there. The line is where it was fed, or
 * in `http->line` when it came in pieces. */
static bool take_line(struct pl_http *http, struct pl_slice *rest, struct pl_slice *line) {
    struct pl_slice bytes = *rest;
    size_t room = line_room(http) - http->line.len, used;
    if (bytes.len > room) bytes.len = room;
    enum pl_http_found found = pl_http_read_line(http, bytes, &used);
    *line = pl_slice(bytes.at, used);
    bool is_direct = found == PL_LINE_END && http->line.len == 0;
    if (!is_direct) {
        pl_buffer_add(&http->line, *line);
        *line = pl_buffer_slice(&http->line);
    }
    *rest = pl_slice_after(*rest, used);
    if (found == PL_LINE_BAD) {
        return pl_http_refuse(http, 400, "A control byte or bad line end in a chunk");
    }
    if (found == PL_LINE_PART && rest->len > 0) return refuse_long_line(http);
    return found == PL_LINE_END;
}

static bool is_hex(char c) {
    char lower = pl_ascii_lower(c);
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f');
}

/* llhttp reads the size alone: it knows only some forms of extensions, and they mean nothing. */
static bool end_chunk_line(struct pl_http *http, struct pl_slice line) {
    size_t digits = 0, end = line.len - 2;
    while (digits < end && is_hex(line.at[digits])) digits++;
    if (!pl_http_are_extensions(pl_slice(line.at + digits, end - digits))) {
        return pl_http_refuse(http, 400, "Bad chunk");
    }
    if (!parse(http, pl_slice(line.at, digits))) return false;
    if (!parse(http, pl_slice(line.at + end, 2))) return false;
    if (line.len > CHUNK_LINE_BYTES) http->framing_room -= line.len - CHUNK_LINE_BYTES;
    if (http->body_left > http->body_room) {
        return pl_http_refuse(http, 413, "The body is too large");
    }
    http->body_room -= (size_t)http->body_left;
    http->state = http->body_left == 0 ? PL_HTTP_READING_TRAILERS : PL_HTTP_READING_CHUNK;
    return true;
}

static bool end_trailer(struct pl_http *http, struct pl_slice line) {
    if (pl_text_is_blank(line.at[0])) return pl_http_refuse(http, 400, "A trailer is folded");
    if (!parse(http, line)) return false;
    http->framing_room -= line.len;
    if (line.len == 2) {
        if (!http->is_message_read) return pl_http_refuse(http, 400, "Bad trailers");
        http->state = PL_HTTP_REQUEST_READ;
    }
    return true;
}

static bool end_chunk(struct pl_http *http, struct pl_slice line) {
    if (line.len != 2) return refuse_long_line(http);
    http->state = PL_HTTP_READING_CHUNK_LINE;
    return parse(http, line);
}

/* Looks at a line of a chunked body. */
static bool end_line(struct pl_http *http, struct pl_slice line) {
    http->line.len = 0;
    switch (http->state) {
    case PL_HTTP_READING_CHUNK_LINE: return end_chunk_line(http, line);
    case PL_HTTP_READING_TRAILERS: return end_trailer(http, line);
    default: return end_chunk(http, line);
    }
}

enum pl_http_step pl_http_feed_chunked(struct pl_http *http, struct pl_slice *rest) {
    while (rest->len > 0 && http->state != PL_HTTP_REQUEST_READ) {
        if (http->state == PL_HTTP_READING_CHUNK) return pl_http_feed_data(http, rest);
        struct pl_slice line;
        if (take_line(http, rest, &line)) end_line(http, line);
        if (http->state == PL_HTTP_REFUSED) return PL_HTTP_ERROR;
    }
    if (http->state != PL_HTTP_REQUEST_READ) return PL_HTTP_MORE;
    http->state = PL_HTTP_REQUEST_ENDED;
    return PL_HTTP_END;
}
