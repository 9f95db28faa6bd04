/* sha1.c -- see sha1.h. */
#include "load/sha1.h"

#include <assert.h>
#include <string.h>

#define BLOCK_BYTES 64

static uint32_t rotate(uint32_t word, unsigned bits) {
    return (word << bits) | (word >> (32 - bits));
}

static uint32_t load_word(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           bytes[3];
}

static void store_word(uint8_t *bytes, uint32_t word) {
    for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(word >> (24 - 8 * i));
}

/* RFC 3174 section 5: the function and the constant of step `t`. */
static uint32_t step(int t, uint32_t b, uint32_t c, uint32_t d) {
    if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999u;
    if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1u;
    if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu;
    return (b ^ c ^ d) + 0xca62c1d6u;
}

static void add_block(uint32_t hash[5], const uint8_t *block) {
    uint32_t words[80];
    for (int t = 0; t < 16; t++) words[t] = load_word(block + 4 * t);
    for (int t = 16; t < 80; t++)
        words[t] = rotate(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);

    uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4];
    for (int t = 0; t < 80; t++) {
        uint32_t next = rotate(a, 5) + step(t, b, c, d) + e + words[t];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d, hash[4] += e;
}

void pl_sha1(const void *text, size_t len, uint8_t digest[PL_SHA1_BYTES]) {
    uint32_t hash[5] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};
    uint8_t padded[2 * BLOCK_BYTES] = {0};
    assert(len <= PL_SHA1_TEXT_BYTES_MAX);

    memcpy(padded, text, len);
    padded[len] = 0x80;
    size_t total = len + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    store_word(padded + total - 4, (uint32_t)len * 8);
    for (size_t at = 0; at < total; at += BLOCK_BYTES) add_block(hash, padded + at);
    for (int i = 0; i < 5; i++) store_word(digest + 4 * i, hash[i]);
}
