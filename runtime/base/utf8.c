#include "base/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* How many bytes `at` starts with that are ASCII; a last few may be left out. */
static size_t ascii_run(const unsigned char *at, size_t len) {
    size_t done = 0;
#ifdef __SSE2__
    for (; len - done >= 64; done += 64) {
        const __m128i *block = (const __m128i *)(const void *)(at + done);
        __m128i a = _mm_or_si128(_mm_loadu_si128(block), _mm_loadu_si128(block + 1));
        __m128i b = _mm_or_si128(_mm_loadu_si128(block + 2), _mm_loadu_si128(block + 3));
        if (_mm_movemask_epi8(_mm_or_si128(a, b)) != 0) break;
    }
    for (; len - done >= 16; done += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(at + done));
        unsigned high = (unsigned)_mm_movemask_epi8(block);
        if (high != 0) return done + (size_t)__builtin_ctz(high);
    }
#else
    for (; len - done >= 16; done += 16) {
        uint64_t words[2];
        memcpy(words, at + done, 16);
        if (((words[0] | words[1]) & 0x8080808080808080u) != 0) break;
    }
#endif
    return done;
}

static bool is_continuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

/* What a lead byte asks for (RFC 3629 4). The bounds of the first continuation byte keep out
 * longer forms, surrogates and what lies above U+10FFFF. False for a byte that leads nothing. */
static bool expect(struct pl_utf8 *utf8, unsigned char lead) {
    *utf8 = (struct pl_utf8){.missing = 1, .low = 0x80, .high = 0xbf};
    if (lead < 0xc2 || lead > 0xf4) return false;
    if (lead < 0xe0) return true;
    utf8->missing = lead < 0xf0 ? 2 : 3;
    if (lead == 0xe0) utf8->low = 0xa0;
    if (lead == 0xed) utf8->high = 0x9f;
    if (lead == 0xf0) utf8->low = 0x90;
    if (lead == 0xf4) utf8->high = 0x8f;
    return true;
}

/* The continuation byte that `utf8` waits for. */
static bool accept(struct pl_utf8 *utf8, unsigned char byte) {
    if (byte < utf8->low || byte > utf8->high) return false;
    utf8->missing--;
    utf8->low = 0x80;
    utf8->high = 0xbf;
    return true;
}

/* Skips characters that are seen to be good at once. It stops at ASCII, near the end, and at
 * leads that come with an exception (they are left to `expect`) but for 0xf0, which all emoji
 * share. */
static const unsigned char *skip_common(const unsigned char *at, const unsigned char *end) {
    while (end - at >= 4) {
        unsigned lead = at[0];
        if (!is_continuation(at[1])) break;
        if (lead >= 0xc2 && lead < 0xe0) {
            at += 2;
            continue;
        }
        if (!is_continuation(at[2])) break;
        if (lead > 0xe0 && lead < 0xf0 && lead != 0xed) {
            at += 3;
            continue;
        }
        if (lead != 0xf0 || at[1] < 0x90 || !is_continuation(at[3])) break;
        at += 4;
    }
    return at;
}

bool pl_utf8_feed(struct pl_utf8 *utf8, struct pl_slice piece) {
    if (piece.len == 0) return true; /* `at` may be NULL */
    const unsigned char *at = (const unsigned char *)piece.at;
    const unsigned char *end = at + piece.len;

    while (at < end) {
        if (utf8->missing > 0) {
            if (!accept(utf8, *at++)) return false;
        } else if (*at < 0x80) {
            at += ascii_run(at, (size_t)(end - at));
            while (at < end && *at < 0x80) at++;
        } else {
            at = skip_common(at, end);
            if (at < end && *at >= 0x80 && !expect(utf8, *at++)) return false;
        }
    }
    return true;
}

#define HIGH_BITS 0x8080808080808080u

/* Whether two words that may overlap, the first and the last of `len` bytes, are ASCII. */
static bool are_ascii(const char *at, size_t len, size_t word_len) {
    uint64_t first = 0, last = 0;
    memcpy(&first, at, word_len);
    memcpy(&last, at + len - word_len, word_len);
    return ((first | last) & HIGH_BITS) == 0;
}

/* What most texts are, and short ones are seen to be in few steps. */
static bool is_ascii(struct pl_slice text) {
    if (text.len >= 16) {
        size_t done = ascii_run((const unsigned char *)text.at, text.len);
        return text.len - done < 16 && are_ascii(text.at + text.len - 16, 16, 8);
    }
    if (text.len >= 8) return are_ascii(text.at, text.len, 8);
    if (text.len >= 4) return are_ascii(text.at, text.len, 4);
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] >= 0x80) return false;
    }
    return true;
}

bool pl_utf8_is_valid(struct pl_slice text) {
    if (is_ascii(text)) return true;
    struct pl_utf8 utf8 = {0};
    return pl_utf8_feed(&utf8, text) && pl_utf8_is_complete(&utf8);
}

struct pl_slice pl_utf8_truncate(struct pl_slice text, size_t limit) {
    if (text.len <= limit) return text;
    while (limit > 0 && is_continuation((unsigned char)text.at[limit])) limit--;
    return pl_slice(text.at, limit);
}
