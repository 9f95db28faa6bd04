/*
 * frame.h -- WebSocket frames (RFC 6455 section 5) as the connecting side sends and gets them.
 */
#pragma once

#include "load/bytes.h"

#include <stdbool.h>

enum pl_opcode { PL_TEXT = 1, PL_BINARY = 2, PL_CLOSE = 8, PL_PING = 9, PL_PONG = 10 };

#define PL_CONTROL_BYTES_MAX 125

struct pl_frame {
    enum pl_opcode opcode;
    const uint8_t *payload; /* borrowed */
    size_t payload_len;
    size_t len; /* header and payload */
};

/* A frame being written: the payload goes to `payload`, then `pl_frame_end` masks it. */
struct pl_frame_draft {
    uint8_t *payload;
    size_t len;
    uint32_t key;
};

struct pl_frame_draft pl_frame_begin(struct pl_bytes *output, enum pl_opcode opcode,
                                     size_t len);
void pl_frame_end(struct pl_frame_draft draft);

/* Reads the frame at the start of `bytes`: false while it is not whole. What a server must
 * not send fails, and so does a fragmented message, which no server here has a reason for. */
bool pl_frame_read(struct pl_frame *frame, const uint8_t *bytes, size_t len);
