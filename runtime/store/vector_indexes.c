/* What indexes of vectors there are: their definitions, and those that were dropped. */
#include "base/buffer.h"
#include "store/vector_rows.h"

#include <errno.h>

#define DEFINITION_VERSION 1
#define SWEPT_ROWS 5000 /* of a dropped index, in one transaction */

/* A definition's bytes: its version, numbers of 8 bytes, then two texts, each with NUL behind. */
enum { NUMBER, COUNT, CHANGES, CREATED, CHANGED, DIMENSIONS, SLOTS, METRIC, FIELDS };
#define NUMBERS_BYTES (1 + FIELDS * 8)

static bool copy_text(char *to, size_t size, struct pl_slice *from) {
    const char *end = from->len == 0 ? NULL : memchr(from->at, '\0', from->len);
    size_t len = end == NULL ? size : (size_t)(end - from->at);
    if (len >= size) return false;
    memcpy(to, from->at, len + 1);
    *from = pl_slice_after(*from, len + 1);
    return true;
}

static bool read_definition(struct pl_slice name, struct pl_slice bytes,
                            struct pl_vector_index *out) {
    uint64_t field[FIELDS];
    *out = (struct pl_vector_index){0};
    if (bytes.len < NUMBERS_BYTES || bytes.at[0] != DEFINITION_VERSION) return false;
    if (name.len > PL_VECTOR_NAME_BYTES_MAX) return false;
    for (size_t i = 0; i < FIELDS; i++) field[i] = pl_get_u64(bytes.at + 1 + i * 8);
    memcpy(out->name, name.at, name.len);
    out->number = field[NUMBER];
    out->count = field[COUNT];
    out->changes = field[CHANGES];
    out->created_ms = (int64_t)field[CREATED];
    out->changed_ms = (int64_t)field[CHANGED];
    out->dimensions = (uint32_t)field[DIMENSIONS];
    out->slots = (uint32_t)field[SLOTS];
    out->metric = (enum pl_metric)field[METRIC];
    bytes = pl_slice_after(bytes, NUMBERS_BYTES);
    return out->metric <= PL_DOT_PRODUCT && out->dimensions >= 1 &&
           out->dimensions <= PL_VECTOR_DIMENSIONS_MAX && out->slots <= PL_VECTOR_SLOTS_MAX &&
           out->count <= out->slots && copy_text(out->preset, sizeof out->preset, &bytes) &&
           copy_text(out->about, sizeof out->about, &bytes);
}

static void write_definition(struct pl_buffer *out, const struct pl_vector_index *index) {
    const uint64_t field[FIELDS] = {
        [NUMBER] = index->number,
        [COUNT] = index->count,
        [CHANGES] = index->changes,
        [CREATED] = (uint64_t)index->created_ms,
        [CHANGED] = (uint64_t)index->changed_ms,
        [DIMENSIONS] = index->dimensions,
        [SLOTS] = index->slots,
        [METRIC] = (uint64_t)index->metric,
    };
    char bytes[NUMBERS_BYTES] = {DEFINITION_VERSION};
    for (size_t i = 0; i < FIELDS; i++) pl_put_u64(bytes + 1 + i * 8, field[i]);
    pl_buffer_add(out, pl_slice(bytes, sizeof bytes));
    pl_buffer_add(out, pl_slice(index->preset, strlen(index->preset) + 1));
    pl_buffer_add(out, pl_slice(index->about, strlen(index->about) + 1));
}

static struct pl_vector_key definition_key(struct pl_slice name) {
    return pl_vector_key(PL_VECTOR_DIRECTORY, PL_VECTOR_DEFINITION, name);
}

static struct pl_vector_key dropped_key(uint64_t number) {
    char rest[8];
    pl_put_u64(rest, number);
    return pl_vector_key(PL_VECTOR_DIRECTORY, PL_VECTOR_DROPPED, pl_slice(rest, sizeof rest));
}

int pl_vector_index_find(const struct pl_vector_txn *txn, struct pl_slice name,
                         struct pl_vector_index *out) {
    struct pl_slice bytes;
    if (name.len > PL_VECTOR_NAME_BYTES_MAX) return -ENOENT;
    struct pl_vector_key key = definition_key(name);
    int rc = pl_vector_row_get(txn, &key, &bytes);
    if (rc != 0) return rc;
    return read_definition(name, bytes, out) ? 0 : -EIO;
}

/* The first row at `from` or behind it, of the same index and kind: 0 or -ENOENT. */
static int first_row(const struct pl_vector_txn *txn, const struct pl_vector_key *from,
                     struct pl_slice *rest, struct pl_slice *value) {
    MDB_cursor *cursor;
    MDB_val key = pl_vector_key_val(from), bytes;
    int rc = mdb_cursor_open(txn->txn, txn->store->vectors, &cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = mdb_cursor_get(cursor, &key, &bytes, MDB_SET_RANGE);
    mdb_cursor_close(cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    if (!pl_vector_key_is_near(pl_lmdb_slice(key), from)) return -ENOENT;
    *rest = pl_slice_after(pl_lmdb_slice(key), PL_VECTOR_PREFIX_BYTES);
    *value = pl_lmdb_slice(bytes);
    return 0;
}

int pl_vector_index_next(const struct pl_vector_txn *txn, struct pl_slice name,
                         struct pl_vector_index *out) {
    char behind[PL_VECTOR_NAME_BYTES_MAX] = {0};
    struct pl_slice found, bytes;
    if (name.len > sizeof behind) return -ENOENT;
    if (name.len > 0) memcpy(behind, name.at, name.len);
    /* The smallest name behind it; where there is no room for a byte more, names being ASCII, the
     * last one counts up. */
    if (name.len < sizeof behind) name.len++;
    else behind[name.len - 1]++;
    struct pl_vector_key key = definition_key(pl_slice(behind, name.len));
    int rc = first_row(txn, &key, &found, &bytes);
    if (rc != 0) return rc;
    return read_definition(found, bytes, out) ? 0 : -EIO;
}

int pl_vector_index_create(const struct pl_vector_txn *txn, struct pl_vector_index *index) {
    struct pl_vector_index other;
    int rc = pl_vector_index_find(txn, pl_slice_of(index->name), &other);
    if (rc == 0) return -EEXIST;
    if (rc == -ENOENT) rc = pl_lmdb_take_number(txn->store, txn->txn, &index->number);
    return rc != 0 ? rc : pl_vector_index_save(txn, index);
}

int pl_vector_index_save(const struct pl_vector_txn *txn, const struct pl_vector_index *index) {
    struct pl_buffer bytes = {0};
    struct pl_vector_key key = definition_key(pl_slice_of(index->name));
    write_definition(&bytes, index);
    int rc = pl_vector_row_put(txn, &key, pl_buffer_slice(&bytes));
    pl_buffer_finish(&bytes);
    return rc;
}

int pl_vector_index_drop(const struct pl_vector_txn *txn, const struct pl_vector_index *index) {
    struct pl_vector_key key = definition_key(pl_slice_of(index->name));
    struct pl_vector_key dropped = dropped_key(index->number);
    int rc = pl_vector_row_delete(txn, &key);
    return rc != 0 ? rc : pl_vector_row_put(txn, &dropped, PL_SLICE(""));
}

/* ---- sweeping ------------------------------------------------------------------------------- */

/* Deletes some rows of an index: 0 while there may be more, -ENOENT when it has none. */
static int sweep_rows(const struct pl_vector_txn *txn, uint64_t number) {
    char prefix[8];
    MDB_cursor *cursor;
    pl_put_u64(prefix, number);
    MDB_val key = pl_lmdb_val(pl_slice(prefix, sizeof prefix)), value;
    int rc = mdb_cursor_open(txn->txn, txn->store->vectors, &cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    for (size_t i = 0; i < SWEPT_ROWS && rc == 0; i++) {
        if (!pl_slice_starts_with(pl_lmdb_slice(key), pl_slice(prefix, sizeof prefix))) {
            rc = MDB_NOTFOUND;
            break;
        }
        rc = mdb_cursor_del(cursor, 0);
        if (rc == 0) rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return pl_lmdb_error(rc);
}

int pl_vectors_sweep(struct pl_store *store) {
    struct pl_vector_txn txn;
    struct pl_slice rest, bytes;
    struct pl_vector_key first = dropped_key(0);
    int rc = pl_vectors_begin(store, true, &txn);
    if (rc != 0) return rc;
    rc = first_row(&txn, &first, &rest, &bytes);
    if (rc == 0 && rest.len != 8) rc = -EIO;
    if (rc != 0) return pl_vectors_end(&txn, rc);
    uint64_t number = pl_get_u64(rest.at);
    rc = sweep_rows(&txn, number);
    if (rc == -ENOENT) {
        struct pl_vector_key key = dropped_key(number);
        rc = pl_vector_row_delete(&txn, &key);
    }
    return pl_vectors_end(&txn, rc);
}
