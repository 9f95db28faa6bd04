/*
 * buffer.h -- bytes that grow.
 *
 * A zeroed struct is an empty buffer. The caller bounds what strangers can make it hold.
 */
#pragma once

#include "base/slice.h"

struct pl_buffer {
    char *at;   /* owned; NULL while nothing was ever added */
    size_t len; /* bytes in use */
    size_t cap; /* bytes allocated */
};

/* Makes room for `more` further bytes and returns where they start; `len` is left alone, so
 * that the caller can write there and add what it wrote. */
char *pl_buffer_reserve(struct pl_buffer *buffer, size_t more);

void pl_buffer_add(struct pl_buffer *buffer, struct pl_slice bytes);
void pl_buffer_add_byte(struct pl_buffer *buffer, char byte);

/* Adds the decimal digits of `number`. */
void pl_buffer_add_number(struct pl_buffer *buffer, unsigned long long number);

/* Drops the first `count` bytes, moving the rest to the front. */
void pl_buffer_drop(struct pl_buffer *buffer, size_t count);

/* Frees the bytes; the buffer is empty and usable afterwards. */
void pl_buffer_finish(struct pl_buffer *buffer);

static inline struct pl_slice pl_buffer_slice(const struct pl_buffer *buffer) {
    return pl_slice(buffer->at, buffer->len);
}
