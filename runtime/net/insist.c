#include "net/insist.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* Between two signals: one who presses Ctrl-C twice, and a terminal and a parent that both pass it
 * on, do not mean this. */
#define PATIENCE_MS 1000

static struct sigaction theirs[2]; /* what libuv has set up for each */
static volatile sig_atomic_t is_told;
static struct timespec told_at;
static void (*end_hook)(const void *owner);
static const void *end_owner;

static long passed_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - told_at.tv_sec) * 1000 + (now.tv_nsec - told_at.tv_nsec) / 1000000;
}

/* Everything in here may be called in a signal handler. */
static void end_now(int signal) {
    static const char text[] = "partylua: it did not react, and was ended at once; what was "
                               "confirmed is saved\n";
    end_hook(end_owner);
    ssize_t wrote = write(STDERR_FILENO, text, sizeof text - 1);
    (void)wrote;
    _exit(128 + signal);
}

static void on_told(int signal) {
    int saved = errno;
    if (is_told && passed_ms() >= PATIENCE_MS) end_now(signal);
    if (!is_told) clock_gettime(CLOCK_MONOTONIC, &told_at);
    is_told = 1;
    theirs[signal == SIGTERM].sa_handler(signal);
    errno = saved;
}

void pl_insist_start(void (*before_end)(const void *owner), const void *owner) {
    static const int signals[2] = {SIGINT, SIGTERM};
    end_hook = before_end;
    end_owner = owner;
    for (int i = 0; i < 2; i++) {
        sigaction(signals[i], NULL, &theirs[i]);
        struct sigaction ours = theirs[i];
        ours.sa_handler = on_told;
        sigaction(signals[i], &ours, NULL);
    }
}

void pl_insist_heard(void) { is_told = 0; }
