/*
 * http_transcript.h -- what the request parser reports, written down line by line.
 *
 * Pieces of a body that follow each other are one, so that the transcript of some bytes does not
 * depend on how they were cut. What must hold after every feed is asserted here.
 */
#pragma once

#include "base/alloc.h"
#include "proto/http.h"

#include <assert.h>
#include <stdlib.h>

struct transcript {
    struct pl_http *http;
    struct pl_buffer text;
    bool is_terse; /* heads without their headers */
    bool rests;    /* gives memory back whenever it may */
    bool is_in_body, is_over;
    size_t body_bytes;
};

static inline void transcript_init(struct transcript *heard,
                                   const struct pl_http_limits *limits) {
    *heard = (struct transcript){.http = pl_http_create(limits)};
}

static inline void transcript_finish(struct transcript *heard) {
    pl_http_destroy(heard->http);
    pl_buffer_finish(&heard->text);
}

static inline void write_slice(struct transcript *heard, struct pl_slice text) {
    pl_buffer_add(&heard->text, text);
}

static inline void write_text(struct transcript *heard, const char *text) {
    write_slice(heard, pl_slice_of(text));
}

static inline void write_head(struct transcript *heard) {
    const struct pl_http_head *head = pl_http_head(heard->http);
    write_slice(heard, head->method);
    write_text(heard, " ");
    write_slice(heard, head->target);
    write_text(heard, head->minor_version == 1 ? " 1.1" : " 1.0");
    if (!head->keep_alive) write_text(heard, " close");
    if (head->has_body) write_text(heard, " body");
    if (head->expects_continue) write_text(heard, " continue");
    if (head->wants_upgrade) write_text(heard, " upgrade");
    write_text(heard, " host=");
    write_slice(heard, head->host);
    write_text(heard, "\n");
    for (size_t i = 0; i < head->header_count && !heard->is_terse; i++) {
        write_slice(heard, head->headers[i].name);
        write_text(heard, ": ");
        write_slice(heard, head->headers[i].value);
        write_text(heard, "\n");
    }
}

static inline void write_step(struct transcript *heard, enum pl_http_step step) {
    if (heard->is_in_body && step != PL_HTTP_BODY && step != PL_HTTP_MORE) {
        heard->is_in_body = false;
        write_text(heard, "\n");
    }
    switch (step) {
    case PL_HTTP_MORE: break;
    case PL_HTTP_HEAD: write_head(heard); break;
    case PL_HTTP_BODY:
        if (!heard->is_in_body) write_text(heard, "body ");
        heard->is_in_body = true;
        assert(pl_http_body(heard->http).len > 0);
        write_slice(heard, pl_http_body(heard->http));
        heard->body_bytes += pl_http_body(heard->http).len;
        break;
    case PL_HTTP_END: write_text(heard, "end\n"); break;
    case PL_HTTP_ERROR:
        heard->is_over = true;
        pl_buffer_add_number(&heard->text, (unsigned)pl_http_error_status(heard->http));
        write_text(heard, " ");
        write_text(heard, pl_http_error(heard->http));
        write_text(heard, "\n");
        break;
    }
}

/* Feeds one piece to its end, from memory of just that size. */
static inline void transcript_feed(struct transcript *heard, struct pl_slice piece) {
    char *copy = pl_alloc(piece.len);
    if (piece.len > 0) memcpy(copy, piece.at, piece.len);
    struct pl_slice rest = pl_slice(copy, piece.len);
    enum pl_http_step step = PL_HTTP_HEAD;
    while (!heard->is_over && step != PL_HTTP_MORE) {
        size_t used = 0;
        step = pl_http_feed(heard->http, rest, &used);
        assert(used <= rest.len);
        assert(step != PL_HTTP_MORE || used == rest.len);
        rest = pl_slice_after(rest, used);
        write_step(heard, step);
    }
    if (heard->is_over) { /* for ever */
        size_t used = 1;
        enum pl_http_step again = pl_http_feed(heard->http, rest, &used);
        assert(again == PL_HTTP_ERROR && used == 0);
    }
    if (heard->rests) pl_http_rest(heard->http);
    free(copy);
}

/* The end of the bytes: tells whether something is half read. */
static inline void transcript_end(struct transcript *heard) {
    if (heard->is_in_body) write_text(heard, "\nhalf a body\n");
    if (pl_http_is_mid_head(heard->http)) write_text(heard, "half a head\n");
}
