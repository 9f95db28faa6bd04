/* bytes.c -- see bytes.h. */
#include "load/bytes.h"

#include "load/fail.h"

#include <stdlib.h>
#include <string.h>

static void make_room(struct pl_bytes *bytes, size_t count) {
    if (bytes->taken > 0) {
        memmove(bytes->start, bytes->start + bytes->taken, bytes->len - bytes->taken);
        bytes->len -= bytes->taken;
        bytes->taken = 0;
    }
    if (bytes->capacity - bytes->len >= count) return;
    size_t capacity = bytes->capacity == 0 ? 256 : bytes->capacity;
    while (capacity - bytes->len < count) capacity *= 2;
    bytes->start = realloc(bytes->start, capacity);
    if (bytes->start == NULL) pl_fail("out of memory");
    bytes->capacity = capacity;
}

uint8_t *pl_bytes_extend(struct pl_bytes *bytes, size_t count) {
    if (bytes->capacity - bytes->len < count) make_room(bytes, count);
    uint8_t *added = bytes->start + bytes->len;
    bytes->len += count;
    return added;
}

void pl_bytes_append(struct pl_bytes *bytes, const void *source, size_t count) {
    if (count > 0) memcpy(pl_bytes_extend(bytes, count), source, count);
}

void pl_bytes_take(struct pl_bytes *bytes, size_t count) {
    bytes->taken += count;
    if (bytes->taken == bytes->len) bytes->taken = bytes->len = 0;
}

void pl_bytes_finish(struct pl_bytes *bytes) {
    free(bytes->start);
    *bytes = (struct pl_bytes){0};
}

void *pl_allocate(size_t count, size_t size) {
    void *memory = calloc(count == 0 ? 1 : count, size);
    if (memory == NULL) pl_fail("out of memory");
    return memory;
}
