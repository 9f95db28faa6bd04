#include "vector/write.h"

#include "base/clock.h"
#include "vector/codes.h"

#include <errno.h>

static const char *const metric_names[] = {"cosine", "euclidean", "dot-product"};

/* ---- indexes -------------------------------------------------------------------------------- */

int pl_write_no_index(struct pl_job *job) {
    return pl_job_fail(job, -ENOENT, "it does not exist");
}

int pl_write_find_index(struct pl_job *job, const struct pl_vector_txn *txn) {
    struct pl_vector_index found;
    int rc = pl_vector_index_find(txn, pl_slice_of(job->index.name), &found);
    if (rc == -ENOENT) return pl_write_no_index(job);
    if (rc != 0) return rc;
    bool is_same =
        found.dimensions == job->index.dimensions && found.metric == job->index.metric;
    if (job->has_shape && !is_same) {
        return pl_job_fail(job, -EINVAL, "it has %u dimensions and %s, not %u and %s",
                           found.dimensions, metric_names[found.metric], job->index.dimensions,
                           metric_names[job->index.metric]);
    }
    job->index = found;
    return 0;
}

static int create(struct pl_job *job, const struct pl_vector_txn *txn) {
    struct pl_clock clock = {0};
    job->index.created_ms = job->index.changed_ms = pl_clock_wall_ms(&clock);
    int rc = pl_vector_index_create(txn, &job->index);
    return rc == -EEXIST ? pl_job_fail(job, rc, "it exists already") : rc;
}

static int find_or_create(struct pl_job *job, const struct pl_vector_txn *txn) {
    int rc = pl_write_find_index(job, txn);
    if (rc != -ENOENT || !job->makes_index) return rc;
    job->result = 0;
    job->why.len = 0;
    return create(job, txn);
}

/* ---- vectors -------------------------------------------------------------------------------- */

static int check_values(struct pl_job *job, const struct pl_item *item) {
    size_t dimensions = item->vector.values.len / 4;
    if (dimensions != job->index.dimensions) {
        return pl_job_fail(
            job, -EINVAL, "the vector '%.*s' has %zu dimensions, and the index has %u",
            (int)item->vector.id.len, item->vector.id.at, dimensions, job->index.dimensions);
    }
    if (pl_codes_can_make(item->vector.values)) return 0;
    return pl_job_fail(job, -EINVAL, "the values of the vector '%.*s' are too large",
                       (int)item->vector.id.len, item->vector.id.at);
}

static int put_item(struct pl_job *job, const struct pl_vector_txn *txn, struct pl_item *item,
                    uint64_t vectors_max) {
    uint32_t slot;
    int rc = pl_vector_find(txn, &job->index, item->vector.id, &slot);
    if (rc != 0 && rc != -ENOENT) return rc;
    bool is_new = rc == -ENOENT;
    if (!is_new && job->act == PL_ACT_INSERT) return 0;
    if (is_new && job->index.count >= vectors_max) {
        return pl_job_fail(job, -EDQUOT, "it has %llu vectors, as many as it may have",
                           (unsigned long long)job->index.count);
    }
    rc = pl_vector_put_record(txn, &job->index, &item->vector, &item->place);
    if (rc == -EDQUOT) {
        return pl_job_fail(job, rc, "it has %d namespaces, as many as it may have",
                           PL_VECTOR_SPACES_MAX);
    }
    item->is_done = rc == 0;
    return rc;
}

static int delete_item(struct pl_job *job, const struct pl_vector_txn *txn,
                       struct pl_item *item) {
    int rc = pl_vector_delete(txn, &job->index, item->vector.id, &item->place.slot);
    item->is_done = rc == 0;
    return rc == -ENOENT ? 0 : rc;
}

static int change_items(struct pl_job *job, const struct pl_vector_txn *txn,
                        uint64_t vectors_max) {
    bool is_delete = job->act == PL_ACT_DELETE;
    PL_LIST_EACH(at, &job->items) {
        struct pl_item *item = pl_container_of(at, struct pl_item, in_job);
        int rc = is_delete ? 0 : check_values(job, item);
        if (rc == 0) {
            rc =
                is_delete ? delete_item(job, txn, item) : put_item(job, txn, item, vectors_max);
        }
        if (rc != 0) return rc;
    }
    return 0;
}

/* After all records, which so lie side by side in the file: filters walk through them. */
static int put_all_values(struct pl_job *job, const struct pl_vector_txn *txn) {
    PL_LIST_EACH(at, &job->items) {
        const struct pl_item *item = pl_container_of(at, struct pl_item, in_job);
        if (!item->is_done) continue;
        int rc = pl_vector_put_values(txn, &job->index, &item->vector, &item->place);
        if (rc != 0) return rc;
    }
    return 0;
}

static int change(struct pl_job *job, const struct pl_vector_txn *txn, uint64_t vectors_max) {
    struct pl_clock clock = {0};
    int rc = change_items(job, txn, vectors_max);
    if (rc == 0 && job->act != PL_ACT_DELETE) rc = put_all_values(job, txn);
    if (rc != 0) return rc;
    job->index.changes++;
    job->index.changed_ms = pl_clock_wall_ms(&clock);
    return pl_vector_index_save(txn, &job->index);
}

int pl_write_run(struct pl_job *job, const struct pl_vector_txn *txn, uint64_t vectors_max) {
    if (job->act == PL_ACT_CREATE) return create(job, txn);
    int rc = find_or_create(job, txn);
    if (rc != 0) return rc;
    if (job->act == PL_ACT_DROP) return pl_vector_index_drop(txn, &job->index);
    return pl_job_is_writing(job) ? change(job, txn, vectors_max) : 0;
}
