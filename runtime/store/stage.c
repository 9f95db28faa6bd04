#include "store/stage.h"

#include "base/clock.h"
#include "store/alarms.h"
#include "store/entries.h"
#include "store/lmdb.h"
#include "store/rooms.h"

#include <errno.h>
#include <stdlib.h>

/* The meta entry that names the node which no room has. */
#define STAGED "staged node"

/* Of entries that one transaction copies or clears. */
#define STEP_BYTES (4 * 1024 * 1024)
#define STEP_ENTRIES 10000

struct pl_stage {
    struct pl_store *store;
    uint64_t node;
    size_t name_len;
    char name[];
};

static struct pl_slice name_of(const struct pl_stage *stage) {
    return pl_slice(stage->name, stage->name_len);
}

static int begin(const struct pl_store *store, MDB_txn **out) {
    return pl_lmdb_error(mdb_txn_begin(store->env, NULL, 0, out));
}

static int end(MDB_txn *txn, int rc) {
    if (rc == 0) return pl_lmdb_error(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return rc;
}

/* ---- clearing ------------------------------------------------------------------------------- */

/* Deletes some entries of a node: 0 while there may be more, -ENOENT when it is empty. */
static int clear_step(struct pl_store *store, uint64_t node) {
    struct pl_range all = {0};
    struct pl_entries_cursor *entries;
    struct pl_slice key, value;
    size_t bytes = 0, count = 0;
    MDB_txn *txn;
    int rc = begin(store, &txn);
    if (rc != 0) return rc;
    pl_store_refresh(store);
    rc = pl_store_list(store, node, &all, &entries);
    if (rc != 0) return end(txn, rc);
    while (bytes < STEP_BYTES && count < STEP_ENTRIES &&
           (rc = pl_store_next(entries, &key, &value)) == 0) {
        rc = pl_entries_delete(store, txn, node, key);
        if (rc != 0) break;
        bytes += key.len + value.len;
        count++;
    }
    pl_store_end_list(entries);
    pl_store_refresh(store);
    bool is_empty = rc == -ENOENT && count == 0;
    rc = end(txn, rc == -ENOENT ? 0 : rc);
    return rc == 0 && is_empty ? -ENOENT : rc;
}

static int find_staged(struct pl_store *store, uint64_t *node) {
    MDB_txn *txn;
    pl_store_refresh(store);
    int rc = pl_lmdb_view(store, &txn);
    if (rc == 0) rc = pl_lmdb_get_number(store, txn, STAGED, node);
    pl_store_refresh(store);
    return rc;
}

int pl_stage_clear(struct pl_store *store) {
    uint64_t node;
    MDB_txn *txn;
    int rc = find_staged(store, &node);
    if (rc == -ENOENT) return 0;
    while (rc == 0) rc = clear_step(store, node);
    if (rc != -ENOENT) return rc;
    rc = begin(store, &txn);
    return rc != 0 ? rc : end(txn, pl_lmdb_delete_number(store, txn, STAGED));
}

/* ---- writing -------------------------------------------------------------------------------- */

static int take_node(struct pl_store *store, uint64_t *node) {
    MDB_txn *txn;
    int rc = begin(store, &txn);
    if (rc != 0) return rc;
    rc = pl_lmdb_take_number(store, txn, node);
    if (rc == 0) rc = pl_lmdb_put_number(store, txn, STAGED, *node);
    return end(txn, rc);
}

/* Copies entries until a step is full: 0, or -ENOENT behind the last. What is read is a snapshot
 * that the transaction does not touch. */
static int copy_step(struct pl_stage *stage, struct pl_entries_cursor *entries) {
    struct pl_slice key, value;
    size_t bytes = 0;
    MDB_txn *txn;
    int rc = begin(stage->store, &txn);
    if (rc != 0) return rc;
    while (bytes < STEP_BYTES && (rc = pl_store_next(entries, &key, &value)) == 0) {
        rc = pl_entries_put(stage->store, txn, stage->node, key, value);
        if (rc != 0) return end(txn, rc);
        bytes += key.len + value.len;
    }
    bool is_last = rc == -ENOENT;
    rc = end(txn, is_last ? 0 : rc);
    return rc == 0 && is_last ? -ENOENT : rc;
}

static int copy_entries(struct pl_stage *stage) {
    struct pl_range all = {0};
    struct pl_room_record record;
    struct pl_entries_cursor *entries;
    int rc = pl_store_find_room(stage->store, name_of(stage), &record);
    if (rc != 0) return rc == -ENOENT ? 0 : rc;
    rc = pl_store_list(stage->store, record.number, &all, &entries);
    if (rc != 0) return rc;
    while (rc == 0) rc = copy_step(stage, entries);
    pl_store_end_list(entries);
    return rc == -ENOENT ? 0 : rc;
}

int pl_stage_begin(struct pl_store *store, struct pl_slice name, bool keeps_entries,
                   struct pl_stage **out) {
    uint64_t node;
    int rc = pl_stage_clear(store);
    if (rc == 0) rc = take_node(store, &node);
    if (rc != 0) return rc;
    struct pl_stage *stage = pl_alloc(sizeof *stage + name.len);
    *stage = (struct pl_stage){.store = store, .node = node, .name_len = name.len};
    memcpy(stage->name, name.at, name.len);
    if (keeps_entries) rc = copy_entries(stage);
    if (rc != 0) {
        pl_stage_drop(stage);
        return rc;
    }
    *out = stage;
    return 0;
}

int pl_stage_add(struct pl_stage *stage, const struct pl_batch *batch) {
    MDB_txn *txn;
    int rc = begin(stage->store, &txn);
    if (rc != 0) return rc;
    PL_LIST_EACH(at, &batch->writes) {
        struct pl_write *write = pl_container_of(at, struct pl_write, in_batch);
        rc = pl_write_is_delete(write)
                 ? pl_entries_delete(stage->store, txn, stage->node, write->key)
                 : pl_entries_put(stage->store, txn, stage->node, write->key, write->value);
        if (rc != 0) break;
    }
    return end(txn, rc);
}

/* ---- placing -------------------------------------------------------------------------------- */

/* Gives the room its new record, whose number is that of the stage. One that has neither entries
 * nor an alarm is forgotten. */
static int put_record(const struct pl_stage *stage, MDB_txn *txn,
                      const struct pl_room_record *record) {
    const struct pl_store *store = stage->store;
    if (record->alarm.due_ms == 0) {
        int rc = pl_entries_probe(store, txn, record->number);
        if (rc == -ENOENT) return pl_rooms_delete(store, txn, name_of(stage));
        if (rc != 0) return rc;
    } else {
        int rc =
            pl_alarms_add(store, txn, record->alarm.attempt_ms, record->number, name_of(stage));
        if (rc != 0) return rc;
    }
    return pl_rooms_put(store, txn, name_of(stage), record);
}

static int place(const struct pl_stage *stage, MDB_txn *txn,
                 const struct pl_stored_alarm *alarm) {
    struct pl_clock clock = {0};
    struct pl_room_record record;
    int rc = pl_rooms_get(stage->store, txn, name_of(stage), &record);
    if (rc == -ENOENT) {
        record = (struct pl_room_record){.created_ms = pl_clock_wall_ms(&clock)};
    } else if (rc != 0) {
        return rc;
    }
    rc = 0;
    if (record.alarm.due_ms != 0) {
        rc = pl_alarms_remove(stage->store, txn, record.alarm.attempt_ms, record.number);
    }
    uint64_t before = record.number; /* 0: it had none */
    record.number = stage->node;
    if (alarm != NULL) record.alarm = *alarm;
    if (rc == 0) rc = put_record(stage, txn, &record);
    if (rc != 0) return rc;
    return before != 0 ? pl_lmdb_put_number(stage->store, txn, STAGED, before)
                       : pl_lmdb_delete_number(stage->store, txn, STAGED);
}

int pl_stage_place(struct pl_stage *stage, const struct pl_stored_alarm *alarm) {
    MDB_txn *txn;
    int rc = begin(stage->store, &txn);
    if (rc == 0) rc = end(txn, place(stage, txn, alarm));
    /* The node that is left, the room's earlier one or ours, can also be cleared later. */
    pl_stage_drop(stage);
    return rc;
}

void pl_stage_drop(struct pl_stage *stage) {
    if (stage == NULL) return;
    pl_stage_clear(stage->store);
    free(stage);
}
