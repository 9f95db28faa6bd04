/*
 * storage.h -- what one room stores: reads that see its own pending writes, batches, the gate.
 *
 * Changes of one turn of the loop form a batch, which is handed over at the turn's end and comes
 * back durable or failed. Until then its writes lie over what is on disk. While a batch that
 * somebody must be able to rely on is not durable the room's gate is shut: its effects wait in
 * the outbox (outbox.h).
 *
 *     put, delete, deleteAll, alarm --> open batch --turn ends--> flying --commit--> durable
 *     get, list  <-- open batch over flying ones over the store
 */
#pragma once

#include "base/map.h"
#include "store/store.h"

struct pl_room;
struct pl_server;

struct pl_storage {
    struct pl_room *room; /* owns the storage */
    struct pl_store *store;
    struct pl_writer *writer;
    struct pl_batch *open;    /* this turn's changes, or NULL */
    struct pl_list in_server; /* while there is an open batch */
    struct pl_map pending;    /* of struct pl_write: the newest that is not durable, by key */
    uint64_t seq;             /* of the newest batch */
    uint64_t durable_seq;
    uint64_t gate_seq;            /* of the newest batch that effects must wait for */
    uint64_t clear_seq;           /* of the newest deleteAll that is not durable; 0: none */
    size_t flying_bytes;          /* of batches that are not durable */
    uint64_t number;              /* of the room in the store; 0: it has nothing there */
    struct pl_stored_alarm alarm; /* the newest, durable or not */
    struct pl_list outbox;        /* of pl_effect.in_outbox */
    size_t outbox_bytes;
};

/* The room's storage, read from disk at the first call. A negative errno when that fails:
 * -ENAMETOOLONG for a room whose id is too long to store anything. */
int pl_room_storage(struct pl_room *room, struct pl_storage **out);

/* Forgets everything that is not durable. The commit thread's batches come back to nobody. */
void pl_storage_destroy(struct pl_storage *storage);

/* ---- entries -------------------------------------------------------------------------------- */

/* 0 or -ENOENT. The value is borrowed until the next change or the end of the turn. */
int pl_storage_get(struct pl_storage *storage, struct pl_slice key, struct pl_slice *value);

/* Whoever sets `is_silent` does not need the write to be durable before effects leave. */
void pl_storage_put(struct pl_storage *storage, struct pl_slice key, struct pl_slice value,
                    bool is_silent);
void pl_storage_delete(struct pl_storage *storage, struct pl_slice key, bool is_silent);

/* Deletes every entry; the alarm stays. */
void pl_storage_clear(struct pl_storage *storage, bool is_silent);

/* ---- the alarm ------------------------------------------------------------------------------ */

/* alarm.due_ms 0 takes the alarm away. */
void pl_storage_set_alarm(struct pl_storage *storage, struct pl_stored_alarm alarm,
                          bool is_silent);

/* ---- commits -------------------------------------------------------------------------------- */

static inline bool pl_storage_is_gated(const struct pl_storage *storage) {
    return storage->gate_seq > storage->durable_seq;
}

/* Hands over the open batches of all rooms: for the end of a turn. */
void pl_storages_submit(struct pl_server *server);

/* Takes back a list of batches (of pl_batch.in_queue). A failed one aborts its room. */
void pl_storages_take_back(struct pl_server *server, struct pl_list *batches);
