/*
 * endian.h -- numbers as bytes, most significant first, so that they sort as they count.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

static inline void pl_put_u64(void *to, uint64_t number) {
    unsigned char *at = to;
    for (size_t i = 8; i > 0; i--) {
        at[i - 1] = (unsigned char)number;
        number >>= 8;
    }
}

static inline uint64_t pl_get_u64(const void *from) {
    const unsigned char *at = from;
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++) number = number << 8 | at[i];
    return number;
}

static inline void pl_put_u32(void *to, uint32_t number) {
    unsigned char *at = to;
    for (size_t i = 4; i > 0; i--) {
        at[i - 1] = (unsigned char)number;
        number >>= 8;
    }
}

static inline uint32_t pl_get_u32(const void *from) {
    const unsigned char *at = from;
    uint32_t number = 0;
    for (size_t i = 0; i < 4; i++) number = number << 8 | at[i];
    return number;
}
