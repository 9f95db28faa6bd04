#include "vector/worker.h"

#include "base/alloc.h"
#include "vector/indexes.h"
#include "vector/job.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What a transaction writes holds up the rooms' own commits for as long as it takes. */
#define GROUP_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define GROUP_JOBS_MAX 64

struct pl_worker {
    struct pl_indexes *indexes;
    pthread_t thread;
    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t has_work;
    struct pl_list queue, done; /* of pl_job.in_queue */
    size_t waiting_count, waiting_bytes;
    bool is_stopping;
    int event; /* an eventfd */
};

/* Moves the oldest jobs to the empty list `group`: one at least. */
static void take_group(struct pl_worker *worker, struct pl_list *group) {
    size_t bytes = 0;
    for (int i = 0; i < GROUP_JOBS_MAX && bytes < GROUP_BYTES_MAX; i++) {
        if (pl_list_is_empty(&worker->queue)) break;
        struct pl_job *job = pl_container_of(worker->queue.next, struct pl_job, in_queue);
        pl_list_remove(&job->in_queue);
        pl_list_push(group, &job->in_queue);
        bytes += job->item_bytes;
        worker->waiting_bytes -= job->item_bytes;
        worker->waiting_count--;
    }
}

static void append(struct pl_list *to, struct pl_list *from) {
    while (!pl_list_is_empty(from)) {
        struct pl_list *first = from->next;
        pl_list_remove(first);
        pl_list_push(to, first);
    }
}

static void *run(void *argument) {
    struct pl_worker *worker = argument;
    struct pl_list group;
    pl_list_init(&group);
    pthread_mutex_lock(&worker->lock);
    for (;;) {
        while (pl_list_is_empty(&worker->queue) && !worker->is_stopping) {
            pthread_cond_wait(&worker->has_work, &worker->lock);
        }
        if (pl_list_is_empty(&worker->queue)) break;
        take_group(worker, &group);
        pthread_mutex_unlock(&worker->lock);
        pl_indexes_run(worker->indexes, &group);
        pthread_mutex_lock(&worker->lock);
        append(&worker->done, &group);
        eventfd_write(worker->event, 1);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

/* Signals are for the loop's thread. */
static int start_thread(struct pl_worker *worker) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&worker->thread, NULL, run, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

int pl_worker_start(struct pl_indexes *indexes, struct pl_worker **out) {
    struct pl_worker *worker = pl_alloc_zero(sizeof *worker);
    worker->indexes = indexes;
    pl_list_init(&worker->queue);
    pl_list_init(&worker->done);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->has_work, NULL);
    worker->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int rc = worker->event < 0 ? -errno : start_thread(worker);
    if (rc != 0) {
        if (worker->event >= 0) close(worker->event);
        free(worker);
        return rc;
    }
    *out = worker;
    return 0;
}

int pl_worker_fd(const struct pl_worker *worker) { return worker->event; }

int pl_worker_submit(struct pl_worker *worker, struct pl_job *job) {
    pthread_mutex_lock(&worker->lock);
    bool is_full = worker->waiting_count >= PL_WORKER_JOBS_MAX ||
                   worker->waiting_bytes >= PL_WORKER_BYTES_MAX;
    if (!is_full) {
        pl_list_push(&worker->queue, &job->in_queue);
        worker->waiting_count++;
        worker->waiting_bytes += job->item_bytes;
        pthread_cond_signal(&worker->has_work);
    }
    pthread_mutex_unlock(&worker->lock);
    return is_full ? -EAGAIN : 0;
}

void pl_worker_take_done(struct pl_worker *worker, struct pl_list *out) {
    eventfd_t count;
    eventfd_read(worker->event, &count);
    pthread_mutex_lock(&worker->lock);
    pl_list_move(out, &worker->done);
    pthread_mutex_unlock(&worker->lock);
}

/* Whoever waits for what is read is gone; what is to be written is worth keeping. */
static void give_up_reading(struct pl_worker *worker) {
    PL_LIST_EACH(at, &worker->queue) {
        struct pl_job *job = pl_container_of(at, struct pl_job, in_queue);
        if (pl_job_is_writing(job)) continue;
        job->result = -ECANCELED;
        pl_list_remove(at);
        pl_list_push(&worker->done, at);
    }
}

void pl_worker_stop(struct pl_worker *worker, struct pl_list *out) {
    pl_list_init(out);
    if (worker == NULL) return;
    pthread_mutex_lock(&worker->lock);
    worker->is_stopping = true;
    give_up_reading(worker);
    pthread_cond_signal(&worker->has_work);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    pl_list_move(out, &worker->done);
    pthread_mutex_destroy(&worker->lock);
    pthread_cond_destroy(&worker->has_work);
    close(worker->event);
    free(worker);
}
