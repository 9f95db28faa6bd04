/*
 * insist.h -- a loop that hangs, in a hook without an end, hears no signal: whoever sends SIGINT or
 * SIGTERM again, a moment later, ends the program.
 */
#pragma once

/* To be called once libuv watches both. `before_end` puts right what the program would leave
 * behind; it runs in a signal handler, and is given `owner`. */
void pl_insist_start(void (*before_end)(const void *owner), const void *owner);

/* The loop has heard a signal, so it does not hang. */
void pl_insist_heard(void);
