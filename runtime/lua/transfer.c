#include "lua/transfer.h"

#include "base/limits.h"
#include "lua/engine.h"
#include "party/outbox.h"
#include "party/room.h"
#include "proto/decoder.h"

#include <stdlib.h>

#define HEADERS_MAX PL_FETCH_HEADERS_MAX

/* ---- life ----------------------------------------------------------------------------------- */

struct pl_transfer *pl_transfer_create(struct pl_fetches *fetches, struct pl_room *room,
                                       struct pl_list *transfers, struct pl_fetch_group *group,
                                       const struct pl_clock *clock) {
    struct pl_transfer *transfer = pl_alloc_zero(sizeof *transfer);
    transfer->fetches = fetches;
    transfer->room = room;
    transfer->group = group;
    transfer->clock = clock;
    pl_list_init(&transfer->in_room);
    if (transfers != NULL) pl_list_push(transfers, &transfer->in_room);
    return transfer;
}

void pl_transfer_ref(struct pl_transfer *transfer) { transfer->refs++; }

static void forget_request(struct pl_transfer *transfer) {
    pl_buffer_finish(&transfer->method);
    pl_buffer_finish(&transfer->url);
    pl_buffer_finish(&transfer->request_headers);
}

void pl_transfer_unref(struct pl_transfer *transfer) {
    if (--transfer->refs > 0) return;
    pl_list_remove(&transfer->in_room);
    pl_tasks_wake_in(&transfer->waiter);
    pl_fetch_destroy(transfer->fetch);
    forget_request(transfer);
    pl_buffer_finish(&transfer->reason);
    pl_buffer_finish(&transfer->headers);
    pl_buffer_finish(&transfer->answer);
    pl_buffer_finish(&transfer->why);
    pl_decoder_destroy(transfer->decoder);
    free(transfer);
}

static void wake(struct pl_transfer *transfer) { pl_tasks_wake_in(&transfer->waiter); }

static void set_end(struct pl_transfer *transfer, const char *why) {
    transfer->has_ended = true;
    if (why != NULL && transfer->why.len == 0) {
        pl_buffer_add(&transfer->why, pl_slice_of(why));
        pl_buffer_add_byte(&transfer->why, '\0');
    }
    wake(transfer);
}

void pl_transfer_cancel(struct pl_transfer *transfer, const char *why) {
    if (transfer->has_ended) return;
    pl_fetch_destroy(transfer->fetch);
    transfer->fetch = NULL;
    set_end(transfer, why);
}

void pl_transfers_cancel(struct pl_list *transfers, const char *why) {
    while (!pl_list_is_empty(transfers)) {
        struct pl_transfer *transfer =
            pl_container_of(transfers->next, struct pl_transfer, in_room);
        pl_list_remove(&transfer->in_room);
        transfer->room = NULL;
        pl_transfer_cancel(transfer, why);
        /* The room's bound goes with the room. */
        pl_fetch_destroy(transfer->fetch);
        transfer->fetch = NULL;
    }
}

/* ---- what the other server says ------------------------------------------------------------- */

static void on_head(void *owner, const struct pl_fetch_head *head) {
    struct pl_transfer *transfer = owner;
    transfer->status = head->status;
    pl_buffer_add(&transfer->reason, head->reason);
    pl_buffer_add(&transfer->headers, head->headers);
    wake(transfer);
}

static bool on_body(void *owner, struct pl_slice piece) {
    struct pl_transfer *transfer = owner;
    transfer->is_full = transfer->answer.len >= PL_FETCH_AHEAD_BYTES;
    if (transfer->is_full) return false;
    pl_buffer_add(&transfer->answer, piece);
    wake(transfer);
    return true;
}

static void on_sent(void *owner) { wake(owner); }

static void on_end(void *owner, const char *why) { set_end(owner, why); }

static const struct pl_fetch_events events = {
    .on_head = on_head, .on_body = on_body, .on_sent = on_sent, .on_end = on_end};

/* ---- what the room does --------------------------------------------------------------------- */

enum act { START, BODY, BODY_END };

/* Something the room did that waits for a commit. */
struct deferred {
    struct pl_transfer *transfer; /* a reference */
    enum act act;
    size_t len;
    char bytes[];
};

/* The text at `*at`, which is moved past its end. */
static struct pl_slice next_text(const struct pl_buffer *texts, size_t *at) {
    struct pl_slice text = pl_slice_of(texts->at + *at);
    *at += text.len + 1;
    return text;
}

static size_t list_headers(const struct pl_buffer *flat, struct pl_fetch_header *out) {
    size_t count = 0;
    for (size_t at = 0; at < flat->len && count < HEADERS_MAX; count++) {
        out[count].name = next_text(flat, &at);
        out[count].value = next_text(flat, &at);
    }
    return count;
}

static void start_now(struct pl_transfer *transfer) {
    struct pl_fetch_header headers[HEADERS_MAX];
    uint64_t now_ms = transfer->clock->now_ms;
    bool is_late = transfer->deadline_ms <= now_ms;
    struct pl_fetch_request request = {
        .method = pl_buffer_slice(&transfer->method),
        .url = pl_buffer_slice(&transfer->url),
        .headers = headers,
        .header_count = list_headers(&transfer->request_headers, headers),
        .body_bytes = transfer->body_bytes,
        .timeout_ms = is_late ? 0 : transfer->deadline_ms - now_ms};
    if (transfer->has_ended) return;
    transfer->fetch =
        pl_fetch_create(transfer->fetches, transfer->group, &request, &events, transfer);
    forget_request(transfer);
}

static void send_now(struct pl_transfer *transfer, struct pl_slice piece) {
    if (transfer->fetch != NULL) pl_fetch_send(transfer->fetch, piece);
}

static void end_body_now(struct pl_transfer *transfer) {
    if (transfer->fetch != NULL) pl_fetch_end_body(transfer->fetch);
}

bool pl_transfer_has_room(const struct pl_transfer *transfer) {
    if (transfer->deferred_count > 0) return false;
    return transfer->fetch == NULL || pl_fetch_has_room(transfer->fetch);
}

static void run_deferred(void *owner, bool is_wanted) {
    struct deferred *deferred = owner;
    struct pl_transfer *transfer = deferred->transfer;
    transfer->deferred_count--;
    if (is_wanted) {
        switch (deferred->act) {
        case START: start_now(transfer); break;
        case BODY: send_now(transfer, pl_slice(deferred->bytes, deferred->len)); break;
        case BODY_END: end_body_now(transfer); break;
        }
    }
    if (pl_transfer_has_room(transfer)) wake(transfer);
    pl_transfer_unref(transfer);
    free(deferred);
}

/* Whether the room waits for a commit; then the act is kept. */
static bool defer(struct pl_transfer *transfer, enum act act, struct pl_slice bytes) {
    if (transfer->room == NULL || !pl_room_is_gated(transfer->room)) return false;
    struct deferred *deferred = pl_alloc(sizeof *deferred + bytes.len);
    *deferred = (struct deferred){.transfer = transfer, .act = act, .len = bytes.len};
    if (bytes.len > 0) memcpy(deferred->bytes, bytes.at, bytes.len);
    pl_transfer_ref(transfer);
    transfer->deferred_count++;
    pl_outbox_call(transfer->room, run_deferred, deferred);
    return true;
}

void pl_transfer_start(struct pl_transfer *transfer) {
    if (!defer(transfer, START, (struct pl_slice){0})) start_now(transfer);
}

void pl_transfer_send(struct pl_transfer *transfer, struct pl_slice piece) {
    if (!defer(transfer, BODY, piece)) send_now(transfer, piece);
}

void pl_transfer_end_body(struct pl_transfer *transfer) {
    if (!defer(transfer, BODY_END, (struct pl_slice){0})) end_body_now(transfer);
}

/* ---- the answer's body ---------------------------------------------------------------------- */

bool pl_transfer_decode(struct pl_transfer *transfer, struct pl_slice coding) {
    pl_decoder_destroy(transfer->decoder);
    transfer->decoder = pl_decoder_create(coding);
    return transfer->decoder != NULL;
}

static void ask_for_more(struct pl_transfer *transfer) {
    if (!transfer->is_full || transfer->answer.len >= PL_FETCH_AHEAD_BYTES) return;
    transfer->is_full = false;
    if (transfer->fetch != NULL) pl_fetch_resume(transfer->fetch);
}

static bool decode(struct pl_transfer *transfer, struct pl_buffer *out) {
    struct pl_slice input = pl_buffer_slice(&transfer->answer);
    char *to = pl_buffer_reserve(out, PL_FETCH_PIECE_BYTES);
    ssize_t len = pl_decoder_take(transfer->decoder, &input, to, PL_FETCH_PIECE_BYTES);
    if (len < 0) return false;
    out->len = (size_t)len;
    pl_buffer_drop(&transfer->answer, transfer->answer.len - input.len);
    return true;
}

static enum pl_taken take_decoded(struct pl_transfer *transfer, struct pl_buffer *out) {
    static const char broken[] = "the compressed body is broken";
    if (!decode(transfer, out)) {
        pl_transfer_cancel(transfer, broken);
        set_end(transfer, broken);
        return PL_TAKEN_BROKEN;
    }
    ask_for_more(transfer);
    if (out->len > 0) return PL_TAKEN_BYTES;
    if (!transfer->has_ended) return PL_TAKEN_WAIT;
    if (!pl_decoder_is_complete(transfer->decoder)) set_end(transfer, broken);
    return transfer->why.len > 0 ? PL_TAKEN_BROKEN : PL_TAKEN_END;
}

enum pl_taken pl_transfer_take(struct pl_transfer *transfer, struct pl_buffer *out) {
    if (transfer->decoder != NULL) return take_decoded(transfer, out);
    if (transfer->answer.len > 0) {
        *out = transfer->answer;
        transfer->answer = (struct pl_buffer){0};
        ask_for_more(transfer);
        return PL_TAKEN_BYTES;
    }
    if (!transfer->has_ended) return PL_TAKEN_WAIT;
    return transfer->why.len > 0 ? PL_TAKEN_BROKEN : PL_TAKEN_END;
}
