#include "base/random.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* One system call brings bytes for sixteen ids: connecting is a hot path. */
static struct {
    unsigned char bytes[256];
    size_t used;
} pool = {.used = sizeof pool.bytes};

static struct {
    bool is_on;
    uint64_t state;
} seeded;

void pl_random_seed(const uint64_t *seed) {
    seeded.is_on = seed != NULL;
    seeded.state = seed == NULL ? 0 : *seed;
}

/* SplitMix64: even neighbouring seeds give sequences that have nothing to do with each other. */
static uint64_t next_seeded(void) {
    uint64_t z = (seeded.state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void fill_seeded(unsigned char *out, size_t len) {
    while (len > 0) {
        uint64_t word = next_seeded();
        size_t part = len < sizeof word ? len : sizeof word;
        memcpy(out, &word, part);
        out += part;
        len -= part;
    }
}

static void read_kernel(unsigned char *out, size_t len) {
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            fputs("partylua: the kernel gives no random bytes\n", stderr);
            abort();
        }
        out += got;
        len -= (size_t)got;
    }
}

void pl_random_bytes(void *out, size_t len) {
    if (seeded.is_on) {
        fill_seeded(out, len);
        return;
    }
    if (len > sizeof pool.bytes / 4) {
        read_kernel(out, len);
        return;
    }
    if (sizeof pool.bytes - pool.used < len) {
        read_kernel(pool.bytes, sizeof pool.bytes);
        pool.used = 0;
    }
    memcpy(out, pool.bytes + pool.used, len);
    memset(pool.bytes + pool.used, 0, len);
    pool.used += len;
}

void pl_random_uuid(char out[PL_UUID_BYTES + 1]) {
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    pl_random_bytes(bytes, sizeof bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}
