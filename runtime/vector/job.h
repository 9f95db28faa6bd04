/*
 * job.h -- one call of an index: what is asked, and what has come of it.
 *
 * A job is made and given back on the thread of whoever asks. In between it belongs to whoever runs
 * it, who fills in the result. Everything it is given is copied.
 */
#pragma once

#include "base/buffer.h"
#include "base/list.h"
#include "store/vectors.h"

enum pl_act {
    PL_ACT_CREATE,
    PL_ACT_DROP,
    PL_ACT_LIST,
    PL_ACT_DESCRIBE,
    PL_ACT_INSERT,
    PL_ACT_UPSERT,
    PL_ACT_DELETE,
    PL_ACT_GET,
    PL_ACT_QUERY,
};

/* A vector, or an id: of what is asked, or of the result. */
struct pl_item {
    struct pl_list in_job;
    struct pl_vector vector;
    struct pl_vector_place place; /* where it has been put */
    bool is_done;                 /* it was inserted, replaced, deleted, or found */
    double score;
    char bytes[];
};

struct pl_job {
    struct pl_list in_queue;
    void *owner; /* of whoever asks */
    enum pl_act act;
    /* What is asked. */
    struct pl_vector_index index; /* its name; for CREATE everything that its maker says */
    bool makes_index;             /* the index is made when there is none */
    bool has_shape;               /* its dimensions and metric have to be these */
    struct pl_list items;         /* of pl_item.in_job: vectors, or ids */
    size_t item_count, item_bytes;
    struct pl_buffer filter;  /* of a query; its values, or its id, are the first item's, */
    bool is_by_id, is_spaced; /* and so is its namespace, when it has one */
    size_t count;             /* of matches */
    bool wants_values, wants_metadata;
    /* What has come of it. The index is as it is now. */
    int result;           /* 0 or a negative errno */
    struct pl_buffer why; /* a sentence about an error, or empty */
    struct pl_list found; /* of pl_item.in_job: vectors; of LIST, see pl_job_listed */
};

struct pl_job *pl_job_create(enum pl_act act, struct pl_slice index_name);
void pl_job_destroy(struct pl_job *job);

/* Adds an item to what is asked. */
struct pl_item *pl_job_add(struct pl_job *job, const struct pl_vector *vector);

/* Adds an item to what was found. */
struct pl_item *pl_job_find(struct pl_job *job, const struct pl_vector *vector);

/* An index that LIST has found is an item whose id is the whole of it. */
void pl_job_find_index(struct pl_job *job, const struct pl_vector_index *index);
void pl_job_read_index(const struct pl_item *item, struct pl_vector_index *out);

/* Sets the result, and a sentence about it as printf makes it; gives the result. */
int pl_job_fail(struct pl_job *job, int error, const char *form, ...)
    __attribute__((format(printf, 3, 4)));

/* Makes it as if it had not run. */
void pl_job_reset(struct pl_job *job);

static inline bool pl_job_is_writing(const struct pl_job *job) {
    return job->act == PL_ACT_CREATE || job->act == PL_ACT_DROP || job->act == PL_ACT_INSERT ||
           job->act == PL_ACT_UPSERT || job->act == PL_ACT_DELETE;
}
