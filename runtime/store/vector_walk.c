/* Walking through the rows of an index in the order of their slots. */
#include "store/vector_rows.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"

struct pl_vector_walk {
    MDB_cursor *cursor;
    const struct pl_vector_txn *txn; /* outlives it */
    uint64_t number;
    size_t value_bytes;
    bool is_records;
    uint32_t next; /* the slot behind the row that was read last */
};

int pl_vector_walk_begin(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                         bool is_records, struct pl_vector_walk **out) {
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn->txn, txn->store->vectors, &cursor);
    *out = NULL;
    if (rc != 0) return pl_lmdb_error(rc);
    *out = pl_alloc(sizeof **out);
    **out = (struct pl_vector_walk){.cursor = cursor,
                                    .txn = txn,
                                    .number = index->number,
                                    .value_bytes = (size_t)index->dimensions * 4,
                                    .is_records = is_records};
    return 0;
}

static bool read_values(struct pl_vector_walk *walk, struct pl_slice bytes,
                        struct pl_vector_place *place, struct pl_vector *out) {
    if (bytes.len != 4 + walk->value_bytes) return false;
    place->space = pl_get_u32(bytes.at);
    *out = (struct pl_vector){.values = pl_slice_after(bytes, 4)};
    return place->space <= PL_VECTOR_SPACES_MAX;
}

int pl_vector_walk_to(struct pl_vector_walk *walk, uint32_t slot, struct pl_vector_place *place,
                      struct pl_vector *out) {
    enum pl_vector_kind kind = walk->is_records ? PL_VECTOR_RECORD : PL_VECTOR_VALUES;
    struct pl_vector_key at = pl_vector_slot_key(walk->number, kind, slot);
    MDB_val key = pl_vector_key_val(&at), value;
    /* The next row is mostly the one that is wanted, and close by. */
    bool is_next = walk->next != 0 && slot == walk->next;
    int rc = mdb_cursor_get(walk->cursor, &key, &value, is_next ? MDB_NEXT : MDB_SET_RANGE);
    if (rc != 0) return pl_lmdb_error(rc);
    struct pl_slice found = pl_lmdb_slice(key);
    if (!pl_vector_key_is_near(found, &at)) return -ENOENT;
    if (found.len != at.len) return -EIO;
    place->slot = pl_get_u32(found.at + PL_VECTOR_PREFIX_BYTES);
    place->space = 0;
    walk->next = place->slot + 1;
    struct pl_slice bytes = pl_lmdb_slice(value);
    pl_vector_row_note(walk->txn, bytes);
    bool is_sound = walk->is_records ? pl_vector_record_read(bytes, out)
                                     : read_values(walk, bytes, place, out);
    return is_sound ? 0 : -EIO;
}

void pl_vector_walk_end(struct pl_vector_walk *walk) {
    mdb_cursor_close(walk->cursor);
    free(walk);
}

/* ---- looking through all of it -------------------------------------------------------------- */

static int check_rows(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                      bool is_records) {
    struct pl_vector_walk *walk;
    struct pl_vector_place place;
    struct pl_vector vector;
    uint64_t count = 0;
    uint32_t slot = 0;
    int rc = pl_vector_walk_begin(txn, index, is_records, &walk);
    if (rc != 0) return rc;
    while ((rc = pl_vector_walk_to(walk, slot, &place, &vector)) == 0) {
        if (place.slot >= index->slots) break;
        slot = place.slot + 1;
        count++;
    }
    pl_vector_walk_end(walk);
    if (rc == -ENOENT && count == index->count) return 0;
    return rc == -ENOENT || rc == 0 ? -EIO : rc;
}

int pl_vectors_check(struct pl_store *store) {
    struct pl_vector_txn txn;
    struct pl_vector_index index = {0};
    int rc = pl_vectors_begin(store, false, &txn);
    if (rc != 0) return rc == -ENOENT ? 0 : rc;
    while ((rc = pl_vector_index_next(&txn, pl_slice_of(index.name), &index)) == 0) {
        rc = check_rows(&txn, &index, false);
        if (rc == 0) rc = check_rows(&txn, &index, true);
        if (rc != 0) break;
    }
    pl_vectors_end(&txn, -ECANCELED);
    return rc == -ENOENT ? 0 : rc;
}
