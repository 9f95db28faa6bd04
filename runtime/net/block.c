#include "net/block.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "net/loop.h"

#include <stdlib.h>

/* Free blocks kept of each size: enough for every stream of a busy turn, and bounded. */
static const size_t kept_max[2] = {4096, 512};
static const uint32_t sizes[2] = {PL_BLOCK_SMALL_BYTES, PL_BLOCK_LARGE_BYTES};

struct pl_shared *pl_shared_create(size_t len) {
    struct pl_shared *shared = pl_alloc(sizeof *shared + len);
    shared->refs = 1;
    shared->len = len;
    return shared;
}

void pl_shared_unref(struct pl_shared *shared) {
    if (--shared->refs == 0) free(shared);
}

struct pl_block *pl_block_take(struct pl_loop *loop, bool is_large, size_t len) {
    if (len > sizes[0]) is_large = true;
    size_t cap = len > sizes[is_large] ? len : sizes[is_large];
    struct pl_block *block = loop->free_blocks[is_large];
    if (cap == sizes[is_large] && block != NULL) {
        loop->free_blocks[is_large] = block->next;
        loop->free_count[is_large]--;
    } else {
        block = pl_alloc(sizeof *block + cap);
    }
    block->next = NULL;
    block->shared = NULL;
    block->first = block->end = 0;
    block->cap = (uint32_t)cap;
    return block;
}

struct pl_block *pl_block_share(struct pl_loop *loop, struct pl_shared *shared) {
    (void)loop;
    struct pl_block *block = pl_alloc(sizeof *block);
    shared->refs++;
    *block = (struct pl_block){.shared = shared, .end = (uint32_t)shared->len};
    return block;
}

void pl_block_give_back(struct pl_loop *loop, struct pl_block *block) {
    if (block->shared != NULL) pl_shared_unref(block->shared);
    for (size_t i = 0; i < 2; i++) {
        if (block->cap != sizes[i] || loop->free_count[i] >= kept_max[i]) continue;
        block->next = loop->free_blocks[i];
        loop->free_blocks[i] = block;
        loop->free_count[i]++;
        return;
    }
    free(block);
}

void pl_blocks_free(struct pl_loop *loop) {
    for (size_t i = 0; i < 2; i++) {
        while (loop->free_blocks[i] != NULL) {
            struct pl_block *block = loop->free_blocks[i];
            loop->free_blocks[i] = block->next;
            free(block);
        }
        loop->free_count[i] = 0;
    }
}
