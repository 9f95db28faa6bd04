/*
 * ws_wslay.h -- a wslay context that reads one connection's odd frames, one frame at a time.
 *
 * wslay gets exactly the bytes of a frame whose header ws_frame.h has passed, so it stands at
 * a boundary after each one and can serve another connection next. It takes masks off, follows
 * fragments, validates their text and writes pongs. Two things are kept from it:
 *
 * - the bytes of a message: its own list costs about 100 bytes a fragment, which would let a
 *   stranger turn 7 MB of one-byte fragments into 100 MB of memory. They are gathered here.
 * - close frames: it passes a body of one byte, skips the first two bytes of every piece when
 *   it validates a reason, and refuses the codes 1012 to 1014 that IANA has registered since.
 */
#pragma once

#include "base/buffer.h"
#include "proto/ws.h"
#include "proto/ws_frame.h"

struct wslay_event_context;

struct pl_wslay_slot {
    struct wslay_event_context *context; /* owned */
    struct pl_wslay_slot *next;          /* while it lies in the pool */
    struct pl_ws_frame frame;            /* the frame being read */
    size_t frame_left;                   /* bytes of its payload still to come */
    struct pl_slice input[2];            /* what wslay may pull now: header, payload */
    struct pl_buffer message;            /* the fragments so far */
    uint16_t code;                       /* of a close or a violation */
    uint8_t output_len;
    bool is_binary;
    bool is_in_frame;
    bool is_in_message; /* between the fragments of a message */
    bool is_heard;      /* wslay reported the message or control frame as whole */
    bool is_spoiled;    /* wslay saw an error: not to be used again */
    uint8_t header[PL_WS_FRAME_HEADER_BYTES_MAX];
    uint8_t body[125];                       /* of a close frame, unmasked */
    uint8_t output[PL_WS_CONTROL_BYTES_MAX]; /* a pong to be sent */
};

/* What the bytes fed have brought. */
enum pl_wslay_step {
    PL_WSLAY_MORE,     /* the frame goes on */
    PL_WSLAY_FRAGMENT, /* a frame ended, its message goes on */
    PL_WSLAY_MESSAGE,  /* `message` and `is_binary` */
    PL_WSLAY_PING,     /* `output` is the pong */
    PL_WSLAY_PONG,
    PL_WSLAY_CLOSE,     /* `code` (1005 without) and pl_wslay_reason */
    PL_WSLAY_VIOLATION, /* `code` */
};

/* A slot at a boundary, from the pool or made anew. */
struct pl_wslay_slot *pl_wslay_borrow(struct pl_ws_pool *pool);

/* Gives it back; one that is spoiled or half through something is destroyed instead. */
void pl_wslay_give_back(struct pl_ws_pool *pool, struct pl_wslay_slot *slot);

/* Begins the frame with this header; pl_wslay_feed must follow, if only with no bytes. */
void pl_wslay_start(struct pl_wslay_slot *slot, const struct pl_ws_frame *frame,
                    const uint8_t *header);

/* Reads payload bytes of the frame; `*used` tells how many belonged to it. */
enum pl_wslay_step pl_wslay_feed(struct pl_wslay_slot *slot, struct pl_slice bytes,
                                 size_t *used);

/* The message and the reason of a close frame; borrowed from the slot. */
struct pl_slice pl_wslay_message(const struct pl_wslay_slot *slot);
struct pl_slice pl_wslay_reason(const struct pl_wslay_slot *slot);
