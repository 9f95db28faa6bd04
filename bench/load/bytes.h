/*
 * bytes.h -- a growing run of bytes that is filled at the end and emptied at the front.
 *
 * Zero-initialised is empty. Running out of memory ends the program.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct pl_bytes {
    uint8_t *start;  /* owned */
    size_t taken;    /* bytes at the front that are used up */
    size_t len;      /* bytes filled, counted from start */
    size_t capacity; /* bytes allocated */
};

/* Makes room for `count` more bytes and returns where they go; `len` already counts them. */
uint8_t *pl_bytes_extend(struct pl_bytes *bytes, size_t count);

void pl_bytes_append(struct pl_bytes *bytes, const void *source, size_t count);

/* Uses up `count` bytes at the front. */
void pl_bytes_take(struct pl_bytes *bytes, size_t count);

void pl_bytes_finish(struct pl_bytes *bytes);

/* Zeroed memory for an array, or the end of the program. */
void *pl_allocate(size_t count, size_t size);
