/*
 * indexes.h -- the indexes of a store, and the tables of those that are used.
 *
 * A table is made when its index is first searched, and kept until others need the memory. Indexes
 * belong to one thread at a time.
 */
#pragma once

#include "base/list.h"
#include "base/slice.h"

#include <stdint.h>

struct pl_indexes;
struct pl_job;
struct pl_kernel;
struct pl_store;

#define PL_INDEXES_TABLE_BYTES ((size_t)1 << 30)
#define PL_INDEXES_VECTORS_MAX 5000000

struct pl_indexes_options {
    size_t table_bytes;             /* of all tables together; 0: PL_INDEXES_TABLE_BYTES */
    uint64_t vectors_max;           /* of an index; 0: PL_INDEXES_VECTORS_MAX */
    const struct pl_kernel *kernel; /* NULL: the best */
};

/* The store outlives them. */
struct pl_indexes *pl_indexes_create(struct pl_store *store,
                                     const struct pl_indexes_options *options);
void pl_indexes_destroy(struct pl_indexes *indexes);

/* Runs jobs (of pl_job.in_queue): what reads first, then what writes, together in one transaction.
 * When this returns, each has its result, and what it has changed is durable. */
void pl_indexes_run(struct pl_indexes *indexes, struct pl_list *jobs);

/* The same for one. */
void pl_indexes_run_one(struct pl_indexes *indexes, struct pl_job *job);

/* Bytes of memory that tables take now. */
size_t pl_indexes_bytes(const struct pl_indexes *indexes);

/* Vectors that the last search has read from the store. */
size_t pl_indexes_read_count(const struct pl_indexes *indexes);
