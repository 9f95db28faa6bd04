/*
 * keys.h -- single keys that somebody presses at the terminal of the program.
 *
 * While it is open the terminal gives each key at once and does not show it. Ctrl-C and Ctrl-Z work
 * as ever. The terminal is put back when it closes.
 */
#pragma once

#include "net/watch.h"

#include <termios.h>

struct pl_keys {
    struct pl_watch watch;
    struct termios before;
    void (*on_key)(void *owner, char key);
    void *owner;
    bool is_open;
};

/* -ENOTTY when standard input is no terminal, or one that another program has at the moment. */
int pl_keys_open(struct pl_keys *keys, struct pl_loop *loop,
                 void (*on_key)(void *owner, char key), void *owner);

/* Takes the terminal again, after the program was stopped and went on. */
void pl_keys_resume(struct pl_keys *keys);

/* Puts the terminal back, and no more: for a program that ends at once, in a signal handler, too. */
void pl_keys_put_back(const struct pl_keys *keys);

/* Harmless when repeated. The struct must stay until the loop has run another turn. */
void pl_keys_close(struct pl_keys *keys);
