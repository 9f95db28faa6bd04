/*
 * vector_call.h -- a call of an index from room code, and the thread that such calls go to.
 *
 * A call passes the gate of its room's storage first: what follows a write happens when the write
 * is durable, and never when it fails. The caller's task waits meanwhile.
 *
 * References: the handle's in Lua, and one while it waits at the gate or is with the thread.
 */
#pragma once

#include "base/list.h"
#include "net/watch.h"
#include "vector/indexes.h"

struct pl_job;
struct pl_room;
struct pl_store;
struct pl_worker;

/* Where calls go. A zeroed struct is closed. */
struct pl_vector_desk {
    struct pl_store *store; /* NULL: closed */
    struct pl_loop *loop;
    struct pl_indexes_options options;
    struct pl_indexes *indexes; /* from the first call on */
    struct pl_worker *worker;
    struct pl_watch watch;
    void (*on_broken)(void *owner); /* the store takes nothing any more; may be NULL */
    void *owner;
};

struct pl_vector_call {
    unsigned refs;
    struct pl_job *job; /* owned; not ours to touch before it is done */
    struct pl_vector_desk *desk;
    void *waiter; /* tasks that wait for the end */
    bool is_started, is_done;
};

/* Without a loop there is no thread: calls run at once. `on_broken` and its owner, if somebody is to
 * hear of that, are set by the caller afterwards. */
void pl_vector_desk_open(struct pl_vector_desk *desk, struct pl_store *store,
                         struct pl_loop *loop, const struct pl_indexes_options *options);

/* Waits for what is under way. Tasks that wait for calls must be gone. */
void pl_vector_desk_close(struct pl_vector_desk *desk);

/* The job is taken. */
struct pl_vector_call *pl_vector_call_create(struct pl_job *job);
void pl_vector_call_ref(void *call);
void pl_vector_call_unref(void *call);

/* Hands it over, for a room or (NULL) for nobody's. */
void pl_vector_call_start(struct pl_vector_call *call, struct pl_vector_desk *desk,
                          struct pl_room *room);
