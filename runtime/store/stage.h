/*
 * stage.h -- entries of a room that are written beside it and take its place all at once.
 *
 * A transaction keeps what it writes in memory. However much is to be written, here it takes as
 * many transactions as it needs, into a node that no room has; one last transaction gives that to
 * the room. A node that no room got, because the process was killed, is cleared when the store
 * is opened for writing the next time.
 */
#pragma once

#include "store/store.h"

struct pl_stage;

/* Begins with no entries, or with copies of those that the room has. 0 or a negative errno. The
 * store has one stage at a time. */
int pl_stage_begin(struct pl_store *store, struct pl_slice name, bool keeps_entries,
                   struct pl_stage **out);

/* Writes the entries of a batch, which is left to the caller. */
int pl_stage_add(struct pl_stage *stage, const struct pl_batch *batch);

/* Gives what was written to the room, with an alarm, or with the one that it has (NULL); a
 * due_ms of 0 is none. Ends the stage, whatever comes of it. */
int pl_stage_place(struct pl_stage *stage, const struct pl_stored_alarm *alarm);

/* Ends the stage; the room stays as it is. Harmless for NULL. */
void pl_stage_drop(struct pl_stage *stage);

/* Clears what a stage has left behind. */
int pl_stage_clear(struct pl_store *store);
