/*
 * first.c -- the scenario "first": from exec to the first HTTP answer.
 *
 * The server is started here and not by a script, since a script's timers are too coarse
 * for a few milliseconds. It is asked again and again until it answers, then stopped.
 */
#define _GNU_SOURCE /* sched_setaffinity */
#include "load/clock.h"
#include "load/fail.h"
#include "load/report.h"
#include "load/scenarios.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_LIMIT_MS 10000
#define STOP_LIMIT_MS 5000
#define RETRY_NS 100000

static const char ok[] = "HTTP/1.1 200";

static void rest(void) { nanosleep(&(struct timespec){.tv_nsec = RETRY_NS}, NULL); }

static pid_t start_server(const struct pl_options *options) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) pl_fail("fork: %s", strerror(errno));
    if (child > 0) return child;

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it must not outlive a failure here */
    if (getppid() != parent) _exit(127);
    if (options->core >= 0) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET(options->core, &cores);
        sched_setaffinity(0, sizeof cores, &cores);
    }
    dup2(STDERR_FILENO, STDOUT_FILENO); /* our standard output is for the report */
    execvp(options->command[0], options->command);
    fprintf(stderr, "load: cannot start %s: %s\n", options->command[0], strerror(errno));
    _exit(127);
}

/* One try: true when the server has answered 200. */
static bool ask(uint16_t port) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = 1};
    char request[128], answer[256];
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int len = snprintf(request, sizeof request,
                       "GET /parties/main/first HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", port);

    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) pl_fail("socket: %s", strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t got = -1;
    if (connect(fd, (struct sockaddr *)&server, sizeof server) == 0 &&
        send(fd, request, (size_t)len, MSG_NOSIGNAL) == len)
        got = recv(fd, answer, sizeof answer, 0);
    close(fd);
    return got >= (ssize_t)strlen(ok) && memcmp(answer, ok, strlen(ok)) == 0;
}

static void stop_server(pid_t server) {
    uint64_t deadline_ns = pl_clock_ns() + STOP_LIMIT_MS * PL_NS_PER_MS;
    kill(server, SIGTERM);
    while (waitpid(server, NULL, WNOHANG) == 0) {
        if (pl_clock_ns() > deadline_ns) kill(server, SIGKILL);
        rest();
    }
}

void pl_first_run(const struct pl_options *options) {
    if (ask(options->port)) pl_fail("port %u is in use already", options->port);
    uint64_t started_ns = pl_clock_ns();
    pid_t server = start_server(options);
    while (!ask(options->port)) {
        if (waitpid(server, NULL, WNOHANG) == server) pl_fail("the server ended at once");
        if (pl_clock_ns() - started_ns > ANSWER_LIMIT_MS * PL_NS_PER_MS)
            pl_fail("no answer after %d ms", ANSWER_LIMIT_MS); /* takes the server along */
        rest();
    }
    uint64_t answered_ns = pl_clock_ns();
    stop_server(server);

    pl_report_begin(options->scenario);
    pl_report_number("ms", (double)(answered_ns - started_ns) / (double)PL_NS_PER_MS);
    pl_report_end();
}
