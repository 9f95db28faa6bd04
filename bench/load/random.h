/* random.h -- cheap pseudo-random words for mask keys and nonces. Not for secrets. */
#pragma once

#include <stdint.h>

/* xorshift64*: the caller keeps the state, which must not be 0. */
static inline uint64_t pl_random_next(uint64_t *state) {
    uint64_t word = *state;
    word ^= word >> 12;
    word ^= word << 25;
    word ^= word >> 27;
    *state = word;
    return word * 0x2545f4914f6cdd1dull;
}
