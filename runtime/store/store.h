/*
 * store.h -- what rooms have stored, in one folder on disk.
 *
 * Reads happen on the loop's thread, from a snapshot that is taken at the first read of a turn
 * and given up at its end; they never wait. Changes go through store/commit.h. One server has
 * the folder at a time (a lock on it); readers such as `partylua storage list` may look on.
 */
#pragma once

#include "base/buffer.h"
#include "store/batch.h"

struct pl_entries_cursor;
struct pl_store;

#define PL_KEY_BYTES_MAX 2048                  /* of an entry (Party API) */
#define PL_ROOM_NAME_BYTES_MAX 20000           /* party and id of a room that stores anything */
#define PL_STORE_MAP_BYTES ((uint64_t)1 << 40) /* of address space; the file grows as needed */

struct pl_store_options {
    uint64_t map_bytes; /* 0: PL_STORE_MAP_BYTES */
    bool is_read_only;  /* takes no lock and changes nothing */
    bool is_volatile;   /* never waits for the disk: what is kept need not last */
    bool is_served;     /* many small commits: through a journal, unless it is volatile */
    bool is_copy;       /* a backup, a file that nobody changes; for readers only */
};

/* Opens the store in a folder, which is made when it is missing (not for readers). Errors, with
 * a sentence in `why`: -EBUSY a server has it, -EPROTO it was made by a newer version,
 * -EMEDIUMTYPE it holds something else, -ENOENT nothing is there to read, -EBADMSG the copy or
 * the journal is damaged, -ESTALE the journal is of another store, or what the system says. */
int pl_store_open(const char *path, const struct pl_store_options *options,
                  struct pl_store **out, struct pl_buffer *why);

/* Adds the sentence about an error that has to do with a store. */
void pl_store_explain(struct pl_buffer *why, const char *path, int error, bool is_copy);

/* Every batch must have come back before. */
void pl_store_close(struct pl_store *store);

/* What is read from now on is everything committed by now. Slices from before are invalid. */
void pl_store_refresh(struct pl_store *store);

/* ---- rooms ---------------------------------------------------------------------------------- */

/* What is stored about a room beside its entries. */
struct pl_room_record {
    uint64_t number; /* its entries are under this number */
    int64_t created_ms;
    uint64_t epoch,
        seq; /* of whoever wrote the record last: what a shared engine fences with */
    struct pl_stored_alarm alarm;
};

/* Adds the name under which a room of a party is stored. */
void pl_room_name_add(struct pl_buffer *out, struct pl_slice party, struct pl_slice id);

/* The two parts of a name again. */
bool pl_room_name_split(struct pl_slice name, struct pl_slice *party, struct pl_slice *id);

/* 0, or -ENOENT when the room has stored nothing. */
int pl_store_find_room(struct pl_store *store, struct pl_slice name,
                       struct pl_room_record *out);

/* ---- entries -------------------------------------------------------------------------------- */

/* 0 or -ENOENT. The value is borrowed until the next refresh. */
int pl_store_get(struct pl_store *store, uint64_t number, struct pl_slice key,
                 struct pl_slice *value);

/* Keys from `start` on and before `end`, in the order of their bytes; at NULL: no bound. */
struct pl_range {
    struct pl_slice start, end;
    bool is_start_out; /* `start` itself does not belong to it */
    bool is_reverse;   /* from the last to the first */
};

/* Walks a room's entries. The cursor must be closed before the next refresh; slices are valid
 * until the next step. */
int pl_store_list(struct pl_store *store, uint64_t number, const struct pl_range *range,
                  struct pl_entries_cursor **out);
/* 0, or -ENOENT at the end. */
int pl_store_next(struct pl_entries_cursor *cursor, struct pl_slice *key,
                  struct pl_slice *value);
void pl_store_end_list(struct pl_entries_cursor *cursor);

/* Walks the directory of rooms like entries: names in their order, and records. */
int pl_store_list_rooms(struct pl_store *store, const struct pl_range *range,
                        struct pl_entries_cursor **out);
bool pl_room_record_read(struct pl_slice bytes, struct pl_room_record *out);

/* What a room takes: how many entries, and the bytes of their keys and values. */
struct pl_room_size {
    uint64_t entries, bytes;
};
int pl_store_measure(struct pl_store *store, uint64_t number, struct pl_room_size *out);

/* The whole store: pages that were ever used, and alarms. */
struct pl_store_totals {
    uint64_t used_bytes, alarms;
};
int pl_store_measure_all(struct pl_store *store, struct pl_store_totals *out);

/* ---- alarms --------------------------------------------------------------------------------- */

/* A row of the alarms in the order they are due. */
struct pl_alarm_row {
    int64_t attempt_ms;
    uint64_t number;
    struct pl_slice name; /* of the room; borrowed until the next refresh */
};

/* The first row behind the one in `row` (all zero: the first of all). 0 or -ENOENT. */
int pl_store_next_alarm(struct pl_store *store, struct pl_alarm_row *row);
