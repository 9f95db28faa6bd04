/*
 * folder.h -- the folder of a store: made, locked, and its file born whole.
 */
#pragma once

#include <stdbool.h>

#define PL_FOLDER_PATH_BYTES 4200

#define PL_STORE_NAME "data.mdb"   /* LMDB's, of the store itself */
#define PL_READERS_NAME "lock.mdb" /* LMDB's, of who reads it */
#define PL_LOCK_NAME "server.lock" /* ours, of who writes it */

/* The path of a file in the folder, or -ENAMETOOLONG. */
int pl_folder_path(const char *folder, const char *name, char out[PL_FOLDER_PATH_BYTES]);

/* Makes the folder and those above it. 0 or a negative errno. */
int pl_folder_make(const char *path);

/* One server at a time: gives the lock, a file to be closed, or -EBUSY. The kernel gives the lock
 * up with the process, however that ends. */
int pl_folder_lock(const char *folder, int *lock);

/* Makes the names in the folder durable. */
int pl_folder_sync(const char *folder);

/* A data file that is written under another name and takes its own when it is on disk. */
struct pl_birth {
    const char *folder;                   /* borrowed */
    char path[PL_FOLDER_PATH_BYTES + 32]; /* where to write it */
};

/* False when the folder has a data file. What an earlier attempt has left is removed. */
bool pl_birth_begin(struct pl_birth *birth, const char *folder);

/* Gives the file, which is synced and closed, its name, and syncs that. 0 or a negative errno. */
int pl_birth_end(struct pl_birth *birth);
