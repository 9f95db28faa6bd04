#include "store/apply.h"

#include "store/alarms.h"
#include "store/entries.h"
#include "store/rooms.h"

#include <errno.h>

static struct pl_slice name_of(const struct pl_batch *batch) {
    return pl_slice(batch->writer->name, batch->writer->name_len);
}

/* The room's record, or a new one with a number of its own. */
static int find_record(const struct pl_store *store, MDB_txn *txn, struct pl_batch *batch,
                       int64_t now_ms, struct pl_room_record *record, bool *is_new) {
    int rc = pl_rooms_get(store, txn, name_of(batch), record);
    *is_new = rc == -ENOENT;
    if (!*is_new) return rc;
    *record = (struct pl_room_record){.created_ms = now_ms};
    return pl_lmdb_take_number(store, txn, &record->number);
}

static int apply_writes(const struct pl_store *store, MDB_txn *txn,
                        const struct pl_batch *batch, uint64_t number, bool *deletes) {
    PL_LIST_EACH(at, &batch->writes) {
        struct pl_write *write = pl_container_of(at, struct pl_write, in_batch);
        int rc;
        if (pl_write_is_delete(write)) {
            *deletes = true;
            rc = pl_entries_delete(store, txn, number, write->key);
        } else {
            rc = pl_entries_put(store, txn, number, write->key, write->value);
        }
        if (rc != 0) return rc;
    }
    return 0;
}

static int apply_alarm(const struct pl_store *store, MDB_txn *txn, const struct pl_batch *batch,
                       struct pl_room_record *record) {
    int rc = 0;
    if (record->alarm.due_ms != 0) {
        rc = pl_alarms_remove(store, txn, record->alarm.attempt_ms, record->number);
    }
    record->alarm = batch->alarm;
    if (rc == 0 && record->alarm.due_ms != 0) {
        rc =
            pl_alarms_add(store, txn, record->alarm.attempt_ms, record->number, name_of(batch));
    }
    return rc;
}

/* A room of which nothing is left is forgotten. */
static int tidy(const struct pl_store *store, MDB_txn *txn, struct pl_batch *batch,
                const struct pl_room_record *record, bool is_new, bool may_be_empty) {
    if (may_be_empty && record->alarm.due_ms == 0) {
        int rc = pl_entries_probe(store, txn, record->number);
        if (rc == -ENOENT) {
            batch->number = 0;
            return is_new ? 0 : pl_rooms_delete(store, txn, name_of(batch));
        }
        if (rc != 0) return rc;
    }
    if (!is_new && !batch->has_alarm) return 0;
    return pl_rooms_put(store, txn, name_of(batch), record);
}

int pl_batch_apply(const struct pl_store *store, MDB_txn *txn, struct pl_batch *batch,
                   int64_t now_ms) {
    struct pl_room_record record;
    bool is_new;
    int rc = find_record(store, txn, batch, now_ms, &record, &is_new);
    if (rc != 0) return rc;
    batch->number = record.number;
    record.seq = batch->seq;
    bool may_be_empty = is_new || batch->clears || batch->has_alarm;
    if (batch->clears) rc = pl_entries_clear(store, txn, record.number);
    if (rc == 0) rc = apply_writes(store, txn, batch, record.number, &may_be_empty);
    if (rc == 0 && batch->has_alarm) rc = apply_alarm(store, txn, batch, &record);
    if (rc == 0) rc = tidy(store, txn, batch, &record, is_new, may_be_empty);
    return rc;
}
