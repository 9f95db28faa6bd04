/*
 * table.h -- an index in memory: the codes of its vectors, in the order of their slots.
 *
 * A byte a value and a few numbers a vector; values and metadata stay in the store. Slots lie in
 * blocks, so that a table grows without being copied.
 */
#pragma once

#include "store/vectors.h"
#include "vector/codes.h"

#define PL_TABLE_BLOCK_SLOTS 1024
#define PL_TABLE_FREE UINT16_MAX /* the space of a slot that has no vector */

struct pl_table_block {
    float scale[PL_TABLE_BLOCK_SLOTS]; /* of codes: vector/codes.h */
    float slip[PL_TABLE_BLOCK_SLOTS];
    float length[PL_TABLE_BLOCK_SLOTS];
    uint16_t space[PL_TABLE_BLOCK_SLOTS]; /* number of the namespace; 0: none */
    int8_t codes[];                       /* `width` bytes a slot */
};

struct pl_table {
    enum pl_metric metric;
    uint32_t dimensions;
    uint32_t slots; /* that have a place */
    size_t width;   /* bytes of a vector's codes */
    size_t block_count;
    struct pl_table_block **blocks;
    char *arena; /* one piece of memory that the first blocks lie in, or NULL */
    size_t arena_blocks;
};

/* Makes room for so many slots in one piece, where that is worth it; more can follow. */
struct pl_table *pl_table_create(enum pl_metric metric, uint32_t dimensions, uint32_t slots);
void pl_table_destroy(struct pl_table *table);

/* The memory a table of so many slots takes. */
size_t pl_table_bytes(uint32_t dimensions, uint32_t slots);

/* Puts a vector into a slot, which may be behind the last, or takes it out. */
void pl_table_set(struct pl_table *table, const struct pl_vector_place *place,
                  struct pl_slice values);
void pl_table_clear(struct pl_table *table, uint32_t slot);
