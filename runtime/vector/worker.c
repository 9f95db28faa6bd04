#include "vector/worker.h"

#include "base/alloc.h"
#include "base/queue.h"
#include "vector/indexes.h"
#include "vector/job.h"

#include <errno.h>
#include <stdlib.h>

/* What a transaction writes holds up the rooms' own commits for as long as it takes. */
#define GROUP_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define GROUP_JOBS_MAX 64

struct pl_worker {
    struct pl_indexes *indexes;
    struct pl_queue queue;               /* of pl_job.in_queue */
    size_t waiting_count, waiting_bytes; /* with the queue's lock */
};

static void take_group(void *owner, struct pl_list *waiting, struct pl_list *group) {
    struct pl_worker *worker = owner;
    size_t bytes = 0;
    for (int i = 0; i < GROUP_JOBS_MAX && bytes < GROUP_BYTES_MAX; i++) {
        if (pl_list_is_empty(waiting)) break;
        struct pl_job *job = pl_container_of(waiting->next, struct pl_job, in_queue);
        pl_list_remove(&job->in_queue);
        pl_list_push(group, &job->in_queue);
        bytes += job->item_bytes;
        worker->waiting_bytes -= job->item_bytes;
        worker->waiting_count--;
    }
}

static void run_group(void *owner, struct pl_list *group) {
    const struct pl_worker *worker = owner;
    pl_indexes_run(worker->indexes, group);
}

static const struct pl_queue_calls queue_calls = {.take = take_group, .run = run_group};

int pl_worker_start(struct pl_indexes *indexes, struct pl_worker **out) {
    struct pl_worker *worker = pl_alloc_zero(sizeof *worker);
    worker->indexes = indexes;
    int rc = pl_queue_start(&worker->queue, &queue_calls, worker);
    if (rc != 0) {
        free(worker);
        return rc;
    }
    *out = worker;
    return 0;
}

int pl_worker_fd(const struct pl_worker *worker) { return pl_queue_fd(&worker->queue); }

int pl_worker_submit(struct pl_worker *worker, struct pl_job *job) {
    pl_queue_lock(&worker->queue);
    bool is_full = worker->waiting_count >= PL_WORKER_JOBS_MAX ||
                   worker->waiting_bytes >= PL_WORKER_BYTES_MAX;
    if (!is_full) {
        worker->waiting_count++;
        worker->waiting_bytes += job->item_bytes;
        pl_queue_push(&worker->queue, &job->in_queue);
    }
    pl_queue_unlock(&worker->queue);
    return is_full ? -EAGAIN : 0;
}

void pl_worker_take_done(struct pl_worker *worker, struct pl_list *out) {
    pl_queue_take_done(&worker->queue, out);
}

/* Whoever waits for what is read is gone; what is to be written is worth keeping. */
static void give_up_reading(struct pl_queue *queue) {
    pl_queue_lock(queue);
    PL_LIST_EACH(at, &queue->waiting) {
        struct pl_job *job = pl_container_of(at, struct pl_job, in_queue);
        if (pl_job_is_writing(job)) continue;
        job->result = -ECANCELED;
        pl_list_remove(at);
        pl_list_push(&queue->done, at);
    }
    pl_queue_unlock(queue);
}

void pl_worker_stop(struct pl_worker *worker, struct pl_list *out) {
    pl_list_init(out);
    if (worker == NULL) return;
    give_up_reading(&worker->queue);
    pl_queue_stop(&worker->queue);
    pl_list_move(out, &worker->queue.done);
    free(worker);
}
