#include "base/outlet.h"

#include "base/buffer.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRY_AGAIN_MS 10

/* How bytes leave without waiting. A descriptor that a program is given may be shared with the
 * shell and with others, so its mode is not ours to change. */
enum way {
    WAITING, /* as bytes leave everywhere else; also to files, where disks are not waited for */
    OWN,     /* another descriptor of the same pipe or terminal */
    ASKING, /* for a pipe or terminal of somebody else's, which can be asked before each write */
    SENDING, /* to a socket, such as the journal's */
};

struct pl_outlet {
    int descriptor;
    int file; /* the same, or our own of what it leads to */
    enum way way;
    struct pl_buffer kept;
};

struct pl_outlet pl_outlet_errors = {.descriptor = STDERR_FILENO, .file = STDERR_FILENO};
struct pl_outlet pl_outlet_output = {.descriptor = STDOUT_FILENO, .file = STDOUT_FILENO};

static bool is_pipe_or_terminal(const struct stat *about) {
    return S_ISFIFO(about->st_mode) || S_ISCHR(about->st_mode);
}

void pl_outlet_stop_waiting(struct pl_outlet *outlet) {
    struct stat about;
    char path[32];
    if (outlet->way != WAITING || fstat(outlet->descriptor, &about) != 0) return;
    if (S_ISSOCK(about.st_mode)) outlet->way = SENDING;
    if (!is_pipe_or_terminal(&about)) return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", outlet->descriptor);
    int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    outlet->way = own < 0 ? ASKING : OWN;
    if (own >= 0) outlet->file = own;
}

/* Of a pipe that can be written to, a page is free. */
static ssize_t ask_and_write(int file, const char *at, size_t len) {
    struct pollfd asked = {.fd = file, .events = POLLOUT};
    if (poll(&asked, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(file, at, len < PIPE_BUF ? len : PIPE_BUF);
}

static bool wait_for_reader(int file) {
    struct pollfd asked = {.fd = file, .events = POLLOUT};
    return poll(&asked, 1, -1) > 0 || errno == EINTR;
}

static ssize_t write_some(const struct pl_outlet *outlet, const char *at, size_t len) {
    switch (outlet->way) {
    case ASKING: return ask_and_write(outlet->file, at, len);
    case SENDING: return send(outlet->file, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    default: return write(outlet->file, at, len);
    }
}

/* Gives what is left: nothing, too, where nothing can be written at all, as a log has nowhere to
 * complain. */
static struct pl_slice write_now(const struct pl_outlet *outlet, struct pl_slice bytes) {
    while (bytes.len > 0) {
        ssize_t wrote = write_some(outlet, bytes.at, bytes.len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && errno == EAGAIN && outlet->way != WAITING) return bytes;
        if (wrote < 0 && errno == EAGAIN && wait_for_reader(outlet->file)) continue;
        if (wrote <= 0) return (struct pl_slice){0};
        bytes = pl_slice_after(bytes, (size_t)wrote);
    }
    return bytes;
}

bool pl_outlet_flush(struct pl_outlet *outlet) {
    struct pl_slice left = write_now(outlet, pl_buffer_slice(&outlet->kept));
    pl_buffer_drop(&outlet->kept, outlet->kept.len - left.len);
    if (left.len > 0) return false;
    pl_buffer_finish(&outlet->kept);
    return true;
}

/* Of lines that have begun to leave the rest has to follow, however long it is. */
bool pl_outlet_write(struct pl_outlet *outlet, struct pl_slice lines) {
    struct pl_slice left = pl_outlet_flush(outlet) ? write_now(outlet, lines) : lines;
    bool has_begun = left.len < lines.len;
    if (!has_begun && outlet->kept.len + lines.len > PL_LOG_KEPT_BYTES_MAX) return false;
    pl_buffer_add(&outlet->kept, left);
    return true;
}

bool pl_outlet_is_behind(const struct pl_outlet *outlet) { return outlet->kept.len > 0; }

bool pl_outlet_flush_within(struct pl_outlet *outlet, int timeout_ms) {
    for (int left_ms = timeout_ms; left_ms > 0 && !pl_outlet_flush(outlet);
         left_ms -= TRY_AGAIN_MS) {
        poll(NULL, 0, TRY_AGAIN_MS);
    }
    return pl_outlet_flush(outlet);
}
