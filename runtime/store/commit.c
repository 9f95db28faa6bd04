#include "store/commit.h"

#include "base/clock.h"
#include "store/apply.h"
#include "store/checkpoint.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* A group has to end some time: those at its beginning are waiting. */
#define GROUP_BATCHES_MAX 4096

/* Without work for so long, a checkpoint is made: a start after a crash has nothing to do then. */
#define IDLE_SECONDS 5

/* Groups between two looks for readers that have died. */
#define GROUPS_PER_CHECK 64

struct pl_commits {
    struct pl_store *store;
    pthread_t thread;
    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t has_work, has_settled;
    struct pl_list queue; /* of pl_batch.in_queue */
    struct pl_list done;
    bool is_busy, is_stopping, is_broken;
    int event;       /* an eventfd */
    unsigned groups; /* the thread's: how many there were */
    bool is_behind;  /* the thread's: there were some since it made a checkpoint */
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

/* Moves so many batches at most, the oldest first, to the end of another list. Those that it
 * passes by are not written to: they lie in the cache of another core, mostly. */
static void move_some(struct pl_list *to, struct pl_list *from, size_t count) {
    struct pl_list *last = from;
    while (count-- > 0 && last->next != from) last = last->next;
    if (last != from) pl_list_move_first(to, from, last);
}

static void append(struct pl_list *to, struct pl_list *from) {
    if (!pl_list_is_empty(from)) pl_list_move_first(to, from, from->prev);
}

/* Waits for work. False: there was none for a while, and a checkpoint can be made. */
static bool wait_for_work(struct pl_commits *commits) {
    struct timespec until;
    if (commits->store->checkpoint == NULL || !commits->is_behind) {
        pthread_cond_wait(&commits->has_work, &commits->lock);
        return true;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_SECONDS;
    return pthread_cond_timedwait(&commits->has_work, &commits->lock, &until) != ETIMEDOUT;
}

/* With the lock, which is let go meanwhile. */
static void make_checkpoint(struct pl_commits *commits) {
    struct pl_checkpoint *checkpoint = commits->store->checkpoint;
    pthread_mutex_unlock(&commits->lock);
    pl_checkpoint_enter(checkpoint);
    pl_checkpoint_make(checkpoint);
    pl_checkpoint_leave(checkpoint);
    commits->is_behind = false;
    pthread_mutex_lock(&commits->lock);
}

/* With the lock, which is let go meanwhile. */
static void work(struct pl_commits *commits) {
    struct pl_list group;
    pl_list_init(&group);
    move_some(&group, &commits->queue, GROUP_BATCHES_MAX);
    commits->is_busy = true;
    pthread_mutex_unlock(&commits->lock);
    if (commits->groups++ % GROUPS_PER_CHECK == 0) pl_lmdb_forget_readers(commits->store);
    bool is_whole = commit_group(commits->store, &group);
    commits->is_behind = true;
    pthread_mutex_lock(&commits->lock);
    commits->is_broken = commits->is_broken || !is_whole;
    commits->is_busy = false;
    append(&commits->done, &group);
    pthread_cond_signal(&commits->has_settled);
    eventfd_write(commits->event, 1);
}

static void *run(void *argument) {
    struct pl_commits *commits = argument;
    pthread_mutex_lock(&commits->lock);
    for (;;) {
        while (pl_list_is_empty(&commits->queue) && !commits->is_stopping) {
            if (!wait_for_work(commits)) make_checkpoint(commits);
        }
        if (pl_list_is_empty(&commits->queue)) break;
        work(commits);
    }
    pthread_mutex_unlock(&commits->lock);
    return NULL;
}

/* Signals are for the loop's thread. */
static int start_thread(struct pl_commits *commits) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&commits->thread, NULL, run, commits);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

/* It is waited for until a moment, which changes of the wall time must not move. */
static void init_work(pthread_cond_t *has_work) {
    pthread_condattr_t how;
    pthread_condattr_init(&how);
    pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
    pthread_cond_init(has_work, &how);
    pthread_condattr_destroy(&how);
}

int pl_commits_start(struct pl_store *store, struct pl_commits **out) {
    struct pl_commits *commits = pl_alloc_zero(sizeof *commits);
    commits->store = store;
    pl_list_init(&commits->queue);
    pl_list_init(&commits->done);
    pthread_mutex_init(&commits->lock, NULL);
    init_work(&commits->has_work);
    pthread_cond_init(&commits->has_settled, NULL);
    commits->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int rc = commits->event < 0 ? -errno : start_thread(commits);
    if (rc != 0) {
        if (commits->event >= 0) close(commits->event);
        free(commits);
        return rc;
    }
    *out = commits;
    return 0;
}

int pl_commits_fd(const struct pl_commits *commits) { return commits->event; }

void pl_commits_submit(struct pl_commits *commits, struct pl_list *batches) {
    if (pl_list_is_empty(batches)) return;
    pthread_mutex_lock(&commits->lock);
    append(&commits->queue, batches);
    pthread_cond_signal(&commits->has_work);
    pthread_mutex_unlock(&commits->lock);
}

void pl_commits_take_some(struct pl_commits *commits, size_t count, struct pl_list *out) {
    eventfd_t told;
    pl_list_init(out);
    pthread_mutex_lock(&commits->lock);
    move_some(out, &commits->done, count);
    if (pl_list_is_empty(&commits->done)) eventfd_read(commits->event, &told);
    pthread_mutex_unlock(&commits->lock);
}

void pl_commits_take_done(struct pl_commits *commits, struct pl_list *out) {
    pl_commits_take_some(commits, SIZE_MAX, out);
}

bool pl_commits_is_broken(struct pl_commits *commits) {
    pthread_mutex_lock(&commits->lock);
    bool is_broken = commits->is_broken;
    pthread_mutex_unlock(&commits->lock);
    return is_broken;
}

void pl_commits_settle(struct pl_commits *commits) {
    pthread_mutex_lock(&commits->lock);
    while (commits->is_busy || !pl_list_is_empty(&commits->queue)) {
        pthread_cond_wait(&commits->has_settled, &commits->lock);
    }
    pthread_mutex_unlock(&commits->lock);
}

void pl_commits_stop(struct pl_commits *commits) {
    if (commits == NULL) return;
    pthread_mutex_lock(&commits->lock);
    commits->is_stopping = true;
    pthread_cond_signal(&commits->has_work);
    pthread_mutex_unlock(&commits->lock);
    pthread_join(commits->thread, NULL);
    pthread_mutex_destroy(&commits->lock);
    pthread_cond_destroy(&commits->has_work);
    pthread_cond_destroy(&commits->has_settled);
    close(commits->event);
    free(commits);
}
