#include "net/systemd.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIRST_SOCKET 3 /* SD_LISTEN_FDS_START */
#define SOCKETS_MAX 1024

/* ---- the environment ------------------------------------------------------------------------ */

/* A whole number of a variable, which is gone then; -1 when it is none, or above `most`. */
static int64_t take_number(const char *name, int64_t most) {
    const char *text = getenv(name);
    char *end;
    if (text == NULL || *text < '0' || *text > '9') {
        unsetenv(name);
        return -1;
    }
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool is_right = errno == 0 && *end == '\0' && number <= most;
    unsetenv(name);
    return is_right ? number : -1;
}

static int take_socket_count(void) {
    int64_t pid = take_number("LISTEN_PID", INT32_MAX);
    int64_t count = take_number("LISTEN_FDS", SOCKETS_MAX);
    unsetenv("LISTEN_FDNAMES");
    if (pid != getpid() || count < 0) return 0; /* meant for a process before us */
    for (int i = 0; i < count; i++) fcntl(FIRST_SOCKET + i, F_SETFD, FD_CLOEXEC);
    return (int)count;
}

/* Half of what systemd waits for, as sd_watchdog_enabled(3) advises. */
static uint64_t take_watchdog_ms(void) {
    const char *pid_text = getenv("WATCHDOG_PID");
    bool is_for_anyone = pid_text == NULL;
    int64_t pid = take_number("WATCHDOG_PID", INT32_MAX);
    int64_t wait_us = take_number("WATCHDOG_USEC", INT64_MAX);
    if (wait_us <= 0 || (!is_for_anyone && pid != getpid())) return 0;
    uint64_t half_ms = (uint64_t)wait_us / 2000;
    return half_ms > 0 ? half_ms : 1;
}

/* A path, or a name in the abstract namespace, which begins with "@" here and with NUL there. */
static void take_notify_address(struct pl_systemd *systemd) {
    struct sockaddr_un *address = &systemd->notify_address;
    const char *name = getenv("NOTIFY_SOCKET");
    size_t len = name == NULL ? 0 : strlen(name);
    if (len > 1 && len < sizeof address->sun_path && (name[0] == '/' || name[0] == '@')) {
        *address = (struct sockaddr_un){.sun_family = AF_UNIX};
        memcpy(address->sun_path, name, len);
        if (name[0] == '@') address->sun_path[0] = '\0';
        systemd->notify_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
        systemd->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct timeval most = {.tv_sec = 1};
        if (systemd->notify >= 0) {
            setsockopt(systemd->notify, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
        }
    }
    unsetenv("NOTIFY_SOCKET");
}

static void on_watchdog(struct pl_timer *timer);

void pl_systemd_open(struct pl_systemd *systemd, struct pl_timers *timers) {
    *systemd = (struct pl_systemd){.notify = -1, .timers = timers};
    systemd->socket_count = take_socket_count();
    systemd->watchdog_ms = take_watchdog_ms();
    take_notify_address(systemd);
    systemd->watchdog.on_due = on_watchdog;
}

void pl_systemd_close(struct pl_systemd *systemd) {
    pl_timer_stop(systemd->timers, &systemd->watchdog);
    if (systemd->notify >= 0) close(systemd->notify);
    systemd->notify = -1;
}

int pl_systemd_take_socket(struct pl_systemd *systemd) {
    if (systemd->socket_count == 0) return -ENOENT;
    if (systemd->socket_count > 1) return -E2BIG;
    systemd->socket_count = 0;
    return FIRST_SOCKET;
}

/* ---- news ----------------------------------------------------------------------------------- */

/* A full queue at the other end is no reason to wait: the next sign of life comes. News that count
 * are few, and are waited for a second at most. */
__attribute__((format(printf, 3, 4))) static void tell(struct pl_systemd *systemd, int flags,
                                                       const char *format, ...) {
    char state[256];
    va_list arguments;
    if (systemd->notify < 0) return;
    va_start(arguments, format);
    int len = vsnprintf(state, sizeof state, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof state) return;
    (void)sendto(systemd->notify, state, (size_t)len, MSG_NOSIGNAL | flags,
                 (const struct sockaddr *)&systemd->notify_address, systemd->notify_len);
}

static void on_watchdog(struct pl_timer *timer) {
    struct pl_systemd *systemd = pl_container_of(timer, struct pl_systemd, watchdog);
    tell(systemd, MSG_DONTWAIT, "WATCHDOG=1");
    pl_timer_start(systemd->timers, timer, systemd->watchdog_ms);
}

void pl_systemd_tell_ready(struct pl_systemd *systemd, const char *where) {
    tell(systemd, 0, "READY=1\nSTATUS=listening on %s", where);
    if (systemd->watchdog_ms > 0 && !pl_timer_is_running(&systemd->watchdog)) {
        on_watchdog(&systemd->watchdog);
    }
}

/* Type=notify-reload compares the time with that of its signal. */
void pl_systemd_tell_reloading(struct pl_systemd *systemd) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    tell(systemd, 0, "RELOADING=1\nMONOTONIC_USEC=%lld",
         (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void pl_systemd_tell_stopping(struct pl_systemd *systemd) {
    tell(systemd, 0, "STOPPING=1\nSTATUS=closing connections");
}
