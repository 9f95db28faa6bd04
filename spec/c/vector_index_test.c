/* indexes: what jobs change, what of it lasts, and what they may not do. */
#include "check.h"
#include "store/lmdb.h"
#include "store/vectors.h"
#include "vector/table.h"
#include "vector/worker.h"
#include "vector_desk.h"

#include <math.h>
#include <poll.h>

#define EAST 1, 0
#define NORTH 0, 1
#define NOTHING PL_SLICE("")

static bool begin(struct vector_desk *desk) {
    return PL_CHECK_INT(desk_open(desk, NULL), 0) &&
           PL_CHECK_INT(create_index(desk, 2, PL_EUCLIDEAN), 0);
}

static void add(struct pl_job *job, const char *id, const char *space, float x, float y) {
    const float values[2] = {x, y};
    add_vector(job, pl_slice_of(id), pl_slice_of(space), floats(values, 2), NOTHING);
}

static int put(struct vector_desk *desk, enum pl_act act, const char *id, const char *space,
               float x, float y) {
    struct pl_job *job = new_job(act);
    add(job, id, space, x, y);
    return finish_job(desk, job);
}

static int delete (struct vector_desk *desk, const char *id) {
    struct pl_job *job = new_job(PL_ACT_DELETE);
    add_vector(job, pl_slice_of(id), NOTHING, NOTHING, NOTHING);
    return finish_job(desk, job);
}

/* The nearest of (x, y), as text. */
static void check_nearest(struct vector_desk *desk, float x, float y, const char *space,
                          const char *expected) {
    struct pl_buffer text = {0};
    const float values[2] = {x, y};
    struct pl_job *job = new_query(floats(values, 2), 10, space, NOTHING);
    PL_CHECK_INT(run_job(desk, job), 0);
    found_text(job, &text);
    PL_CHECK_SLICE(pl_buffer_slice(&text), pl_slice_of(expected));
    pl_buffer_finish(&text);
    pl_job_destroy(job);
}

static struct pl_vector_index describe(struct vector_desk *desk) {
    struct pl_job *job = new_job(PL_ACT_DESCRIBE);
    PL_CHECK_INT(run_job(desk, job), 0);
    struct pl_vector_index index = job->index;
    pl_job_destroy(job);
    return index;
}

/* ---- changing ------------------------------------------------------------------------------- */

static void an_insert_leaves_what_is_there(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", NULL, 1, 0), 0);
    check_nearest(&desk, EAST, NULL, "a 0.00");
    struct pl_job *job = new_job(PL_ACT_INSERT);
    add(job, "a", NULL, 5, 0);
    add(job, "b", NULL, 3, 0);
    add(job, "b", NULL, 9, 0);
    PL_CHECK_INT(run_job(&desk, job), 0);
    const bool expected[] = {false, true, false};
    size_t i = 0;
    PL_LIST_EACH(at, &job->items) {
        PL_CHECK(pl_container_of(at, struct pl_item, in_job)->is_done == expected[i++]);
    }
    PL_CHECK_INT(job->index.count, 2);
    pl_job_destroy(job);
    check_nearest(&desk, EAST, NULL, "a 0.00, b 2.00");
    desk_close(&desk);
}

static void an_upsert_takes_the_place_of_what_is_there(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    PL_CHECK_INT(put(&desk, PL_ACT_UPSERT, "a", "s", 1, 0), 0);
    check_nearest(&desk, EAST, "s", "a 0.00");
    PL_CHECK_INT(put(&desk, PL_ACT_UPSERT, "a", "t", 0, 1), 0);
    check_nearest(&desk, NORTH, "s", "");
    check_nearest(&desk, NORTH, "t", "a 0.00");
    PL_CHECK_INT(describe(&desk).count, 1);
    PL_CHECK_INT(describe(&desk).slots, 1);
    desk_close(&desk);
}

static void a_slot_is_taken_again(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    for (int round = 0; round < 3; round++) {
        PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", "s", 1, 0), 0);
        PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "b", NULL, 0, 1), 0);
        check_nearest(&desk, EAST, NULL, "a 0.00, b 1.41");
        PL_CHECK_INT(delete (&desk, "a"), 0);
        check_nearest(&desk, EAST, NULL, "b 1.41");
        PL_CHECK_INT(delete (&desk, "a"), 0);
        PL_CHECK_INT(delete (&desk, "b"), 0);
        check_nearest(&desk, EAST, NULL, "");
    }
    PL_CHECK_INT(describe(&desk).count, 0);
    PL_CHECK_INT(describe(&desk).slots, 2);
    desk_close(&desk);
}

static void everything_is_there_after_a_restart(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", "s", 1, 0), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "b", NULL, 0, 1), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "c", NULL, 2, 2), 0);
    PL_CHECK_INT(delete (&desk, "b"), 0);
    PL_CHECK_INT(desk_reopen(&desk), 0);
    check_nearest(&desk, EAST, NULL, "a 0.00, c 2.24");
    check_nearest(&desk, EAST, "s", "a 0.00");
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "d", NULL, 0, 1), 0);
    PL_CHECK_INT(describe(&desk).slots, 3);
    PL_CHECK_INT(describe(&desk).changes, 5);
    PL_CHECK_INT(pl_vectors_check(desk.folder.store), 0);
    desk_close(&desk);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void check_refused(struct vector_desk *desk, struct pl_job *job, int error,
                          const char *why) {
    PL_CHECK_INT(run_job(desk, job), error);
    PL_CHECK_SLICE(pl_buffer_slice(&job->why), pl_slice_of(why));
    pl_job_destroy(job);
}

static void a_call_counts_as_a_whole_or_not_at_all(void) {
    struct vector_desk desk;
    const float three[3] = {1, 2, 3};
    if (!begin(&desk)) return;
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", NULL, 1, 0), 0);
    check_nearest(&desk, EAST, NULL, "a 0.00");
    struct pl_job *job = new_job(PL_ACT_UPSERT);
    add(job, "a", NULL, 7, 7);
    add(job, "b", NULL, 7, 7);
    add_vector(job, PL_SLICE("c"), NOTHING, floats(three, 3), NOTHING);
    check_refused(&desk, job, -EINVAL, "the vector 'c' has 3 dimensions, and the index has 2");
    check_nearest(&desk, EAST, NULL, "a 0.00");
    PL_CHECK_INT(describe(&desk).count, 1);
    check_refused(&desk, new_query(floats(three, 3), 1, NULL, NOTHING), -EINVAL,
                  "the query has 3 dimensions, and the index has 2");
    desk_close(&desk);
}

static void numbers_that_are_none_are_refused(void) {
    static const float bad[] = {NAN, INFINITY, -INFINITY, 3e38F, -1e19F};
    struct vector_desk desk;
    if (!begin(&desk)) return;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        PL_CHECK_INT(put(&desk, PL_ACT_UPSERT, "a", NULL, 1, bad[i]), -EINVAL);
        const float values[2] = {bad[i], 1};
        PL_CHECK_INT(finish_job(&desk, new_query(floats(values, 2), 1, NULL, NOTHING)),
                     -EINVAL);
    }
    PL_CHECK_INT(describe(&desk).count, 0);
    desk_close(&desk);
}

static void an_index_that_is_not_there_is_an_error(void) {
    struct vector_desk desk;
    if (!PL_CHECK_INT(desk_open(&desk, NULL), 0)) return;
    struct pl_job *job = new_job(PL_ACT_INSERT);
    add(job, "a", NULL, 1, 0);
    check_refused(&desk, job, -ENOENT, "it does not exist");
    check_refused(&desk, new_job(PL_ACT_DROP), -ENOENT, "it does not exist");
    check_refused(&desk, new_job(PL_ACT_DESCRIBE), -ENOENT, "it does not exist");
    PL_CHECK_INT(create_index(&desk, 2, PL_COSINE), 0);
    PL_CHECK_INT(create_index(&desk, 2, PL_COSINE), -EEXIST);
    desk_close(&desk);
}

static void an_index_is_made_when_its_shape_is_given(void) {
    struct vector_desk desk;
    if (!PL_CHECK_INT(desk_open(&desk, NULL), 0)) return;
    struct pl_job *job = new_job(PL_ACT_DESCRIBE);
    job->makes_index = job->has_shape = true;
    job->index.dimensions = 2;
    PL_CHECK_INT(finish_job(&desk, job), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", NULL, 1, 0), 0);
    job = new_job(PL_ACT_DESCRIBE);
    job->makes_index = job->has_shape = true;
    job->index.dimensions = 3;
    check_refused(&desk, job, -EINVAL, "it has 2 dimensions and cosine, not 3 and cosine");
    PL_CHECK_INT(describe(&desk).count, 1);
    desk_close(&desk);
}

static void an_index_has_as_many_vectors_as_it_may(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    desk.options.vectors_max = 2;
    PL_CHECK_INT(desk_reopen(&desk), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", NULL, 1, 0), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "b", NULL, 2, 0), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_UPSERT, "b", NULL, 3, 0), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "c", NULL, 2, 0), -EDQUOT);
    check_nearest(&desk, EAST, NULL, "a 0.00, b 2.00");
    desk_close(&desk);
}

static void an_index_has_so_many_namespaces_and_gets_room_back(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    struct pl_job *job = new_job(PL_ACT_INSERT);
    for (int i = 0; i < PL_VECTOR_SPACES_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        add(job, name, name, (float)i, 0);
    }
    PL_CHECK_INT(finish_job(&desk, job), 0);
    check_nearest(&desk, 7, 0, "n7", "n7 0.00");
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "more", "more", 1, 0), -EDQUOT);
    PL_CHECK_INT(delete (&desk, "n7"), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "more", "more", 1, 0), 0);
    check_nearest(&desk, 1, 0, "more", "more 0.00");
    check_nearest(&desk, 7, 0, "n7", "");
    desk_close(&desk);
}

/* ---- indexes -------------------------------------------------------------------------------- */

static int create_named(struct vector_desk *desk, const char *name) {
    struct pl_job *job = pl_job_create(PL_ACT_CREATE, pl_slice_of(name));
    job->index.dimensions = 2;
    return finish_job(desk, job);
}

static void check_list(struct vector_desk *desk, const char *expected) {
    struct pl_buffer names = {0};
    struct pl_job *job = new_job(PL_ACT_LIST);
    PL_CHECK_INT(run_job(desk, job), 0);
    PL_LIST_EACH(at, &job->found) {
        struct pl_vector_index index;
        pl_job_read_index(pl_container_of(at, struct pl_item, in_job), &index);
        pl_buffer_add(&names, pl_slice_of(index.name));
        pl_buffer_add_byte(&names, ' ');
    }
    PL_CHECK_SLICE(pl_buffer_slice(&names), pl_slice_of(expected));
    pl_buffer_finish(&names);
    pl_job_destroy(job);
}

static void indexes_are_listed_by_their_names(void) {
    static const char long_name[] =
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    struct vector_desk desk;
    if (!PL_CHECK_INT(desk_open(&desk, NULL), 0)) return;
    check_list(&desk, "");
    PL_CHECK_INT(strlen(long_name), PL_VECTOR_NAME_BYTES_MAX);
    PL_CHECK_INT(create_named(&desk, "b"), 0);
    PL_CHECK_INT(create_named(&desk, long_name), 0);
    PL_CHECK_INT(create_named(&desk, "a-1"), 0);
    PL_CHECK_INT(create_named(&desk, "y"), 0);
    char expected[200];
    snprintf(expected, sizeof expected, "a-1 b %s y ", long_name);
    check_list(&desk, expected);
    desk_close(&desk);
}

static size_t count_rows(struct pl_store *store) {
    MDB_stat stat;
    MDB_txn *txn;
    PL_CHECK_INT(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn), 0);
    PL_CHECK_INT(mdb_stat(txn, store->vectors, &stat), 0);
    mdb_txn_abort(txn);
    return stat.ms_entries;
}

static void nothing_is_left_of_an_index_that_is_dropped(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    PL_CHECK_INT(create_named(&desk, "other"), 0);
    for (int batch = 0; batch < 3; batch++) { /* more rows than one transaction deletes */
        struct pl_job *job = new_job(PL_ACT_INSERT);
        for (int i = 0; i < 1000; i++) {
            char id[32];
            snprintf(id, sizeof id, "%d-%d", batch, i);
            add(job, id, i % 7 == 0 ? "s" : NULL, (float)i, 1);
        }
        PL_CHECK_INT(finish_job(&desk, job), 0);
    }
    PL_CHECK(count_rows(desk.folder.store) > 9000);
    PL_CHECK_INT(finish_job(&desk, new_job(PL_ACT_DROP)), 0);
    PL_CHECK_INT(count_rows(desk.folder.store), 1);
    check_list(&desk, "other ");
    PL_CHECK_INT(create_index(&desk, 3, PL_COSINE), 0);
    PL_CHECK_INT(describe(&desk).count, 0);
    desk_close(&desk);
}

static void what_a_killed_process_left_to_sweep_is_swept(void) {
    struct vector_desk desk;
    struct pl_vector_txn txn;
    if (!begin(&desk)) return;
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", "s", 1, 0), 0);
    struct pl_vector_index index = describe(&desk);
    PL_CHECK_INT(pl_vectors_begin(desk.folder.store, true, &txn), 0);
    PL_CHECK_INT(pl_vectors_end(&txn, pl_vector_index_drop(&txn, &index)), 0);
    PL_CHECK(count_rows(desk.folder.store) > 1);
    PL_CHECK_INT(desk_reopen(&desk), 0);
    check_list(&desk, "");
    PL_CHECK_INT(count_rows(desk.folder.store), 0);
    desk_close(&desk);
}

/* ---- memory --------------------------------------------------------------------------------- */

static void tables_make_room_for_each_other(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    desk.options.table_bytes = pl_table_bytes(2, 1) * 3 / 2;
    PL_CHECK_INT(desk_reopen(&desk), 0);
    PL_CHECK_INT(create_named(&desk, "other"), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", NULL, 1, 0), 0);
    for (int round = 0; round < 3; round++) {
        check_nearest(&desk, EAST, NULL, "a 0.00");
        PL_CHECK_INT(pl_indexes_bytes(desk.indexes), pl_table_bytes(2, 1));
        const float values[2] = {1, 0};
        struct pl_job *job = pl_job_create(PL_ACT_QUERY, PL_SLICE("other"));
        add_vector(job, NOTHING, NOTHING, floats(values, 2), NOTHING);
        job->count = 1;
        PL_CHECK_INT(finish_job(&desk, job), 0);
        PL_CHECK_INT(put(&desk, PL_ACT_UPSERT, "a", NULL, 1, 0), 0);
    }
    struct pl_job *job = new_job(PL_ACT_INSERT);
    for (int i = 0; i < PL_TABLE_BLOCK_SLOTS; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        add(job, id, NULL, (float)i, 1);
    }
    PL_CHECK_INT(finish_job(&desk, job), 0); /* what is stored need not fit */
    const float values[2] = {1, 0};
    PL_CHECK_INT(finish_job(&desk, new_query(floats(values, 2), 1, NULL, NOTHING)), -E2BIG);
    PL_CHECK_INT(pl_indexes_bytes(desk.indexes), 0);
    desk_close(&desk);
}

/* A reader beside a server does not search what was. */
static void a_table_that_another_process_has_outdated_is_made_anew(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", NULL, 1, 0), 0);
    check_nearest(&desk, EAST, NULL, "a 0.00");
    struct pl_indexes *other = pl_indexes_create(desk.folder.store, &desk.options);
    struct pl_job *job = new_job(PL_ACT_INSERT);
    add(job, "b", NULL, 1, 1);
    pl_indexes_run_one(other, job);
    PL_CHECK_INT(job->result, 0);
    pl_job_destroy(job);
    pl_indexes_destroy(other);
    check_nearest(&desk, EAST, NULL, "a 0.00, b 1.00");
    desk_close(&desk);
}

/* ---- stores of other times ------------------------------------------------------------------ */

static void drop_table(struct pl_store *store) {
    MDB_txn *txn;
    PL_CHECK_INT(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
    PL_CHECK_INT(mdb_drop(txn, store->vectors, 1), 0);
    PL_CHECK_INT(mdb_txn_commit(txn), 0);
}

static void a_store_from_before_vectors_opens(void) {
    struct vector_desk desk;
    struct pl_store *store;
    struct pl_buffer why = {0};
    struct pl_store_options options = {.map_bytes = 1 << 28, .is_read_only = true};
    if (!PL_CHECK_INT(desk_open(&desk, NULL), 0)) return;
    drop_table(desk.folder.store);
    pl_indexes_destroy(desk.indexes);
    close_folder(&desk.folder);

    PL_CHECK_INT(pl_store_open(desk.folder.path, &options, &store, &why), 0);
    struct pl_indexes *indexes = pl_indexes_create(store, &desk.options);
    struct pl_job *list = new_job(PL_ACT_LIST), *get = new_job(PL_ACT_GET);
    pl_indexes_run_one(indexes, list);
    pl_indexes_run_one(indexes, get);
    PL_CHECK_INT(list->result, 0);
    PL_CHECK_INT(get->result, -ENOENT);
    PL_CHECK_INT(pl_vectors_check(store), 0);
    pl_job_destroy(list);
    pl_job_destroy(get);
    pl_indexes_destroy(indexes);
    pl_store_close(store);

    PL_CHECK_INT(open_folder(&desk.folder, 0), 0);
    desk.indexes = pl_indexes_create(desk.folder.store, &desk.options);
    PL_CHECK_INT(create_index(&desk, 2, PL_COSINE), 0);
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", NULL, 1, 0), 0);
    desk_close(&desk);
}

static void a_row_that_is_broken_is_an_error(void) {
    struct vector_desk desk;
    if (!begin(&desk)) return;
    PL_CHECK_INT(put(&desk, PL_ACT_INSERT, "a", NULL, 1, 0), 0);
    struct pl_vector_index index = describe(&desk);
    char bytes[13];
    for (int i = 0; i < 8; i++) bytes[i] = (char)(index.number >> (8 * (7 - i)));
    memcpy(bytes + 8, "v\0\0\0\0", 5);
    MDB_val key = {.mv_size = sizeof bytes, .mv_data = bytes};
    MDB_val value = {.mv_size = 3, .mv_data = "abc"};
    MDB_txn *txn;
    PL_CHECK_INT(mdb_txn_begin(desk.folder.store->env, NULL, 0, &txn), 0);
    PL_CHECK_INT(mdb_put(txn, desk.folder.store->vectors, &key, &value, 0), 0);
    PL_CHECK_INT(mdb_txn_commit(txn), 0);
    const float values[2] = {1, 0};
    PL_CHECK_INT(finish_job(&desk, new_query(floats(values, 2), 1, NULL, NOTHING)), -EIO);
    PL_CHECK_INT(pl_vectors_check(desk.folder.store), -EIO);
    desk_close(&desk);
}

/* ---- the thread ----------------------------------------------------------------------------- */

static void wait_for(struct pl_worker *worker, size_t count, struct pl_list *all) {
    pl_list_init(all);
    while (count > 0) {
        struct pollfd poll_fd = {.fd = pl_worker_fd(worker), .events = POLLIN};
        struct pl_list done;
        if (!PL_CHECK_INT(poll(&poll_fd, 1, 20000), 1)) return;
        pl_worker_take_done(worker, &done);
        while (!pl_list_is_empty(&done)) {
            struct pl_list *first = done.next;
            pl_list_remove(first);
            pl_list_push(all, first);
            count--;
        }
    }
}

/* One of many that are written together fails, and takes no others with it. */
static void the_thread_gives_every_job_back_with_its_own_result(void) {
    enum { JOBS = 200 };
    struct vector_desk desk;
    struct pl_worker *worker;
    struct pl_list done;
    size_t failed = 0;
    if (!begin(&desk)) return;
    PL_CHECK_INT(pl_worker_start(desk.indexes, &worker), 0);
    for (int i = 0; i < JOBS; i++) {
        char id[16];
        snprintf(id, sizeof id, "v%d", i);
        struct pl_job *job = new_job(PL_ACT_INSERT);
        add(job, id, NULL, i % 10 == 0 ? NAN : (float)i, 0);
        PL_CHECK_INT(pl_worker_submit(worker, job), 0);
    }
    wait_for(worker, JOBS, &done);
    PL_LIST_EACH(at, &done) {
        struct pl_job *job = pl_container_of(at, struct pl_job, in_queue);
        failed += job->result == -EINVAL;
        PL_CHECK(job->result == 0 || job->result == -EINVAL);
        pl_job_destroy(job);
    }
    PL_CHECK_INT(failed, JOBS / 10);
    pl_worker_stop(worker, &done);
    PL_CHECK(pl_list_is_empty(&done));
    PL_CHECK_INT(describe(&desk).count, JOBS - JOBS / 10);
    PL_CHECK_INT(pl_vectors_check(desk.folder.store), 0);
    desk_close(&desk);
}

static void what_was_handed_over_is_done_before_the_thread_ends(void) {
    struct vector_desk desk;
    struct pl_worker *worker;
    struct pl_list done;
    size_t count = 0;
    if (!begin(&desk)) return;
    PL_CHECK_INT(pl_worker_start(desk.indexes, &worker), 0);
    for (int i = 0; i < 50; i++) {
        char id[16];
        snprintf(id, sizeof id, "v%d", i);
        struct pl_job *job = new_job(PL_ACT_INSERT);
        add(job, id, NULL, (float)i, 0);
        PL_CHECK_INT(pl_worker_submit(worker, job), 0);
    }
    pl_worker_stop(worker, &done);
    PL_LIST_EACH(at, &done) {
        pl_job_destroy(pl_container_of(at, struct pl_job, in_queue));
        count++;
    }
    PL_CHECK_INT(count, 50);
    PL_CHECK_INT(describe(&desk).count, 50);
    desk_close(&desk);
}

/* While another writer has the store, whatever is handed over waits. */
static void no_more_jobs_wait_than_may(void) {
    struct vector_desk desk;
    struct pl_worker *worker;
    struct pl_list done;
    MDB_txn *txn;
    size_t taken = 0, count = 0;
    int rc = 0;
    if (!begin(&desk)) return;
    PL_CHECK_INT(pl_worker_start(desk.indexes, &worker), 0);
    PL_CHECK_INT(mdb_txn_begin(desk.folder.store->env, NULL, 0, &txn), 0);
    while (rc == 0 && taken <= 2 * PL_WORKER_JOBS_MAX + 1) {
        struct pl_job *job = new_job(PL_ACT_INSERT);
        add(job, "a", NULL, 1, 0);
        rc = pl_worker_submit(worker, job);
        if (rc == 0) taken++;
        else pl_job_destroy(job);
    }
    PL_CHECK_INT(rc, -EAGAIN);
    PL_CHECK(taken >= PL_WORKER_JOBS_MAX && taken <= 2 * PL_WORKER_JOBS_MAX);
    mdb_txn_abort(txn);
    pl_worker_stop(worker, &done);
    PL_LIST_EACH(at, &done) {
        struct pl_job *job = pl_container_of(at, struct pl_job, in_queue);
        PL_CHECK_INT(job->result, 0);
        pl_job_destroy(job);
        count++;
    }
    PL_CHECK_INT(count, taken);
    desk_close(&desk);
}

int main(void) {
    PL_RUN(an_insert_leaves_what_is_there);
    PL_RUN(an_upsert_takes_the_place_of_what_is_there);
    PL_RUN(a_slot_is_taken_again);
    PL_RUN(everything_is_there_after_a_restart);
    PL_RUN(a_call_counts_as_a_whole_or_not_at_all);
    PL_RUN(numbers_that_are_none_are_refused);
    PL_RUN(an_index_that_is_not_there_is_an_error);
    PL_RUN(an_index_is_made_when_its_shape_is_given);
    PL_RUN(an_index_has_as_many_vectors_as_it_may);
    PL_RUN(an_index_has_so_many_namespaces_and_gets_room_back);
    PL_RUN(indexes_are_listed_by_their_names);
    PL_RUN(nothing_is_left_of_an_index_that_is_dropped);
    PL_RUN(what_a_killed_process_left_to_sweep_is_swept);
    PL_RUN(tables_make_room_for_each_other);
    PL_RUN(a_table_that_another_process_has_outdated_is_made_anew);
    PL_RUN(a_store_from_before_vectors_opens);
    PL_RUN(a_row_that_is_broken_is_an_error);
    PL_RUN(the_thread_gives_every_job_back_with_its_own_result);
    PL_RUN(what_was_handed_over_is_done_before_the_thread_ends);
    PL_RUN(no_more_jobs_wait_than_may);
    return pl_check_summary();
}
