#include "base/outlet.h"

#include "base/buffer.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* How much a descriptor that cannot be told not to wait surely takes when poll says it is ready. */
#define SURE_BYTES 512

enum kind { UNKNOWN, PLAIN, NONBLOCKING, SOCKET, POLLED };

struct outlet {
    int fd;
    enum kind kind;
    int own; /* the same file, opened anew: whether it waits is then nobody's business but ours */
    struct pl_buffer waiting;
    size_t lost_lines;
};

static struct outlet outlets[2] = {{.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};

/* O_NONBLOCK would hold for all who have the same open file, the user's shell among them. */
static void open_own(struct outlet *outlet) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", outlet->fd);
    outlet->own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    outlet->kind = outlet->own < 0 ? POLLED : NONBLOCKING;
}

static void find_kind(struct outlet *outlet) {
    struct stat found;
    outlet->kind = PLAIN;
    if (fstat(outlet->fd, &found) != 0) return;
    if (S_ISFIFO(found.st_mode) || (S_ISCHR(found.st_mode) && isatty(outlet->fd))) {
        open_own(outlet);
    } else if (S_ISSOCK(found.st_mode)) {
        outlet->kind = SOCKET;
    }
}

static ssize_t write_polled(int fd, struct pl_slice bytes) {
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (poll(&ready, 1, 0) != 1) {
        errno = EAGAIN;
        return -1;
    }
    return write(fd, bytes.at, bytes.len < SURE_BYTES ? bytes.len : SURE_BYTES);
}

static ssize_t write_some(struct outlet *outlet, struct pl_slice bytes) {
    if (outlet->kind == UNKNOWN) find_kind(outlet);
    switch (outlet->kind) {
    case NONBLOCKING: return write(outlet->own, bytes.at, bytes.len);
    case SOCKET: return send(outlet->fd, bytes.at, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    case POLLED: return write_polled(outlet->fd, bytes);
    default: return write(outlet->fd, bytes.at, bytes.len);
    }
}

/* How many bytes need no more attention: they were taken, or never will be. */
static size_t write_now(struct outlet *outlet, struct pl_slice bytes) {
    size_t done = 0;
    while (done < bytes.len) {
        ssize_t wrote = write_some(outlet, pl_slice_after(bytes, done));
        if (wrote > 0) {
            done += (size_t)wrote;
        } else if (wrote < 0 && errno == EINTR) {
            continue;
        } else if (wrote < 0 && errno == EAGAIN) {
            break;
        } else {
            return bytes.len; /* what cannot be said has nowhere to be complained of */
        }
    }
    return done;
}

static size_t count_lines(struct pl_slice bytes) {
    size_t count = 0;
    for (size_t i = 0; i < bytes.len; i++) count += bytes.at[i] == '\n';
    return count;
}

static void say_lost(struct outlet *outlet) {
    char text[80];
    if (outlet->lost_lines == 0 || outlet->waiting.len > 0) return;
    int len =
        snprintf(text, sizeof text, "partylua: %zu lines were left out: nobody took them\n",
                 outlet->lost_lines);
    outlet->lost_lines = 0;
    struct pl_slice line = pl_slice(text, (size_t)len);
    pl_buffer_add(&outlet->waiting, pl_slice_after(line, write_now(outlet, line)));
}

static void flush(struct outlet *outlet) {
    if (outlet->waiting.len > 0) {
        pl_buffer_drop(&outlet->waiting, write_now(outlet, pl_buffer_slice(&outlet->waiting)));
    }
    say_lost(outlet);
    if (outlet->waiting.len == 0) pl_buffer_finish(&outlet->waiting);
}

void pl_outlet_say(int fd, struct pl_slice lines) {
    struct outlet *outlet = &outlets[fd == STDOUT_FILENO ? 0 : 1];
    if (outlet->waiting.len > 0) flush(outlet);
    size_t done = outlet->waiting.len == 0 ? write_now(outlet, lines) : 0;
    if (done == lines.len) return;
    bool has_room =
        outlet->lost_lines == 0 && outlet->waiting.len + lines.len <= PL_OUTLET_BYTES_MAX;
    if (has_room || done > 0) { /* a line that was begun is ended */
        pl_buffer_add(&outlet->waiting, pl_slice_after(lines, done));
    } else {
        outlet->lost_lines += count_lines(lines);
    }
}

bool pl_outlets_flush(void) {
    for (size_t i = 0; i < 2; i++) flush(&outlets[i]);
    return !pl_outlets_wait();
}

bool pl_outlets_wait(void) { return outlets[0].waiting.len + outlets[1].waiting.len > 0; }

void pl_outlets_settle(uint64_t ms) {
    for (; !pl_outlets_flush() && ms > 0; ms--) poll(NULL, 0, 1);
}
