#include "store/lmdb.h"

#include "base/endian.h"

#include <errno.h>

#define LAST_NUMBER "last number"

int pl_lmdb_error(int rc) {
    switch (rc) {
    case MDB_SUCCESS: return 0;
    case MDB_NOTFOUND: return -ENOENT;
    case MDB_MAP_FULL: return -ENOSPC;
    case MDB_TXN_FULL: return -EFBIG; /* more pages changed than one transaction takes */
    case MDB_READERS_FULL: return -EAGAIN;
    case MDB_PANIC: return -ENOTRECOVERABLE;
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH: return -EMEDIUMTYPE;
    default: return rc > 0 ? -rc : -EIO;
    }
}

/* ---- numbers that are kept ------------------------------------------------------------------ */

int pl_lmdb_get_number(const struct pl_store *store, MDB_txn *txn, const char *name,
                       uint64_t *out) {
    MDB_val key = pl_lmdb_val(pl_slice_of(name)), value;
    int rc = mdb_get(txn, store->meta, &key, &value);
    if (rc != 0) return pl_lmdb_error(rc);
    if (value.mv_size != 8) return -EIO;
    *out = pl_get_u64(value.mv_data);
    return 0;
}

int pl_lmdb_put_number(const struct pl_store *store, MDB_txn *txn, const char *name,
                       uint64_t number) {
    unsigned char bytes[8];
    MDB_val key = pl_lmdb_val(pl_slice_of(name));
    MDB_val value = {.mv_size = sizeof bytes, .mv_data = bytes};
    pl_put_u64(bytes, number);
    return pl_lmdb_error(mdb_put(txn, store->meta, &key, &value, 0));
}

int pl_lmdb_delete_number(const struct pl_store *store, MDB_txn *txn, const char *name) {
    MDB_val key = pl_lmdb_val(pl_slice_of(name));
    int rc = mdb_del(txn, store->meta, &key, NULL);
    return rc == MDB_NOTFOUND ? 0 : pl_lmdb_error(rc);
}

int pl_lmdb_take_number(const struct pl_store *store, MDB_txn *txn, uint64_t *out) {
    uint64_t last = 0;
    int rc = pl_lmdb_get_number(store, txn, LAST_NUMBER, &last);
    if (rc != 0 && rc != -ENOENT) return rc;
    *out = last + 1;
    return pl_lmdb_put_number(store, txn, LAST_NUMBER, *out);
}

int pl_lmdb_advance(const struct pl_store *store) {
    uint64_t last = 0;
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = pl_lmdb_get_number(store, txn, LAST_NUMBER, &last);
    if (rc == 0) rc = pl_lmdb_put_number(store, txn, LAST_NUMBER, last);
    if (rc == 0) return pl_lmdb_error(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return rc;
}

/* The database that LMDB has for itself: the number of a transaction, and a list of pages, which
 * begins with its length. */
#define FREED ((MDB_dbi)0)

int pl_lmdb_count_freed(MDB_txn *txn, uint64_t *counted, uint64_t *pages) {
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, FREED, &cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    size_t next = (size_t)*counted + 1, count;
    MDB_val key = {.mv_size = sizeof next, .mv_data = &next}, list;
    rc = mdb_cursor_get(cursor, &key, &list, MDB_SET_RANGE);
    for (; rc == 0; rc = mdb_cursor_get(cursor, &key, &list, MDB_NEXT)) {
        memcpy(&next, key.mv_data, sizeof next);
        memcpy(&count, list.mv_data, sizeof count);
        *counted = next;
        *pages += count;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : pl_lmdb_error(rc);
}

/* ---- readers -------------------------------------------------------------------------------- */

void pl_lmdb_forget_readers(const struct pl_store *store) {
    int dead;
    mdb_reader_check(store->env, &dead);
}

int pl_lmdb_view(struct pl_store *store, MDB_txn **out) {
    if (!store->is_view_live) {
        int rc = mdb_txn_renew(store->view);
        if (rc != 0) return pl_lmdb_error(rc);
        store->is_view_live = true;
    }
    *out = store->view;
    return 0;
}

void pl_store_refresh(struct pl_store *store) {
    if (!store->is_view_live) return;
    mdb_txn_reset(store->view);
    store->is_view_live = false;
}

int pl_store_measure_all(struct pl_store *store, struct pl_store_totals *out) {
    MDB_envinfo info;
    MDB_stat stat;
    MDB_txn *view;
    int rc = pl_lmdb_view(store, &view);
    if (rc != 0) return rc;
    rc = mdb_env_info(store->env, &info);
    if (rc == 0) rc = mdb_stat(view, store->alarms, &stat);
    if (rc != 0) return pl_lmdb_error(rc);
    out->used_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    out->alarms = stat.ms_entries;
    return 0;
}
