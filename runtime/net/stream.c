#include "net/stream.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "net/block.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFS_MAX 64 /* pieces in one writev */

/* A write that libuv finishes when the kernel takes more. */
struct pl_blocked {
    uv_write_t request;
    size_t bytes;
};

static void flush(struct pl_stream *stream);

static void on_uv_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
    struct pl_stream *stream = handle->data;
    (void)suggested;
    *out = uv_buf_init(stream->loop->read_buffer, PL_READ_BYTES);
}

static void on_uv_read(uv_stream_t *tcp, ssize_t got, const uv_buf_t *bytes) {
    struct pl_stream *stream = tcp->data;
    if (got == 0 || stream->is_closing) return;
    stream->loop->clock.now_ms = uv_now(&stream->loop->uv);
    if (got > 0) {
        stream->events->on_bytes(stream->owner, bytes->base, (size_t)got);
    } else if (got == UV_EOF) {
        pl_stream_stop_reading(stream);
        stream->events->on_end(stream->owner);
    } else {
        stream->events->on_failed(stream->owner, (int)got);
    }
}

int pl_stream_open(struct pl_stream *stream, struct pl_loop *loop, int socket,
                   const struct pl_stream_events *events, void *owner) {
    *stream = (struct pl_stream){.loop = loop, .events = events, .owner = owner};
    pl_list_init(&stream->in_dirty);
    uv_tcp_init(&loop->uv, &stream->tcp);
    stream->tcp.data = stream;
    loop->stream_count++;
    int rc = uv_tcp_open(&stream->tcp, socket);
    if (rc != 0) {
        close(socket);
        return rc;
    }
    pl_stream_start_reading(stream);
    return 0;
}

void pl_stream_start_reading(struct pl_stream *stream) {
    if (stream->is_reading || stream->is_closing) return;
    stream->is_reading =
        uv_read_start((uv_stream_t *)&stream->tcp, on_uv_alloc, on_uv_read) == 0;
}

void pl_stream_stop_reading(struct pl_stream *stream) {
    if (!stream->is_reading) return;
    stream->is_reading = false;
    uv_read_stop((uv_stream_t *)&stream->tcp);
}

static void mark_dirty(struct pl_stream *stream) {
    if (pl_list_is_empty(&stream->in_dirty))
        pl_list_push(&stream->loop->dirty, &stream->in_dirty);
}

static void add_block(struct pl_stream *stream, struct pl_block *block) {
    if (stream->last == NULL) {
        stream->first = block;
    } else {
        stream->last->next = block;
    }
    stream->last = block;
    if (stream->is_held && stream->held == NULL) stream->held = block;
}

char *pl_stream_reserve(struct pl_stream *stream, size_t len) {
    struct pl_block *last = stream->last;
    bool begins_hold = stream->is_held && stream->held == NULL;
    if (last == NULL || begins_hold || last->shared != NULL || last->cap - last->end < len) {
        add_block(stream, pl_block_take(stream->loop, last != NULL, len));
    }
    return stream->last->bytes + stream->last->end;
}

/* Output past PL_CORK_BYTES_MAX goes out within the turn: more in one writev gains nothing, and
 * the blocks are wanted again. */
void pl_stream_commit(struct pl_stream *stream, size_t len) {
    stream->last->end += (uint32_t)len;
    stream->queued_bytes += len;
    mark_dirty(stream);
    if (stream->queued_bytes >= PL_CORK_BYTES_MAX) flush(stream);
}

void pl_stream_write(struct pl_stream *stream, struct pl_slice bytes) {
    if (bytes.len == 0 || stream->is_closing) return;
    memcpy(pl_stream_reserve(stream, bytes.len), bytes.at, bytes.len);
    pl_stream_commit(stream, bytes.len);
}

/* What the kernel takes at once: bytes, or an error of libuv's. One piece of memory, as most output
 * is, goes out by send(2): write(2), which libuv would take, first looks at what a file has and a
 * socket has not, and with many sockets none of that is in the cache. */
static ssize_t write_now(struct pl_stream *stream, const uv_buf_t *bufs, unsigned count) {
    uv_os_fd_t fd;
    if (count > 1 || uv_fileno((uv_handle_t *)&stream->tcp, &fd) != 0) {
        return uv_try_write((uv_stream_t *)&stream->tcp, bufs, count);
    }
    ssize_t wrote;
    do {
        wrote = send(fd, bufs->base, bufs->len, MSG_NOSIGNAL);
    } while (wrote < 0 && errno == EINTR);
    return wrote < 0 ? uv_translate_sys_error(errno) : wrote;
}

static bool can_write_now(const struct pl_stream *stream) {
    return stream->blocked == NULL && !stream->is_closing && stream->error == 0;
}

void pl_stream_write_large(struct pl_stream *stream, struct pl_slice head,
                           struct pl_slice body) {
    if (body.len >= PL_DIRECT_BYTES_MIN && !stream->is_held && can_write_now(stream)) {
        flush(stream);
        if (stream->first == NULL && can_write_now(stream)) {
            uv_buf_t bufs[2] = {uv_buf_init((char *)head.at, (unsigned)head.len),
                                uv_buf_init((char *)body.at, (unsigned)body.len)};
            ssize_t wrote = write_now(stream, bufs, 2);
            size_t done = wrote > 0 ? (size_t)wrote : 0;
            size_t of_head = done < head.len ? done : head.len;
            stream->sent_bytes += (uint32_t)done;
            head = pl_slice_after(head, of_head);
            body = pl_slice_after(body, done - of_head);
        }
    }
    pl_stream_write(stream, head);
    pl_stream_write(stream, body);
}

void pl_stream_write_shared(struct pl_stream *stream, struct pl_shared *shared) {
    if (stream->is_closing) return;
    add_block(stream, pl_block_share(stream->loop, shared));
    stream->queued_bytes += shared->len;
    mark_dirty(stream);
    if (stream->queued_bytes >= PL_CORK_BYTES_MAX) flush(stream);
}

void pl_stream_hold(struct pl_stream *stream) { stream->is_held = true; }

void pl_stream_release(struct pl_stream *stream) {
    stream->is_held = false;
    stream->held = NULL;
    if (stream->first != NULL) mark_dirty(stream);
}

/* Drops `count` sent bytes from the front of the queue. */
static void drop_sent(struct pl_stream *stream, size_t count) {
    stream->queued_bytes -= count;
    stream->sent_bytes += (uint32_t)count;
    while (count > 0) {
        struct pl_block *block = stream->first;
        size_t len = block->end - block->first;
        if (count < len) {
            block->first += (uint32_t)count;
            return;
        }
        count -= len;
        stream->first = block->next;
        if (stream->first == NULL) stream->last = NULL;
        pl_block_give_back(stream->loop, block);
    }
    if (stream->first == NULL) stream->is_taken_known = false;
}

/* Cuts the chain before `block` and gives back what follows. */
static void forget_from(struct pl_stream *stream, struct pl_block *block) {
    struct pl_block **at = &stream->first;
    stream->last = NULL;
    for (; *at != block; at = &(*at)->next) stream->last = *at;
    *at = NULL;
    while (block != NULL) {
        struct pl_block *next = block->next;
        stream->queued_bytes -= pl_block_slice(block).len;
        pl_block_give_back(stream->loop, block);
        block = next;
    }
}

void pl_stream_keep_first(struct pl_stream *stream, size_t len) {
    assert(stream->is_held);
    if (stream->held == NULL) return;
    struct pl_buffer kept = {0};
    for (struct pl_block *block = stream->held; block != NULL; block = block->next) {
        pl_buffer_add(&kept, pl_block_slice(block));
    }
    assert(len <= kept.len);
    struct pl_block *held = stream->held;
    stream->held = NULL;
    forget_from(stream, held);
    pl_stream_write(stream, pl_slice(kept.at, len));
    pl_buffer_finish(&kept);
}

/* The kernel wakes a writer only when a third of its buffer is free again, which may be a
 * mebibyte: too coarse to tell who reads slowly from who does not read. */
static size_t with_kernel(const struct pl_stream *stream) {
    uv_os_fd_t fd;
    int bytes = 0;
    if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) != 0) return 0;
    return ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? (size_t)bytes : 0;
}

/* What the peer has acknowledged so far, modulo 2^32. */
static void look_at_reader(struct pl_stream *stream) {
    size_t written = stream->sent_bytes;
    if (stream->blocked != NULL) {
        size_t left = uv_stream_get_write_queue_size((const uv_stream_t *)&stream->tcp);
        written += stream->blocked->bytes - left;
    }
    stream->taken = (uint32_t)(written - with_kernel(stream));
    stream->is_taken_known = true;
}

void pl_stream_watch_reader(struct pl_stream *stream) {
    if (stream->blocked != NULL) look_at_reader(stream);
}

bool pl_stream_is_read(struct pl_stream *stream) {
    if (stream->queued_bytes == 0) return false;
    if (!stream->is_taken_known) return true;
    uint32_t before = stream->taken;
    look_at_reader(stream);
    return stream->taken != before;
}

/* Whether there is output that may leave. */
static bool has_output(const struct pl_stream *stream) {
    return stream->first != NULL && stream->first != stream->held;
}

static unsigned gather(const struct pl_stream *stream, uv_buf_t bufs[BUFS_MAX], size_t *total) {
    unsigned count = 0;
    *total = 0;
    for (struct pl_block *block = stream->first;
         block != NULL && block != stream->held && count < BUFS_MAX; block = block->next) {
        struct pl_slice bytes = pl_block_slice(block);
        bufs[count++] = uv_buf_init((char *)bytes.at, (unsigned)bytes.len);
        *total += bytes.len;
    }
    return count;
}

/* libuv's own shutdown wants a request that outlives us; with nothing queued the call is all
 * there is to it. */
static void end_if_due(struct pl_stream *stream) {
    if (!stream->ends_when_drained) return;
    uv_os_fd_t fd;
    stream->ends_when_drained = false;
    stream->has_ended = stream->is_drain_due = true;
    if (uv_fileno((uv_handle_t *)&stream->tcp, &fd) == 0) shutdown(fd, SHUT_WR);
}

/* Told at the end of the turn: output may fail while the owner is in the middle of writing. */
static void fail(struct pl_stream *stream, int error) {
    if (stream->error == 0) stream->error = error;
    mark_dirty(stream);
}

static void on_uv_written(uv_write_t *request, int status) {
    struct pl_stream *stream = request->data;
    size_t bytes = stream->blocked->bytes;
    free(stream->blocked);
    stream->blocked = NULL;
    if (stream->is_closing) return;
    if (status < 0) {
        fail(stream, status);
        return;
    }
    drop_sent(stream, bytes);
    stream->is_drain_due = true;
    mark_dirty(stream);
}

/* Lets libuv wait until the kernel takes the rest; the blocks stay where they are until then. */
static void wait_to_write(struct pl_stream *stream) {
    if (!stream->is_taken_known) look_at_reader(stream);
    uv_buf_t bufs[BUFS_MAX];
    size_t total;
    unsigned count = gather(stream, bufs, &total);
    struct pl_blocked *blocked = pl_alloc(sizeof *blocked);
    blocked->request.data = stream;
    blocked->bytes = total;
    int rc =
        uv_write(&blocked->request, (uv_stream_t *)&stream->tcp, bufs, count, on_uv_written);
    if (rc != 0) {
        free(blocked);
        fail(stream, rc);
        return;
    }
    stream->blocked = blocked;
}

static void flush(struct pl_stream *stream) {
    while (has_output(stream) && can_write_now(stream)) {
        uv_buf_t bufs[BUFS_MAX];
        size_t total;
        unsigned count = gather(stream, bufs, &total);
        ssize_t wrote = write_now(stream, bufs, count);
        if (wrote < 0 && wrote != UV_EAGAIN) {
            fail(stream, (int)wrote);
            return;
        }
        if (wrote > 0) drop_sent(stream, (size_t)wrote);
        if (wrote < 0 || (size_t)wrote < total) wait_to_write(stream);
    }
    if (stream->first == NULL && can_write_now(stream)) end_if_due(stream);
}

void pl_stream_end(struct pl_stream *stream) {
    if (stream->is_closing || stream->has_ended) return;
    stream->ends_when_drained = true;
    mark_dirty(stream);
}

static void on_uv_closed(uv_handle_t *handle) {
    struct pl_stream *stream = handle->data;
    forget_from(stream, stream->first);
    stream->loop->stream_count--;
    stream->events->on_closed(stream->owner);
}

void pl_stream_close(struct pl_stream *stream) {
    if (stream->is_closing) return;
    stream->is_closing = true;
    pl_list_remove(&stream->in_dirty);
    uv_close((uv_handle_t *)&stream->tcp, on_uv_closed);
}

void pl_streams_flush(struct pl_loop *loop) {
    struct pl_list dirty;
    pl_list_move(&dirty, &loop->dirty);
    while (!pl_list_is_empty(&dirty)) {
        struct pl_stream *stream = pl_container_of(dirty.next, struct pl_stream, in_dirty);
        pl_list_remove(&stream->in_dirty);
        flush(stream);
        if (stream->is_closing) continue;
        if (stream->error != 0) {
            stream->events->on_failed(stream->owner, stream->error);
        } else if (stream->is_drain_due && stream->blocked == NULL) {
            stream->is_drain_due = false;
            stream->events->on_drained(stream->owner);
        }
    }
}
