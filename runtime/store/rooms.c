#include "store/rooms.h"

#include "base/endian.h"
#include "store/entries.h"

#include <errno.h>

#define RECORD_VERSION 1

/* A record's bytes: its version, then numbers of 8 bytes. */
enum { NUMBER, CREATED, EPOCH, SEQ, DUE, ATTEMPT, RETRIES, FIELDS };
#define RECORD_BYTES (1 + FIELDS * 8)

void pl_room_name_add(struct pl_buffer *out, struct pl_slice party, struct pl_slice id) {
    pl_buffer_add(out, party);
    pl_buffer_add_byte(out, '\0');
    pl_buffer_add(out, id);
}

bool pl_room_name_split(struct pl_slice name, struct pl_slice *party, struct pl_slice *id) {
    const char *end = name.len == 0 ? NULL : memchr(name.at, '\0', name.len);
    if (end == NULL) return false;
    *party = pl_slice(name.at, (size_t)(end - name.at));
    *id = pl_slice_after(name, party->len + 1);
    return true;
}

bool pl_room_record_read(struct pl_slice bytes, struct pl_room_record *out) {
    if (bytes.len != RECORD_BYTES || bytes.at[0] != RECORD_VERSION) return false;
    uint64_t field[FIELDS];
    for (size_t i = 0; i < FIELDS; i++) field[i] = pl_get_u64(bytes.at + 1 + i * 8);
    *out = (struct pl_room_record){
        .number = field[NUMBER],
        .created_ms = (int64_t)field[CREATED],
        .epoch = field[EPOCH],
        .seq = field[SEQ],
        .alarm = {.due_ms = (int64_t)field[DUE],
                  .attempt_ms = (int64_t)field[ATTEMPT],
                  .retries = (uint32_t)field[RETRIES]},
    };
    return true;
}

static void write_record(const struct pl_room_record *record, char out[RECORD_BYTES]) {
    const uint64_t field[FIELDS] = {
        [NUMBER] = record->number,
        [CREATED] = (uint64_t)record->created_ms,
        [EPOCH] = record->epoch,
        [SEQ] = record->seq,
        [DUE] = (uint64_t)record->alarm.due_ms,
        [ATTEMPT] = (uint64_t)record->alarm.attempt_ms,
        [RETRIES] = record->alarm.retries,
    };
    out[0] = RECORD_VERSION;
    for (size_t i = 0; i < FIELDS; i++) pl_put_u64(out + 1 + i * 8, field[i]);
}

int pl_rooms_get(const struct pl_store *store, MDB_txn *txn, struct pl_slice name,
                 struct pl_room_record *out) {
    struct pl_slice bytes;
    int rc = pl_entries_get(store, txn, PL_DIRECTORY, name, &bytes);
    if (rc != 0) return rc;
    return pl_room_record_read(bytes, out) ? 0 : -EIO;
}

int pl_rooms_put(const struct pl_store *store, MDB_txn *txn, struct pl_slice name,
                 const struct pl_room_record *record) {
    char bytes[RECORD_BYTES];
    write_record(record, bytes);
    return pl_entries_put(store, txn, PL_DIRECTORY, name, pl_slice(bytes, sizeof bytes));
}

int pl_rooms_delete(const struct pl_store *store, MDB_txn *txn, struct pl_slice name) {
    return pl_entries_delete(store, txn, PL_DIRECTORY, name);
}

int pl_store_find_room(struct pl_store *store, struct pl_slice name,
                       struct pl_room_record *out) {
    MDB_txn *txn;
    int rc = pl_lmdb_view(store, &txn);
    return rc != 0 ? rc : pl_rooms_get(store, txn, name, out);
}

int pl_store_get(struct pl_store *store, uint64_t number, struct pl_slice key,
                 struct pl_slice *value) {
    MDB_txn *txn;
    int rc = pl_lmdb_view(store, &txn);
    return rc != 0 ? rc : pl_entries_get(store, txn, number, key, value);
}

int pl_store_measure(struct pl_store *store, uint64_t number, struct pl_room_size *out) {
    struct pl_range all = {0};
    struct pl_entries_cursor *entries;
    struct pl_slice key, value;
    *out = (struct pl_room_size){0};
    int rc = pl_store_list(store, number, &all, &entries);
    if (rc != 0) return rc;
    while ((rc = pl_store_next(entries, &key, &value)) == 0) {
        out->entries++;
        out->bytes += key.len + value.len;
    }
    pl_store_end_list(entries);
    return rc == -ENOENT ? 0 : rc;
}
