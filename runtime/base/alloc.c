#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory) {
    if (memory != NULL) return memory;
    fputs("partylua: out of memory\n", stderr);
    abort();
}

void *pl_alloc(size_t size) { return checked(malloc(size == 0 ? 1 : size)); }

/* glibc keeps what was freed lately at hand for malloc alone; calloc pays for a search each time.
 * Its pages that are zero already are worth that only to large ones. */
#define SMALL_BYTES_MAX 1024

void *pl_alloc_zero(size_t size) {
    if (size > SMALL_BYTES_MAX) return checked(calloc(1, size));
    return memset(pl_alloc(size), 0, size);
}

void *pl_alloc_aligned(size_t alignment, size_t size) {
    return checked(aligned_alloc(alignment, size));
}

void *pl_realloc(void *memory, size_t size) {
    return checked(realloc(memory, size == 0 ? 1 : size));
}

char *pl_copy_string(const char *at, size_t len) {
    char *copy = pl_alloc(len + 1);
    if (len > 0) memcpy(copy, at, len);
    copy[len] = '\0';
    return copy;
}
