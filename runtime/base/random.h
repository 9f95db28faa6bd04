/*
 * random.h -- unpredictable bytes and ids, from the kernel.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* From here on bytes follow from the seed, the same every time, for tests; NULL goes back to the
 * kernel's. */
void pl_random_seed(const uint64_t *seed);

/* Fills `out`; ends the program if the kernel cannot (getrandom(2)). */
void pl_random_bytes(void *out, size_t len);

#define PL_UUID_BYTES 36

/* A version 4 UUID in lower case (RFC 9562 5.4), terminated. */
void pl_random_uuid(char out[PL_UUID_BYTES + 1]);
