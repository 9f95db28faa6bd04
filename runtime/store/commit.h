/*
 * commit.h -- the thread that makes batches durable, as many at once as are waiting.
 *
 * While the disk works on one group the next one forms, so a busy server needs no window of
 * time to gather writes and an idle one does not wait. All batches of a group share one
 * transaction and one sync. A group that fails is tried again batch by batch, so that one that
 * is too big takes no others with it.
 */
#pragma once

#include "base/list.h"

#include <stdbool.h>

struct pl_batch;
struct pl_commits;
struct pl_store;

/* Makes one batch durable here and now, for those who need no thread: 0 or a negative errno. */
int pl_commit_now(struct pl_store *store, struct pl_batch *batch);

/* 0 or a negative errno. */
int pl_commits_start(struct pl_store *store, struct pl_commits **out);

/* Becomes readable when batches have come back. */
int pl_commits_fd(const struct pl_commits *commits);

/* Hands over all batches of a list (of pl_batch.in_queue), in order; it is empty afterwards. */
void pl_commits_submit(struct pl_commits *commits, struct pl_list *batches);

/* Moves those that have come back to the empty list `out`, in the order they were handed over,
 * each with its result. */
void pl_commits_take_done(struct pl_commits *commits, struct pl_list *out);

/* The same for so many at most. While there are more it stays readable. */
void pl_commits_take_some(struct pl_commits *commits, size_t count, struct pl_list *out);

/* Whether the store takes nothing any more, whatever comes. */
bool pl_commits_is_broken(struct pl_commits *commits);

/* Waits until everything handed over has come back. */
void pl_commits_settle(struct pl_commits *commits);

/* Ends the thread, after what was handed over. */
void pl_commits_stop(struct pl_commits *commits);
