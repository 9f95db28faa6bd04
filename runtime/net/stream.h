/*
 * stream.h -- one TCP connection: reading into the loop's buffer, a queue of output that is
 * flushed once a turn, and closing once.
 *
 * A stream is embedded in its owner, which must stay until on_closed. After pl_stream_close the
 * owner hears on_closed and nothing else.
 */
#pragma once

#include "base/list.h"
#include "base/slice.h"
#include "net/loop.h"

struct pl_block;
struct pl_blocked;
struct pl_shared;

struct pl_stream_events {
    /* Bytes in the loop's read buffer: borrowed, and free to be changed in place. */
    void (*on_bytes)(void *owner, char *bytes, size_t len);
    /* The peer will send no more. */
    void (*on_end)(void *owner);
    /* Reading or writing failed (negative errno); the stream is of no more use. */
    void (*on_failed)(void *owner, int error);
    /* Output that had to wait is all with the kernel now, or the end of our side is. */
    void (*on_drained)(void *owner);
    void (*on_closed)(void *owner);
};

struct pl_stream {
    uv_tcp_t tcp;
    struct pl_loop *loop;
    const struct pl_stream_events *events;
    void *owner;                   /* borrowed; outlives on_closed */
    struct pl_list in_dirty;       /* while output waits for the end of the turn */
    struct pl_block *first, *last; /* output, oldest first */
    struct pl_block *held;         /* the first of those that are held back, or NULL */
    size_t queued_bytes;           /* in all those blocks */
    struct pl_blocked *blocked;    /* the kernel took no more: libuv waits to write the rest */
    uint32_t sent_bytes; /* so far, to the kernel, modulo 2^32; without what `blocked` holds */
    uint32_t taken;      /* what the peer had acknowledged when that was looked at last */
    int error;           /* told to the owner at the end of the turn */
    /* One bit each: ten thousand idle streams have to be small. */
    bool is_taken_known : 1; /* `taken` was looked at since output has to wait */
    bool is_closing : 1, is_held : 1, is_reading : 1, ends_when_drained : 1, has_ended : 1;
    bool is_drain_due : 1;
};

/* Takes over an accepted, non-blocking socket. On failure the socket is closed, and the stream
 * still has to be closed by the caller to get on_closed. */
int pl_stream_open(struct pl_stream *stream, struct pl_loop *loop, int socket,
                   const struct pl_stream_events *events, void *owner);

void pl_stream_start_reading(struct pl_stream *stream);
void pl_stream_stop_reading(struct pl_stream *stream);

/* Room for `len` bytes of output; pl_stream_commit says how many of them were written. */
char *pl_stream_reserve(struct pl_stream *stream, size_t len);
void pl_stream_commit(struct pl_stream *stream, size_t len);

/* Queues a copy of `bytes`. */
void pl_stream_write(struct pl_stream *stream, struct pl_slice bytes);

/* Queues `head` and `body`; a large body is written at once where order allows, so that it is
 * not copied. */
void pl_stream_write_large(struct pl_stream *stream, struct pl_slice head,
                           struct pl_slice body);

/* Queues a reference. */
void pl_stream_write_shared(struct pl_stream *stream, struct pl_shared *shared);

/* Holds back what is written from here on until it is released; what was queued before leaves. */
void pl_stream_hold(struct pl_stream *stream);
void pl_stream_release(struct pl_stream *stream);

/* Of output that is held, keeps the first `len` bytes and forgets the rest. */
void pl_stream_keep_first(struct pl_stream *stream, size_t len);

/* Looks at what the peer has acknowledged, for pl_stream_is_read; done anyway when output begins to
 * wait. Costs a system call, and nothing while no output waits. */
void pl_stream_watch_reader(struct pl_stream *stream);

/* Whether output is queued of which the peer has acknowledged more since the last look, which this
 * is as well; or of which none has had to wait for the peer yet. */
bool pl_stream_is_read(struct pl_stream *stream);

/* Sends what is queued, then the end of our side (FIN). Reading goes on. */
void pl_stream_end(struct pl_stream *stream);

/* Closes now; output not yet with the kernel is lost. Harmless when repeated. */
void pl_stream_close(struct pl_stream *stream);

/* Flushes every stream with output: the loop's last act of a turn. */
void pl_streams_flush(struct pl_loop *loop);
