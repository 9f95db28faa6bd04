/*
 * worker.h -- the thread that runs the jobs of indexes, so that a large search holds nobody up.
 */
#pragma once

#include "base/list.h"

#include <stddef.h>

struct pl_indexes;
struct pl_job;
struct pl_worker;

/* Of jobs that wait for their turn. */
#define PL_WORKER_JOBS_MAX 4096
#define PL_WORKER_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* The indexes are the thread's from now on, until it is stopped. 0 or a negative errno. */
int pl_worker_start(struct pl_indexes *indexes, struct pl_worker **out);

/* Becomes readable when jobs have come back. */
int pl_worker_fd(const struct pl_worker *worker);

/* Hands over a job. -EAGAIN: too many are waiting. */
int pl_worker_submit(struct pl_worker *worker, struct pl_job *job);

/* Moves those that have come back (of pl_job.in_queue) to the empty list `out`. */
void pl_worker_take_done(struct pl_worker *worker, struct pl_list *out);

/* Ends the thread, after what was handed over to be written; what was to be read is given up. Jobs
 * that came back meanwhile are in `out`. */
void pl_worker_stop(struct pl_worker *worker, struct pl_list *out);
