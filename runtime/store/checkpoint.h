/*
 * checkpoint.h -- what a served store goes back to when its process or its machine has stopped.
 *
 * LMDB by itself makes each transaction durable with two syncs, one of pages and one of the page
 * that leads to them. A served store does not let it sync at all. What is durable is the journal:
 *
 *     checkpoint   a state of LMDB whose pages are all on disk. A reader holds it, so that LMDB
 *                  writes none of them again; the two pages that LMDB begins at are kept in the
 *                  journal's head, since LMDB itself writes over them
 *     record       in the journal, one sync for a group of batches. Only then LMDB commits them,
 *                  as everybody who reads is to see them; when these pages come to the disk, and
 *                  in which order, does not matter
 *     checkpoint   the next one, after many records: one sync of LMDB's file, and one of a head that
 *                  leads to this state and makes the records void
 *
 * Whoever opens a store that was not closed puts the first two pages back and applies the records
 * again (recover.h).
 *
 * Several threads may write. Each enters before it calls anything of this and leaves when what it
 * has done is durable, so that nothing is committed while a checkpoint is made.
 */
#pragma once

#include "store/journal.h"
#include "store/lmdb.h"

struct pl_checkpoint;

/* For a store that nobody but this process writes. Nothing is written before the first commit. */
struct pl_checkpoint *pl_checkpoint_create(struct pl_store *store, const char *folder);

/* Waits until nobody else writes. Harmless for NULL, both. */
void pl_checkpoint_enter(struct pl_checkpoint *checkpoint);
void pl_checkpoint_leave(struct pl_checkpoint *checkpoint);

/* To be called before each transaction: makes the first checkpoint, and those that are due since
 * pages are held for it that could be used again. A negative errno: nothing can be committed. */
int pl_checkpoint_prepare(struct pl_checkpoint *checkpoint);

/* Makes durable what the batches of a group have done in a transaction, which is to be committed
 * next. -ENOTRECOVERABLE: the store is broken; another negative errno: the group has failed. */
int pl_checkpoint_record(struct pl_checkpoint *checkpoint, MDB_txn *txn, int64_t now_ms,
                         const struct pl_list *group);

/* The transaction of the newest record has failed: takes the record back. */
void pl_checkpoint_cancel(struct pl_checkpoint *checkpoint);

/* Makes durable what was committed without a record: 0 or -ENOTRECOVERABLE. */
int pl_checkpoint_settle(struct pl_checkpoint *checkpoint);

/* Makes a checkpoint now. A negative errno: the one before counts. */
int pl_checkpoint_make(struct pl_checkpoint *checkpoint);

/* Makes what was freed free to be used: of what a checkpoint holds, and then of what the newest
 * transaction has given up. For a store with or without checkpoints; enters by itself. */
int pl_checkpoint_make_space(struct pl_store *store);

/* Makes the last one, so that the store needs no recovery, if it can; frees it. */
void pl_checkpoint_destroy(struct pl_checkpoint *checkpoint);

/* Fills in the pages that the store's file begins with now. */
int pl_checkpoint_read_pages(const struct pl_store *store, struct pl_journal_head *head);
