#include "vector/table.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_PAGE_BYTES ((size_t)2 * 1024 * 1024)

static size_t block_bytes(size_t width) {
    return sizeof(struct pl_table_block) + width * PL_TABLE_BLOCK_SLOTS;
}

/* Large tables lie on huge pages: going through them all, the processor spends a tenth of the time
 * looking for small ones. */
static void make_arena(struct pl_table *table, uint32_t slots) {
    size_t blocks = ((size_t)slots + PL_TABLE_BLOCK_SLOTS - 1) / PL_TABLE_BLOCK_SLOTS;
    size_t bytes = blocks * block_bytes(table->width);
    if (bytes < 4 * HUGE_PAGE_BYTES) return;
    bytes = (bytes + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    table->arena = aligned_alloc(HUGE_PAGE_BYTES, bytes);
    if (table->arena == NULL) return;
    madvise(table->arena, bytes, MADV_HUGEPAGE);
    table->arena_blocks = blocks;
}

struct pl_table *pl_table_create(enum pl_metric metric, uint32_t dimensions, uint32_t slots) {
    struct pl_table *table = pl_alloc_zero(sizeof *table);
    table->metric = metric;
    table->dimensions = dimensions;
    table->width = pl_codes_width(dimensions);
    make_arena(table, slots);
    return table;
}

void pl_table_destroy(struct pl_table *table) {
    if (table == NULL) return;
    for (size_t i = table->arena_blocks; i < table->block_count; i++) free(table->blocks[i]);
    free(table->arena);
    free(table->blocks);
    free(table);
}

size_t pl_table_bytes(uint32_t dimensions, uint32_t slots) {
    size_t blocks = ((size_t)slots + PL_TABLE_BLOCK_SLOTS - 1) / PL_TABLE_BLOCK_SLOTS;
    return blocks * (block_bytes(pl_codes_width(dimensions)) + sizeof(void *));
}

static void add_block(struct pl_table *table) {
    size_t bytes = block_bytes(table->width);
    bool is_in_arena = table->block_count < table->arena_blocks;
    struct pl_table_block *block =
        is_in_arena ? (void *)(table->arena + table->block_count * bytes) : pl_alloc(bytes);
    for (size_t i = 0; i < PL_TABLE_BLOCK_SLOTS; i++) block->space[i] = PL_TABLE_FREE;
    table->blocks = pl_realloc(table->blocks, (table->block_count + 1) * sizeof *table->blocks);
    table->blocks[table->block_count++] = block;
}

void pl_table_set(struct pl_table *table, const struct pl_vector_place *place,
                  struct pl_slice values) {
    size_t at = place->slot % PL_TABLE_BLOCK_SLOTS;
    while (table->block_count <= place->slot / PL_TABLE_BLOCK_SLOTS) add_block(table);
    if (table->slots <= place->slot) table->slots = place->slot + 1;
    struct pl_table_block *block = table->blocks[place->slot / PL_TABLE_BLOCK_SLOTS];
    struct pl_codes codes = pl_codes_make(table->metric, values, table->dimensions,
                                          block->codes + at * table->width, table->width);
    block->scale[at] = codes.scale;
    block->slip[at] = codes.slip;
    block->length[at] = codes.length;
    block->space[at] = (uint16_t)place->space;
}

void pl_table_clear(struct pl_table *table, uint32_t slot) {
    if (slot >= table->slots) return;
    table->blocks[slot / PL_TABLE_BLOCK_SLOTS]->space[slot % PL_TABLE_BLOCK_SLOTS] =
        PL_TABLE_FREE;
}
