/* store: folders and their locks, groups and failures of commits, alarms, copies. */
#include "store/store.h"

#include "check.h"
#include "store/copy.h"
#include "store_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sys/wait.h>

static void put_text(struct pl_batch *batch, const char *key, const char *value) {
    pl_batch_add(batch, pl_slice_of(key), pl_slice_of(value));
}

static void check_text(struct store_folder *folder, const char *key, const char *expected) {
    struct pl_room_record record;
    struct pl_slice value;
    struct pl_slice name = pl_slice(folder->writer->name, folder->writer->name_len);
    int rc = pl_store_find_room(folder->store, name, &record);
    if (rc == 0) rc = pl_store_get(folder->store, record.number, pl_slice_of(key), &value);
    if (expected == NULL) {
        PL_CHECK_INT(rc, -ENOENT);
    } else if (PL_CHECK_INT(rc, 0)) {
        PL_CHECK_SLICE(value, pl_slice_of(expected));
    }
}

static int open_again(const struct store_folder *folder, bool is_read_only,
                      struct pl_store **out) {
    struct pl_store_options options = {.map_bytes = 1 << 28, .is_read_only = is_read_only};
    struct pl_buffer why = {0};
    int rc = pl_store_open(folder->path, &options, out, &why);
    PL_CHECK((rc == 0) == (why.len == 0));
    pl_buffer_finish(&why);
    return rc;
}

/* ---- folders -------------------------------------------------------------------------------- */

static void what_was_committed_is_there_after_opening_again(void) {
    struct store_folder folder;
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    struct pl_batch *batch = new_batch(&folder);
    put_text(batch, "a", "1");
    PL_CHECK_INT(commit(&folder, batch, NULL), 0);
    close_folder(&folder);
    PL_CHECK_INT(open_folder(&folder, 0), 0);
    check_text(&folder, "a", "1");
    remove_folder(&folder);
}

static void a_folder_has_one_server_and_any_number_of_readers(void) {
    struct store_folder folder;
    struct pl_store *reader;
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    close_folder(&folder);
    pid_t child = fork(); /* LMDB refuses to open a folder twice in one process */
    if (child == 0) {
        struct pl_store *store;
        _exit(open_folder(&folder, 0) == 0 && open_again(&folder, false, &store) == -EBUSY ? 0
                                                                                           : 1);
    }
    int status;
    waitpid(child, &status, 0);
    PL_CHECK_INT(WEXITSTATUS(status), 0);
    PL_CHECK_INT(open_again(&folder, true, &reader), 0);
    pl_store_close(reader);
    PL_CHECK_INT(open_folder(&folder, 0), 0);
    remove_folder(&folder);
}

static void nothing_is_made_for_a_reader(void) {
    struct store_folder folder = {.path = "/tmp/partylua-test-there-is-none"};
    struct pl_store *reader;
    PL_CHECK_INT(open_again(&folder, true, &reader), -ENOENT);
    PL_CHECK(access(folder.path, F_OK) != 0);
}

/* Writes a number under a name of `meta`, as another version would. */
static void write_format(const struct store_folder *folder, const char *database,
                         unsigned char format) {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    char name[] = "partylua format";
    unsigned char bytes[8] = {0, 0, 0, 0, 0, 0, 0, format};
    mdb_env_create(&env);
    mdb_env_set_maxdbs(env, 8);
    mdb_env_open(env, folder->path, 0, 0600);
    mdb_txn_begin(env, NULL, 0, &txn);
    mdb_dbi_open(txn, database, MDB_CREATE, &dbi);
    MDB_val key = {sizeof name - 1, name}, value = {sizeof bytes, bytes};
    mdb_put(txn, dbi, &key, &value, 0);
    mdb_txn_commit(txn);
    mdb_env_close(env);
}

static void a_newer_format_is_not_touched(void) {
    struct store_folder folder;
    struct pl_store *store;
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    close_folder(&folder);
    write_format(&folder, "meta", 9);
    PL_CHECK_INT(open_again(&folder, false, &store), -EPROTO);
    PL_CHECK_INT(open_again(&folder, true, &store), -EPROTO);
    write_format(&folder, "meta", 1);
    PL_CHECK_INT(open_folder(&folder, 0), 0);
    remove_folder(&folder);
}

static void other_files_are_not_touched(void) {
    struct store_folder folder;
    struct pl_store *store;
    char path[128];
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    close_folder(&folder);
    snprintf(path, sizeof path, "%s/data.mdb", folder.path);
    unlink(path);
    write_format(&folder, "somebody else's", 1);
    PL_CHECK_INT(open_again(&folder, false, &store), -EMEDIUMTYPE);
    unlink(path);
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    static const char text[8192] = "this is no database";
    PL_CHECK_INT(write(file, text, sizeof text), sizeof text);
    close(file);
    PL_CHECK_INT(open_again(&folder, false, &store), -EMEDIUMTYPE);
    unlink(path);
    PL_CHECK_INT(open_folder(&folder, 0), 0);
    remove_folder(&folder);
}

/* ---- commits -------------------------------------------------------------------------------- */

static struct pl_batch *batch_of(struct pl_writer *writer, uint64_t seq, size_t bytes) {
    struct pl_batch *batch = pl_batch_create(writer, seq);
    char *value = pl_alloc_zero(bytes);
    pl_batch_add(batch, PL_SLICE("key"), pl_slice(value, bytes));
    free(value);
    return batch;
}

static void a_batch_that_does_not_fit_takes_no_other_room_with_it(void) {
    struct store_folder folder;
    struct pl_buffer name = {0};
    struct pl_list list;
    if (!PL_CHECK_INT(make_folder(&folder, 1 << 20), 0)) return;
    struct pl_writer *big = pl_writer_create(room_name(&name, "main", PL_SLICE("big")));
    struct pl_batch *batches[] = {
        batch_of(folder.writer, 1, 10),
        batch_of(big, 1, 2 << 20),
        batch_of(big, 2, 10), /* builds on the one that fails */
        batch_of(folder.writer, 2, 10),
    };
    static const int expected[] = {0, -ENOSPC, -ECANCELED, 0};
    pl_list_init(&list);
    for (size_t i = 0; i < 4; i++) pl_list_push(&list, &batches[i]->in_queue);
    pl_commits_submit(folder.commits, &list);
    pl_commits_settle(folder.commits);
    pl_commits_take_done(folder.commits, &list);
    for (size_t i = 0; i < 4; i++) {
        PL_CHECK(list.next == &batches[i]->in_queue); /* in the order they were handed over */
        PL_CHECK_INT(batches[i]->result, expected[i]);
        pl_list_remove(&batches[i]->in_queue);
        pl_batch_destroy(batches[i]);
    }
    struct pl_room_record record;
    PL_CHECK_INT(
        pl_store_find_room(folder.store, room_name(&name, "main", PL_SLICE("big")), &record),
        -ENOENT);
    pl_writer_unref(big);
    pl_buffer_finish(&name);
    remove_folder(&folder);
}

static void a_room_has_its_number_until_nothing_is_left_of_it(void) {
    struct store_folder folder;
    uint64_t first, second, after;
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    struct pl_batch *batch = new_batch(&folder);
    put_text(batch, "a", "1");
    commit(&folder, batch, &first);
    batch = new_batch(&folder);
    put_text(batch, "b", "2");
    batch->alarm = (struct pl_stored_alarm){.due_ms = 50, .attempt_ms = 50};
    batch->has_alarm = true;
    commit(&folder, batch, &second);
    PL_CHECK(first != 0 && first == second);
    batch = new_batch(&folder);
    batch->clears = true;
    commit(&folder, batch, &after);
    PL_CHECK(after == first); /* its alarm is left */
    batch = new_batch(&folder);
    batch->has_alarm = true;
    commit(&folder, batch, &after);
    PL_CHECK_INT(after, 0);
    check_text(&folder, "a", NULL);
    remove_folder(&folder);
}

/* ---- alarms --------------------------------------------------------------------------------- */

static void set_alarm(struct store_folder *folder, const char *id, int64_t due_ms) {
    struct pl_buffer name = {0};
    struct pl_writer *writer = pl_writer_create(room_name(&name, "main", pl_slice_of(id)));
    struct pl_batch *batch = pl_batch_create(writer, 1);
    batch->has_alarm = true;
    batch->alarm = (struct pl_stored_alarm){.due_ms = due_ms, .attempt_ms = due_ms};
    PL_CHECK_INT(commit(folder, batch, NULL), 0);
    pl_writer_unref(writer);
    pl_buffer_finish(&name);
}

static void check_alarms(struct store_folder *folder, const char *expected) {
    struct pl_alarm_row row = {0};
    struct pl_slice party, id;
    struct pl_buffer found = {0};
    while (pl_store_next_alarm(folder->store, &row) == 0) {
        PL_CHECK(pl_room_name_split(row.name, &party, &id));
        pl_buffer_add(&found, id);
        pl_buffer_add_byte(&found, ' ');
        pl_buffer_add_number(&found, (unsigned long long)row.attempt_ms);
        pl_buffer_add_byte(&found, '\n');
    }
    PL_CHECK_SLICE(pl_buffer_slice(&found), pl_slice_of(expected));
    pl_buffer_finish(&found);
}

static void alarms_come_in_the_order_they_are_due(void) {
    struct store_folder folder;
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    set_alarm(&folder, "c", 300);
    set_alarm(&folder, "a", 100);
    set_alarm(&folder, "b", 200);
    set_alarm(&folder, "late", INT64_C(4102444800000));
    check_alarms(&folder, "a 100\nb 200\nc 300\nlate 4102444800000\n");
    set_alarm(&folder, "a", 250); /* in place of the first */
    set_alarm(&folder, "late", 0);
    check_alarms(&folder, "b 200\na 250\nc 300\n");
    remove_folder(&folder);
}

/* ---- copies --------------------------------------------------------------------------------- */

static void a_copy_holds_what_was_there(void) {
    struct store_folder folder;
    char path[128], target[128];
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    struct pl_batch *batch = new_batch(&folder);
    put_text(batch, "a", "1");
    commit(&folder, batch, NULL);
    snprintf(path, sizeof path, "%s/copy.mdb", folder.path);
    PL_CHECK_INT(pl_store_backup(folder.store, path), 0);
    PL_CHECK_INT(pl_store_backup(folder.store, path), -EEXIST);
    batch = new_batch(&folder);
    put_text(batch, "a", "2");
    commit(&folder, batch, NULL);
    close_folder(&folder);
    snprintf(target, sizeof target, "%s/data.mdb", folder.path);
    PL_CHECK_INT(rename(path, target), 0);
    PL_CHECK_INT(open_folder(&folder, 0), 0);
    check_text(&folder, "a", "1");
    remove_folder(&folder);
}

int main(void) {
    PL_RUN(what_was_committed_is_there_after_opening_again);
    PL_RUN(a_folder_has_one_server_and_any_number_of_readers);
    PL_RUN(nothing_is_made_for_a_reader);
    PL_RUN(a_newer_format_is_not_touched);
    PL_RUN(other_files_are_not_touched);
    PL_RUN(a_batch_that_does_not_fit_takes_no_other_room_with_it);
    PL_RUN(a_room_has_its_number_until_nothing_is_left_of_it);
    PL_RUN(alarms_come_in_the_order_they_are_due);
    PL_RUN(a_copy_holds_what_was_there);
    return pl_check_summary();
}
