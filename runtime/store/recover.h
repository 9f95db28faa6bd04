/*
 * recover.h -- makes a store whole that was not closed.
 *
 * Its file may hold pages of any age. The head of its journal (checkpoint.h) has the two pages that
 * lead to the newest state that is whole on disk: they are put back, and the records behind it are
 * applied again, each in a transaction of its own. That this is cut short does no harm: until its
 * end the same head counts, and leads to the same state.
 *
 * Somebody may be reading the store whose server was killed. Such a reader has pages of later states
 * in use, which would be written over; so LMDB's newest state stays then. The kernel that serves the
 * reader still has all of it, and it lacks no more than a record that nobody was told of.
 */
#pragma once

#include "store/store.h"

/* For whoever holds the lock of the folder and will write. 0, also when nothing is to be done, or a
 * negative errno: -ESTALE when the journal is of another store. */
int pl_recover(const char *folder, const struct pl_store_options *options);

/* For a reader: waits for a recovery that is under way, or does it when there is no server. `watch`
 * gets a file, also with an error, that tells others of the reader until it is closed; or -1. */
int pl_recover_for_reader(const char *folder, const struct pl_store_options *options,
                          int *watch);
