#include "proto/ws_frame.h"

#include "proto/ws.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static enum pl_ws_header_state bad(struct pl_ws_frame *frame, uint16_t code, const char *why) {
    frame->violation = code;
    frame->why = why;
    return PL_WS_HEADER_BAD;
}

/* What is wrong with the first byte, or NULL. */
static const char *first_byte_error(uint8_t byte, bool is_in_message) {
    uint8_t opcode = byte & 0x0f;
    if ((byte & 0x70) != 0) return "reserved bits are set";
    if (pl_ws_is_control(opcode)) {
        if (opcode > PL_WS_PONG) return "unknown opcode";
        return (byte & 0x80) == 0 ? "fragmented control frame" : NULL;
    }
    if (opcode > PL_WS_BINARY) return "unknown opcode";
    if (opcode == PL_WS_CONTINUATION) return is_in_message ? NULL : "nothing to continue";
    return is_in_message ? "new message inside a fragmented one" : NULL;
}

static uint64_t big_endian(const uint8_t *at, size_t bytes) {
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; i++) number = number << 8 | at[i];
    return number;
}

enum pl_ws_header_state pl_ws_frame_read(struct pl_ws_frame *frame, const uint8_t *at,
                                         size_t have, bool is_in_message, size_t room_bytes) {
    if (have < 1) return PL_WS_HEADER_MORE;
    const char *why = first_byte_error(at[0], is_in_message);
    if (why != NULL) return bad(frame, 1002, why);
    frame->opcode = at[0] & 0x0f;
    frame->is_final = (at[0] & 0x80) != 0;
    bool is_control = pl_ws_is_control(frame->opcode);

    if (have < 2) return PL_WS_HEADER_MORE;
    if ((at[1] & 0x80) == 0) return bad(frame, 1002, "frame without a mask");
    uint64_t len = at[1] & 0x7f;
    size_t extra = 0;
    if (len >= 126) {
        if (is_control) return bad(frame, 1002, "control frame is too long");
        extra = len == 126 ? 2 : 8;
        if (have < 2 + extra) return PL_WS_HEADER_MORE;
        len = big_endian(at + 2, extra);
        size_t least = extra == 2 ? 126 : 0x10000;
        if (len < least) return bad(frame, 1002, "length is not minimal");
        if (len >> 63 != 0) return bad(frame, 1002, "length is out of range");
    }
    if (!is_control && len > room_bytes) return bad(frame, 1009, "message is too long");

    if (have < 2 + extra + 4) return PL_WS_HEADER_MORE;
    frame->len = (size_t)len;
    memcpy(frame->mask, at + 2 + extra, 4);
    frame->header_len = (uint8_t)(2 + extra + 4);
    return PL_WS_HEADER_WHOLE;
}

#ifdef __SSE2__

static __m128i load(const char *at) {
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}
static void store(char *at, __m128i block) { _mm_storeu_si128((__m128i *)(void *)at, block); }

/* Takes the mask off whole blocks of sixteen bytes; returns how many bytes that were. Bytes that
 * are not ASCII leave their high bit in `high`. */
static size_t unmask_blocks(char *to, const char *from, size_t len, uint64_t mask,
                            uint64_t *high) {
    const __m128i key = _mm_set1_epi64x((long long)mask);
    __m128i seen = _mm_setzero_si128();
    size_t done = 0;

    for (; len - done >= 64; done += 64) {
        __m128i a = _mm_xor_si128(load(from + done), key);
        __m128i b = _mm_xor_si128(load(from + done + 16), key);
        __m128i c = _mm_xor_si128(load(from + done + 32), key);
        __m128i d = _mm_xor_si128(load(from + done + 48), key);
        store(to + done, a);
        store(to + done + 16, b);
        store(to + done + 32, c);
        store(to + done + 48, d);
        __m128i all = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
        seen = _mm_or_si128(seen, all);
    }
    for (; len - done >= 16; done += 16) {
        __m128i a = _mm_xor_si128(load(from + done), key);
        store(to + done, a);
        seen = _mm_or_si128(seen, a);
    }
    if (_mm_movemask_epi8(seen) != 0) *high |= 0x80;
    return done;
}

#else

static size_t unmask_blocks(char *to, const char *from, size_t len, uint64_t mask,
                            uint64_t *high) {
    size_t done = 0;
    for (; len - done >= 16; done += 16) {
        uint64_t words[2];
        memcpy(words, from + done, 16);
        words[0] ^= mask;
        words[1] ^= mask;
        memcpy(to + done, words, 16);
        *high |= words[0] | words[1];
    }
    return done;
}

#endif

/* The mask as it lies over eight bytes of which the first is `offset` into the payload. */
static uint64_t mask_word(const uint8_t mask[4], size_t offset) {
    uint32_t key;
    memcpy(&key, mask, 4);
    unsigned shift = 8 * (offset & 3);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    shift = -shift & 31;
#endif
    key = key >> shift | key << (-shift & 31);
    return (uint64_t)key << 32 | key;
}

/* Fewer than sixteen bytes, in words of 8 and 4 and the last three one by one. The mask repeats
 * every four bytes, so it lies right over each of them. */
static uint64_t unmask_rest(char *to, const char *from, size_t len, uint64_t mask) {
    uint64_t high = 0;
    size_t done = 0;
    if ((len & 8) != 0) {
        uint64_t word;
        memcpy(&word, from, 8);
        high = word ^= mask;
        memcpy(to, &word, 8);
        done = 8;
    }
    uint32_t key = (uint32_t)mask;
    if ((len & 4) != 0) {
        uint32_t word;
        memcpy(&word, from + done, 4);
        high |= word ^= key;
        memcpy(to + done, &word, 4);
        done += 4;
    }
    if (done == len) return high;
    uint8_t last[4];
    memcpy(last, &key, 4);
    for (size_t i = 0; done < len; i++, done++) {
        uint8_t byte = (uint8_t)from[done] ^ last[i];
        to[done] = (char)byte;
        high |= byte;
    }
    return high;
}

bool pl_ws_unmask(char *to, const char *from, size_t len, const uint8_t mask[4],
                  size_t offset) {
    uint64_t key = mask_word(mask, offset);
    uint64_t high = 0;
    size_t done = unmask_blocks(to, from, len, key, &high);
    if (done < len) high |= unmask_rest(to + done, from + done, len - done, key);
    return (high & 0x8080808080808080u) == 0;
}
