/*
 * http_parts.h -- the inside of the request parser: http.c, http_head.c and http_body.c.
 *
 * llhttp reads line by line what was looked at here first: it takes bare LF, any byte after CR
 * and blanks in names more easily than is safe. A head is kept until it is whole and then read
 * at once, so that its names and values are never in pieces; of a chunked body the lines between
 * the data are treated the same way. Each request gets a parser in its first state, so nothing
 * of one can change how the next is read.
 *
 * Whatever is refused is refused at a certain byte, so that cuts change nothing.
 */
#pragma once

#include "proto/http_rules.h"

#include <llhttp.h>

enum pl_http_state {
    PL_HTTP_READING_HEAD,
    PL_HTTP_READING_LENGTH,     /* a body whose length was declared */
    PL_HTTP_READING_CHUNK_LINE, /* size and extensions */
    PL_HTTP_READING_CHUNK,
    PL_HTTP_READING_CHUNK_END, /* the line end after its data */
    PL_HTTP_READING_TRAILERS,
    PL_HTTP_REQUEST_READ,  /* its end is still to be told */
    PL_HTTP_REQUEST_ENDED, /* the next byte starts another one */
    PL_HTTP_REFUSED,
};

struct pl_http {
    llhttp_t parser;
    struct pl_http_limits limits;
    struct pl_http_refusal refusal;
    struct pl_http_head head;
    struct pl_slice body;
    struct pl_http_header *headers; /* owned; head.headers */
    size_t header_cap;
    struct pl_buffer bytes;  /* the head, line ends included */
    struct pl_buffer line;   /* a line of a chunked body of which the end is missing */
    size_t line_len;         /* of the head's current line, so far */
    size_t request_line_len; /* with its line end; 0 while it is not whole */
    size_t header_lines;
    uint64_t body_left;  /* of the body or chunk */
    size_t body_room;    /* what may still come in chunks */
    size_t framing_room; /* the same for chunk extensions and trailers */
    enum pl_http_state state;
    unsigned char blank_lines;
    char line_first; /* the first byte of the head's current line */
    bool is_after_cr;
    bool is_message_read; /* llhttp's opinion */
};

/* For a head that begins: memory that another parser has let go, if there is any. */
void pl_http_take_spare(struct pl_http *http);

/* Remembers what to answer; nothing is read any more. Gives false. */
bool pl_http_refuse(struct pl_http *http, int status, const char *why);

enum pl_http_found { PL_LINE_PART, PL_LINE_END, PL_LINE_BAD };

/* Takes bytes up to the end of the line that was begun. Lines end with CR and LF, and hold no
 * other control bytes but tabs. */
enum pl_http_found pl_http_read_line(struct pl_http *http, struct pl_slice bytes, size_t *used);

/* Each takes from `*rest` up to its next step; there must be something to take. */
enum pl_http_step pl_http_feed_head(struct pl_http *http, struct pl_slice *rest);
enum pl_http_step pl_http_feed_data(struct pl_http *http, struct pl_slice *rest);
enum pl_http_step pl_http_feed_chunked(struct pl_http *http, struct pl_slice *rest);
