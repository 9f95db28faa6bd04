/*
 * lmdb.h -- the inside of the store: its environment, its databases, its error codes.
 *
 * Only files of this folder include it. Four named databases: `entries` (keys of rooms and the
 * directory of rooms: entries.h), `alarms` (alarms.h), `vectors` (vectors.h; missing in a store
 * that was made before there were any, until it is opened for writing), and `meta` (format, last
 * number).
 */
#pragma once

#include "base/slice.h"
#include "store/store.h"
#include "store/vector_pages.h"

#include <lmdb.h>

struct pl_checkpoint;

struct pl_store {
    MDB_env *env;
    MDB_dbi entries, alarms, vectors, meta;
    bool has_vectors;  /* the table is there */
    MDB_txn *view;     /* what the loop's thread reads through; reset between turns */
    bool is_view_live; /* it shows a snapshot; false: renew it before reading */
    bool is_read_only;
    int lock; /* of the folder; for readers the journal, which tells of them; or -1 */
    struct pl_checkpoint *checkpoint; /* NULL: LMDB itself makes commits durable, or nobody */
    struct pl_vector_pages pages;     /* of whoever reads vectors */
};

/* Opens the environment and its databases, and nothing else: the file `path`, with MDB_NOSUBDIR in
 * `flags`, or a folder. `store->env` is to be closed also after an error. */
int pl_lmdb_open(struct pl_store *store, const char *path, unsigned flags,
                 const struct pl_store_options *options);

/* 0 or a negative errno: nothing above this folder sees an LMDB code. -ENOTRECOVERABLE: LMDB does
 * not know what the file holds since a write to its first pages failed, and answers nothing else
 * from then on; whoever opens the store anew finds out. */
int pl_lmdb_error(int rc);

static inline MDB_val pl_lmdb_val(struct pl_slice bytes) {
    return (MDB_val){.mv_size = bytes.len, .mv_data = (void *)bytes.at};
}

static inline struct pl_slice pl_lmdb_slice(MDB_val val) {
    return pl_slice(val.mv_data, val.mv_size);
}

/* Numbers that the store keeps about itself: 0 or -ENOENT. */
int pl_lmdb_get_number(const struct pl_store *store, MDB_txn *txn, const char *name,
                       uint64_t *out);
int pl_lmdb_put_number(const struct pl_store *store, MDB_txn *txn, const char *name,
                       uint64_t number);
int pl_lmdb_delete_number(const struct pl_store *store, MDB_txn *txn, const char *name);

/* A number that was never given out before: of a room, of a node inside one, or of an index
 * of vectors. */
int pl_lmdb_take_number(const struct pl_store *store, MDB_txn *txn, uint64_t *out);

/* Commits nothing of importance. LMDB does not write over pages that the last state but one is
 * made of, so what a transaction has freed is free when another one has followed it. */
int pl_lmdb_advance(const struct pl_store *store);

/* Adds to `pages` how many the transactions behind `counted` have given up, as far as `txn` sees
 * them; `counted` is then the last one of these. */
int pl_lmdb_count_freed(MDB_txn *txn, uint64_t *counted, uint64_t *pages);

/* A reader whose process was killed has left a mark, for which everything it saw is kept. Takes
 * such marks away. */
void pl_lmdb_forget_readers(const struct pl_store *store);

/* The snapshot of the loop's thread. */
int pl_lmdb_view(struct pl_store *store, MDB_txn **out);
