/*
 * ws_fuzz.c -- any bytes, cut anywhere, are heard alike whichever way their frames go.
 *
 * The input's first four bytes choose the limit, the cuts, and what the callbacks do. The rest is
 * either the wire itself or a script of frames, which reaches deeper: each record is the first
 * byte of a frame, a byte for the length of its payload, and the payload; the mask is made up.
 *
 * Four transcripts must be equal: read whole, in pieces, in pieces through wslay alone, and by the
 * plain reader below, which sees the whole wire at once. There are no exceptions: what wslay
 * does otherwise (ws_wslay.h lists it) it does not get to see.
 */
#include "proto/ws.h"

#include "base/utf8.h"
#include "spec/c/ws_transcript.h"

/* --- a plain reader, in the order of RFC 6455 5.2 --- */

struct plain {
    struct transcript said;
    struct pl_slice rest; /* of the wire */
    size_t limit;
    struct pl_buffer message; /* the fragments so far */
    bool is_in_message, is_binary, is_over;
};

static void say_close(struct plain *plain, unsigned code) {
    const char frame[] = {(char)0x88, 2, (char)(code >> 8), (char)code};
    if (plain->said.ws.is_shut) return;
    hear_output(&plain->said, code == 1005 ? PL_SLICE("\x88\x00") : pl_slice(frame, 4));
}

static bool refuse(struct plain *plain, unsigned code) {
    plain->is_over = true;
    say_close(plain, code);
    hear_violation(&plain->said, (uint16_t)code, "");
    return false;
}

static bool say_peer_close(struct plain *plain, struct pl_slice body) {
    const unsigned char *at = (const unsigned char *)body.at;
    if (body.len == 1) return refuse(plain, 1002);
    unsigned code = body.len == 0 ? 1005 : (unsigned)(at[0] << 8 | at[1]);
    struct pl_slice reason = body.len == 0 ? body : pl_slice_after(body, 2);
    bool is_known = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                    (code >= 3000 && code <= 4999);
    if (body.len > 0 && !is_known) return refuse(plain, 1002);
    if (!pl_utf8_is_valid(reason)) return refuse(plain, 1007);

    plain->is_over = true;
    say_close(plain, code);
    hear_close(&plain->said, (uint16_t)code, reason);
    return false;
}

static bool say_control(struct plain *plain, unsigned opcode, struct pl_slice body) {
    if (opcode == PL_WS_CLOSE) return say_peer_close(plain, body);
    if (opcode == PL_WS_PONG) {
        hear_pong(&plain->said);
        return true;
    }
    if (plain->said.ws.is_shut) return true;
    struct pl_buffer pong = {0};
    pl_buffer_add_byte(&pong, (char)0x8a);
    pl_buffer_add_byte(&pong, (char)body.len);
    pl_buffer_add(&pong, body);
    hear_output(&plain->said, pl_buffer_slice(&pong));
    pl_buffer_finish(&pong);
    return true;
}

/* A data frame's payload, or the beginning of it that is there. */
static bool say_data(struct plain *plain, struct pl_slice payload, bool is_whole,
                     bool is_last) {
    struct pl_utf8 utf8 = {0};
    pl_buffer_add(&plain->message, payload);
    struct pl_slice message = pl_buffer_slice(&plain->message);
    if (!plain->is_binary && !pl_utf8_feed(&utf8, message)) return refuse(plain, 1007);
    if (!is_whole) return false;
    plain->is_in_message = !is_last;
    if (!is_last) return true;
    if (!pl_utf8_is_complete(&utf8)) return refuse(plain, 1007);
    if (!plain->said.ws.is_shut) hear_message(&plain->said, message, plain->is_binary);
    plain->message.len = 0;
    return true;
}

/* One frame; false when the wire ends in it or nothing may follow it. */
static bool say_frame(struct plain *plain) {
    const unsigned char *at = (const unsigned char *)plain->rest.at;
    size_t have = plain->rest.len;
    unsigned opcode = at[0] & 15;
    bool is_control = opcode >= 8, is_last = at[0] >= 0x80;
    if ((at[0] & 0x70) != 0) return refuse(plain, 1002);
    if (opcode > 10 || (opcode > 2 && opcode < 8)) return refuse(plain, 1002);
    if (is_control && !is_last) return refuse(plain, 1002);
    if (!is_control && (opcode == 0) != plain->is_in_message) return refuse(plain, 1002);

    if (have < 2) return false;
    unsigned long long len = at[1] & 127u;
    size_t header = len == 126 ? 4 : len == 127 ? 10 : 2;
    if (at[1] < 0x80 || (is_control && len > 125)) return refuse(plain, 1002);
    if (have < header) return false;
    if (header > 2) {
        len = 0;
        for (size_t i = 2; i < header; i++) len = len * 256 + at[i];
        if (len < 126 || (header == 10 && len < 65536)) return refuse(plain, 1002);
        if (len > 0x7fffffffffffffff) return refuse(plain, 1002);
    }
    if (!is_control && len > plain->limit - plain->message.len) return refuse(plain, 1009);

    if (have < header + 4) return false;
    bool is_whole = have - header - 4 >= len;
    size_t there = is_whole ? (size_t)len : have - header - 4;
    if (!is_control && opcode != 0) plain->is_binary = opcode == PL_WS_BINARY;

    struct pl_buffer payload = {0};
    for (size_t i = 0; i < there; i++) {
        pl_buffer_add_byte(&payload, (char)(at[header + 4 + i] ^ at[header + i % 4]));
    }
    bool goes_on;
    if (!is_control) goes_on = say_data(plain, pl_buffer_slice(&payload), is_whole, is_last);
    else goes_on = is_whole && say_control(plain, opcode, pl_buffer_slice(&payload));
    pl_buffer_finish(&payload);
    if (is_whole) plain->rest = pl_slice_after(plain->rest, header + 4 + there);
    return goes_on;
}

/* --- what an input asks for --- */

struct trial {
    struct pl_slice wire;
    size_t limit;
    uint32_t cuts; /* state of a small generator; 0 cuts nothing */
    unsigned shuts_at;
    bool pauses;
};

static uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Turns a script into a wire. */
static void add_script(struct pl_buffer *wire, const uint8_t *data, size_t size) {
    uint32_t masks = 0x9e3779b9;
    while (size >= 2) {
        unsigned first = data[0], code = data[1];
        data += 2;
        size -= 2;
        size_t given = code & 0x7f; /* payload bytes taken from the input */
        if (given > size) given = size;
        size_t len = code < 0x80 ? given : given * 67; /* repeated to be a long one */

        pl_buffer_add_byte(wire, (char)first);
        pl_buffer_add_byte(wire, (char)(len < 126 ? 0x80 | len : 0x80 | 126));
        if (len >= 126) pl_buffer_add_byte(wire, (char)(len >> 8));
        if (len >= 126) pl_buffer_add_byte(wire, (char)len);
        uint32_t mask = next_random(&masks);
        uint8_t key[4];
        memcpy(key, &mask, 4);
        pl_buffer_add(wire, pl_slice((const char *)key, 4));
        for (size_t i = 0; i < len; i++) {
            pl_buffer_add_byte(wire, (char)(data[i % given] ^ key[i % 4]));
        }
        data += given;
        size -= given;
    }
}

static void feed(struct transcript *heard, const struct trial *trial, bool only_wslay,
                 uint32_t cuts) {
    transcript_init(heard, trial->limit, only_wslay);
    heard->is_terse = true;
    heard->pauses = trial->pauses;
    heard->shuts_at = trial->shuts_at;
    for (struct pl_slice rest = trial->wire; rest.len > 0;) {
        size_t len = rest.len;
        if (cuts != 0) len = 1 + next_random(&cuts) % (cuts & 0x100 ? 8 : 600);
        if (len > rest.len) len = rest.len;
        transcript_feed(heard, pl_slice(rest.at, len));
        rest = pl_slice_after(rest, len);
    }
    transcript_end(heard);
}

static void say_plainly(struct plain *plain, const struct trial *trial) {
    memset(plain, 0, sizeof *plain);
    plain->said.is_terse = true;
    plain->said.shuts_at = trial->shuts_at;
    plain->rest = trial->wire;
    plain->limit = trial->limit;
    bool goes_on = true;
    while (goes_on && plain->rest.len > 0) goes_on = say_frame(plain);
    if (!plain->is_over && (plain->rest.len > 0 || plain->is_in_message)) {
        write_text(&plain->said, "half read\n");
    }
}

static void must_be_equal(const struct transcript *a, const struct transcript *b,
                          const char *what) {
    if (pl_slice_equal(pl_buffer_slice(&a->text), pl_buffer_slice(&b->text))) return;
    fprintf(stderr, "%s\n--- one\n%.*s--- other\n%.*s", what, (int)a->text.len, a->text.at,
            (int)b->text.len, b->text.at);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const size_t limits[] = {1024 * 1024, 0, 10, 125, 126, 500, 4096, 65536};
    if (size < 4) return 0;
    struct pl_buffer wire = {0};
    if ((data[0] & 1) != 0) add_script(&wire, data + 4, size - 4);
    else pl_buffer_add(&wire, pl_slice((const char *)data + 4, size - 4));

    const struct trial trial = {
        .wire = pl_buffer_slice(&wire),
        .limit = limits[data[0] >> 1 & 7],
        .pauses = (data[0] & 0x10) != 0,
        .shuts_at = data[1] & 7,
        .cuts = (uint32_t)(data[2] << 8 | data[3]) + 1,
    };
    struct plain plain;
    struct transcript whole, pieces, wslay;
    say_plainly(&plain, &trial);
    feed(&whole, &trial, false, 0);
    feed(&pieces, &trial, false, trial.cuts);
    feed(&wslay, &trial, true, trial.cuts * 77);
    must_be_equal(&plain.said, &whole, "plainly and whole");
    must_be_equal(&whole, &pieces, "whole and in pieces");
    must_be_equal(&pieces, &wslay, "in place and through wslay");

    pl_buffer_finish(&plain.message);
    pl_buffer_finish(&plain.said.text);
    transcript_finish(&whole);
    transcript_finish(&pieces);
    transcript_finish(&wslay);
    pl_buffer_finish(&wire);
    return 0;
}
