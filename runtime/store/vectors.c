#include "store/vectors.h"

#include "base/buffer.h"
#include "store/checkpoint.h"
#include "store/vector_rows.h"

#include <errno.h>

#define RECORD_VERSION 1
#define SPACE_BYTES 8 /* of a namespace: its number, and how many vectors it has */

static int begin_writing(struct pl_store *store, MDB_txn **out) {
    pl_checkpoint_enter(store->checkpoint);
    int rc = store->checkpoint == NULL ? 0 : pl_checkpoint_prepare(store->checkpoint);
    if (rc == 0) rc = pl_lmdb_error(mdb_txn_begin(store->env, NULL, 0, out));
    if (rc != 0) pl_checkpoint_leave(store->checkpoint);
    return rc;
}

int pl_vectors_begin(struct pl_store *store, bool is_writing, struct pl_vector_txn *out) {
    if (!store->has_vectors) return -ENOENT;
    MDB_txn *txn;
    int rc = is_writing ? begin_writing(store, &txn)
                        : pl_lmdb_error(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn));
    *out = (struct pl_vector_txn){
        .store = store, .txn = rc == 0 ? txn : NULL, .is_writing = is_writing};
    return rc;
}

/* The journal tells nothing of vectors: each of these transactions ends with a checkpoint. */
int pl_vectors_end(struct pl_vector_txn *txn, int rc) {
    struct pl_checkpoint *checkpoint = txn->is_writing ? txn->store->checkpoint : NULL;
    if (rc == 0) {
        rc = pl_lmdb_error(mdb_txn_commit(txn->txn));
        if (rc == 0 && checkpoint != NULL) rc = pl_checkpoint_settle(checkpoint);
    } else {
        mdb_txn_abort(txn->txn);
    }
    pl_checkpoint_leave(checkpoint);
    return rc;
}

int pl_vectors_make_room(struct pl_store *store) { return pl_checkpoint_make_space(store); }

/* ---- records -------------------------------------------------------------------------------- */

/* Takes a text with its length before it from the front of `bytes`. */
static bool take_text(struct pl_slice *bytes, struct pl_slice *out) {
    if (bytes->len < 4) return false;
    uint32_t len = pl_get_u32(bytes->at);
    *bytes = pl_slice_after(*bytes, 4);
    if (bytes->len < len) return false;
    *out = pl_slice(bytes->at, len);
    *bytes = pl_slice_after(*bytes, len);
    return true;
}

bool pl_vector_record_read(struct pl_slice bytes, struct pl_vector *out) {
    *out = (struct pl_vector){0};
    if (bytes.len < 1 || bytes.at[0] != RECORD_VERSION) return false;
    bytes = pl_slice_after(bytes, 1);
    return take_text(&bytes, &out->id) && take_text(&bytes, &out->space) &&
           out->space.len <= PL_VECTOR_NAME_BYTES_MAX && take_text(&bytes, &out->metadata) &&
           take_text(&bytes, &out->fields);
}

static void add_text(struct pl_buffer *out, struct pl_slice text) {
    char len[4];
    pl_put_u32(len, (uint32_t)text.len);
    pl_buffer_add(out, pl_slice(len, sizeof len));
    pl_buffer_add(out, text);
}

static int put_record(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                      const struct pl_vector *vector, uint32_t slot) {
    struct pl_buffer bytes = {0};
    struct pl_vector_key key = pl_vector_slot_key(index->number, PL_VECTOR_RECORD, slot);
    pl_buffer_add_byte(&bytes, RECORD_VERSION);
    add_text(&bytes, vector->id);
    add_text(&bytes, vector->space);
    add_text(&bytes, vector->metadata);
    add_text(&bytes, vector->fields);
    int rc = pl_vector_row_put(txn, &key, pl_buffer_slice(&bytes));
    pl_buffer_finish(&bytes);
    return rc;
}

/* ---- namespaces ----------------------------------------------------------------------------- */

static int read_space(const struct pl_vector_txn *txn, const struct pl_vector_key *key,
                      uint32_t *number, uint32_t *count) {
    struct pl_slice bytes;
    int rc = pl_vector_row_get(txn, key, &bytes);
    if (rc != 0) return rc;
    if (bytes.len != SPACE_BYTES) return -EIO;
    *number = pl_get_u32(bytes.at);
    *count = pl_get_u32(bytes.at + 4);
    return 0;
}

static int write_space(const struct pl_vector_txn *txn, const struct pl_vector_key *key,
                       uint32_t number, uint32_t count) {
    char bytes[SPACE_BYTES];
    pl_put_u32(bytes, number);
    pl_put_u32(bytes + 4, count);
    return pl_vector_row_put(txn, key, pl_slice(bytes, sizeof bytes));
}

int pl_vector_space(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                    struct pl_slice name, uint32_t *number) {
    uint32_t count;
    if (name.len > PL_VECTOR_NAME_BYTES_MAX) return -ENOENT;
    struct pl_vector_key key = pl_vector_key(index->number, PL_VECTOR_SPACE, name);
    return read_space(txn, &key, number, &count);
}

/* The smallest number that no namespace of the index has. */
static int free_space_number(const struct pl_vector_txn *txn,
                             const struct pl_vector_index *index, uint32_t *number) {
    bool is_taken[PL_VECTOR_SPACES_MAX + 1] = {true};
    struct pl_vector_key first = pl_vector_key(index->number, PL_VECTOR_SPACE, PL_SLICE(""));
    MDB_val key = pl_vector_key_val(&first), value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn->txn, txn->store->vectors, &cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (rc == 0 && pl_vector_key_is_near(pl_lmdb_slice(key), &first)) {
        uint32_t taken = value.mv_size == SPACE_BYTES ? pl_get_u32(value.mv_data) : 0;
        if (taken <= PL_VECTOR_SPACES_MAX) is_taken[taken] = true;
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (rc != 0 && rc != MDB_NOTFOUND) return pl_lmdb_error(rc);
    for (*number = 1; *number <= PL_VECTOR_SPACES_MAX; ++*number) {
        if (!is_taken[*number]) return 0;
    }
    return -EDQUOT;
}

/* One vector more in a namespace, which is made with its first. */
static int enter_space(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                       struct pl_slice name, uint32_t *number) {
    uint32_t count = 0;
    *number = 0;
    if (name.len == 0) return 0;
    struct pl_vector_key key = pl_vector_key(index->number, PL_VECTOR_SPACE, name);
    int rc = read_space(txn, &key, number, &count);
    if (rc == -ENOENT) rc = free_space_number(txn, index, number);
    return rc != 0 ? rc : write_space(txn, &key, *number, count + 1);
}

/* One less; a namespace goes with its last. */
static int leave_space(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                       struct pl_slice name) {
    uint32_t number, count;
    if (name.len == 0) return 0;
    struct pl_vector_key key = pl_vector_key(index->number, PL_VECTOR_SPACE, name);
    int rc = read_space(txn, &key, &number, &count);
    if (rc != 0) return rc == -ENOENT ? -EIO : rc;
    if (count <= 1) return pl_vector_row_delete(txn, &key);
    return write_space(txn, &key, number, count - 1);
}

/* ---- slots ---------------------------------------------------------------------------------- */

/* A slot that was given up, or else a new one. */
static int take_slot(const struct pl_vector_txn *txn, struct pl_vector_index *index,
                     uint32_t *slot) {
    struct pl_vector_key first = pl_vector_key(index->number, PL_VECTOR_FREE, PL_SLICE(""));
    MDB_val key = pl_vector_key_val(&first), value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn->txn, txn->store->vectors, &cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    bool is_found = rc == 0 && pl_vector_key_is_near(pl_lmdb_slice(key), &first) &&
                    key.mv_size == PL_VECTOR_PREFIX_BYTES + 4;
    if (is_found) {
        *slot = pl_get_u32((char *)key.mv_data + PL_VECTOR_PREFIX_BYTES);
        rc = mdb_cursor_del(cursor, 0);
    }
    mdb_cursor_close(cursor);
    if (is_found || (rc != 0 && rc != MDB_NOTFOUND)) return pl_lmdb_error(rc);
    if (index->slots >= PL_VECTOR_SLOTS_MAX) return -EFBIG;
    *slot = index->slots++;
    return 0;
}

static int give_slot_up(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                        uint32_t slot) {
    struct pl_vector_key key = pl_vector_slot_key(index->number, PL_VECTOR_FREE, slot);
    return pl_vector_row_put(txn, &key, PL_SLICE(""));
}

/* ---- vectors -------------------------------------------------------------------------------- */

int pl_vector_find(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                   struct pl_slice id, uint32_t *slot) {
    struct pl_slice bytes;
    if (id.len > PL_VECTOR_NAME_BYTES_MAX) return -ENOENT;
    struct pl_vector_key key = pl_vector_key(index->number, PL_VECTOR_ID, id);
    int rc = pl_vector_row_get(txn, &key, &bytes);
    if (rc != 0) return rc;
    if (bytes.len != 4) return -EIO;
    *slot = pl_get_u32(bytes.at);
    return 0;
}

/* A row that has to be there. */
static int get_row(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                   enum pl_vector_kind kind, uint32_t slot, struct pl_slice *out) {
    struct pl_vector_key key = pl_vector_slot_key(index->number, kind, slot);
    int rc = pl_vector_row_get(txn, &key, out);
    return rc == -ENOENT ? -EIO : rc;
}

int pl_vector_values(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                     uint32_t slot, struct pl_slice *out) {
    int rc = get_row(txn, index, PL_VECTOR_VALUES, slot, out);
    if (rc != 0) return rc;
    if (out->len != 4 + (size_t)index->dimensions * 4) return -EIO;
    *out = pl_slice_after(*out, 4);
    return 0;
}

int pl_vector_get(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                  uint32_t slot, bool with_values, struct pl_vector *out) {
    struct pl_slice bytes;
    int rc = get_row(txn, index, PL_VECTOR_RECORD, slot, &bytes);
    if (rc == 0 && !pl_vector_record_read(bytes, out)) rc = -EIO;
    return rc != 0 || !with_values ? rc : pl_vector_values(txn, index, slot, &out->values);
}

/* Out of the namespace that its record names. */
static int leave_old_space(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                           uint32_t slot) {
    struct pl_vector old;
    struct pl_slice bytes;
    char name[PL_VECTOR_NAME_BYTES_MAX];
    int rc = get_row(txn, index, PL_VECTOR_RECORD, slot, &bytes);
    if (rc != 0) return rc;
    if (!pl_vector_record_read(bytes, &old)) return -EIO;
    if (old.space.len > 0) memcpy(name, old.space.at, old.space.len);
    return leave_space(txn, index, pl_slice(name, old.space.len));
}

static int place_new(const struct pl_vector_txn *txn, struct pl_vector_index *index,
                     struct pl_slice id, uint32_t *slot) {
    char bytes[4];
    int rc = take_slot(txn, index, slot);
    if (rc != 0) return rc;
    struct pl_vector_key key = pl_vector_key(index->number, PL_VECTOR_ID, id);
    pl_put_u32(bytes, *slot);
    index->count++;
    return pl_vector_row_put(txn, &key, pl_slice(bytes, sizeof bytes));
}

int pl_vector_put_record(const struct pl_vector_txn *txn, struct pl_vector_index *index,
                         const struct pl_vector *vector, struct pl_vector_place *place) {
    int rc = pl_vector_find(txn, index, vector->id, &place->slot);
    if (rc == 0) {
        rc = leave_old_space(txn, index, place->slot);
    } else if (rc == -ENOENT) {
        rc = place_new(txn, index, vector->id, &place->slot);
    }
    if (rc == 0) rc = enter_space(txn, index, vector->space, &place->space);
    return rc != 0 ? rc : put_record(txn, index, vector, place->slot);
}

int pl_vector_put_values(const struct pl_vector_txn *txn, const struct pl_vector_index *index,
                         const struct pl_vector *vector, const struct pl_vector_place *place) {
    struct pl_vector_key at = pl_vector_slot_key(index->number, PL_VECTOR_VALUES, place->slot);
    MDB_val key = pl_vector_key_val(&at), value = {.mv_size = 4 + vector->values.len};
    int rc = mdb_put(txn->txn, txn->store->vectors, &key, &value, MDB_RESERVE);
    if (rc != 0) return pl_lmdb_error(rc);
    pl_put_u32(value.mv_data, place->space);
    memcpy((char *)value.mv_data + 4, vector->values.at, vector->values.len);
    return 0;
}

int pl_vector_delete(const struct pl_vector_txn *txn, struct pl_vector_index *index,
                     struct pl_slice id, uint32_t *slot) {
    int rc = pl_vector_find(txn, index, id, slot);
    if (rc != 0) return rc;
    struct pl_vector_key at_id = pl_vector_key(index->number, PL_VECTOR_ID, id);
    struct pl_vector_key record = pl_vector_slot_key(index->number, PL_VECTOR_RECORD, *slot);
    struct pl_vector_key values = pl_vector_slot_key(index->number, PL_VECTOR_VALUES, *slot);
    rc = leave_old_space(txn, index, *slot);
    if (rc == 0) rc = pl_vector_row_delete(txn, &at_id);
    if (rc == 0) rc = pl_vector_row_delete(txn, &record);
    if (rc == 0) rc = pl_vector_row_delete(txn, &values);
    if (rc == 0) rc = give_slot_up(txn, index, *slot);
    index->count--;
    return rc == -ENOENT ? -EIO : rc;
}
