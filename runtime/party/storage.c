#include "party/storage.h"

#include "base/log.h"
#include "base/ticks.h"
#include "party/outbox.h"
#include "party/room.h"
#include "party/server.h"

#include <errno.h>
#include <stdlib.h>

static struct pl_storage *create(struct pl_room *room, struct pl_slice name,
                                 const struct pl_room_record *record) {
    struct pl_storage *storage = pl_alloc_zero(sizeof *storage);
    storage->room = room;
    storage->store = room->server->store;
    storage->writer = pl_writer_create(name);
    storage->writer->owner = storage;
    storage->number = record->number;
    storage->alarm = record->alarm;
    pl_list_init(&storage->in_server);
    pl_list_init(&storage->outbox);
    return storage;
}

int pl_room_storage(struct pl_room *room, struct pl_storage **out) {
    if (room->storage != NULL) {
        *out = room->storage;
        return 0;
    }
    struct pl_room_record record = {0};
    struct pl_buffer name = {0};
    pl_room_name_add(&name, pl_party_name(room->party), pl_room_id(room));
    int rc = name.len > PL_ROOM_NAME_BYTES_MAX
                 ? -ENAMETOOLONG
                 : pl_store_find_room(room->server->store, pl_buffer_slice(&name), &record);
    if (rc == 0 || rc == -ENOENT) {
        *out = room->storage = create(room, pl_buffer_slice(&name), &record);
        rc = 0;
    }
    pl_buffer_finish(&name);
    return rc;
}

void pl_storage_destroy(struct pl_storage *storage) {
    if (storage == NULL) return;
    pl_outbox_drop(storage);
    if (storage->open != NULL) pl_batch_destroy(storage->open);
    pl_list_remove(&storage->in_server);
    pl_map_finish(&storage->pending);
    storage->writer->owner = NULL;
    pl_writer_unref(storage->writer);
    free(storage);
}

/* ---- changes -------------------------------------------------------------------------------- */

/* The room stays in memory until the batch is back. */
static struct pl_batch *open_batch(struct pl_storage *storage, bool is_silent) {
    if (storage->open == NULL) {
        storage->open = pl_batch_create(storage->writer, ++storage->seq);
        storage->room->server->batch_count++;
        pl_list_push(&storage->room->server->storing, &storage->in_server);
        pl_room_hold(storage->room);
    }
    if (!is_silent) {
        storage->open->is_silent = false;
        storage->gate_seq = storage->seq;
    }
    return storage->open;
}

/* The newest write of a key takes the place of one of the same batch. */
static void write_key(struct pl_storage *storage, struct pl_slice key, struct pl_slice value,
                      bool is_silent) {
    struct pl_batch *batch = open_batch(storage, is_silent);
    struct pl_write *write = pl_batch_add(batch, key, value);
    struct pl_write *old = pl_map_put(&storage->pending, write->key, write);
    if (old != NULL && old->seq == batch->seq) pl_batch_drop(batch, old);
}

void pl_storage_put(struct pl_storage *storage, struct pl_slice key, struct pl_slice value,
                    bool is_silent) {
    if (value.at == NULL) value = PL_SLICE("");
    write_key(storage, key, value, is_silent);
}

void pl_storage_delete(struct pl_storage *storage, struct pl_slice key, bool is_silent) {
    write_key(storage, key, (struct pl_slice){0}, is_silent);
}

void pl_storage_clear(struct pl_storage *storage, bool is_silent) {
    struct pl_batch *batch = open_batch(storage, is_silent);
    pl_map_finish(&storage->pending);
    PL_LIST_EACH(at, &batch->writes) {
        pl_batch_drop(batch, pl_container_of(at, struct pl_write, in_batch));
    }
    batch->clears = true;
    storage->clear_seq = batch->seq;
}

void pl_storage_set_alarm(struct pl_storage *storage, struct pl_stored_alarm alarm,
                          bool is_silent) {
    struct pl_batch *batch = open_batch(storage, is_silent);
    batch->has_alarm = true;
    batch->alarm = storage->alarm = alarm;
}

/* ---- reading -------------------------------------------------------------------------------- */

int pl_storage_get(struct pl_storage *storage, struct pl_slice key, struct pl_slice *value) {
    const struct pl_write *write = pl_map_find(&storage->pending, key);
    if (write != NULL) {
        if (pl_write_is_delete(write)) return -ENOENT;
        *value = write->value;
        return 0;
    }
    if (storage->clear_seq != 0 || storage->number == 0) return -ENOENT;
    return pl_store_get(storage->store, storage->number, key, value);
}

/* ---- commits -------------------------------------------------------------------------------- */

void pl_storages_submit(struct pl_server *server) {
    struct pl_list batches;
    if (pl_list_is_empty(&server->storing)) return;
    pl_list_init(&batches);
    PL_LIST_EACH(at, &server->storing) {
        struct pl_storage *storage = pl_container_of(at, struct pl_storage, in_server);
        pl_list_remove(&storage->in_server);
        storage->flying_bytes += storage->open->bytes;
        storage->open->handed_ticks = pl_ticks();
        server->flying_count++;
        pl_list_push(&batches, &storage->open->in_queue);
        storage->open = NULL;
    }
    server->commit_calls->submit(server->commits, &batches);
}

/* Writes that newer ones have not replaced are on disk now. */
static void forget_writes(struct pl_storage *storage, struct pl_batch *batch) {
    PL_LIST_EACH(at, &batch->writes) {
        struct pl_write *write = pl_container_of(at, struct pl_write, in_batch);
        pl_map_drop(&storage->pending, write->key, write);
    }
}

static void on_durable(struct pl_storage *storage, struct pl_batch *batch) {
    struct pl_room *room = storage->room;
    storage->durable_seq = batch->seq;
    storage->number = batch->number;
    storage->flying_bytes -= batch->bytes;
    if (storage->clear_seq == batch->seq) storage->clear_seq = 0;
    forget_writes(storage, batch);
    if (batch->has_alarm) pl_alarms_note(room->server, &batch->alarm);
    pl_alarm_on_durable(room);
    pl_outbox_release(storage);
    pl_room_on_durable(room);
}

static void log_failure(const struct pl_room *room, int error) {
    struct pl_log_line line;
    pl_log_begin(&line, PL_LOG_ERROR, "storage", PL_SLICE("commit failed, the room is reset"));
    pl_log_add(&line, "party", pl_party_name(room->party));
    pl_log_add(&line, "room", pl_room_id(room));
    pl_log_add(&line, "err", pl_slice_of(strerror(-error)));
    pl_log_end(&line);
}

static void take_back(struct pl_server *server, struct pl_batch *batch) {
    struct pl_storage *storage = batch->writer->owner;
    server->flying_count--;
    pl_histogram_add(&server->storage_times[PL_STORAGE_COMMIT], &pl_buckets_short,
                     pl_ticks_since(batch->handed_ticks));
    if (storage == NULL) return; /* its room was aborted */
    struct pl_room *room = pl_room_ref(storage->room);
    if (batch->result == 0) {
        on_durable(storage, batch);
        pl_room_let_go(room);
    } else {
        log_failure(room, batch->result);
        pl_room_abort(room);
    }
    pl_room_unref(room);
}

void pl_storages_take_back(struct pl_server *server, struct pl_list *batches) {
    pl_store_refresh(server->store);
    while (!pl_list_is_empty(batches)) {
        struct pl_batch *batch = pl_container_of(batches->next, struct pl_batch, in_queue);
        pl_list_remove(&batch->in_queue);
        take_back(server, batch);
        pl_batch_destroy(batch);
    }
}
