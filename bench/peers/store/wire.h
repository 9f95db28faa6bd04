/*
 * wire.h -- as much of HTTP and WebSocket as the load generator speaks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEAD_BYTES_MAX 10

/* A request's head at the start of `bytes`, which holds it whole: its length, or 0 when there is
 * more to come. Writes the answer to `out`; `is_upgrade` tells whether frames follow. */
size_t wire_answer(const char *bytes, size_t len, char *out, size_t size, bool *is_upgrade);

struct frame {
    uint8_t opcode;
    uint8_t *payload; /* unmasked in place */
    size_t payload_len, len;
};

/* False when there is more to come. */
bool wire_read_frame(struct frame *frame, uint8_t *bytes, size_t len);

/* Gives the length of the head. */
size_t wire_frame_head(uint8_t opcode, size_t len, uint8_t out[FRAME_HEAD_BYTES_MAX]);
