#include "vector/indexes.h"

#include "base/alloc.h"
#include "vector/job.h"
#include "vector/search.h"
#include "vector/tables.h"
#include "vector/write.h"

#include <errno.h>
#include <stdlib.h>

struct pl_indexes {
    struct pl_store *store;
    struct pl_tables tables;
    struct pl_search search;
    uint64_t vectors_max;
    bool has_dropped; /* rows of dropped indexes may be left */
};

struct pl_indexes *pl_indexes_create(struct pl_store *store,
                                     const struct pl_indexes_options *options) {
    struct pl_indexes *indexes = pl_alloc_zero(sizeof *indexes);
    indexes->store = store;
    indexes->search.kernel = options->kernel;
    indexes->vectors_max =
        options->vectors_max == 0 ? PL_INDEXES_VECTORS_MAX : options->vectors_max;
    indexes->has_dropped = true;
    pl_tables_init(&indexes->tables,
                   options->table_bytes == 0 ? PL_INDEXES_TABLE_BYTES : options->table_bytes);
    return indexes;
}

void pl_indexes_destroy(struct pl_indexes *indexes) {
    if (indexes == NULL) return;
    pl_tables_finish(&indexes->tables);
    pl_search_finish(&indexes->search);
    free(indexes);
}

size_t pl_indexes_bytes(const struct pl_indexes *indexes) { return indexes->tables.bytes; }

size_t pl_indexes_read_count(const struct pl_indexes *indexes) {
    return indexes->search.stored_count;
}

/* ---- reading -------------------------------------------------------------------------------- */

static int list(struct pl_job *job, const struct pl_vector_txn *txn) {
    struct pl_vector_index index = {0};
    int rc;
    while ((rc = pl_vector_index_next(txn, pl_slice_of(index.name), &index)) == 0) {
        pl_job_find_index(job, &index);
    }
    return rc == -ENOENT ? 0 : rc;
}

static int get(struct pl_job *job, const struct pl_vector_txn *txn) {
    PL_LIST_EACH(at, &job->items) {
        struct pl_item *item = pl_container_of(at, struct pl_item, in_job);
        struct pl_vector found;
        uint32_t slot;
        int rc = pl_vector_find(txn, &job->index, item->vector.id, &slot);
        if (rc == -ENOENT) continue;
        if (rc == 0) rc = pl_vector_get(txn, &job->index, slot, true, &found);
        if (rc != 0) return rc;
        pl_job_find(job, &found);
    }
    return 0;
}

/* The scores of PartyKit's indexes: of distances the smaller is the nearer, and of products they
 * give the negative. */
static double score_of(enum pl_metric metric, double nearness) {
    return metric == PL_COSINE ? nearness : -nearness + 0.0;
}

static int keep_matches(struct pl_indexes *indexes, struct pl_job *job,
                        const struct pl_vector_txn *txn) {
    for (size_t i = 0; i < indexes->search.match_count; i++) {
        const struct pl_match *match = &indexes->search.matches[i];
        struct pl_vector found;
        int rc = pl_vector_get(txn, &job->index, match->slot, job->wants_values, &found);
        if (rc != 0) return rc;
        if (!job->wants_metadata) found.metadata = (struct pl_slice){0};
        found.fields = (struct pl_slice){0};
        pl_job_find(job, &found)->score = score_of(job->index.metric, match->nearness);
    }
    return 0;
}

/* The values that are searched for: given, or those of a vector. */
static int find_values(struct pl_job *job, const struct pl_vector_txn *txn,
                       const struct pl_item *item, struct pl_slice *out) {
    uint32_t slot;
    *out = item->vector.values;
    if (!job->is_by_id) {
        if (out->len / 4 != job->index.dimensions) {
            return pl_job_fail(job, -EINVAL,
                               "the query has %zu dimensions, and the index has %u",
                               out->len / 4, job->index.dimensions);
        }
        if (pl_codes_can_make(*out)) return 0;
        return pl_job_fail(job, -EINVAL, "the values of the query are too large");
    }
    int rc = pl_vector_find(txn, &job->index, item->vector.id, &slot);
    if (rc == 0) return pl_vector_values(txn, &job->index, slot, out);
    if (rc != -ENOENT) return rc;
    return pl_job_fail(job, -EINVAL, "it has no vector with the id '%.*s'",
                       (int)item->vector.id.len, item->vector.id.at);
}

static int query(struct pl_indexes *indexes, struct pl_job *job,
                 const struct pl_vector_txn *txn) {
    const struct pl_item *item = pl_container_of(job->items.next, struct pl_item, in_job);
    struct pl_query asked = {.filter = pl_buffer_slice(&job->filter), .count = job->count};
    struct pl_table *table;
    if (job->is_spaced) asked.space = item->vector.space;
    int rc = find_values(job, txn, item, &asked.values);
    if (rc != 0) return rc;
    rc = pl_tables_get(&indexes->tables, txn, &job->index, &table);
    if (rc == -E2BIG) {
        return pl_job_fail(job, rc, "it needs %zu bytes of memory, and there are %zu for all",
                           pl_table_bytes(job->index.dimensions, job->index.slots),
                           indexes->tables.bytes_max);
    }
    if (rc == 0) rc = pl_search_run(&indexes->search, txn, &job->index, table, &asked);
    return rc != 0 ? rc : keep_matches(indexes, job, txn);
}

static int read_in(struct pl_indexes *indexes, struct pl_job *job,
                   const struct pl_vector_txn *txn) {
    if (job->act == PL_ACT_LIST) return list(job, txn);
    int rc = pl_write_find_index(job, txn);
    if (rc != 0 || job->act == PL_ACT_DESCRIBE) return rc;
    return job->act == PL_ACT_GET ? get(job, txn) : query(indexes, job, txn);
}

static void run_reading(struct pl_indexes *indexes, struct pl_job *job) {
    struct pl_vector_txn txn;
    int rc = pl_vectors_begin(indexes->store, false, &txn);
    if (rc == 0) {
        rc = read_in(indexes, job, &txn);
        pl_vectors_end(&txn, -ECANCELED);
    } else if (rc == -ENOENT) {
        rc = job->act == PL_ACT_LIST ? 0 : pl_write_no_index(job);
    }
    job->result = rc;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* What a job that counts has changed, in its table. */
static void follow(struct pl_indexes *indexes, const struct pl_job *job) {
    if (job->act == PL_ACT_DROP) {
        pl_tables_drop(&indexes->tables, job->index.number);
        indexes->has_dropped = true;
        return;
    }
    struct pl_table *table = pl_tables_find(&indexes->tables, job->index.number);
    if (table == NULL) return;
    PL_LIST_EACH(at, &job->items) {
        const struct pl_item *item = pl_container_of(at, struct pl_item, in_job);
        if (!item->is_done) continue;
        if (job->act == PL_ACT_DELETE) pl_table_clear(table, item->place.slot);
        else pl_table_set(table, &item->place, item->vector.values);
    }
    pl_tables_update(&indexes->tables, &job->index);
}

/* Runs the jobs of a list in one transaction. Nothing of any counts unless all are well. */
static int write_together(struct pl_indexes *indexes, struct pl_list *jobs) {
    struct pl_vector_txn txn;
    int rc = pl_vectors_begin(indexes->store, true, &txn);
    if (rc != 0) return rc;
    PL_LIST_EACH(at, jobs) {
        struct pl_job *job = pl_container_of(at, struct pl_job, in_queue);
        pl_job_reset(job);
        rc = pl_write_run(job, &txn, indexes->vectors_max);
        if (rc != 0) break;
    }
    rc = pl_vectors_end(&txn, rc);
    if (rc != 0) return rc;
    PL_LIST_EACH(at, jobs) { follow(indexes, pl_container_of(at, struct pl_job, in_queue)); }
    return 0;
}

static void write_alone(struct pl_indexes *indexes, struct pl_job *job) {
    struct pl_list alone;
    pl_list_init(&alone);
    pl_list_push(&alone, &job->in_queue);
    int rc = write_together(indexes, &alone);
    if (rc == -ENOSPC && pl_vectors_make_room(indexes->store) == 0) {
        rc = write_together(indexes, &alone);
    }
    if (rc == -ENOENT && job->why.len == 0) rc = pl_write_no_index(job);
    job->result = rc;
    pl_list_remove(&job->in_queue);
}

/* One that fails takes no others with it. */
static void write_all(struct pl_indexes *indexes, struct pl_list *jobs) {
    struct pl_list rest;
    if (pl_list_is_empty(jobs) || write_together(indexes, jobs) == 0) return;
    pl_list_move(&rest, jobs);
    while (!pl_list_is_empty(&rest)) {
        struct pl_job *job = pl_container_of(rest.next, struct pl_job, in_queue);
        pl_list_remove(&job->in_queue);
        write_alone(indexes, job);
        pl_list_push(jobs, &job->in_queue);
    }
}

/* Rows that nobody can see take room and do no harm: what cannot be deleted now can be later. */
static void sweep(struct pl_indexes *indexes) {
    int rc = 0;
    while (rc == 0) rc = pl_vectors_sweep(indexes->store);
    indexes->has_dropped = rc != -ENOENT;
}

/* ---- all of them ---------------------------------------------------------------------------- */

void pl_indexes_run(struct pl_indexes *indexes, struct pl_list *jobs) {
    struct pl_list readers, writers;
    pl_list_init(&readers);
    pl_list_init(&writers);
    while (!pl_list_is_empty(jobs)) {
        struct pl_job *job = pl_container_of(jobs->next, struct pl_job, in_queue);
        pl_list_remove(&job->in_queue);
        /* An index that was not made yet is made by whoever writes. */
        if (!pl_job_is_writing(job)) run_reading(indexes, job);
        bool is_read = !pl_job_is_writing(job) && (job->result != -ENOENT || !job->makes_index);
        pl_list_push(is_read ? &readers : &writers, &job->in_queue);
    }
    write_all(indexes, &writers);
    pl_list_move(jobs, &readers);
    while (!pl_list_is_empty(&writers)) {
        struct pl_job *job = pl_container_of(writers.next, struct pl_job, in_queue);
        pl_list_remove(&job->in_queue);
        if (!pl_job_is_writing(job) && job->result == 0) run_reading(indexes, job);
        pl_list_push(jobs, &job->in_queue);
    }
    if (indexes->has_dropped) sweep(indexes);
}

void pl_indexes_run_one(struct pl_indexes *indexes, struct pl_job *job) {
    struct pl_list alone;
    pl_list_init(&alone);
    pl_list_push(&alone, &job->in_queue);
    pl_indexes_run(indexes, &alone);
    pl_list_remove(&job->in_queue);
}
