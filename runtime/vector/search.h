/*
 * search.h -- the nearest vectors of an index, exactly.
 *
 * A first pass over the codes of a table gives for each vector how near it may be at most, and at
 * least; only those that may belong to the nearest are then looked at as they are stored. What
 * comes out is what a pass over all stored values would give.
 */
#pragma once

#include "store/vectors.h"
#include "vector/kernel.h"
#include "vector/runs.h"
#include "vector/table.h"

struct pl_query {
    struct pl_slice values; /* float32s, as many as the index has dimensions */
    struct pl_slice space;  /* only of this namespace; at NULL: of any */
    struct pl_slice filter; /* conditions: vector/filter.h; empty: none */
    size_t count;           /* of matches that are wanted */
};

struct pl_match {
    uint32_t slot;
    float bound;     /* how near it may be at most, while it is not known */
    double nearness; /* vector/codes.h */
};

/* Memory for one search after the other. A zeroed struct has none. */
struct pl_search {
    const struct pl_kernel *kernel;
    struct pl_runs runs; /* what is searched */
    float *lowest;       /* a heap: what the nearest so far are at least */
    size_t lowest_size;
    struct pl_match *matches; /* the result, in order */
    size_t matches_size, match_count;
    size_t stored_count; /* vectors that were read from the store */
};

/* Leaves up to `count` matches, the nearest first; of equals the one with the smaller slot. */
int pl_search_run(struct pl_search *search, const struct pl_vector_txn *txn,
                  const struct pl_vector_index *index, const struct pl_table *table,
                  const struct pl_query *query);

void pl_search_finish(struct pl_search *search);
