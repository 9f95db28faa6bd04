#include "base/queue.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* ---- the thread, which has the lock but where it lets go of it -------------------------------- */

/* Waits for work. False: there was none for a while, and it is time to rest. */
static bool wait_for_work(struct pl_queue *queue) {
    struct timespec until;
    if (queue->calls->rest == NULL || queue->is_rested) {
        pthread_cond_wait(&queue->has_work, &queue->lock);
        return true;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += queue->calls->idle_seconds;
    return pthread_cond_timedwait(&queue->has_work, &queue->lock, &until) != ETIMEDOUT;
}

static void rest(struct pl_queue *queue) {
    pthread_mutex_unlock(&queue->lock);
    queue->is_rested = queue->calls->rest(queue->owner);
    pthread_mutex_lock(&queue->lock);
}

static void work(struct pl_queue *queue) {
    struct pl_list group;
    pl_list_init(&group);
    queue->calls->take(queue->owner, &queue->waiting, &group);
    queue->is_busy = true;
    queue->is_rested = false;
    pthread_mutex_unlock(&queue->lock);
    queue->calls->run(queue->owner, &group);
    pthread_mutex_lock(&queue->lock);
    queue->is_busy = false;
    pl_list_move_some(&queue->done, &group, SIZE_MAX);
    pthread_cond_signal(&queue->has_settled);
    eventfd_write(queue->event, 1);
}

static void *run(void *argument) {
    struct pl_queue *queue = argument;
    pthread_mutex_lock(&queue->lock);
    for (;;) {
        while (pl_list_is_empty(&queue->waiting) && !queue->is_stopping) {
            if (!wait_for_work(queue)) rest(queue);
        }
        if (pl_list_is_empty(&queue->waiting)) break;
        work(queue);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

/* Signals are for the loop's thread. */
static int start_thread(struct pl_queue *queue) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&queue->thread, NULL, run, queue);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

/* ---- its life -------------------------------------------------------------------------------- */

/* It is waited for until a moment, which changes of the wall time must not move. */
static void init_work(pthread_cond_t *has_work) {
    pthread_condattr_t how;
    pthread_condattr_init(&how);
    pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
    pthread_cond_init(has_work, &how);
    pthread_condattr_destroy(&how);
}

static void finish(struct pl_queue *queue) {
    pthread_mutex_destroy(&queue->lock);
    pthread_cond_destroy(&queue->has_work);
    pthread_cond_destroy(&queue->has_settled);
    if (queue->event >= 0) close(queue->event);
}

int pl_queue_start(struct pl_queue *queue, const struct pl_queue_calls *calls, void *owner) {
    *queue = (struct pl_queue){.calls = calls, .owner = owner, .is_rested = true};
    pl_list_init(&queue->waiting);
    pl_list_init(&queue->done);
    pthread_mutex_init(&queue->lock, NULL);
    init_work(&queue->has_work);
    pthread_cond_init(&queue->has_settled, NULL);
    queue->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int rc = queue->event < 0 ? -errno : start_thread(queue);
    if (rc != 0) finish(queue);
    return rc;
}

int pl_queue_fd(const struct pl_queue *queue) { return queue->event; }

void pl_queue_submit(struct pl_queue *queue, struct pl_list *elements) {
    if (pl_list_is_empty(elements)) return;
    pthread_mutex_lock(&queue->lock);
    pl_list_move_some(&queue->waiting, elements, SIZE_MAX);
    pthread_cond_signal(&queue->has_work);
    pthread_mutex_unlock(&queue->lock);
}

void pl_queue_take_some(struct pl_queue *queue, size_t count, struct pl_list *out) {
    eventfd_t told;
    pl_list_init(out);
    pthread_mutex_lock(&queue->lock);
    pl_list_move_some(out, &queue->done, count);
    if (pl_list_is_empty(&queue->done)) eventfd_read(queue->event, &told);
    pthread_mutex_unlock(&queue->lock);
}

void pl_queue_take_done(struct pl_queue *queue, struct pl_list *out) {
    pl_queue_take_some(queue, SIZE_MAX, out);
}

void pl_queue_settle(struct pl_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    while (queue->is_busy || !pl_list_is_empty(&queue->waiting)) {
        pthread_cond_wait(&queue->has_settled, &queue->lock);
    }
    pthread_mutex_unlock(&queue->lock);
}

void pl_queue_stop(struct pl_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->is_stopping = true;
    pthread_cond_signal(&queue->has_work);
    pthread_mutex_unlock(&queue->lock);
    pthread_join(queue->thread, NULL);
    finish(queue);
}

void pl_queue_lock(struct pl_queue *queue) { pthread_mutex_lock(&queue->lock); }

void pl_queue_unlock(struct pl_queue *queue) { pthread_mutex_unlock(&queue->lock); }

void pl_queue_push(struct pl_queue *queue, struct pl_list *element) {
    pl_list_push(&queue->waiting, element);
    pthread_cond_signal(&queue->has_work);
}
