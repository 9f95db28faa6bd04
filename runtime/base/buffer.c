#include "base/buffer.h"

#include "base/alloc.h"

#include <stdlib.h>

char *pl_buffer_reserve(struct pl_buffer *buffer, size_t more) {
    size_t wanted = buffer->len + more;
    if (wanted > buffer->cap) {
        size_t cap = buffer->cap < 64 ? 64 : buffer->cap;
        while (cap < wanted) cap *= 2;
        buffer->at = pl_realloc(buffer->at, cap);
        buffer->cap = cap;
    }
    return buffer->at + buffer->len;
}

void pl_buffer_add(struct pl_buffer *buffer, struct pl_slice bytes) {
    if (bytes.len == 0) return;
    memcpy(pl_buffer_reserve(buffer, bytes.len), bytes.at, bytes.len);
    buffer->len += bytes.len;
}

void pl_buffer_add_byte(struct pl_buffer *buffer, char byte) {
    *pl_buffer_reserve(buffer, 1) = byte;
    buffer->len++;
}

void pl_buffer_add_number(struct pl_buffer *buffer, unsigned long long number) {
    char digits[20];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    pl_buffer_add(buffer, pl_slice(digits + first, sizeof digits - first));
}

void pl_buffer_drop(struct pl_buffer *buffer, size_t count) {
    buffer->len -= count;
    if (buffer->len > 0) memmove(buffer->at, buffer->at + count, buffer->len);
}

void pl_buffer_finish(struct pl_buffer *buffer) {
    free(buffer->at);
    *buffer = (struct pl_buffer){0};
}
