#include "base/outlet.h"

#include "base/buffer.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRY_AGAIN_MS 10

/* How bytes leave without waiting. A descriptor of standard error may be shared with the shell and
 * with others, so its mode is not ours to change. */
enum way {
    WAITING, /* as bytes leave everywhere else; also to files, where disks are not waited for */
    OWN,     /* another descriptor of the same pipe or terminal */
    ASKING, /* for a pipe or terminal of somebody else's, which can be asked before each write */
    SENDING, /* to a socket, such as the journal's */
};

static enum way way = WAITING;
static int file = STDERR_FILENO;
static struct pl_buffer kept;

static bool is_pipe_or_terminal(const struct stat *about) {
    return S_ISFIFO(about->st_mode) || S_ISCHR(about->st_mode);
}

void pl_outlet_stop_waiting(void) {
    struct stat about;
    if (way != WAITING || fstat(STDERR_FILENO, &about) != 0) return;
    if (S_ISSOCK(about.st_mode)) way = SENDING;
    if (!is_pipe_or_terminal(&about)) return;
    int own = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    way = own < 0 ? ASKING : OWN;
    if (own >= 0) file = own;
}

/* Of a pipe that can be written to, a page is free. */
static ssize_t ask_and_write(const char *at, size_t len) {
    struct pollfd asked = {.fd = file, .events = POLLOUT};
    if (poll(&asked, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(file, at, len < PIPE_BUF ? len : PIPE_BUF);
}

static bool wait_for_reader(void) {
    struct pollfd asked = {.fd = file, .events = POLLOUT};
    return poll(&asked, 1, -1) > 0 || errno == EINTR;
}

static ssize_t write_some(const char *at, size_t len) {
    switch (way) {
    case ASKING: return ask_and_write(at, len);
    case SENDING: return send(file, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    default: return write(file, at, len);
    }
}

/* Gives what is left: nothing, too, where nothing can be written at all, as a log has nowhere to
 * complain. */
static struct pl_slice write_now(struct pl_slice bytes) {
    while (bytes.len > 0) {
        ssize_t wrote = write_some(bytes.at, bytes.len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && errno == EAGAIN && way != WAITING) return bytes;
        if (wrote < 0 && errno == EAGAIN && wait_for_reader()) continue;
        if (wrote <= 0) return (struct pl_slice){0};
        bytes = pl_slice_after(bytes, (size_t)wrote);
    }
    return bytes;
}

bool pl_outlet_flush(void) {
    struct pl_slice left = write_now(pl_buffer_slice(&kept));
    pl_buffer_drop(&kept, kept.len - left.len);
    if (left.len > 0) return false;
    pl_buffer_finish(&kept);
    return true;
}

/* Of a line that has begun to leave the rest has to follow, however long it is. */
bool pl_outlet_write(struct pl_slice line) {
    struct pl_slice left = pl_outlet_flush() ? write_now(line) : line;
    bool has_begun = left.len < line.len;
    if (!has_begun && kept.len + line.len > PL_LOG_KEPT_BYTES_MAX) return false;
    pl_buffer_add(&kept, left);
    return true;
}

bool pl_outlet_is_behind(void) { return kept.len > 0; }

bool pl_outlet_flush_within(int timeout_ms) {
    for (int left_ms = timeout_ms; left_ms > 0 && !pl_outlet_flush(); left_ms -= TRY_AGAIN_MS) {
        poll(NULL, 0, TRY_AGAIN_MS);
    }
    return pl_outlet_flush();
}
