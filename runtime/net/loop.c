#include "net/loop.h"

#include "base/limits.h"
#include "net/block.h"
#include "net/stream.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void must(int rc, const char *what) {
    if (rc == 0) return;
    fprintf(stderr, "partylua: %s: %s\n", what, uv_strerror(rc));
    abort();
}

static void take_time(struct pl_loop *loop) { loop->clock.now_ms = uv_now(&loop->uv); }

static void on_alarm(uv_timer_t *alarm) {
    struct pl_loop *loop = alarm->data;
    take_time(loop);
    pl_timers_run(&loop->timers);
}

/* Points the one libuv timer at the first of ours. */
static void set_alarm(struct pl_loop *loop) {
    uint64_t due_ms;
    if (!pl_timers_next(&loop->timers, &due_ms)) {
        uv_timer_stop(&loop->alarm);
        return;
    }
    uint64_t now_ms = uv_now(&loop->uv);
    uint64_t wait_ms = due_ms > now_ms ? due_ms - now_ms : 0;
    if (uv_is_active((uv_handle_t *)&loop->alarm) &&
        uv_timer_get_due_in(&loop->alarm) == wait_ms) {
        return;
    }
    uv_timer_start(&loop->alarm, on_alarm, wait_ms, 0);
}

static void on_again(uv_idle_t *again) { (void)again; }

/* libuv runs prepare handles after timers and before it waits, so everything a turn has brought
 * is flushed here, once. */
static void on_prepare(uv_prepare_t *turn) {
    struct pl_loop *loop = turn->data;
    take_time(loop);
    if (loop->on_turn != NULL) loop->on_turn(loop->owner);
    pl_streams_flush(loop);
    /* Flushing tells owners that there is room again, and they may write at once. */
    bool wants_turn = !pl_list_is_empty(&loop->dirty) ||
                      (loop->on_turn != NULL && loop->wants_turn(loop->owner));
    if (wants_turn) {
        uv_idle_start(&loop->again, on_again);
    } else {
        uv_idle_stop(&loop->again);
    }
    set_alarm(loop);
}

void pl_loop_init(struct pl_loop *loop) {
    *loop = (struct pl_loop){0};
    must(uv_loop_init(&loop->uv), "cannot start an event loop");
    must(uv_timer_init(&loop->uv, &loop->alarm), "cannot make a timer");
    must(uv_prepare_init(&loop->uv, &loop->turn), "cannot make a handle");
    must(uv_idle_init(&loop->uv, &loop->again), "cannot make a handle");
    loop->alarm.data = loop->turn.data = loop->again.data = loop;
    /* Active and referenced, so that uv_run always has something to live for: without it a loop
     * whose last socket has closed would return at once and never reach the end of a turn. */
    must(uv_prepare_start(&loop->turn, on_prepare), "cannot start a handle");
    take_time(loop);
    pl_timers_init(&loop->timers, &loop->clock);
    pl_list_init(&loop->dirty);
    loop->read_buffer = pl_alloc(PL_READ_BYTES);
    signal(SIGPIPE, SIG_IGN);
}

void pl_loop_finish(struct pl_loop *loop) {
    uv_close((uv_handle_t *)&loop->alarm, NULL);
    uv_close((uv_handle_t *)&loop->turn, NULL);
    uv_close((uv_handle_t *)&loop->again, NULL);
    for (size_t i = 0; i < 4; i++) {
        uv_handle_t *handle = (uv_handle_t *)&loop->signals[i];
        if (handle->type == UV_SIGNAL && !uv_is_closing(handle)) uv_close(handle, NULL);
    }
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    pl_blocks_free(loop);
    pl_timers_finish(&loop->timers);
    free(loop->read_buffer);
}

static void on_uv_signal(uv_signal_t *handle, int signal) {
    struct pl_loop *loop = handle->data;
    take_time(loop);
    loop->on_signal(loop->owner, signal);
}

void pl_loop_watch_signals(struct pl_loop *loop) {
    static const int watched[4] = {SIGTERM, SIGINT, SIGHUP, SIGCONT};
    for (size_t i = 0; i < 4; i++) {
        uv_signal_t *handle = &loop->signals[i];
        must(uv_signal_init(&loop->uv, handle), "cannot watch signals");
        handle->data = loop;
        must(uv_signal_start(handle, on_uv_signal, watched[i]), "cannot watch signals");
        uv_unref((uv_handle_t *)handle);
    }
}

void pl_loop_run(struct pl_loop *loop) {
    loop->is_stopping = false;
    while (!loop->is_stopping) uv_run(&loop->uv, UV_RUN_ONCE);
}

void pl_loop_stop(struct pl_loop *loop) {
    loop->is_stopping = true;
    uv_stop(&loop->uv);
}

static void on_waited(struct pl_timer *timer) { (void)timer; }

void pl_loop_turn(struct pl_loop *loop, uint64_t wait_ms) {
    struct pl_timer limit = {.on_due = on_waited};
    uv_update_time(&loop->uv);
    take_time(loop);
    if (wait_ms > 0) pl_timer_start(&loop->timers, &limit, wait_ms);
    uv_run(&loop->uv, wait_ms > 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    pl_timer_stop(&loop->timers, &limit);
}

void pl_loop_settle(struct pl_loop *loop) {
    while (loop->stream_count > 0) uv_run(&loop->uv, UV_RUN_ONCE);
}
