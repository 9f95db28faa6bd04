/*
 * vector_rows.h -- keys of the table of vectors, and reading and writing under them.
 *
 * For the files that make store/vectors.h.
 */
#pragma once

#include "base/endian.h"
#include "store/lmdb.h"
#include "store/vectors.h"

#include <assert.h>

#define PL_VECTOR_DIRECTORY 0 /* the number under which definitions are */

enum pl_vector_kind {
    PL_VECTOR_DEFINITION = 'd',
    PL_VECTOR_DROPPED = 'x',
    PL_VECTOR_ID = 'i',
    PL_VECTOR_FREE = 'f',
    PL_VECTOR_SPACE = 'n',
    PL_VECTOR_RECORD = 'r',
    PL_VECTOR_VALUES = 'v',
};

#define PL_VECTOR_PREFIX_BYTES 9

struct pl_vector_key {
    size_t len;
    char bytes[PL_VECTOR_PREFIX_BYTES + PL_VECTOR_NAME_BYTES_MAX];
};

/* `rest` has PL_VECTOR_NAME_BYTES_MAX bytes at most. */
static inline struct pl_vector_key pl_vector_key(uint64_t number, enum pl_vector_kind kind,
                                                 struct pl_slice rest) {
    struct pl_vector_key key = {.len = PL_VECTOR_PREFIX_BYTES + rest.len};
    assert(rest.len <= PL_VECTOR_NAME_BYTES_MAX);
    pl_put_u64(key.bytes, number);
    key.bytes[8] = (char)kind;
    if (rest.len > 0) memcpy(key.bytes + PL_VECTOR_PREFIX_BYTES, rest.at, rest.len);
    return key;
}

static inline struct pl_vector_key pl_vector_slot_key(uint64_t number, enum pl_vector_kind kind,
                                                      uint32_t slot) {
    char rest[4];
    pl_put_u32(rest, slot);
    return pl_vector_key(number, kind, pl_slice(rest, sizeof rest));
}

static inline MDB_val pl_vector_key_val(const struct pl_vector_key *key) {
    return pl_lmdb_val(pl_slice(key->bytes, key->len));
}

/* Whether `key` belongs to the same index and is of the same kind. */
static inline bool pl_vector_key_is_near(struct pl_slice key,
                                         const struct pl_vector_key *other) {
    return pl_slice_starts_with(key, pl_slice(other->bytes, PL_VECTOR_PREFIX_BYTES));
}

/* Takes note of a row that was read. What is read to be changed may lie elsewhere than in the map. */
static inline void pl_vector_row_note(const struct pl_vector_txn *txn, struct pl_slice bytes) {
    if (!txn->is_writing) pl_vector_pages_note(&txn->store->pages, bytes);
}

static inline int pl_vector_row_get(const struct pl_vector_txn *txn,
                                    const struct pl_vector_key *at, struct pl_slice *out) {
    MDB_val key = pl_vector_key_val(at), value;
    int rc = mdb_get(txn->txn, txn->store->vectors, &key, &value);
    *out = rc == 0 ? pl_lmdb_slice(value) : (struct pl_slice){0};
    if (rc == 0) pl_vector_row_note(txn, *out);

    return pl_lmdb_error(rc);
}

static inline int pl_vector_row_put(const struct pl_vector_txn *txn,
                                    const struct pl_vector_key *at, struct pl_slice bytes) {
    MDB_val key = pl_vector_key_val(at), value = pl_lmdb_val(bytes);
    return pl_lmdb_error(mdb_put(txn->txn, txn->store->vectors, &key, &value, 0));
}

static inline int pl_vector_row_delete(const struct pl_vector_txn *txn,
                                       const struct pl_vector_key *at) {
    MDB_val key = pl_vector_key_val(at);
    return pl_lmdb_error(mdb_del(txn->txn, txn->store->vectors, &key, NULL));
}

/* The bytes of a record again; false when they are none. */
bool pl_vector_record_read(struct pl_slice bytes, struct pl_vector *out);
