#include "store/commit.h"

#include "base/clock.h"
#include "base/queue.h"
#include "store/apply.h"
#include "store/checkpoint.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A group has to end some time: those at its beginning are waiting. */
#define GROUP_BATCHES_MAX 4096

/* Without work for so long, a checkpoint is made: a start after a crash has nothing to do then. */
#define IDLE_SECONDS 5

/* Groups between two looks for readers that have died. */
#define GROUPS_PER_CHECK 64

struct pl_commits {
    struct pl_store *store;
    struct pl_queue queue; /* of pl_batch.in_queue */
    unsigned groups;       /* the thread's: how many there were */
    atomic_bool is_broken;
};

static struct pl_batch *batch_at(struct pl_list *at) {
    return pl_container_of(at, struct pl_batch, in_queue);
}

/* Applies the batches of a list. Those behind a failed one of the same writer are left out, with
 * -ECANCELED; `count` is of the others. */
static int apply_group(const struct pl_store *store, MDB_txn *txn, struct pl_list *group,
                       int64_t now_ms, size_t *count) {
    *count = 0;
    PL_LIST_EACH(at, group) {
        struct pl_batch *batch = batch_at(at);
        batch->result = batch->writer->has_failed ? -ECANCELED : 0;
        if (batch->result != 0) continue;
        int rc = pl_batch_apply(store, txn, batch, now_ms);
        if (rc != 0) return rc;
        ++*count;
    }
    return 0;
}

/* Readers see a group when it is committed, so it is on disk before. */
static int end_group(const struct pl_store *store, MDB_txn *txn, struct pl_list *group,
                     int64_t now_ms) {
    if (store->checkpoint == NULL) return pl_lmdb_error(mdb_txn_commit(txn));
    int rc = pl_checkpoint_record(store->checkpoint, txn, now_ms, group);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = pl_lmdb_error(mdb_txn_commit(txn));
    if (rc != 0) pl_checkpoint_cancel(store->checkpoint);
    return rc;
}

static int commit_in_turn(struct pl_store *store, struct pl_list *group) {
    struct pl_clock clock = {0};
    int64_t now_ms = pl_clock_wall_ms(&clock);
    size_t count;
    MDB_txn *txn;
    int rc = store->checkpoint == NULL ? 0 : pl_checkpoint_prepare(store->checkpoint);
    if (rc == 0) rc = pl_lmdb_error(mdb_txn_begin(store->env, NULL, 0, &txn));
    if (rc != 0) return rc;
    rc = apply_group(store, txn, group, now_ms, &count);
    if (rc == 0 && count > 0) return end_group(store, txn, group, now_ms);
    mdb_txn_abort(txn);
    return rc;
}

/* Applies the batches of a list in one transaction and commits it. */
static int commit_together(struct pl_store *store, struct pl_list *group) {
    pl_checkpoint_enter(store->checkpoint);
    int rc = commit_in_turn(store, group);
    pl_checkpoint_leave(store->checkpoint);
    return rc;
}

static void commit_alone(struct pl_store *store, struct pl_batch *batch) {
    struct pl_list alone;
    pl_list_init(&alone);
    pl_list_push(&alone, &batch->in_queue);
    int rc = commit_together(store, &alone);
    if (rc == -ENOSPC && pl_checkpoint_make_space(store) == 0) {
        rc = commit_together(store, &alone);
    }
    if (rc != 0) batch->result = rc;
    if (batch->result != 0) batch->writer->has_failed = true;
    pl_list_remove(&batch->in_queue);
}

int pl_commit_now(struct pl_store *store, struct pl_batch *batch) {
    commit_alone(store, batch);
    return batch->result;
}

/* False when the store is broken. */
static bool commit_group(struct pl_store *store, struct pl_list *group) {
    bool is_broken = false;
    int rc = commit_together(store, group);
    if (rc == 0) return true;
    struct pl_list rest;
    pl_list_move(&rest, group);
    while (!pl_list_is_empty(&rest)) {
        struct pl_batch *batch = batch_at(rest.next);
        pl_list_remove(&batch->in_queue);
        commit_alone(store, batch);
        is_broken = is_broken || batch->result == -ENOTRECOVERABLE;
        pl_list_push(group, &batch->in_queue);
    }
    return !is_broken;
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void take_group(void *owner, struct pl_list *waiting, struct pl_list *group) {
    (void)owner;
    pl_list_move_some(group, waiting, GROUP_BATCHES_MAX);
}

static void run_group(void *owner, struct pl_list *group) {
    struct pl_commits *commits = owner;
    if (commits->groups++ % GROUPS_PER_CHECK == 0) pl_lmdb_forget_readers(commits->store);
    if (!commit_group(commits->store, group)) atomic_store(&commits->is_broken, true);
}

/* Tried again until it works: it also makes a record void that could not be taken back. */
static bool rest(void *owner) {
    const struct pl_commits *commits = owner;
    struct pl_checkpoint *checkpoint = commits->store->checkpoint;
    if (checkpoint == NULL) return true;
    pl_checkpoint_enter(checkpoint);
    int rc = pl_checkpoint_make(checkpoint);
    pl_checkpoint_leave(checkpoint);
    return rc == 0;
}

static const struct pl_queue_calls queue_calls = {
    .take = take_group,
    .run = run_group,
    .rest = rest,
    .idle_seconds = IDLE_SECONDS,
};

int pl_commits_start(struct pl_store *store, struct pl_commits **out) {
    struct pl_commits *commits = pl_alloc_zero(sizeof *commits);
    commits->store = store;
    int rc = pl_queue_start(&commits->queue, &queue_calls, commits);
    if (rc != 0) {
        free(commits);
        return rc;
    }
    *out = commits;
    return 0;
}

int pl_commits_fd(const struct pl_commits *commits) { return pl_queue_fd(&commits->queue); }

void pl_commits_submit(struct pl_commits *commits, struct pl_list *batches) {
    pl_queue_submit(&commits->queue, batches);
}

void pl_commits_take_done(struct pl_commits *commits, struct pl_list *out) {
    pl_queue_take_done(&commits->queue, out);
}

void pl_commits_take_some(struct pl_commits *commits, size_t count, struct pl_list *out) {
    pl_queue_take_some(&commits->queue, count, out);
}

bool pl_commits_is_broken(struct pl_commits *commits) {
    return atomic_load(&commits->is_broken);
}

void pl_commits_settle(struct pl_commits *commits) { pl_queue_settle(&commits->queue); }

void pl_commits_stop(struct pl_commits *commits) {
    if (commits == NULL) return;
    pl_queue_stop(&commits->queue);
    free(commits);
}
