#include "vector/job.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct pl_job *pl_job_create(enum pl_act act, struct pl_slice index_name) {
    struct pl_job *job = pl_alloc_zero(sizeof *job);
    size_t len = index_name.len;
    if (len > PL_VECTOR_NAME_BYTES_MAX) len = PL_VECTOR_NAME_BYTES_MAX;
    job->act = act;
    if (len > 0) memcpy(job->index.name, index_name.at, len);
    pl_list_init(&job->in_queue);
    pl_list_init(&job->items);
    pl_list_init(&job->found);
    return job;
}

static void free_items(struct pl_list *items) {
    PL_LIST_EACH(at, items) { free(pl_container_of(at, struct pl_item, in_job)); }
    pl_list_init(items);
}

void pl_job_destroy(struct pl_job *job) {
    if (job == NULL) return;
    free_items(&job->items);
    free_items(&job->found);
    pl_buffer_finish(&job->filter);
    pl_buffer_finish(&job->why);
    free(job);
}

static struct pl_slice copy(char **at, struct pl_slice from) {
    if (from.at == NULL) return from;
    memcpy(*at, from.at, from.len);
    struct pl_slice made = pl_slice(*at, from.len);
    *at += from.len;
    return made;
}

static struct pl_item *create_item(const struct pl_vector *vector) {
    size_t size = vector->id.len + vector->space.len + vector->values.len +
                  vector->metadata.len + vector->fields.len;
    struct pl_item *item = pl_alloc(sizeof *item + size);
    char *at = item->bytes;
    *item = (struct pl_item){.is_done = false};
    item->vector = (struct pl_vector){.values = copy(&at, vector->values),
                                      .id = copy(&at, vector->id),
                                      .space = copy(&at, vector->space),
                                      .metadata = copy(&at, vector->metadata),
                                      .fields = copy(&at, vector->fields)};
    pl_list_init(&item->in_job);
    return item;
}

struct pl_item *pl_job_add(struct pl_job *job, const struct pl_vector *vector) {
    struct pl_item *item = create_item(vector);
    pl_list_push(&job->items, &item->in_job);
    job->item_count++;
    job->item_bytes += sizeof *item + vector->id.len + vector->space.len + vector->values.len +
                       vector->metadata.len + vector->fields.len;
    return item;
}

struct pl_item *pl_job_find(struct pl_job *job, const struct pl_vector *vector) {
    struct pl_item *item = create_item(vector);
    pl_list_push(&job->found, &item->in_job);
    return item;
}

void pl_job_find_index(struct pl_job *job, const struct pl_vector_index *index) {
    struct pl_vector as_id = {.id = pl_slice((const char *)index, sizeof *index)};
    pl_job_find(job, &as_id);
}

void pl_job_read_index(const struct pl_item *item, struct pl_vector_index *out) {
    memcpy(out, item->vector.id.at, sizeof *out);
}

int pl_job_fail(struct pl_job *job, int error, const char *form, ...) {
    char text[512];
    va_list values;
    va_start(values, form);
    vsnprintf(text, sizeof text, form, values);
    va_end(values);
    job->result = error;
    job->why.len = 0;
    pl_buffer_add(&job->why, pl_slice_of(text));
    return error;
}

void pl_job_reset(struct pl_job *job) {
    job->result = 0;
    job->why.len = 0;
    free_items(&job->found);
    PL_LIST_EACH(at, &job->items) {
        pl_container_of(at, struct pl_item, in_job)->is_done = false;
    }
}
