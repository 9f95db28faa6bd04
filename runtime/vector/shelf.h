/*
 * shelf.h -- tables that are in memory, the one used last in front.
 */
#pragma once

#include "base/list.h"
#include "store/vectors.h"

#include <stddef.h>

struct pl_table;

/* A zeroed struct with its bound is an empty shelf, after pl_shelf_init. */
struct pl_shelf {
    struct pl_list tables; /* of struct shelved */
    size_t bytes, bytes_max;
};

void pl_shelf_init(struct pl_shelf *shelf, size_t bytes_max);
void pl_shelf_finish(struct pl_shelf *shelf);

/* The table of an index to be changed, or NULL when it is not in memory. */
struct pl_table *pl_shelf_find(struct pl_shelf *shelf, uint64_t number);

/* Takes note that it was changed and is up to date. It leaves when there is no room for it now. */
void pl_shelf_update(struct pl_shelf *shelf, const struct pl_vector_index *index);

/* The table of an index, read from the store when it is not there. Tables that were not used for long make
 * room. -E2BIG: it is larger than all tables may be. */
int pl_shelf_get(struct pl_shelf *shelf, const struct pl_vector_txn *txn,
                 const struct pl_vector_index *index, struct pl_table **out);

void pl_shelf_drop(struct pl_shelf *shelf, uint64_t number);
