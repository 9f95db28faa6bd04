/* handshake.h -- the opening handshake of RFC 6455 section 4, from the connecting side. */
#pragma once

#include "load/bytes.h"

#include <stddef.h>
#include <stdint.h>

#define PL_ACCEPT_BYTES 28

struct pl_handshake {
    char accept[PL_ACCEPT_BYTES + 1]; /* what the server must answer to our key */
};

/* Appends the request for `path` with a fresh key. */
void pl_handshake_request(struct pl_handshake *handshake, struct pl_bytes *output,
                          const char *path, uint16_t port);

/* Checks the answer at the start of `bytes`. Returns its length, or 0 when its end has not
 * come yet; anything but a correct 101 fails. */
size_t pl_handshake_check(const struct pl_handshake *handshake, const uint8_t *bytes,
                          size_t len);
