/*
 * dial.h -- a connection that a command makes to a server, and waits at.
 *
 * For commands, which do one thing at a time: none of it knows the loop. Every wait has a limit.
 */
#pragma once

#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>

/* Connects to the Unix socket `name` in a folder. The socket is left in `*out`. Errors: -ENOENT no
 * socket there, -ECONNREFUSED its server is gone, -EACCES it is another user's. */
int pl_dial_local(const char *folder, const char *name, int *out);

/* Connects to a host by name or address. -EHOSTUNREACH: the name is unknown. */
int pl_dial(const char *host, uint16_t port, uint64_t within_ms, int *out);

/* Waits until one of `count` files (0 to 4) has something to read, or has ended: gives which, from 0;
 * -ETIMEDOUT. */
int pl_dial_wait(const int *files, size_t count, uint64_t within_ms);

/* Sends all of it. */
int pl_dial_write(int file, struct pl_slice bytes, uint64_t within_ms);
