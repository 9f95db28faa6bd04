/*
 * call.h -- a call from room code to a room of this process: an exchange whose edge is here.
 *
 * The room that is called sees an ordinary exchange, or an ordinary connection. The caller reads
 * the answer here as it would from a network, and sends the request's body, or messages. What
 * the caller does passes the gate of its own room first, as every effect does: a call that was
 * made after a write begins when the write is durable.
 *
 * References: the handle's in Lua, and the edge's while the called room may still use the call.
 */
#pragma once

#include "base/buffer.h"
#include "base/list.h"
#include "party/request.h"

#include <stdint.h>

struct pl_connection;
struct pl_exchange;
struct pl_party;
struct pl_room;
struct pl_task;

struct pl_call {
    unsigned refs;
    struct pl_list in_caller;         /* of pl_room_side.calls, until it has ended */
    struct pl_list in_search;         /* cycle.c's, as is: */
    uint64_t search;                  /* the number of the last search that came by here */
    struct pl_room *caller;           /* borrowed: its end ends its calls; NULL outside rooms */
    struct pl_exchange *exchange;     /* a reference */
    struct pl_connection *connection; /* after an upgrade; borrowed while it lasts */
    struct pl_list events;   /* of struct pl_call_event: what a socket's user is to hear */
    struct pl_list messages; /* of struct pl_call_event: what it has said */
    size_t event_bytes, message_bytes; /* of both lists */
    struct pl_buffer answer;           /* body bytes that were not taken yet */
    struct pl_buffer headers;          /* name NUL value NUL ... */
    struct pl_buffer reason;
    uint64_t for_block;               /* what waits for it, as the task's (engine.h) that */
    struct pl_exchange *for_exchange; /* made it; a reference, or NULL */
    bool is_for_start, is_for_event;
    int status; /* 0 before there is a head */
    bool is_ended, is_broken, is_full;
    bool is_public;   /* goes by the before-hooks, as a client's request does */
    bool is_paused;   /* the room takes no messages: too many of its events wait */
    bool is_too_slow; /* the room was told that the caller reads too slowly */
};

/* A message of a socket or its close, on the way to either end. */
struct pl_call_event {
    struct pl_list in_call;
    bool is_close, is_binary, was_clean;
    uint16_t code;
    size_t len;
    char bytes[];
};

/* A call to the room `room_id` of a party, not started. `calls` is the caller's list of them, or
 * NULL outside rooms. The path of the request names party and room. */
struct pl_call *pl_call_create(struct pl_party *party, const struct pl_request_parts *parts,
                               struct pl_slice room_id, unsigned depth, struct pl_room *caller,
                               struct pl_list *calls);
void pl_call_ref(struct pl_call *call);

/* The task will wait for the call. */
void pl_call_set_awaited(struct pl_call *call, const struct pl_task *task);
void pl_call_unref(struct pl_call *call);

/* On to the room, or to its before-hook. */
void pl_call_start(struct pl_call *call);

/* False when the caller should wait before the next piece. */
bool pl_call_send_body(struct pl_call *call, struct pl_slice piece);
void pl_call_end_body(struct pl_call *call);

/* Keeps a message for pl_call_deliver. False: enough are kept, the caller should wait. */
bool pl_call_say(struct pl_call *call, struct pl_slice message, bool is_binary);
bool pl_call_can_say(const struct pl_call *call);

/* Hands the room the messages that are kept, up to where it takes no more. False when some are
 * left. */
bool pl_call_deliver(struct pl_call *call);

/* The caller's part of the closing is done. */
void pl_call_close(struct pl_call *call, uint16_t code, struct pl_slice reason);

/* Takes what has come of the answer to the empty buffer `out`. */
void pl_call_take(struct pl_call *call, struct pl_buffer *out);

/* The caller wants no more of an answer whose head has come: to the room that gives it, its reader
 * has gone. */
void pl_call_give_up(struct pl_call *call);

/* The next thing that a socket's user is to hear, or NULL; the caller frees it. */
struct pl_call_event *pl_call_next_event(struct pl_call *call);

/* The caller's room has gone: the calls of its list are given up, as if its network had broken. */
void pl_calls_cancel(struct pl_list *calls);
