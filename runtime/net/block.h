/*
 * block.h -- pieces of output, and the loop's free lists of them.
 *
 * A block is either room of its own, filled by copying, or a reference to bytes shared by many
 * streams. Blocks come from free lists, since giving large pieces back to malloc on every turn
 * costs more than everything else in a turn.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct pl_loop;

/* Bytes several streams send, freed with their last reference. */
struct pl_shared {
    unsigned refs;
    size_t len;
    char bytes[];
};

struct pl_shared *pl_shared_create(size_t len);
void pl_shared_unref(struct pl_shared *shared);

struct pl_block {
    struct pl_block *next;
    struct pl_shared *shared; /* NULL: the bytes are in the block itself */
    uint32_t first, end;      /* of what is still to be sent */
    uint32_t cap;             /* 0 for a shared one */
    char bytes[];
};

/* A block with room for at least `len` bytes: small or large by choice of the caller, its own
 * size when `len` needs more. */
struct pl_block *pl_block_take(struct pl_loop *loop, bool is_large, size_t len);

/* A block that refers to `shared`, taking a reference. */
struct pl_block *pl_block_share(struct pl_loop *loop, struct pl_shared *shared);

void pl_block_give_back(struct pl_loop *loop, struct pl_block *block);

static inline struct pl_slice pl_block_slice(const struct pl_block *block) {
    const char *at = block->shared != NULL ? block->shared->bytes : block->bytes;
    return pl_slice(at + block->first, block->end - block->first);
}

/* Frees the free lists. */
void pl_blocks_free(struct pl_loop *loop);
