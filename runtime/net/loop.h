/*
 * loop.h -- the event loop: clock, timers, signals, and the end of each turn.
 *
 * One turn reads what is there, runs what follows from it, then writes: whoever has output
 * joins the list of streams to flush, and whoever has work left over asks for another turn.
 */
#pragma once

#include "base/clock.h"
#include "base/list.h"
#include "base/timer.h"

#include <uv.h>

struct pl_block;

struct pl_loop {
    uv_loop_t uv;
    uv_timer_t alarm;  /* wakes the loop for the first of `timers` */
    uv_prepare_t turn; /* the end of a turn */
    uv_idle_t again;   /* runs while another turn is wanted at once */
    uv_signal_t signals[4];
    struct pl_clock clock;
    struct pl_timers timers;
    struct pl_list dirty;            /* of pl_stream.in_dirty: streams with output to flush */
    char *read_buffer;               /* PL_READ_BYTES, shared by all streams */
    struct pl_block *free_blocks[2]; /* output blocks, small and large */
    size_t free_count[2];
    size_t stream_count; /* open or closing */
    void (*on_turn)(void *owner);
    bool (*wants_turn)(void *owner); /* asked last: whether the next turn shall not wait */
    void (*on_signal)(void *owner, int signal);
    void *owner;
    bool is_stopping;
};

/* Ends the program when libuv cannot start a loop. SIGPIPE is ignored from here on. */
void pl_loop_init(struct pl_loop *loop);

/* Frees what the loop holds. Every stream and listener must be closed before. */
void pl_loop_finish(struct pl_loop *loop);

/* Calls `on_signal` for SIGTERM, SIGINT, SIGHUP and SIGCONT. */
void pl_loop_watch_signals(struct pl_loop *loop);

/* Runs until pl_loop_stop. */
void pl_loop_run(struct pl_loop *loop);
void pl_loop_stop(struct pl_loop *loop);

/* Runs one turn, which waits no longer than `wait_ms` for something to happen. */
void pl_loop_turn(struct pl_loop *loop, uint64_t wait_ms);

/* Runs turns until nothing but the loop's own handles is left, for an orderly end. */
void pl_loop_settle(struct pl_loop *loop);
