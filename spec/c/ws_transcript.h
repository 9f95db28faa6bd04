/*
 * ws_transcript.h -- what a WebSocket reader says, as text: the tests and the fuzzer compare it.
 *
 * One line for each callback. Long payloads appear as their length and a hash, bytes outside
 * printable ASCII as \xx. Bytes are fed from a block of exactly their size, so that the address
 * sanitizer sees a read past them.
 */
#pragma once

#include "base/alloc.h"
#include "base/buffer.h"
#include "proto/ws.h"

#include <stdio.h>
#include <stdlib.h>

struct transcript {
    struct pl_buffer text;
    struct pl_ws_pool pool;
    struct pl_ws ws;
    bool is_terse;     /* of our close frames the code, of violations no words */
    bool pauses;       /* every callback pauses */
    unsigned shuts_at; /* pl_ws_shut in this callback, counted from 1 */
    unsigned callbacks;
};

static inline void write_text(struct transcript *heard, const char *text) {
    pl_buffer_add(&heard->text, pl_slice_of(text));
}

static inline void write_payload(struct transcript *heard, struct pl_slice payload) {
    if (payload.len > 200) {
        unsigned long long hash = 14695981039346656037u; /* FNV-1a */
        for (size_t i = 0; i < payload.len; i++) {
            hash = (hash ^ (unsigned char)payload.at[i]) * 1099511628211u;
        }
        char line[64];
        snprintf(line, sizeof line, "[%zu bytes, %016llx]", payload.len, hash);
        write_text(heard, line);
        return;
    }
    for (size_t i = 0; i < payload.len; i++) {
        unsigned char byte = (unsigned char)payload.at[i];
        char escaped[4];
        if (byte >= ' ' && byte < 0x7f && byte != '\\') {
            pl_buffer_add_byte(&heard->text, (char)byte);
        } else {
            snprintf(escaped, sizeof escaped, "\\%02x", byte);
            write_text(heard, escaped);
        }
    }
}

static inline void after_callback(struct transcript *heard) {
    write_text(heard, "\n");
    if (heard->pauses) pl_ws_pause(&heard->ws);
    if (++heard->callbacks != heard->shuts_at) return;
    write_text(heard, "shut\n");
    pl_ws_shut(&heard->ws);
}

static inline void hear_message(void *owner, struct pl_slice message, bool is_binary) {
    struct transcript *heard = owner;
    write_text(heard, is_binary ? "binary " : "text ");
    write_payload(heard, message);
    after_callback(heard);
}

static inline void hear_output(void *owner, struct pl_slice frame) {
    struct transcript *heard = owner;
    if (heard->is_terse && (frame.at[0] & 0x0f) == PL_WS_CLOSE) {
        write_text(heard, "out close ");
        frame = pl_slice(frame.at + 2, frame.len < 4 ? 0 : 2); /* the code alone */
    } else {
        write_text(heard, "out ");
    }
    write_payload(heard, frame);
    after_callback(heard);
}

static inline void hear_pong(void *owner) {
    struct transcript *heard = owner;
    write_text(heard, "pong");
    after_callback(heard);
}

static inline void hear_close(void *owner, uint16_t code, struct pl_slice reason) {
    struct transcript *heard = owner;
    char line[32];
    snprintf(line, sizeof line, "close %u ", code);
    write_text(heard, line);
    write_payload(heard, reason);
    after_callback(heard);
}

static inline void hear_violation(void *owner, uint16_t code, const char *why) {
    struct transcript *heard = owner;
    char line[128];
    snprintf(line, sizeof line, "violation %u %s", code, heard->is_terse ? "" : why);
    write_text(heard, line);
    after_callback(heard);
}

static const struct pl_ws_events transcript_events = {
    .on_message = hear_message,
    .on_output = hear_output,
    .on_pong = hear_pong,
    .on_close = hear_close,
    .on_violation = hear_violation,
};

static inline void transcript_init(struct transcript *heard, size_t message_bytes_max,
                                   bool only_wslay) {
    memset(heard, 0, sizeof *heard);
    pl_ws_pool_init(&heard->pool, &transcript_events, message_bytes_max);
    heard->pool.only_wslay = only_wslay;
    pl_ws_init(&heard->ws, &heard->pool, heard);
}

static inline void transcript_finish(struct transcript *heard) {
    pl_ws_finish(&heard->ws);
    pl_ws_pool_finish(&heard->pool);
    pl_buffer_finish(&heard->text);
}

/* Feeds one piece; what a pause leaves over is fed again after pl_ws_resume. */
static inline void transcript_feed(struct transcript *heard, struct pl_slice piece) {
    for (;;) {
        char *block = pl_alloc(piece.len);
        if (piece.len > 0) memcpy(block, piece.at, piece.len);
        size_t used = pl_ws_feed(&heard->ws, block, piece.len);
        free(block);
        piece = pl_slice_after(piece, used);
        if (!heard->ws.is_paused) break;
        pl_ws_resume(&heard->ws);
    }
    if (piece.len > 0 && !heard->ws.is_over) write_text(heard, "bytes left over\n");
}

/* The end of the bytes: tells whether something is half read. */
static inline void transcript_end(struct transcript *heard) {
    if (pl_ws_is_mid_message(&heard->ws)) write_text(heard, "half read\n");
}
