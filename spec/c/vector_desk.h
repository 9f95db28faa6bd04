/*
 * vector_desk.h -- calls of indexes in a store of their own, for the tests of vector/.
 */
#pragma once

#include "store_folder.h"
#include "vector/indexes.h"
#include "vector/job.h"

#include <errno.h>

struct vector_desk {
    struct store_folder folder;
    struct pl_indexes *indexes;
    struct pl_indexes_options options;
};

static inline int desk_open(struct vector_desk *desk, const struct pl_kernel *kernel) {
    *desk = (struct vector_desk){.options = {.kernel = kernel}};
    int rc = make_folder(&desk->folder, 0);
    if (rc == 0) desk->indexes = pl_indexes_create(desk->folder.store, &desk->options);
    return rc;
}

/* As after a restart: nothing is known but what is stored. */
static inline int desk_reopen(struct vector_desk *desk) {
    pl_indexes_destroy(desk->indexes);
    close_folder(&desk->folder);
    int rc = open_folder(&desk->folder, 0);
    desk->indexes = rc == 0 ? pl_indexes_create(desk->folder.store, &desk->options) : NULL;
    return rc;
}

static inline void desk_close(struct vector_desk *desk) {
    pl_indexes_destroy(desk->indexes);
    remove_folder(&desk->folder);
}

static inline struct pl_job *new_job(enum pl_act act) {
    return pl_job_create(act, PL_SLICE("index"));
}

/* Runs it; gives its result. */
static inline int run_job(struct vector_desk *desk, struct pl_job *job) {
    pl_indexes_run_one(desk->indexes, job);
    return job->result;
}

/* The same for one that is not looked at again. */
static inline int finish_job(struct vector_desk *desk, struct pl_job *job) {
    int rc = run_job(desk, job);
    pl_job_destroy(job);
    return rc;
}

static inline int create_index(struct vector_desk *desk, uint32_t dimensions,
                               enum pl_metric metric) {
    struct pl_job *job = new_job(PL_ACT_CREATE);
    job->index.dimensions = dimensions;
    job->index.metric = metric;
    return finish_job(desk, job);
}

static inline struct pl_slice floats(const float *values, size_t count) {
    return pl_slice((const char *)values, count * sizeof *values);
}

static inline struct pl_item *add_vector(struct pl_job *job, struct pl_slice id,
                                         struct pl_slice space, struct pl_slice values,
                                         struct pl_slice fields) {
    struct pl_vector vector = {.id = id, .space = space, .values = values, .fields = fields};
    return pl_job_add(job, &vector);
}

/* A query of the nearest `count`, of one namespace unless `space` is NULL. */
static inline struct pl_job *new_query(struct pl_slice values, size_t count, const char *space,
                                       struct pl_slice filter) {
    struct pl_job *job = new_job(PL_ACT_QUERY);
    add_vector(job, (struct pl_slice){0}, pl_slice_of(space), values, (struct pl_slice){0});
    job->is_spaced = space != NULL;
    job->count = count;
    pl_buffer_add(&job->filter, filter);
    return job;
}

/* "b 0.5, a 0.25": what was found, with scores of two decimals where it is a query. */
static inline void found_text(const struct pl_job *job, struct pl_buffer *out) {
    out->len = 0;
    PL_LIST_EACH(at, &job->found) {
        const struct pl_item *item = pl_container_of(at, struct pl_item, in_job);
        char score[40] = "";
        if (job->act == PL_ACT_QUERY) snprintf(score, sizeof score, " %.2f", item->score);
        if (out->len > 0) pl_buffer_add(out, PL_SLICE(", "));
        pl_buffer_add(out, item->vector.id);
        pl_buffer_add(out, pl_slice_of(score));
    }
}

static inline uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* From 0 to 1. */
static inline double random_unit(uint64_t *state) {
    return (double)(next_random(state) >> 11) / 9007199254740992.0;
}
