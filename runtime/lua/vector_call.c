#include "lua/vector_call.h"

#include "lua/engine.h"
#include "party/outbox.h"
#include "party/room.h"
#include "vector/job.h"
#include "vector/worker.h"

#include <errno.h>
#include <stdlib.h>

/* ---- the thread ----------------------------------------------------------------------------- */

static void finish(struct pl_vector_call *call) {
    call->is_done = true;
    pl_tasks_wake_in(&call->waiter);
    pl_vector_call_unref(call);
}

static void take_back(struct pl_vector_desk *desk, struct pl_list *done) {
    while (!pl_list_is_empty(done)) {
        struct pl_job *job = pl_container_of(done->next, struct pl_job, in_queue);
        pl_list_remove(&job->in_queue);
        bool is_broken = job->result == -ENOTRECOVERABLE;
        if (is_broken && desk->on_broken != NULL) desk->on_broken(desk->owner);
        finish(job->owner);
    }
}

static void on_done(void *owner) {
    struct pl_vector_desk *desk = owner;
    struct pl_list done;
    pl_worker_take_done(desk->worker, &done);
    take_back(desk, &done);
}

void pl_vector_desk_open(struct pl_vector_desk *desk, struct pl_store *store,
                         struct pl_loop *loop, const struct pl_indexes_options *options) {
    *desk = (struct pl_vector_desk){.store = store, .loop = loop, .options = *options};
}

void pl_vector_desk_close(struct pl_vector_desk *desk) {
    struct pl_list done;
    pl_watch_close(&desk->watch);
    pl_worker_stop(desk->worker, &done);
    take_back(desk, &done);
    pl_indexes_destroy(desk->indexes);
    desk->store = NULL;
    desk->worker = NULL;
    desk->indexes = NULL;
}

/* A server whose rooms search nothing has no thread for it. */
static int start_worker(struct pl_vector_desk *desk) {
    if (desk->worker != NULL) return 0;
    int rc = pl_worker_start(desk->indexes, &desk->worker);
    if (rc != 0) return rc;
    rc = pl_watch_open(&desk->watch, desk->loop, pl_worker_fd(desk->worker), on_done, desk);
    if (rc != 0) {
        struct pl_list none;
        pl_worker_stop(desk->worker, &none);
        desk->worker = NULL;
    }
    return rc;
}

/* ---- a call --------------------------------------------------------------------------------- */

struct pl_vector_call *pl_vector_call_create(struct pl_job *job) {
    struct pl_vector_call *call = pl_alloc_zero(sizeof *call);
    call->job = job;
    job->owner = call;
    return call;
}

void pl_vector_call_ref(void *object) { ((struct pl_vector_call *)object)->refs++; }

void pl_vector_call_unref(void *object) {
    struct pl_vector_call *call = object;
    if (--call->refs > 0) return;
    pl_job_destroy(call->job);
    free(call);
}

static void submit(struct pl_vector_call *call) {
    struct pl_vector_desk *desk = call->desk;
    if (desk->indexes == NULL) desk->indexes = pl_indexes_create(desk->store, &desk->options);
    if (desk->loop == NULL) {
        pl_indexes_run_one(desk->indexes, call->job);
        finish(call);
        return;
    }
    int rc = start_worker(desk);
    if (rc == 0) rc = pl_worker_submit(desk->worker, call->job);
    if (rc == 0) return;
    if (rc == -EAGAIN) pl_job_fail(call->job, rc, "too many calls are waiting");
    call->job->result = rc;
    finish(call);
}

static void run_deferred(void *owner, bool is_wanted) {
    struct pl_vector_call *call = owner;
    if (is_wanted) submit(call);
    else pl_vector_call_unref(call); /* whoever waits is gone as well */
}

void pl_vector_call_start(struct pl_vector_call *call, struct pl_vector_desk *desk,
                          struct pl_room *room) {
    if (call->is_started) return;
    call->is_started = true;
    call->desk = desk;
    pl_vector_call_ref(call);
    if (room != NULL && pl_room_is_gated(room)) pl_outbox_call(room, run_deferred, call);
    else submit(call);
}
