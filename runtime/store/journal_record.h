/*
 * journal_record.h -- a group of batches as the bytes of one record.
 *
 * Batches say what the store is to hold, so applied in the same order to the same store they give
 * the same again, numbers of rooms included.
 */
#pragma once

#include "base/buffer.h"
#include "store/batch.h"

struct pl_journal_record {
    uint64_t txn;           /* LMDB's number of the transaction they were applied in */
    int64_t now_ms;         /* wall time they were applied with */
    struct pl_list batches; /* of pl_batch.in_queue */
};

/* Adds the bytes of a record with those batches of a list whose result is 0. */
void pl_journal_record_add(struct pl_buffer *out, uint64_t txn, int64_t now_ms,
                           const struct pl_list *group);

/* Reads such bytes: 0 or -EBADMSG. The record is to be finished in both cases. */
int pl_journal_record_read(struct pl_slice bytes, struct pl_journal_record *out);

/* Frees the batches. */
void pl_journal_record_finish(struct pl_journal_record *record);
