/*
 * store_folder.h -- a store in a folder of its own, for the tests of store/.
 */
#pragma once

#include "base/alloc.h"
#include "store/commit.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct store_folder {
    char path[64];
    struct pl_store *store;
    struct pl_commits *commits;
    struct pl_writer *writer; /* of the room "main/room" */
    uint64_t seq;
};

static inline struct pl_slice room_name(struct pl_buffer *out, const char *party,
                                        struct pl_slice id) {
    out->len = 0;
    pl_room_name_add(out, pl_slice_of(party), id);
    return pl_buffer_slice(out);
}

static inline int open_folder(struct store_folder *folder, uint64_t map_bytes) {
    struct pl_store_options options = {.map_bytes = map_bytes == 0 ? 1 << 28 : map_bytes,
                                       .is_volatile = true};
    struct pl_buffer why = {0};
    int rc = pl_store_open(folder->path, &options, &folder->store, &why);
    if (rc == 0) rc = pl_commits_start(folder->store, &folder->commits);
    pl_buffer_finish(&why);
    return rc;
}

static inline int make_folder(struct store_folder *folder, uint64_t map_bytes) {
    struct pl_buffer name = {0};
    *folder = (struct store_folder){.path = "/tmp/partylua-test-XXXXXX"};
    if (mkdtemp(folder->path) == NULL) return -1;
    folder->writer = pl_writer_create(room_name(&name, "main", PL_SLICE("room")));
    pl_buffer_finish(&name);
    return open_folder(folder, map_bytes);
}

static inline void close_folder(struct store_folder *folder) {
    pl_commits_stop(folder->commits);
    pl_store_close(folder->store);
}

static inline void remove_folder(struct store_folder *folder) {
    static const char *const names[] = {"data.mdb", "lock.mdb", "server.lock", "copy.mdb",
                                        "journal"};
    close_folder(folder);
    pl_writer_unref(folder->writer);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder->path, names[i]);
        unlink(path);
    }
    rmdir(folder->path);
}

static inline struct pl_batch *new_batch(struct store_folder *folder) {
    return pl_batch_create(folder->writer, ++folder->seq);
}

/* Hands over one batch and waits for it; gives its result and the room's number. */
static inline int commit(struct store_folder *folder, struct pl_batch *batch,
                         uint64_t *number) {
    struct pl_list list;
    pl_list_init(&list);
    pl_list_push(&list, &batch->in_queue);
    pl_commits_submit(folder->commits, &list);
    pl_commits_settle(folder->commits);
    pl_commits_take_done(folder->commits, &list);
    int result = batch->result;
    if (number != NULL) *number = batch->number;
    pl_list_remove(&batch->in_queue);
    pl_batch_destroy(batch);
    pl_store_refresh(folder->store);
    return result;
}
