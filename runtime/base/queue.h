/*
 * queue.h -- work for a thread of its own: what waits for it, and what has come back.
 *
 * Pieces of work are elements of lists, whose owner knows what they are. The thread takes a group
 * of them, the oldest first, and while it works on those the next group forms. What has been
 * done is taken back in the order it was done in; a file descriptor tells a loop when there is
 * some.
 */
#pragma once

#include "base/list.h"

#include <pthread.h>
#include <stdbool.h>

/* What the thread does. `owner` is the queue's. */
struct pl_queue_calls {
    /* Moves the oldest of `waiting`, one at least, to the empty list `group`; with the lock. */
    void (*take)(void *owner, struct pl_list *waiting, struct pl_list *group);

    /* Does what the group asks for; without the lock. */
    void (*run)(void *owner, struct pl_list *group);

    /* There was nothing to do for idle_seconds since `run`; without the lock. False: it is called
     * again after as long. NULL: nothing is done then. */
    bool (*rest)(void *owner);
    unsigned idle_seconds;
};

struct pl_queue {
    const struct pl_queue_calls *calls;
    void *owner;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t has_work, has_settled;
    struct pl_list waiting, done;
    bool is_busy, is_stopping;
    bool is_rested; /* the thread's: `rest` has nothing to do until something is run */
    int event;      /* an eventfd */
};

/* 0 or a negative errno. `calls` and `owner` are borrowed until the queue has stopped. */
int pl_queue_start(struct pl_queue *queue, const struct pl_queue_calls *calls, void *owner);

/* Becomes readable when something has come back. */
int pl_queue_fd(const struct pl_queue *queue);

/* Hands over all elements of a list, in order; it is empty afterwards. */
void pl_queue_submit(struct pl_queue *queue, struct pl_list *elements);

/* Moves what has come back to the empty list `out`. */
void pl_queue_take_done(struct pl_queue *queue, struct pl_list *out);

/* The same for so many at most, the oldest. While there are more the descriptor stays readable. */
void pl_queue_take_some(struct pl_queue *queue, size_t count, struct pl_list *out);

/* Waits until everything handed over has come back. */
void pl_queue_settle(struct pl_queue *queue);

/* Ends the thread, after what was handed over. What came back meanwhile is in `done`. */
void pl_queue_stop(struct pl_queue *queue);

/* ---- for an owner that shares more with the thread, or looks at what waits -------------------- */

void pl_queue_lock(struct pl_queue *queue);
void pl_queue_unlock(struct pl_queue *queue);

/* Hands over one element; with the lock. */
void pl_queue_push(struct pl_queue *queue, struct pl_list *element);
