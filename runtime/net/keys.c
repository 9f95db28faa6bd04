#include "net/keys.h"

#include <errno.h>
#include <unistd.h>

/* A program in the background is stopped when it touches the terminal. */
static bool is_ours(void) {
    return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static int take_terminal(const struct pl_keys *keys) {
    struct termios each = keys->before;
    each.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    each.c_cc[VMIN] = 1;
    each.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &each) == 0 ? 0 : -errno;
}

static void on_readable(void *owner) {
    struct pl_keys *keys = owner;
    char pressed[64];
    ssize_t count = read(STDIN_FILENO, pressed, sizeof pressed);
    if (count <= 0) {
        pl_watch_close(&keys->watch); /* it has hung up */
        return;
    }
    for (ssize_t i = 0; i < count && keys->is_open; i++) keys->on_key(keys->owner, pressed[i]);
}

int pl_keys_open(struct pl_keys *keys, struct pl_loop *loop,
                 void (*on_key)(void *owner, char key), void *owner) {
    *keys = (struct pl_keys){.on_key = on_key, .owner = owner};
    if (!is_ours()) return -ENOTTY;
    if (tcgetattr(STDIN_FILENO, &keys->before) != 0) return -errno;
    int rc = pl_watch_open(&keys->watch, loop, STDIN_FILENO, on_readable, keys);
    if (rc != 0) return rc;
    keys->is_open = true;
    rc = take_terminal(keys);
    if (rc != 0) pl_keys_close(keys);
    return rc;
}

void pl_keys_resume(struct pl_keys *keys) {
    if (keys->is_open && is_ours()) take_terminal(keys);
}

void pl_keys_close(struct pl_keys *keys) {
    if (!keys->is_open) return;
    keys->is_open = false;
    pl_watch_close(&keys->watch);
    if (is_ours()) tcsetattr(STDIN_FILENO, TCSANOW, &keys->before);
}
