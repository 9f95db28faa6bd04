/* sha1.h -- SHA-1 (RFC 3174) of short texts, for the accept key of a handshake. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define PL_SHA1_BYTES 20
#define PL_SHA1_TEXT_BYTES_MAX 119 /* what fits two blocks with its padding */

void pl_sha1(const void *text, size_t len, uint8_t digest[PL_SHA1_BYTES]);
