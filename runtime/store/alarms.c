#include "store/alarms.h"

#include "base/endian.h"

#include <errno.h>

#define ROW_BYTES 16

static void set_row(char row[ROW_BYTES], int64_t attempt_ms, uint64_t number) {
    pl_put_u64(row, (uint64_t)attempt_ms);
    pl_put_u64(row + 8, number);
}

int pl_alarms_add(const struct pl_store *store, MDB_txn *txn, int64_t attempt_ms,
                  uint64_t number, struct pl_slice name) {
    char row[ROW_BYTES];
    set_row(row, attempt_ms, number);
    MDB_val key = {.mv_size = sizeof row, .mv_data = row};
    MDB_val value = pl_lmdb_val(name);
    return pl_lmdb_error(mdb_put(txn, store->alarms, &key, &value, 0));
}

int pl_alarms_remove(const struct pl_store *store, MDB_txn *txn, int64_t attempt_ms,
                     uint64_t number) {
    char row[ROW_BYTES];
    set_row(row, attempt_ms, number);
    MDB_val key = {.mv_size = sizeof row, .mv_data = row};
    int rc = mdb_del(txn, store->alarms, &key, NULL);
    return rc == MDB_NOTFOUND ? 0 : pl_lmdb_error(rc);
}

int pl_store_next_alarm(struct pl_store *store, struct pl_alarm_row *row) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    char bytes[ROW_BYTES];
    int rc = pl_lmdb_view(store, &txn);
    if (rc != 0) return rc;
    rc = mdb_cursor_open(txn, store->alarms, &cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    set_row(bytes, row->attempt_ms, row->number + 1);
    MDB_val key = {.mv_size = sizeof bytes, .mv_data = bytes}, value;
    rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    if (rc == 0 && key.mv_size != ROW_BYTES) rc = MDB_CORRUPTED;
    if (rc == 0) {
        row->attempt_ms = (int64_t)pl_get_u64(key.mv_data);
        row->number = pl_get_u64((char *)key.mv_data + 8);
        row->name = pl_lmdb_slice(value);
    }
    mdb_cursor_close(cursor);
    return pl_lmdb_error(rc);
}
