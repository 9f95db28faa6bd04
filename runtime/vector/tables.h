/*
 * tables.h -- tables that are in memory, the one used last in front.
 */
#pragma once

#include "base/list.h"
#include "store/vectors.h"

#include <stddef.h>

struct pl_table;

struct pl_tables {
    struct pl_list all; /* of struct kept */
    size_t bytes, bytes_max;
};

void pl_tables_init(struct pl_tables *tables, size_t bytes_max);
void pl_tables_finish(struct pl_tables *tables);

/* The table of an index to be changed, or NULL when it is not in memory. */
struct pl_table *pl_tables_find(struct pl_tables *tables, uint64_t number);

/* Takes note that it was changed and is up to date. It leaves when there is no room for it now. */
void pl_tables_update(struct pl_tables *tables, const struct pl_vector_index *index);

/* The table of an index, read from the store when it is not there. Tables that were not used for
 * long make room. -E2BIG: it is larger than all tables may be. */
int pl_tables_get(struct pl_tables *tables, const struct pl_vector_txn *txn,
                  const struct pl_vector_index *index, struct pl_table **out);

void pl_tables_drop(struct pl_tables *tables, uint64_t number);
