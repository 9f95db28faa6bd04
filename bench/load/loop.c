/* loop.c -- see loop.h. */
#include "load/loop.h"

#include "load/clock.h"
#include "load/fail.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PL_SCRATCH_BYTES (1u << 20)
#define PL_EVENTS_PER_TURN 512
#define PL_SOURCE_FIRST 1u
#define PL_SOURCE_LAST 250u

void pl_loop_init(struct pl_loop *loop, uint16_t port) {
    *loop = (struct pl_loop){
        .epoll = epoll_create1(EPOLL_CLOEXEC),
        .port = port,
        .now_ns = pl_clock_ns(),
        .source = PL_SOURCE_FIRST,
        .scratch = pl_allocate(PL_SCRATCH_BYTES, 1),
    };
    if (loop->epoll < 0) pl_fail("epoll_create1: %s", strerror(errno));
}

void pl_loop_finish(struct pl_loop *loop) {
    close(loop->epoll);
    free(loop->scratch);
    free(loop->dirty);
}

static struct sockaddr_in loopback(uint32_t last_byte, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(0x7f000000u | last_byte);
    return address;
}

/* The kernel chooses the port when it connects, so that only pairs of addresses count. */
static void bind_source(int fd, uint32_t last_byte) {
    int on = 1;
    struct sockaddr_in source = loopback(last_byte, 0);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&source, sizeof source) != 0)
        pl_fail("cannot bind to 127.0.0.%u: %s", last_byte, strerror(errno));
}

static int connect_from(struct pl_loop *loop) {
    struct sockaddr_in server = loopback(1, loop->port);
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) pl_fail("socket: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (loop->source != PL_SOURCE_FIRST) bind_source(fd, loop->source);
    if (connect(fd, (struct sockaddr *)&server, sizeof server) == 0 || errno == EINPROGRESS)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

/* Ports can run out, since those of closed connections rest for a minute. Only then links
 * connect from the next loopback address, which has all its ports still. */
static int connect_link(struct pl_loop *loop) {
    for (;;) {
        int fd = connect_from(loop);
        if (fd >= 0) return fd;
        if (fd != -EADDRNOTAVAIL || loop->source == PL_SOURCE_LAST)
            pl_fail("cannot connect to 127.0.0.1:%u: %s", loop->port, strerror(-fd));
        loop->source++;
    }
}

void pl_link_open(struct pl_link *link, struct pl_loop *loop,
                  const struct pl_link_events *events) {
    link->fd = connect_link(loop);
    link->loop = loop;
    link->events = events;
    link->carry.len = link->carry.taken = 0;
    link->output.len = link->output.taken = 0;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = link};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, link->fd, &event) != 0)
        pl_fail("epoll_ctl: %s", strerror(errno));
}

void pl_link_touch(struct pl_link *link) {
    struct pl_loop *loop = link->loop;
    if (link->is_dirty) return;
    if (loop->dirty_count == loop->dirty_capacity) {
        loop->dirty_capacity = loop->dirty_capacity == 0 ? 64 : loop->dirty_capacity * 2;
        loop->dirty = realloc(loop->dirty, loop->dirty_capacity * sizeof(struct pl_link *));
        if (loop->dirty == NULL) pl_fail("out of memory");
    }
    loop->dirty[loop->dirty_count++] = link;
    link->is_dirty = true;
}

static _Noreturn void fail_refused(const struct pl_loop *loop) {
    pl_fail("127.0.0.1:%u refuses connections", loop->port);
}

/* A write error is left to the read side, which sees the same end. Only a refusal is told
 * here, since a socket gives that error once and then looks as if it had merely ended. */
static void flush_link(struct pl_link *link) {
    struct pl_bytes *output = &link->output;
    while (link->fd >= 0 && output->taken < output->len) {
        ssize_t sent = send(link->fd, output->start + output->taken,
                            output->len - output->taken, MSG_NOSIGNAL);
        if (sent < 0 && errno == ECONNREFUSED) fail_refused(link->loop);
        if (sent < 0) return;
        pl_bytes_take(output, (size_t)sent);
    }
}

static void flush_dirty(struct pl_loop *loop) {
    for (size_t i = 0; i < loop->dirty_count; i++) {
        loop->dirty[i]->is_dirty = false;
        flush_link(loop->dirty[i]);
    }
    loop->dirty_count = 0;
}

static void end_link(struct pl_link *link, bool was_reset) {
    close(link->fd);
    link->fd = -1;
    link->events->on_end(link, was_reset);
}

/* Hands on the carried bytes with the new ones; what is not used up is carried again. */
static void hand_on(struct pl_link *link, uint8_t *bytes, size_t len) {
    size_t used = link->events->on_bytes(link, bytes, len);
    link->carry.len = 0;
    pl_bytes_append(&link->carry, bytes + used, len - used);
}

enum read_result { READ_FULL, READ_PART, READ_NOTHING, READ_ENDED };

static enum read_result read_once(struct pl_link *link) {
    uint8_t *scratch = link->loop->scratch;
    size_t carried = link->carry.len;
    if (carried >= PL_SCRATCH_BYTES / 2) pl_fail("the server sent a unit of over 512 KiB");
    if (carried > 0) memcpy(scratch, link->carry.start, carried);

    size_t space = PL_SCRATCH_BYTES - carried;
    ssize_t got = recv(link->fd, scratch + carried, space, 0);
    if (got < 0 && errno == EAGAIN) return READ_NOTHING;
    if (got < 0 && errno == ECONNREFUSED) fail_refused(link->loop);
    if (got <= 0) {
        end_link(link, got < 0);
        return READ_ENDED;
    }
    hand_on(link, scratch, carried + (size_t)got);
    return (size_t)got < space ? READ_PART : READ_FULL;
}

/* Edge-triggered: a read that does not fill the space has emptied the socket, and whatever
 * comes later is a new event. Only an end that was reported together with the bytes before
 * it is not reported again, so then reading goes on up to the end. */
static void handle_event(struct pl_loop *loop, const struct epoll_event *event) {
    struct pl_link *link = event->data.ptr;
    bool has_ended = (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    loop->now_ns = pl_clock_ns();
    if (link->output.len > 0) pl_link_touch(link);
    bool goes_on = (event->events & EPOLLIN) != 0 || has_ended;
    while (goes_on) {
        enum read_result result = read_once(link);
        goes_on = result == READ_FULL || (result == READ_PART && has_ended);
    }
    flush_dirty(loop);
}

static void turn(struct pl_loop *loop, uint64_t deadline_ns) {
    struct epoll_event events[PL_EVENTS_PER_TURN];
    int timeout_ms = 0;
    flush_dirty(loop);
    if (deadline_ns > loop->now_ns)
        timeout_ms = (int)((deadline_ns - loop->now_ns + PL_NS_PER_MS - 1) / PL_NS_PER_MS);
    int count = epoll_wait(loop->epoll, events, PL_EVENTS_PER_TURN, timeout_ms);
    if (count < 0 && errno != EINTR) pl_fail("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < count; i++) handle_event(loop, &events[i]);
    loop->now_ns = pl_clock_ns();
}

void pl_loop_run_to(struct pl_loop *loop, uint64_t deadline_ns) {
    loop->now_ns = pl_clock_ns();
    while (loop->now_ns < deadline_ns) turn(loop, deadline_ns);
}

void pl_loop_run_until_zero(struct pl_loop *loop, const uint32_t *left, uint64_t limit_ms,
                            const char *awaited) {
    loop->now_ns = pl_clock_ns();
    uint64_t deadline_ns = loop->now_ns + limit_ms * PL_NS_PER_MS;
    while (*left > 0) {
        if (loop->now_ns >= deadline_ns)
            pl_fail("%u %s still missing after %llu ms", *left, awaited,
                    (unsigned long long)limit_ms);
        turn(loop, deadline_ns);
    }
}
