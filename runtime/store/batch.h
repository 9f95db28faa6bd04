/*
 * batch.h -- changes of one room that become durable together, or not at all.
 *
 * A batch is made and given back on the loop's thread. Between pl_commits_submit and
 * pl_commits_take_done it belongs to the commit thread, which reads it and fills in its result.
 */
#pragma once

#include "base/list.h"
#include "base/slice.h"

#include <stdint.h>

/* Where batches of a room come from, one for each life of the room in memory. Once a batch of a
 * writer has failed, those behind it fail too: they build on what is not there. */
struct pl_writer {
    unsigned refs;   /* counted on the loop's thread only */
    bool has_failed; /* the commit thread's */
    void *owner;     /* the loop's thread's: whom batches come back to; NULL: nobody */
    size_t name_len;
    char name[]; /* the room's, as pl_room_name_add makes it */
};

/* One key's new value, or its end. */
struct pl_write {
    struct pl_list in_batch;
    uint64_t seq; /* of its batch */
    struct pl_slice key;
    struct pl_slice value; /* at NULL: the key is deleted */
    char bytes[];
};

/* A room's alarm as it is stored. Times are wall time in milliseconds. */
struct pl_stored_alarm {
    int64_t due_ms;     /* what setAlarm was given; 0: there is none */
    int64_t attempt_ms; /* when it is tried next: due_ms, or later after a failure */
    uint32_t retries;   /* failed runs so far */
};

struct pl_batch {
    struct pl_list in_queue;
    struct pl_writer *writer; /* a reference */
    uint64_t seq;             /* counts the writer's batches, from 1 */
    struct pl_list writes;    /* of struct pl_write, in no order that matters */
    size_t bytes;             /* of keys and values */
    struct pl_stored_alarm alarm;
    bool clears;           /* everything stored before goes first */
    bool has_alarm;        /* `alarm` takes the place of what was there */
    bool is_silent;        /* every write in it opted out of the output gate */
    uint64_t handed_ticks; /* when it was handed over (ticks.h) */
    int result;            /* 0 or a negative errno; -ECANCELED behind one that failed */
    uint64_t number;       /* the room's after it; 0 when nothing of the room is left */
};

struct pl_writer *pl_writer_create(struct pl_slice name);
void pl_writer_unref(struct pl_writer *writer);

/* An empty batch, with a reference of its own to the writer. */
struct pl_batch *pl_batch_create(struct pl_writer *writer, uint64_t seq);

/* Frees the batch and its writes. */
void pl_batch_destroy(struct pl_batch *batch);

/* Adds a write; value.at NULL deletes the key. Both are copied. */
struct pl_write *pl_batch_add(struct pl_batch *batch, struct pl_slice key,
                              struct pl_slice value);

/* Takes a write out again and frees it. */
void pl_batch_drop(struct pl_batch *batch, struct pl_write *write);

static inline bool pl_write_is_delete(const struct pl_write *write) {
    return write->value.at == NULL;
}
