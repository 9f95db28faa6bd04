#include "proto/ws.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "proto/ws_frame.h"
#include "proto/ws_wslay.h"

#include <assert.h>
#include <stdlib.h>

/* A whole, unfragmented data frame of which a part has arrived. */
struct pl_ws_partial {
    size_t len;  /* of the payload */
    size_t have; /* bytes of it that are here */
    struct pl_utf8 utf8;
    uint8_t mask[4];
    bool is_binary;
    char bytes[]; /* unmasked; exactly `len` */
};

void pl_ws_init(struct pl_ws *ws, struct pl_ws_pool *pool, void *owner) {
    *ws = (struct pl_ws){.pool = pool, .owner = owner};
}

void pl_ws_finish(struct pl_ws *ws) {
    free(ws->partial);
    ws->partial = NULL;
    if (ws->slot != NULL) pl_wslay_give_back(ws->pool, ws->slot);
    ws->slot = NULL;
    ws->header_len = 0;
}

static void deliver(struct pl_ws *ws, struct pl_slice message, bool is_binary) {
    if (ws->is_shut) return;
    ws->pool->events->on_message(ws->owner, message, is_binary);
}

static void send_close(struct pl_ws *ws, uint16_t code, struct pl_slice reason) {
    if (ws->is_shut) return;
    uint8_t frame[PL_WS_CONTROL_BYTES_MAX];
    size_t len = pl_ws_close_frame(frame, code, reason);
    ws->pool->events->on_output(ws->owner, pl_slice((const char *)frame, len));
}

static void violate(struct pl_ws *ws, uint16_t code, const char *why) {
    ws->is_over = true;
    pl_ws_finish(ws);
    send_close(ws, code, pl_slice_of(why));
    ws->pool->events->on_violation(ws->owner, code, why);
}

static const char not_utf8[] = "text is not UTF-8";

/* Reads a whole data frame where it lies. */
static void read_in_place(struct pl_ws *ws, const struct pl_ws_frame *frame, char *payload) {
    bool is_ascii = pl_ws_unmask(payload, payload, frame->len, frame->mask, 0);
    bool is_binary = frame->opcode == PL_WS_BINARY;
    struct pl_slice message = pl_slice(payload, frame->len);

    if (is_ascii || is_binary || pl_utf8_is_valid(message)) {
        deliver(ws, message, is_binary);
    } else {
        violate(ws, 1007, not_utf8);
    }
}

static void start_partial(struct pl_ws *ws, const struct pl_ws_frame *frame) {
    struct pl_ws_partial *partial = pl_alloc(sizeof *partial + frame->len);
    *partial = (struct pl_ws_partial){
        .len = frame->len,
        .is_binary = frame->opcode == PL_WS_BINARY,
    };
    memcpy(partial->mask, frame->mask, sizeof partial->mask);
    ws->partial = partial;
}

/* Whether the text is still good after a piece of `len` bytes. */
static bool check_piece(struct pl_ws_partial *partial, size_t len, bool is_ascii) {
    if (partial->is_binary) return true;
    bool is_last = partial->have == partial->len;
    if (is_ascii && pl_utf8_is_complete(&partial->utf8)) return true;
    struct pl_slice piece = pl_slice(partial->bytes + partial->have - len, len);
    if (!pl_utf8_feed(&partial->utf8, piece)) return false;
    return !is_last || pl_utf8_is_complete(&partial->utf8);
}

static size_t feed_partial(struct pl_ws *ws, const char *bytes, size_t len) {
    struct pl_ws_partial *partial = ws->partial;
    size_t left = partial->len - partial->have;
    if (len > left) len = left;

    bool is_ascii =
        pl_ws_unmask(partial->bytes + partial->have, bytes, len, partial->mask, partial->have);
    partial->have += len;
    if (!check_piece(partial, len, is_ascii)) {
        violate(ws, 1007, not_utf8);
    } else if (partial->have == partial->len) {
        ws->partial = NULL; /* a boundary, also for what the callback asks */
        deliver(ws, pl_slice(partial->bytes, partial->len), partial->is_binary);
        free(partial);
    }
    return len;
}

/* RFC 6455 5.5.1: the reply has the code of the frame it answers, or no body when that had none. */
static void hear_close(struct pl_ws *ws, struct pl_wslay_slot *slot) {
    struct pl_slice reason = pl_wslay_reason(slot);
    ws->is_over = true;
    send_close(ws, slot->code, reason);
    ws->pool->events->on_close(ws->owner, slot->code, reason);
}

static const char *why_violated(const struct pl_wslay_slot *slot) {
    if (slot->frame.opcode != PL_WS_CLOSE) return slot->code == 1007 ? not_utf8 : "bad frame";
    return slot->code == 1007 ? "close reason is not UTF-8" : "bad close frame";
}

static void hear_step(struct pl_ws *ws, struct pl_wslay_slot *slot, enum pl_wslay_step step) {
    const struct pl_ws_events *events = ws->pool->events;

    switch (step) {
    case PL_WSLAY_MORE:
    case PL_WSLAY_FRAGMENT: break;
    case PL_WSLAY_MESSAGE: deliver(ws, pl_wslay_message(slot), slot->is_binary); break;
    case PL_WSLAY_PING:
        if (ws->is_shut) break;
        events->on_output(ws->owner, pl_slice((const char *)slot->output, slot->output_len));
        break;
    case PL_WSLAY_PONG: events->on_pong(ws->owner); break;
    case PL_WSLAY_CLOSE: hear_close(ws, slot); break;
    case PL_WSLAY_VIOLATION: violate(ws, slot->code, why_violated(slot)); break;
    }
}

static size_t feed_slot(struct pl_ws *ws, const char *bytes, size_t len) {
    struct pl_wslay_slot *slot = ws->slot;
    size_t used;
    enum pl_wslay_step step = pl_wslay_feed(slot, pl_slice(bytes, len), &used);
    if (step == PL_WSLAY_MORE) return used;

    bool is_over = step == PL_WSLAY_CLOSE || step == PL_WSLAY_VIOLATION;
    bool is_kept = slot->is_in_message && !is_over;
    if (!is_kept) ws->slot = NULL; /* a boundary, also for what the callback asks */
    hear_step(ws, slot, step);
    if (!is_kept) pl_wslay_give_back(ws->pool, slot);
    return used;
}

/* The rule: a whole, unfragmented data frame is read by us, all else by wslay. */
static bool is_ours(const struct pl_ws *ws, const struct pl_ws_frame *frame) {
    if (ws->pool->only_wslay) return false;
    return frame->is_final && (frame->opcode == PL_WS_TEXT || frame->opcode == PL_WS_BINARY);
}

/* Goes on with a frame whose header has just been read, and which `len` bytes follow. */
static size_t start_frame(struct pl_ws *ws, const struct pl_ws_frame *frame,
                          const uint8_t *header, char *bytes, size_t len) {
    if (is_ours(ws, frame)) {
        if (len >= frame->len) {
            read_in_place(ws, frame, bytes);
            return frame->len;
        }
        start_partial(ws, frame);
        return feed_partial(ws, bytes, len);
    }
    if (ws->slot == NULL) ws->slot = pl_wslay_borrow(ws->pool);
    pl_wslay_start(ws->slot, frame, header);
    return feed_slot(ws, bytes, len);
}

static enum pl_ws_header_state read_header(struct pl_ws *ws, struct pl_ws_frame *frame,
                                           const uint8_t *at, size_t have) {
    bool is_in_message = ws->slot != NULL; /* a slot is kept between frames for this alone */
    size_t room_bytes = ws->pool->message_bytes_max;
    if (is_in_message) room_bytes -= ws->slot->message.len;
    enum pl_ws_header_state state =
        pl_ws_frame_read(frame, at, have, is_in_message, room_bytes);
    if (state == PL_WS_HEADER_BAD) violate(ws, frame->violation, frame->why);
    return state;
}

/* Reads the rest of a header of which some bytes came before. */
static size_t feed_header(struct pl_ws *ws, char *bytes, size_t len) {
    uint8_t had = ws->header_len;
    size_t more = sizeof ws->header - had;
    if (more > len) more = len;
    memcpy(ws->header + had, bytes, more);

    struct pl_ws_frame frame;
    switch (read_header(ws, &frame, ws->header, had + more)) {
    case PL_WS_HEADER_BAD: return more;
    case PL_WS_HEADER_MORE: ws->header_len = (uint8_t)(had + more); return more;
    case PL_WS_HEADER_WHOLE: break;
    }
    size_t used = frame.header_len - had;
    ws->header_len = 0;
    return used + start_frame(ws, &frame, ws->header, bytes + used, len - used);
}

/* Reads from the beginning of a frame. */
static size_t feed_frame(struct pl_ws *ws, char *bytes, size_t len) {
    const uint8_t *header = (const uint8_t *)bytes;
    struct pl_ws_frame frame;
    switch (read_header(ws, &frame, header, len)) {
    case PL_WS_HEADER_BAD: return len;
    case PL_WS_HEADER_MORE:
        assert(len < sizeof ws->header);
        memcpy(ws->header, bytes, len);
        ws->header_len = (uint8_t)len;
        return len;
    case PL_WS_HEADER_WHOLE: break;
    }
    size_t used = frame.header_len;
    return used + start_frame(ws, &frame, header, bytes + used, len - used);
}

size_t pl_ws_feed(struct pl_ws *ws, char *bytes, size_t len) {
    size_t used = 0;
    while (used < len && !ws->is_over && !ws->is_paused) {
        char *at = bytes + used;
        size_t left = len - used;
        if (ws->partial != NULL) {
            used += feed_partial(ws, at, left);
        } else if (ws->slot != NULL && ws->slot->is_in_frame) {
            used += feed_slot(ws, at, left);
        } else if (ws->header_len > 0) {
            used += feed_header(ws, at, left);
        } else {
            used += feed_frame(ws, at, left);
        }
    }
    return used;
}

void pl_ws_pause(struct pl_ws *ws) { ws->is_paused = true; }

void pl_ws_resume(struct pl_ws *ws) { ws->is_paused = false; }

void pl_ws_shut(struct pl_ws *ws) { ws->is_shut = true; }

bool pl_ws_is_mid_message(const struct pl_ws *ws) {
    return ws->partial != NULL || ws->slot != NULL || ws->header_len > 0;
}
