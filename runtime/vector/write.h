/*
 * write.h -- what jobs change, inside a transaction of the store.
 */
#pragma once

#include "vector/job.h"

/* Finds the index of a job, and that it has the shape the job counts on. -ENOENT, or -EINVAL, with
 * a sentence. */
int pl_write_find_index(struct pl_job *job, const struct pl_vector_txn *txn);

/* The error of a job whose index is not there. */
int pl_write_no_index(struct pl_job *job);

/* Runs a job that writes, or makes the index of one that reads. After an error the transaction is
 * of no more use. */
int pl_write_run(struct pl_job *job, const struct pl_vector_txn *txn, uint64_t vectors_max);
