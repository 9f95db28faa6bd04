/*
 * copy.h -- a store as one file: backups, and stores made of them.
 *
 * At every moment a path holds a whole file or none: what is being written stands beside it,
 * under a name that ends in `.part`, and takes its place when it is durable.
 */
#pragma once

#include "store/store.h"

/* Writes a compact copy of what is stored at one moment. Neither `path` nor what it is called
 * while it is written may exist: -EEXIST. */
int pl_store_backup(struct pl_store *store, const char *path);

struct pl_restore {
    const char *file, *folder;
    uint64_t map_bytes; /* as in pl_store_options */
    bool is_forced;     /* takes the place of a store that is there, which is kept beside it */
};

struct pl_restored {
    uint64_t rooms, entries;
    char kept[64];         /* name of the earlier store in the folder; empty: there was none */
    bool is_file_at_fault; /* an error is about the file, else about the folder */
};

/* Makes the store of a folder out of a backup, which is looked through before it counts. Errors,
 * with a sentence in `why`: those of pl_store_open, and -ENOTEMPTY. */
int pl_store_restore(const struct pl_restore *restore, struct pl_restored *out,
                     struct pl_buffer *why);
