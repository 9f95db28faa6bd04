#include "base/pool.h"

#include "base/alloc.h"

#include <stdlib.h>

#define STEP 64                     /* sizes are multiples of it */
#define CLASSES 8                   /* of sizes */
#define KEPT_BYTES_MAX (128 * 1024) /* of each size */

#ifndef __has_feature
#define __has_feature(what) 0
#endif
#if defined __SANITIZE_ADDRESS__ || __has_feature(address_sanitizer)
#define IS_ON 0
#else
#define IS_ON 1
#endif

struct piece {
    struct piece *next;
};

static _Thread_local struct {
    struct piece *first;
    size_t count;
} kept[CLASSES];

static size_t class_of(size_t size) { return size == 0 ? 0 : (size - 1) / STEP; }
static size_t bytes_of(size_t class) { return (class + 1) * STEP; }

void *pl_pool_take(size_t size) {
    size_t class = class_of(size);
    if (!IS_ON || class >= CLASSES) return pl_alloc(size);
    struct piece *piece = kept[class].first;
    if (piece == NULL) return pl_alloc(bytes_of(class));
    kept[class].first = piece->next;
    kept[class].count--;
    return piece;
}

void pl_pool_give(void *memory, size_t size) {
    size_t class = class_of(size);
    struct piece *piece = memory;
    if (!IS_ON || class >= CLASSES ||
        (kept[class].count + 1) * bytes_of(class) > KEPT_BYTES_MAX) {
        free(memory);
        return;
    }
    piece->next = kept[class].first;
    kept[class].first = piece;
    kept[class].count++;
}
