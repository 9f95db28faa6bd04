#include "net/dial.h"

#include "net/local.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int pl_dial_local(const char *folder, const char *name, int *out) {
    struct sockaddr_un address;
    int place = pl_local_address(folder, name, &address);
    if (place < 0) return place;
    int rc = 0;
    int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file < 0 || connect(file, (struct sockaddr *)&address, sizeof address) != 0)
        rc = -errno;
    close(place);
    if (rc != 0 && file >= 0) close(file);
    else *out = file;
    return rc;
}

static int poll_one(int file, short events, uint64_t within_ms) {
    struct pollfd poll_of = {.fd = file, .events = events};
    int rc = poll(&poll_of, 1, within_ms > 1000000000 ? -1 : (int)within_ms);
    if (rc < 0) return -errno;
    return rc == 0 ? -ETIMEDOUT : 0;
}

/* Connects within the time; the socket blocks again afterwards only where nobody minds: reads are
 * done when there is something, writes wait by themselves. */
static int connect_within(const struct addrinfo *address, uint64_t within_ms, int *out) {
    int file = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (file < 0) return -errno;
    int rc = connect(file, address->ai_addr, address->ai_addrlen) == 0 ? 0 : -errno;
    if (rc == -EINPROGRESS) rc = poll_one(file, POLLOUT, within_ms);
    int error = 0;
    socklen_t len = sizeof error;
    if (rc == 0 && getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &len) == 0) rc = -error;
    if (rc != 0) close(file);
    else *out = file;
    return rc;
}

int pl_dial(const char *host, uint16_t port, uint64_t within_ms, int *out) {
    char service[8];
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(host, service, &wanted, &found) != 0) return -EHOSTUNREACH;
    int rc = -EHOSTUNREACH;
    for (struct addrinfo *at = found; at != NULL && rc != 0; at = at->ai_next) {
        rc = connect_within(at, within_ms, out);
    }
    freeaddrinfo(found);
    return rc;
}

int pl_dial_wait(const int *files, size_t count, uint64_t within_ms) {
    struct pollfd polls[4];
    for (size_t i = 0; i < count; i++) polls[i] = (struct pollfd){files[i], POLLIN, 0};
    int rc = poll(polls, count, within_ms > 1000000000 ? -1 : (int)within_ms);
    if (rc < 0) return -errno;
    for (size_t i = 0; i < count; i++) {
        if (polls[i].revents != 0) return (int)i;
    }
    return -ETIMEDOUT;
}

int pl_dial_write(int file, struct pl_slice bytes, uint64_t within_ms) {
    while (bytes.len > 0) {
        ssize_t wrote = send(file, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (wrote < 0 && errno != EAGAIN && errno != EINTR) return -errno;
        if (wrote > 0) bytes = pl_slice_after(bytes, (size_t)wrote);
        if (bytes.len == 0) break;
        int rc = poll_one(file, POLLOUT, within_ms);
        if (rc != 0 && rc != -EINTR) return rc;
    }
    return 0;
}
