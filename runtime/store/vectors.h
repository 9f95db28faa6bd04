/*
 * vectors.h -- vectors that rooms search: indexes, and what is in them.
 *
 * All of it is one table of the store. A key is the number of an index, a letter, and the rest:
 *
 *     0 d NAME      what the index of this name is; it has a number of its own
 *     0 x NUMBER    an index that was dropped, whose rows have not all gone yet
 *     N i ID        the slot of a vector
 *     N f SLOT      a slot that was given up, and is taken before a new one
 *     N n NAME      a namespace: its number, and how many vectors are in it
 *     N r SLOT      a record: id, namespace, metadata
 *     N v SLOT      the number of the namespace, then the values
 *
 * so that values, which are many, lie apart from records, which filters walk through. Slots are
 * small numbers: what is kept in memory of an index is arrays of them.
 *
 * Every function takes a transaction, which belongs to one thread. Slices are borrowed from it
 * until it changes anything or ends.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct pl_store;

#define PL_VECTOR_DIMENSIONS_MAX 16384
#define PL_VECTOR_NAME_BYTES_MAX 64 /* of ids, of namespaces, of indexes */
#define PL_VECTOR_ABOUT_BYTES_MAX 1024
#define PL_VECTOR_SPACES_MAX 1000 /* of an index */
#define PL_VECTOR_SLOTS_MAX 0x7fffffff

/* What is near: scores are made of it. */
enum pl_metric { PL_COSINE, PL_EUCLIDEAN, PL_DOT_PRODUCT };

struct pl_vector_index {
    uint64_t number;
    uint64_t count;   /* vectors in it */
    uint64_t changes; /* calls that have changed it */
    int64_t created_ms, changed_ms;
    uint32_t dimensions;
    uint32_t slots; /* given out so far */
    enum pl_metric metric;
    char name[PL_VECTOR_NAME_BYTES_MAX + 1];
    char preset[PL_VECTOR_NAME_BYTES_MAX + 1]; /* the model it was made for, or empty */
    char about[PL_VECTOR_ABOUT_BYTES_MAX + 1]; /* what its maker says of it */
};

struct pl_vector {
    struct pl_slice id;
    struct pl_slice space;    /* its namespace; empty: none */
    struct pl_slice values;   /* float32s as the machine has them, at any address */
    struct pl_slice metadata; /* JSON; empty: none */
    struct pl_slice fields;   /* the same for filters: vector/filter.h */
};

/* Where a vector is. */
struct pl_vector_place {
    uint32_t slot;
    uint32_t space; /* number of its namespace; 0: none */
};

struct pl_vector_txn {
    struct pl_store *store;
    void *txn; /* LMDB's */
    bool is_writing;
};

/* 0 or a negative errno: -ENOENT when the store was made before there were vectors, and is open
 * for reading only. */
int pl_vectors_begin(struct pl_store *store, bool is_writing, struct pl_vector_txn *out);

/* Commits when `rc` is 0; else nothing of it counts. Gives what has come of it; -ENOTRECOVERABLE:
 * nobody knows, and the store is broken. */
int pl_vectors_end(struct pl_vector_txn *txn, int rc);

/* A full store may have room again after this: LMDB gives up pages one transaction late. */
int pl_vectors_make_room(struct pl_store *store);

/* ---- indexes -------------------------------------------------------------------------------- */

/* 0 or -ENOENT. */
int pl_vector_index_find(const struct pl_vector_txn *txn, struct pl_slice name,
                         struct pl_vector_index *out);

/* The first one behind `name`, in the order of names. 0 or -ENOENT. */
int pl_vector_index_next(const struct pl_vector_txn *txn, struct pl_slice name,
                         struct pl_vector_index *out);

/* Gives a new index its number. 0 or -EEXIST. */
int pl_vector_index_create(const struct pl_vector_txn *txn, struct pl_vector_index *index);

int pl_vector_index_save(const struct pl_vector_txn *txn, const struct pl_vector_index *index);

/* The index is no more. Its rows go in steps, each a transaction of its own: 0 while there may be
 * more, -ENOENT when nothing is left of any dropped index. */
int pl_vector_index_drop(const struct pl_vector_txn *txn, const struct pl_vector_index *index);
int pl_vectors_sweep(struct pl_store *store);

/* ---- vectors -------------------------------------------------------------------------------- */

/* 0 or -ENOENT. */
int pl_vector_find(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                   struct pl_slice id, uint32_t *slot);
int pl_vector_get(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                  uint32_t slot, bool with_values, struct pl_vector *out);
int pl_vector_values(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                     uint32_t slot, struct pl_slice *out);

/* The number of a namespace. 0 or -ENOENT. */
int pl_vector_space(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                    struct pl_slice name, uint32_t *number);

/* Puts a vector, without its values, in the place of the one with its id, or in a place of its
 * own. The caller puts the values there, and saves the index. -EDQUOT: there are as many namespaces
 * as there may be. */
int pl_vector_put_record(const struct pl_vector_txn *txn, struct pl_vector_index *index,
                         const struct pl_vector *vector, struct pl_vector_place *place);
int pl_vector_put_values(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                         const struct pl_vector *vector, const struct pl_vector_place *place);

/* 0 or -ENOENT. The caller saves the index. */
int pl_vector_delete(const struct pl_vector_txn *txn, struct pl_vector_index *index,
                     struct pl_slice id, uint32_t *slot);

/* ---- walking -------------------------------------------------------------------------------- */

struct pl_vector_walk;

/* Walks through all values, or all records, in the order of slots. */
int pl_vector_walk_begin(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                         bool is_records, struct pl_vector_walk **out);

/* The first row at `slot` or behind it: 0 or -ENOENT. Of values, the vector has nothing else; of
 * records, everything but the values. */
int pl_vector_walk_to(struct pl_vector_walk *walk, uint32_t slot, struct pl_vector_place *place,
                      struct pl_vector *out);

void pl_vector_walk_end(struct pl_vector_walk *walk);

/* Reads every row of every index: 0 or a negative errno. */
int pl_vectors_check(struct pl_store *store);
