/* frame.c -- see frame.h. */
#include "load/frame.h"

#include "load/fail.h"
#include "load/random.h"

#include <string.h>

#define FIN 0x80u
#define RSV 0x70u
#define MASKED 0x80u
#define LEN_16 126u
#define LEN_64 127u

static size_t length_bytes(size_t len) {
    if (len < LEN_16) return 0;
    return len <= 0xffff ? 2 : 8;
}

static void store_big_endian(uint8_t *bytes, size_t count, uint64_t value) {
    for (size_t i = count; i > 0; i--, value >>= 8) bytes[i - 1] = (uint8_t)value;
}

static uint64_t load_big_endian(const uint8_t *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) value = value << 8 | bytes[i];
    return value;
}

struct pl_frame_draft pl_frame_begin(struct pl_bytes *output, enum pl_opcode opcode,
                                     size_t len) {
    static uint64_t random = 0xd1b54a32d192ed03ull;
    static const uint8_t markers[9] = {[2] = LEN_16, [8] = LEN_64};
    uint32_t key = (uint32_t)(pl_random_next(&random) >> 32);
    size_t extra = length_bytes(len);

    uint8_t *header = pl_bytes_extend(output, 2 + extra + 4 + len);
    header[0] = (uint8_t)(FIN | opcode);
    header[1] = (uint8_t)(MASKED | (extra == 0 ? len : markers[extra]));
    store_big_endian(header + 2, extra, len);
    memcpy(header + 2 + extra, &key, sizeof key);
    return (struct pl_frame_draft){header + 2 + extra + 4, len, key};
}

void pl_frame_end(struct pl_frame_draft draft) {
    uint64_t wide = (uint64_t)draft.key << 32 | draft.key;
    size_t at = 0;
    for (; at + sizeof wide <= draft.len; at += sizeof wide) {
        uint64_t word;
        memcpy(&word, draft.payload + at, sizeof word);
        word ^= wide;
        memcpy(draft.payload + at, &word, sizeof word);
    }
    uint8_t key[4];
    memcpy(key, &draft.key, sizeof key);
    for (; at < draft.len; at++) draft.payload[at] ^= key[at % 4];
}

static void check_header(uint8_t first, uint8_t second) {
    if ((first & RSV) != 0) pl_fail("a frame with reserved bits: 0x%02x", first);
    if ((second & MASKED) != 0) pl_fail("a masked frame from the server");
    if ((first & FIN) == 0 || (first & 15) == 0) pl_fail("a fragmented message");
    switch (first & 15) {
    case PL_TEXT:
    case PL_BINARY: return;
    case PL_CLOSE:
    case PL_PING:
    case PL_PONG:
        if ((second & 127) > PL_CONTROL_BYTES_MAX) pl_fail("a control frame that is too long");
        return;
    default: pl_fail("a frame with opcode %d", first & 15);
    }
}

bool pl_frame_read(struct pl_frame *frame, const uint8_t *bytes, size_t len) {
    if (len < 2) return false;
    check_header(bytes[0], bytes[1]);
    uint64_t payload_len = bytes[1] & 127;
    size_t extra = payload_len < LEN_16 ? 0 : payload_len == LEN_16 ? 2 : 8;
    if (len < 2 + extra) return false;
    if (extra > 0) {
        payload_len = load_big_endian(bytes + 2, extra);
        if (length_bytes(payload_len) != extra) pl_fail("a length in more bytes than it needs");
    }
    if (len - 2 - extra < payload_len) return false;
    *frame = (struct pl_frame){(enum pl_opcode)(bytes[0] & 15), bytes + 2 + extra,
                               (size_t)payload_len, 2 + extra + (size_t)payload_len};
    return true;
}
