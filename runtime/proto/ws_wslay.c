#include "proto/ws_wslay.h"

#include "base/alloc.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <wslay/wslay.h>

/* More idle contexts than this are not worth their 9 KB each. */
#define IDLE_SLOTS_MAX 8

static ssize_t on_pull(wslay_event_context_ptr context, uint8_t *to, size_t len, int flags,
                       void *owner) {
    struct pl_wslay_slot *slot = owner;
    (void)flags;
    struct pl_slice *input = &slot->input[slot->input[0].len > 0 ? 0 : 1];
    if (input->len == 0) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    if (len > input->len) len = input->len;
    memcpy(to, input->at, len);
    *input = pl_slice_after(*input, len);
    return (ssize_t)len;
}

static void on_piece(wslay_event_context_ptr context,
                     const struct wslay_event_on_frame_recv_chunk_arg *piece, void *owner) {
    struct pl_wslay_slot *slot = owner;
    (void)context;
    if (pl_ws_is_control(slot->frame.opcode)) return;
    pl_buffer_add(&slot->message, pl_slice((const char *)piece->data, piece->data_length));
}

static void on_heard(wslay_event_context_ptr context,
                     const struct wslay_event_on_msg_recv_arg *message, void *owner) {
    struct pl_wslay_slot *slot = owner;
    (void)context;
    (void)message;
    slot->is_heard = true;
}

static ssize_t on_send(wslay_event_context_ptr context, const uint8_t *bytes, size_t len,
                       int flags, void *owner) {
    struct pl_wslay_slot *slot = owner;
    (void)context;
    (void)flags;
    assert(len <= sizeof slot->output - slot->output_len);
    memcpy(slot->output + slot->output_len, bytes, len);
    slot->output_len = (uint8_t)(slot->output_len + len);
    return (ssize_t)len;
}

static struct pl_wslay_slot *slot_create(void) {
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_pull,
        .send_callback = on_send,
        .on_frame_recv_chunk_callback = on_piece,
        .on_msg_recv_callback = on_heard,
    };
    struct pl_wslay_slot *slot = pl_alloc_zero(sizeof *slot);
    int rc = wslay_event_context_server_init(&slot->context, &callbacks, slot);
    if (rc != 0) abort(); /* it fails for want of memory alone: as in pl_alloc */
    wslay_event_config_set_no_buffering(slot->context, 1);
    return slot;
}

static void slot_destroy(struct pl_wslay_slot *slot) {
    pl_buffer_finish(&slot->message);
    wslay_event_context_free(slot->context);
    free(slot);
}

void pl_ws_pool_init(struct pl_ws_pool *pool, const struct pl_ws_events *events,
                     size_t message_bytes_max) {
    *pool = (struct pl_ws_pool){.events = events, .message_bytes_max = message_bytes_max};
}

void pl_ws_pool_finish(struct pl_ws_pool *pool) {
    while (pool->free_slots != NULL) {
        struct pl_wslay_slot *slot = pool->free_slots;
        pool->free_slots = slot->next;
        slot_destroy(slot);
    }
    pool->free_count = 0;
}

struct pl_wslay_slot *pl_wslay_borrow(struct pl_ws_pool *pool) {
    struct pl_wslay_slot *slot = pool->free_slots;
    if (slot == NULL) {
        slot = slot_create();
    } else {
        pool->free_slots = slot->next;
        pool->free_count--;
    }
    /* wslay holds control frames to this limit as well. */
    size_t limit = pool->message_bytes_max < 125 ? 125 : pool->message_bytes_max;
    wslay_event_config_set_max_recv_msg_length(slot->context, limit);
    return slot;
}

void pl_wslay_give_back(struct pl_ws_pool *pool, struct pl_wslay_slot *slot) {
    bool is_clean = !slot->is_spoiled && !slot->is_in_frame && !slot->is_in_message;
    if (!is_clean || pool->free_count >= IDLE_SLOTS_MAX) {
        slot_destroy(slot);
        return;
    }
    pl_buffer_finish(&slot->message);
    slot->next = pool->free_slots;
    pool->free_slots = slot;
    pool->free_count++;
}

void pl_wslay_start(struct pl_wslay_slot *slot, const struct pl_ws_frame *frame,
                    const uint8_t *header) {
    assert(!slot->is_in_frame);
    memcpy(slot->header, header, frame->header_len);
    slot->input[0] = pl_slice((const char *)slot->header, frame->header_len);
    slot->frame = *frame;
    slot->frame_left = frame->len;
    slot->is_in_frame = true;
    slot->is_heard = false;
    slot->output_len = 0;

    if (pl_ws_is_control(frame->opcode)) return;
    if (frame->opcode != PL_WS_CONTINUATION) slot->is_binary = frame->opcode == PL_WS_BINARY;
    slot->is_in_message = true;
    if (frame->len > 0) pl_buffer_reserve(&slot->message, frame->len); /* within the limit */
}

static enum pl_wslay_step violation(struct pl_wslay_slot *slot, uint16_t code) {
    slot->code = code;
    return PL_WSLAY_VIOLATION;
}

/* RFC 6455 5.5.1: no body, or a code and a reason in UTF-8. */
static enum pl_wslay_step judge_close(struct pl_wslay_slot *slot) {
    slot->code = 1005;
    if (slot->frame.len == 0) return PL_WSLAY_CLOSE;
    if (slot->frame.len == 1) return violation(slot, 1002);

    slot->code = (uint16_t)(slot->body[0] << 8 | slot->body[1]);
    if (!pl_ws_is_close_code(slot->code, true)) return violation(slot, 1002);
    if (!pl_utf8_is_valid(pl_wslay_reason(slot))) return violation(slot, 1007);
    return PL_WSLAY_CLOSE;
}

static enum pl_wslay_step feed_close(struct pl_wslay_slot *slot, struct pl_slice piece) {
    size_t have = slot->frame.len - slot->frame_left;
    pl_ws_unmask((char *)slot->body + have, piece.at, piece.len, slot->frame.mask, have);
    slot->frame_left -= piece.len;
    if (slot->frame_left > 0) return PL_WSLAY_MORE;
    slot->is_in_frame = false;
    return judge_close(slot);
}

/* What wslay found wrong: it has queued a close frame that tells. */
static enum pl_wslay_step wslay_violation(struct pl_wslay_slot *slot) {
    slot->is_spoiled = true;
    slot->output_len = 0;
    wslay_event_send(slot->context);
    uint16_t code = wslay_event_get_status_code_sent(slot->context);
    return violation(slot, code == 1007 || code == 1009 ? code : 1002);
}

enum pl_wslay_step pl_wslay_feed(struct pl_wslay_slot *slot, struct pl_slice bytes,
                                 size_t *used) {
    assert(slot->is_in_frame);
    *used = bytes.len < slot->frame_left ? bytes.len : slot->frame_left;
    struct pl_slice piece = pl_slice(bytes.at, *used);
    if (slot->frame.opcode == PL_WS_CLOSE) return feed_close(slot, piece);

    slot->input[1] = piece;
    slot->frame_left -= piece.len;
    int rc = wslay_event_recv(slot->context);
    if (rc != 0 || !wslay_event_get_read_enabled(slot->context)) return wslay_violation(slot);
    if (slot->frame_left > 0) return PL_WSLAY_MORE;

    slot->is_in_frame = false;
    if (!slot->frame.is_final) return PL_WSLAY_FRAGMENT;
    if (!slot->is_heard) return wslay_violation(slot); /* it counts otherwise than we do */
    if (slot->frame.opcode == PL_WS_PONG) return PL_WSLAY_PONG;
    if (slot->frame.opcode == PL_WS_PING) {
        wslay_event_send(slot->context);
        return PL_WSLAY_PING;
    }
    slot->is_in_message = false;
    return PL_WSLAY_MESSAGE;
}

struct pl_slice pl_wslay_message(const struct pl_wslay_slot *slot) {
    return slot->message.len == 0 ? PL_SLICE("") : pl_buffer_slice(&slot->message);
}

struct pl_slice pl_wslay_reason(const struct pl_wslay_slot *slot) {
    if (slot->frame.len < 2) return PL_SLICE("");
    return pl_slice((const char *)slot->body + 2, slot->frame.len - 2);
}
