#include "vector/runs.h"

#include "base/alloc.h"
#include "vector/table.h"

#include <stdlib.h>

static void push(struct pl_runs *runs, uint32_t first, uint32_t count) {
    if (runs->count == runs->size) {
        runs->size = runs->size * 2 + 64;
        runs->at = pl_realloc(runs->at, runs->size * sizeof *runs->at);
    }
    runs->at[runs->count++] = (struct pl_run){.first = first, .count = count};
}

void pl_runs_add(struct pl_runs *runs, uint32_t slot) {
    struct pl_run *last = runs->count > 0 ? &runs->at[runs->count - 1] : NULL;
    bool is_next = last != NULL && last->first + last->count == slot;
    if (is_next && slot % PL_TABLE_BLOCK_SLOTS != 0) last->count++;
    else push(runs, slot, 1);
}

/* How many slots the block has that begins at `first`. */
static uint32_t slots_from(const struct pl_table *table, uint32_t first) {
    uint32_t left = table->slots - first;
    return left < PL_TABLE_BLOCK_SLOTS ? left : PL_TABLE_BLOCK_SLOTS;
}

void pl_runs_take_all(struct pl_runs *runs, const struct pl_table *table, uint64_t vectors) {
    bool is_full = vectors == table->slots; /* no slot is free */
    runs->count = 0;
    for (uint32_t first = 0; first < table->slots; first += PL_TABLE_BLOCK_SLOTS) {
        uint32_t count = slots_from(table, first);
        const uint16_t *space = table->blocks[first / PL_TABLE_BLOCK_SLOTS]->space;
        if (is_full) {
            push(runs, first, count);
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            if (space[i] != PL_TABLE_FREE) pl_runs_add(runs, first + i);
        }
    }
}

void pl_runs_take_space(struct pl_runs *runs, const struct pl_table *table, uint16_t wanted) {
    runs->count = 0;
    for (uint32_t first = 0; first < table->slots; first += PL_TABLE_BLOCK_SLOTS) {
        uint32_t count = slots_from(table, first);
        const uint16_t *space = table->blocks[first / PL_TABLE_BLOCK_SLOTS]->space;
        for (uint32_t i = 0; i < count; i++) {
            if (space[i] == wanted) pl_runs_add(runs, first + i);
        }
    }
}

void pl_runs_finish(struct pl_runs *runs) {
    free(runs->at);
    *runs = (struct pl_runs){0};
}
