/*
 * folder.h -- the folder of a store: made, locked, and its file born whole.
 */
#pragma once

#include <stdbool.h>

#define PL_FOLDER_PATH_BYTES 4200

#define PL_STORE_NAME "data.mdb"   /* LMDB's, of the store itself */
#define PL_READERS_NAME "lock.mdb" /* LMDB's, of who reads it */
#define PL_LOCK_NAME "server.lock" /* ours, of who writes it */

/* Where the store's file has room for the name of its journal: LMDB's first page has nothing
 * there and never writes it again. */
#define PL_STORE_ID_AT (4096 - 16)
#define PL_FOLDER_BOOT_BYTES 40

/* The path of a file in the folder, or -ENAMETOOLONG. */
int pl_folder_path(const char *folder, const char *name, char out[PL_FOLDER_PATH_BYTES]);

/* Makes the folder and those above it. 0 or a negative errno. */
int pl_folder_make(const char *path);

/* One server at a time: gives the lock, a file to be closed, or -EBUSY. The kernel gives the lock
 * up with the process, however that ends. */
int pl_folder_lock(const char *folder, int *lock);

bool pl_folder_has_store(const char *folder);

/* Whether any process has the store open, readers as well. Not for one that has it open itself. */
int pl_folder_probe_readers(const char *folder, bool *is_alone);

/* What the kernel calls its run since the machine was started; zeros when it does not say. */
void pl_folder_boot(char out[PL_FOLDER_BOOT_BYTES]);

/* Makes the names in the folder durable. */
int pl_folder_sync(const char *folder);

/* A data file that is written under another name and takes its own when it is on disk. */
struct pl_birth {
    const char *folder;                   /* borrowed */
    char path[PL_FOLDER_PATH_BYTES + 32]; /* where to write it */
};

/* False when the folder has a data file. What an earlier attempt has left is removed, and a
 * journal of a file that is gone. */
bool pl_birth_begin(struct pl_birth *birth, const char *folder);

/* Gives the file, which is synced and closed, its name, and syncs that. 0 or a negative errno. */
int pl_birth_end(struct pl_birth *birth);
