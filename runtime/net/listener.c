#include "net/listener.h"

#include "net/local.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ACCEPTS_PER_TURN 64 /* newcomers must not starve those who are in */
#define PAUSE_MS 100
#define BACKLOG 1024

static const char refusal[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                              "Retry-After: 1\r\nConnection: close\r\n\r\n";

static int open_reserve(void) { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

static void on_readable(uv_poll_t *poll, int status, int events);

static void on_resume(struct pl_timer *timer) {
    struct pl_listener *listener = pl_container_of(timer, struct pl_listener, resume);
    if (listener->reserve < 0) listener->reserve = open_reserve();
    if (listener->reserve < 0) {
        pl_timer_start(&listener->loop->timers, timer, PAUSE_MS);
        return;
    }
    uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

/* Spends the reserve on telling those at the door that there is no room, then pauses. */
static void refuse_waiting(struct pl_listener *listener) {
    for (int i = 0; i < ACCEPTS_PER_TURN && listener->reserve >= 0; i++) {
        close(listener->reserve);
        listener->reserve = -1;
        int socket = accept4(listener->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) break;
        (void)!write(socket, refusal, sizeof refusal - 1);
        close(socket);
        listener->reserve = open_reserve();
    }
    if (listener->reserve < 0) listener->reserve = open_reserve();
    uv_poll_stop(&listener->poll);
    pl_timer_start(&listener->loop->timers, &listener->resume, PAUSE_MS);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    struct pl_listener *listener = poll->data;
    (void)events;
    if (status < 0) return;
    listener->loop->clock.now_ms = uv_now(&listener->loop->uv);
    for (int i = 0; i < ACCEPTS_PER_TURN && listener->is_open; i++) {
        struct sockaddr_storage address;
        socklen_t len = sizeof address;
        int socket = accept4(listener->socket, (struct sockaddr *)&address, &len,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            listener->events->on_socket(listener->owner, socket, &address);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            refuse_waiting(listener);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return; /* EAGAIN: that was all */
        }
    }
}

static int make_address(const char *host, uint16_t port, struct sockaddr_storage *out,
                        socklen_t *len) {
    *out = (struct sockaddr_storage){0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        *len = sizeof *v4;
        return 0;
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        *len = sizeof *v6;
        return 0;
    }
    return -EINVAL;
}

/* TCP_NODELAY is inherited by accepted sockets on Linux: one call for all of them. */
static int bind_and_listen(int fd, const struct sockaddr_storage *address, socklen_t len) {
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)address, len) != 0) return -errno;
    if (listen(fd, BACKLOG) != 0) return -errno;
    return 0;
}

static uint16_t bound_port(int fd) {
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) return 0;
    if (address.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&address)->sin_port);
    return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
}

/* Takes over a socket that listens; closes it on failure. */
static int watch(struct pl_listener *listener, int fd) {
    int rc = uv_poll_init(&listener->loop->uv, &listener->poll, fd);
    if (rc != 0) {
        close(fd);
        return rc;
    }
    listener->poll.data = listener;
    listener->socket = fd;
    listener->reserve = open_reserve();
    listener->resume.on_due = on_resume;
    listener->is_open = true;
    uv_poll_start(&listener->poll, UV_READABLE, on_readable);
    return 0;
}

int pl_listener_open(struct pl_listener *listener, struct pl_loop *loop, const char *host,
                     uint16_t *port, const struct pl_listener_events *events, void *owner) {
    struct sockaddr_storage address;
    socklen_t len;
    *listener =
        (struct pl_listener){.loop = loop, .events = events, .owner = owner, .place = -1};
    int rc = make_address(host, *port, &address, &len);
    if (rc != 0) return rc;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    rc = bind_and_listen(fd, &address, len);
    if (rc != 0) {
        close(fd);
        return rc;
    }
    *port = bound_port(fd);
    return watch(listener, fd);
}

/* What somebody else has bound, if it is a TCP socket that listens. */
static int check_taken(int fd, struct pl_ip *ip) {
    int listens = 0, kind = 0;
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address, int_len = sizeof listens;
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) return -errno;
    if (!pl_ip_of((struct sockaddr *)&address, ip)) return -EAFNOSUPPORT;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &int_len) != 0) return -errno;
    if (kind != SOCK_STREAM) return -EPROTOTYPE;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &int_len) != 0) return -errno;
    return listens ? 0 : -EISCONN;
}

int pl_listener_take(struct pl_listener *listener, struct pl_loop *loop, int socket,
                     char host[PL_IP_TEXT_BYTES], uint16_t *port,
                     const struct pl_listener_events *events, void *owner) {
    struct pl_ip ip;
    *listener =
        (struct pl_listener){.loop = loop, .events = events, .owner = owner, .place = -1};
    int on = 1, rc = check_taken(socket, &ip);
    if (rc != 0) return rc;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fcntl(socket, F_SETFL, O_NONBLOCK) != 0) return -errno;
    pl_ip_text(&ip, host);
    *port = bound_port(socket);
    return watch(listener, socket);
}

/* Nobody listens at a socket whose server was killed: its name is free. A file that is no socket is
 * somebody's. */
static bool is_left_behind(const struct sockaddr_un *address) {
    struct stat about;
    if (lstat(address->sun_path, &about) != 0 || !S_ISSOCK(about.st_mode)) return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    int rc = connect(fd, (const struct sockaddr *)address, sizeof *address);
    bool is_dead = rc != 0 && errno == ECONNREFUSED;
    close(fd);
    return is_dead;
}

/* The mode is that of the socket when it gets its name: at no moment can others connect. */
static int bind_local(int fd, const struct sockaddr_un *address) {
    if (fchmod(fd, 0600) != 0) return -errno;
    int rc = bind(fd, (const struct sockaddr *)address, sizeof *address);
    if (rc != 0 && errno == EADDRINUSE && is_left_behind(address)) {
        unlink(address->sun_path);
        rc = bind(fd, (const struct sockaddr *)address, sizeof *address);
    }
    if (rc != 0 || listen(fd, BACKLOG) != 0) return -errno;
    return 0;
}

int pl_listener_open_local(struct pl_listener *listener, struct pl_loop *loop,
                           const char *folder, const char *name,
                           const struct pl_listener_events *events, void *owner) {
    struct sockaddr_un address;
    *listener = (struct pl_listener){
        .loop = loop, .events = events, .owner = owner, .place = -1, .name = name};
    int place = pl_local_address(folder, name, &address);
    if (place < 0) return place;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int rc = fd < 0 ? -errno : bind_local(fd, &address);
    if (rc != 0 && fd >= 0) close(fd);
    if (rc == 0) rc = watch(listener, fd);
    if (rc == 0) listener->place = place;
    else close(place);
    return rc;
}

static void on_poll_closed(uv_handle_t *handle) {
    struct pl_listener *listener = handle->data;
    close(listener->socket);
    if (listener->reserve >= 0) close(listener->reserve);
}

void pl_listener_close(struct pl_listener *listener) {
    if (!listener->is_open) return;
    listener->is_open = false;
    pl_timer_stop(&listener->loop->timers, &listener->resume);
    if (listener->place >= 0) {
        unlinkat(listener->place, listener->name, 0);
        close(listener->place);
    }
    uv_close((uv_handle_t *)&listener->poll, on_poll_closed);
}
