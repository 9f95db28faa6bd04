/* utf8: every sequence of up to four bytes that matters, against a decoder written plainly. */
#include "base/utf8.h"

#include "check.h"

#include "base/alloc.h"

#include <stdlib.h>

/* RFC 3629 3, by decoding: the length of the character at `at`, or 0. */
static size_t decode(const unsigned char *at, size_t len) {
    static const unsigned long smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (at[0] < 0x80) return 1;
    size_t bytes = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc0 || at[0] >= 0xf8 || len < bytes) return 0;

    unsigned long point = at[0] & (0xffu >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++) {
        if (at[i] < 0x80 || at[i] > 0xbf) return 0;
        point = point << 6 | (at[i] & 0x3fu);
    }
    if (point < smallest[bytes] || point > 0x10ffff) return 0;
    return point >= 0xd800 && point <= 0xdfff ? 0 : bytes;
}

static bool plainly_valid(struct pl_slice text) {
    const unsigned char *at = (const unsigned char *)text.at;
    for (size_t i = 0; i < text.len;) {
        size_t bytes = decode(at + i, text.len - i);
        if (bytes == 0) return false;
        i += bytes;
    }
    return true;
}

/* Whether some continuation makes `text` valid, by trying the ones that could. */
static bool plainly_possible(struct pl_slice text) {
    static const char *const tails[] = {
        "",         "\x80",     "\xbf",         "\x80\x80",     "\x9f\xbf",
        "\xa0\x80", "\xbf\xbf", "\x80\x80\x80", "\x8f\xbf\xbf", "\x90\x80\x80"};
    char longer[80];
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        size_t tail = strlen(tails[i]);
        memcpy(longer, text.at, text.len);
        memcpy(longer + text.len, tails[i], tail);
        if (plainly_valid(pl_slice(longer, text.len + tail))) return true;
    }
    return false;
}

static bool valid_when_cut(struct pl_slice text, size_t cut) {
    struct pl_utf8 utf8 = {0};
    return pl_utf8_feed(&utf8, pl_slice(text.at, cut)) &&
           pl_utf8_feed(&utf8, pl_slice_after(text, cut)) && pl_utf8_is_complete(&utf8);
}

/* All answers about `text`, from a block of exactly its size. */
static void check_text(struct pl_slice text) {
    char *copy = pl_alloc(text.len);
    if (text.len > 0) memcpy(copy, text.at, text.len);
    struct pl_slice exact = pl_slice(copy, text.len);
    bool expected = plainly_valid(text);

    PL_CHECK_INT(pl_utf8_is_valid(exact), expected);
    for (size_t cut = 0; cut <= text.len; cut++) {
        PL_CHECK_INT(valid_when_cut(exact, cut), expected);
    }
    free(copy);
}

/* The bytes at which some rule changes. */
static const unsigned char edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                      0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                      0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff};
#define EDGES (sizeof edges)

static void every_sequence_of_edges_is_judged_as_by_decoding(void) {
    for (size_t n = 0; n < EDGES * EDGES * EDGES * EDGES; n++) {
        const char bytes[] = {
            (char)edges[n % EDGES],
            (char)edges[n / EDGES % EDGES],
            (char)edges[n / EDGES / EDGES % EDGES],
            (char)edges[n / EDGES / EDGES / EDGES],
        };
        struct pl_slice text = pl_slice(bytes, sizeof bytes);
        bool expected = plainly_valid(text);
        if (!PL_CHECK_INT(pl_utf8_is_valid(text), expected)) return;
        for (size_t cut = 1; cut < text.len; cut++) {
            if (!PL_CHECK_INT(valid_when_cut(text, cut), expected)) return;
        }
    }
}

static void every_pair_of_bytes_is_judged_as_by_decoding(void) {
    for (unsigned n = 0; n < 0x10000; n++) {
        const char bytes[] = {(char)(n >> 8), (char)n};
        struct pl_slice text = pl_slice(bytes, 2);
        if (!PL_CHECK_INT(pl_utf8_is_valid(text), plainly_valid(text))) return;
    }
}

static void a_character_stands_anywhere_among_ascii(void) {
    static const char *const characters[] = {
        "\xc3\xa4",     "\xe2\x82\xac",     "\xed\x9f\xbf",
        "\xee\x80\x80", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf",
        "\xc3",         "\xed\xa0\x80",     "\xf4\x90\x80\x80",
        "\xff",         "\xe2\x82"};
    char text[150];
    for (size_t c = 0; c < sizeof characters / sizeof *characters; c++) {
        size_t len = strlen(characters[c]);
        for (size_t at = 0; at + len <= sizeof text; at++) {
            memset(text, 'a', sizeof text);
            memcpy(text + at, characters[c], len);
            check_text(pl_slice(text, at + len));
            check_text(pl_slice(text, sizeof text));
        }
    }
}

/* Runs of characters of one length take a shorter way through the code: one byte in them is made
 * another at each place. */
static void a_mistake_shows_anywhere_in_a_run_of_characters(void) {
    static const char *const characters[] = {
        "\xc3\xa4",     "\xdf\xbf",     "\xe2\x82\xac",     "\xe0\xa0\x80",
        "\xed\x80\x80", "\xef\xbf\xbf", "\xf0\x9f\x98\x80", "\xf4\x80\x80\x80"};
    for (size_t c = 0; c < sizeof characters / sizeof *characters; c++) {
        char text[60];
        size_t len = strlen(characters[c]);
        for (size_t i = 0; i < sizeof text; i++) text[i] = characters[c][i % len];
        for (size_t at = 0; at < sizeof text; at++) {
            char was = text[at];
            for (size_t e = 0; e < EDGES; e++) {
                text[at] = (char)edges[e];
                check_text(pl_slice(text, sizeof text));
            }
            text[at] = was;
        }
    }
}

static void it_fails_at_the_first_byte_that_cannot_be(void) {
    for (size_t n = 0; n < EDGES * EDGES * EDGES; n++) {
        const char bytes[] = {
            (char)edges[n % EDGES],
            (char)edges[n / EDGES % EDGES],
            (char)edges[n / EDGES / EDGES],
        };
        struct pl_utf8 utf8 = {0};
        for (size_t len = 1; len <= 3; len++) {
            bool possible = plainly_possible(pl_slice(bytes, len));
            bool taken = pl_utf8_feed(&utf8, pl_slice(bytes + len - 1, 1));
            if (!PL_CHECK_INT(taken, possible)) return;
            if (!taken) break;
        }
    }
}

static void nothing_is_valid(void) {
    check_text(PL_SLICE(""));
    PL_CHECK(pl_utf8_is_valid(pl_slice(NULL, 0)));
}

static void a_text_is_cut_between_characters(void) {
    struct pl_slice text = PL_SLICE("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"); /* 1 2 3 4 1 */
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t limit = 0; limit < sizeof expected / sizeof *expected; limit++) {
        struct pl_slice cut = pl_utf8_truncate(text, limit);
        PL_CHECK_INT(cut.len, expected[limit]);
        PL_CHECK(cut.at == text.at);
    }
    PL_CHECK_INT(pl_utf8_truncate(PL_SLICE(""), 0).len, 0);
}

int main(void) {
    PL_RUN(every_pair_of_bytes_is_judged_as_by_decoding);
    PL_RUN(every_sequence_of_edges_is_judged_as_by_decoding);
    PL_RUN(a_character_stands_anywhere_among_ascii);
    PL_RUN(a_mistake_shows_anywhere_in_a_run_of_characters);
    PL_RUN(it_fails_at_the_first_byte_that_cannot_be);
    PL_RUN(nothing_is_valid);
    PL_RUN(a_text_is_cut_between_characters);
    return pl_check_summary();
}
