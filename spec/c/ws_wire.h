/*
 * ws_wire.h -- frames as a browser sends them, and what must be heard however they are cut.
 *
 * A test adds frames to `wire` and then checks what was heard; the check feeds the wire whole,
 * cut in two and three everywhere and byte by byte, both ways, with and without pauses.
 */
#pragma once

#include "check.h"
#include "ws_transcript.h"

#define LIMIT (1024 * 1024)

static struct pl_buffer wire; /* what will be fed */

static const unsigned char mask_key[4] = {0x37, 0xfa, 0x21, 0x3d};

static inline void add_masked(struct pl_slice payload) {
    for (size_t i = 0; i < payload.len; i++) {
        pl_buffer_add_byte(&wire, (char)(payload.at[i] ^ mask_key[i & 3]));
    }
}

/* The header up to the mask: the length in 1, 2 or 8 bytes. */
static inline void add_header(unsigned first, unsigned length_bytes, unsigned long long len) {
    pl_buffer_add_byte(&wire, (char)first);
    unsigned code = length_bytes == 1 ? (unsigned)len : length_bytes == 2 ? 126 : 127;
    pl_buffer_add_byte(&wire, (char)(0x80 | code));
    if (length_bytes == 1) return;
    for (unsigned i = length_bytes; i-- > 0;) pl_buffer_add_byte(&wire, (char)(len >> 8 * i));
}

static inline void add_frame(unsigned first, struct pl_slice payload) {
    add_header(first, payload.len < 126 ? 1 : payload.len <= 0xffff ? 2 : 8, payload.len);
    pl_buffer_add(&wire, pl_slice((const char *)mask_key, 4));
    add_masked(payload);
}

static inline void add_filled_frame(unsigned first, size_t len, char seed) {
    char *payload = pl_alloc(len);
    for (size_t i = 0; i < len; i++) payload[i] = (char)(seed + (char)(i * 7 % 64));
    add_frame(first, pl_slice(payload, len));
    free(payload);
}

#define TEXT 0x81
#define BINARY 0x82
#define TEXT_START 0x01
#define BINARY_START 0x02
#define MORE 0x00
#define LAST 0x80
#define CLOSE 0x88
#define PING 0x89
#define PONG 0x8a

#define FRAME(first, literal) add_frame(first, PL_SLICE(literal))

struct feeding {
    size_t message_bytes_max;
    bool only_wslay, pauses;
    unsigned shuts_at;
};

/* Feeds the wire in pieces that end at the `cuts` (ascending), and checks what was heard. False
 * when it was something else. */
static inline bool check_cut(const struct feeding *how, const size_t *cuts, size_t cut_count,
                             const char *expected) {
    struct transcript heard;
    transcript_init(&heard, how->message_bytes_max, how->only_wslay);
    heard.pauses = how->pauses;
    heard.shuts_at = how->shuts_at;

    size_t from = 0;
    for (size_t i = 0; i <= cut_count; i++) {
        size_t to = i < cut_count ? cuts[i] : wire.len;
        transcript_feed(&heard, pl_slice(wire.at + from, to - from));
        from = to;
    }
    transcript_end(&heard);
    bool ok = PL_CHECK_SLICE(pl_buffer_slice(&heard.text), pl_slice_of(expected));
    if (!ok) printf("#   only_wslay %d, first cut %zu\n", how->only_wslay, cuts[0]);
    transcript_finish(&heard);
    return ok;
}

static inline bool check_byte_by_byte(const struct feeding *how, const char *expected) {
    size_t *cuts = pl_alloc(wire.len * sizeof *cuts);
    for (size_t i = 0; i < wire.len; i++) cuts[i] = i;
    bool ok = check_cut(how, cuts, wire.len, expected);
    free(cuts);
    return ok;
}

/* The next place to cut: each one in a short wire; in a long one each near the ends, near 4 KiB
 * (wslay's buffer) and 64 KiB, and some between. */
static inline size_t next_cut(size_t cut) {
    size_t step = 1;
    size_t near = cut % 4096;
    if (wire.len > 600 && near > 20 && near < 4080 && cut + 40 < wire.len) step = 397;
    return cut + step;
}

static inline bool check_cuts(const struct feeding *how, const char *expected) {
    if (!check_byte_by_byte(how, expected)) return false;
    for (size_t cut = 0; cut <= wire.len; cut = next_cut(cut)) {
        if (!check_cut(how, &cut, 1, expected)) return false;
    }
    if (wire.len > 100) return true;
    for (size_t first = 0; first <= wire.len; first++) {
        for (size_t second = first; second <= wire.len; second++) {
            const size_t cuts[] = {first, second};
            if (!check_cut(how, cuts, 2, expected)) return false;
        }
    }
    return true;
}

/* However the wire is cut and whichever way its frames go, `expected` is heard. Empties it. */
static inline void check_heard_within(size_t message_bytes_max, unsigned shuts_at,
                                      const char *expected) {
    for (unsigned way = 0; way < 4; way++) {
        const struct feeding how = {
            .message_bytes_max = message_bytes_max,
            .only_wslay = (way & 1) != 0,
            .pauses = (way & 2) != 0,
            .shuts_at = shuts_at,
        };
        if (!check_cuts(&how, expected)) break;
    }
    wire.len = 0;
}

static inline void check_heard(const char *expected) { check_heard_within(LIMIT, 0, expected); }

/* What a message of add_filled_frame looks like in the transcript. */
static inline const char *filled(const char *kind, size_t len, char seed) {
    static char line[400];
    struct transcript heard = {0};
    char *payload = pl_alloc(len);
    for (size_t i = 0; i < len; i++) payload[i] = (char)(seed + (char)(i * 7 % 64));
    write_payload(&heard, pl_slice(payload, len));
    snprintf(line, sizeof line, "%s %.*s\n", kind, (int)heard.text.len,
             heard.text.len > 0 ? heard.text.at : "");
    free(payload);
    pl_buffer_finish(&heard.text);
    return line;
}

/* After `before`: the close frame that answers a violation, its report, and nothing more. */
static inline void check_broken(const char *before, unsigned code, const char *why) {
    char lines[600];
    char length[8];
    size_t len = strlen(why) + 2;
    if (len < 0x20) snprintf(length, sizeof length, "\\%02zx", len);
    else snprintf(length, sizeof length, "%c", (int)len);
    snprintf(lines, sizeof lines, "%sout \\88%s\\03\\%02x%s\nviolation %u %s\n", before, length,
             code & 0xff, why, code, why);
    FRAME(TEXT, "never heard");
    check_heard(lines);
}
