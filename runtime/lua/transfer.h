/*
 * transfer.h -- a request from room code to another server, with what comes back.
 *
 * What the room does passes the gate of its storage first: a request that follows a write leaves
 * when the write is durable, and never when the write fails. The answer is kept here until room
 * code takes it, in bounded pieces, decompressed on the way.
 *
 * References: the handle's in Lua, and one for each act that waits at the gate. The last one
 * cancels the request.
 */
#pragma once

#include "base/buffer.h"
#include "base/clock.h"
#include "base/list.h"
#include "net/fetch.h"

struct pl_decoder;
struct pl_room;

struct pl_transfer {
    unsigned refs;
    struct pl_list in_room; /* of pl_room_side.transfers */
    struct pl_room *room;   /* borrowed: its end cancels; NULL outside rooms */
    struct pl_fetches *fetches;
    struct pl_fetch_group *group;
    const struct pl_clock *clock;
    struct pl_fetch *fetch; /* once it has begun */
    size_t deferred_count;  /* acts that wait at the gate */
    void *waiter;           /* tasks that wait for something to happen here */
    /* The request, until then. */
    struct pl_buffer method, url, request_headers; /* name NUL value NUL ... */
    int64_t body_bytes;
    uint64_t deadline_ms; /* loop time */
    /* The answer. */
    struct pl_buffer reason, headers; /* name NUL value NUL ... */
    struct pl_buffer answer;          /* body bytes that were not taken yet, as they came */
    struct pl_decoder *decoder;
    struct pl_buffer why; /* terminated: why it has failed */
    int status;           /* 0 before there is a head */
    bool has_ended, is_full;
};

enum pl_taken { PL_TAKEN_BYTES, PL_TAKEN_WAIT, PL_TAKEN_END, PL_TAKEN_BROKEN };

/* Not started. `transfers` is the list of the room, which may be NULL as `room` and `group`. The
 * caller fills in the request. */
struct pl_transfer *pl_transfer_create(struct pl_fetches *fetches, struct pl_room *room,
                                       struct pl_list *transfers, struct pl_fetch_group *group,
                                       const struct pl_clock *clock);
void pl_transfer_ref(struct pl_transfer *transfer);
void pl_transfer_unref(struct pl_transfer *transfer);

void pl_transfer_start(struct pl_transfer *transfer);

/* The next piece of the body. While there is no room, the caller should wait before the next. */
void pl_transfer_send(struct pl_transfer *transfer, struct pl_slice piece);
bool pl_transfer_has_room(const struct pl_transfer *transfer);
void pl_transfer_end_body(struct pl_transfer *transfer);

/* From here on, what is taken is decompressed. False for a coding that is not known. */
bool pl_transfer_decode(struct pl_transfer *transfer, struct pl_slice coding);

/* Moves some of the answer's body to the empty buffer `out`. */
enum pl_taken pl_transfer_take(struct pl_transfer *transfer, struct pl_buffer *out);

/* Gives it up: whoever waits here is woken, and learns `why`. Harmless when it has ended. */
void pl_transfer_cancel(struct pl_transfer *transfer, const char *why);

/* The room has gone, or the app, and with it those who would read: `why` is for what others read. */
void pl_transfers_cancel(struct pl_list *transfers, const char *why);
