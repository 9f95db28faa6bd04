/*
 * payload.h -- messages that say who sent them, to which room, and as the how manieth.
 *
 *   0     4     8          14
 *   | sender | room | sequence | content ...
 *
 * The numbers are written in a base-64 alphabet, so the same payload can travel as text.
 * The content is cut from a fixed pattern at a place that sender and sequence decide, so
 * parts of two messages can never pass for one.
 */
#pragma once

#include "load/bytes.h"

#include <stdbool.h>

#define PL_PAYLOAD_BYTES_MIN 14
#define PL_PAYLOAD_BYTES_MAX (256u << 10)
#define PL_PAYLOAD_NUMBER_MAX ((1u << 24) - 1) /* of senders and rooms */

struct pl_payload {
    uint32_t sender;
    uint32_t room;
    uint64_t sequence;
};

/* Fills the pattern; `is_text` makes it printable ASCII, otherwise it has all byte values. */
void pl_payload_init(bool is_text);

void pl_payload_write(const struct pl_payload *payload, uint8_t *bytes, size_t len);

/* Reads the numbers and compares all the content; false when a byte is not as written. */
bool pl_payload_read(struct pl_payload *out, const uint8_t *bytes, size_t len);
