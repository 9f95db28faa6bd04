/*
 * ws_frame.h -- the header of a frame that a browser sent, checked; and its mask.
 *
 * Every rule of RFC 6455 5 that a header alone can break is checked here and nowhere else,
 * each as soon as its byte is there, so that the answer does not depend on how the network
 * cut the bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_WS_FRAME_HEADER_BYTES_MAX 14 /* of a masked frame */

enum { PL_WS_CONTINUATION = 0 }; /* the opcode that only a browser's frames have here */

struct pl_ws_frame {
    size_t len;         /* of the payload */
    const char *why;    /* what is wrong with the header */
    uint16_t violation; /* and the close code for it */
    uint8_t mask[4];
    uint8_t opcode;
    uint8_t header_len;
    bool is_final;
};

enum pl_ws_header_state { PL_WS_HEADER_MORE, PL_WS_HEADER_WHOLE, PL_WS_HEADER_BAD };

/* Reads a header of which `have` bytes are there. `is_in_message`: a fragmented message is under
 * way. `room_bytes`: how long the payload of a data frame may be. */
enum pl_ws_header_state pl_ws_frame_read(struct pl_ws_frame *frame, const uint8_t *at,
                                         size_t have, bool is_in_message, size_t room_bytes);

static inline bool pl_ws_is_control(uint8_t opcode) { return (opcode & 8) != 0; }

/* Copies `len` bytes while taking the mask off them; `to` may be `from`. `offset` is how far
 * into the payload the first byte is. Returns whether the result is all ASCII. */
bool pl_ws_unmask(char *to, const char *from, size_t len, const uint8_t mask[4], size_t offset);
