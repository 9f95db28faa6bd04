/*
 * ws.h -- bytes to WebSocket messages and back (RFC 6455), as a state machine without sockets.
 *
 * Whole, unfragmented data frames are unmasked and handed on where they lie in the caller's
 * read buffer; one that arrives in pieces is gathered in a buffer of exactly its size.
 * Everything else (control frames, fragments) goes through wslay, in a context borrowed from
 * the loop's pool and given back at the next message boundary, so an idle connection holds
 * none: wslay's event context alone is 8.8 KB. One rule in ws.c decides which way a frame
 * goes; headers (ws_frame.c) and close frames (ws_wslay.c) are judged by us on both ways.
 *
 * A `struct pl_ws` is owned by its caller and small; what it borrows it gives back in
 * pl_ws_finish. Callbacks run inside pl_ws_feed and may call any pl_ws function but
 * pl_ws_feed and pl_ws_finish.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct pl_ws;
struct pl_ws_partial;
struct pl_wslay_slot;

struct pl_ws_events {
    /* A whole message, borrowed for the call. Text is valid UTF-8. */
    void (*on_message)(void *owner, struct pl_slice message, bool is_binary);

    /* Bytes to put on the wire at this place of the output: a pong, a close reply. */
    void (*on_output)(void *owner, struct pl_slice frame);

    /* A pong arrived (any payload). */
    void (*on_pong)(void *owner);

    /* The peer's close frame: its code (1005 when it had none) and reason. Unless our own
     * close went out before (pl_ws_shut), the reply has gone through on_output. */
    void (*on_close)(void *owner, uint16_t code, struct pl_slice reason);

    /* The peer broke the protocol: 1002, 1007 or 1009. A close frame with that code has gone
     * through on_output unless our own close went out before. Nothing follows. */
    void (*on_violation)(void *owner, uint16_t code, const char *why);
};

/* What all connections of a loop share: the events, the limit, the pool of wslay contexts. */
struct pl_ws_pool {
    const struct pl_ws_events *events;
    size_t message_bytes_max; /* of one message, all its fragments together: more is 1009;
                                 never made smaller while connections use the pool */
    struct pl_wslay_slot *free_slots; /* idle, a bounded number of them */
    unsigned free_count;
    bool only_wslay; /* for tests: every frame takes the wslay way */
};

void pl_ws_pool_init(struct pl_ws_pool *pool, const struct pl_ws_events *events,
                     size_t message_bytes_max);
void pl_ws_pool_finish(struct pl_ws_pool *pool);

struct pl_ws {
    struct pl_ws_pool *pool;
    void *owner;
    struct pl_ws_partial *partial; /* an unfragmented data frame half read, or NULL */
    struct pl_wslay_slot *slot;    /* the same for every other kind; borrowed */
    uint8_t header[14];            /* of a frame whose header is half read */
    uint8_t header_len;
    bool is_shut : 1;   /* our close went out: messages are dropped, a close is not answered */
    bool is_over : 1;   /* a close or a violation was reported: nothing is read any more */
    bool is_paused : 1; /* pl_ws_feed stops after the current message */
};

void pl_ws_init(struct pl_ws *ws, struct pl_ws_pool *pool, void *owner);

/* Gives back what the connection borrowed. Harmless when called twice. */
void pl_ws_finish(struct pl_ws *ws);

/* Reads `len` bytes, which it may change in place (unmasking). Returns how many were used: all
 * of them, unless a callback paused it or the connection is over. The caller keeps the rest. */
size_t pl_ws_feed(struct pl_ws *ws, char *bytes, size_t len);

/* Stops pl_ws_feed after the message being handed on; later feeds use nothing until resume. */
void pl_ws_pause(struct pl_ws *ws);
void pl_ws_resume(struct pl_ws *ws);

/* Our close frame has gone out by the caller's hand. */
void pl_ws_shut(struct pl_ws *ws);

/* Whether a fragmented or half-read message is under way. */
bool pl_ws_is_mid_message(const struct pl_ws *ws);

enum pl_ws_opcode {
    PL_WS_TEXT = 1,
    PL_WS_BINARY = 2,
    PL_WS_CLOSE = 8,
    PL_WS_PING = 9,
    PL_WS_PONG = 10,
};

#define PL_WS_HEADER_BYTES_MAX 10   /* of an unmasked frame */
#define PL_WS_CONTROL_BYTES_MAX 127 /* header and body of a control frame of ours */
#define PL_WS_REASON_BYTES_MAX 123

/* Writes the header of a final, unmasked frame; returns its length. */
size_t pl_ws_header(uint8_t out[PL_WS_HEADER_BYTES_MAX], enum pl_ws_opcode opcode, size_t len);

/* Writes a whole close frame; returns its length. A code that may not stand there, such as 0, 1005
 * or 1006, gives an empty body. The reason is cut to 123 bytes between characters. */
size_t pl_ws_close_frame(uint8_t out[PL_WS_CONTROL_BYTES_MAX], uint16_t code,
                         struct pl_slice reason);

/* Whether `code` may stand in a close frame (RFC 6455 7.4): 1000 to 4999 without 1004, 1005, 1006
 * and 1015; `from_peer`, also without 1016 to 2999, which the protocol keeps for itself. */
bool pl_ws_is_close_code(unsigned code, bool from_peer);
