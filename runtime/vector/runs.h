/*
 * runs.h -- which slots of a table are searched: runs of neighbours, none across two blocks.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct pl_table;

struct pl_run {
    uint32_t first, count;
};

/* A zeroed struct is empty. */
struct pl_runs {
    struct pl_run *at;
    size_t count, size;
};

/* Adds a slot, which is behind all others. */
void pl_runs_add(struct pl_runs *runs, uint32_t slot);

/* Makes them every slot that has a vector. */
void pl_runs_take_all(struct pl_runs *runs, const struct pl_table *table, uint64_t vectors);

/* Makes them the slots of one namespace. */
void pl_runs_take_space(struct pl_runs *runs, const struct pl_table *table, uint16_t space);

void pl_runs_finish(struct pl_runs *runs);
