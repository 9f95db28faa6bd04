/* stage: a room's entries written beside it, and put in its place. */
#include "store/stage.h"

#include "check.h"
#include "store/lmdb.h"
#include "store_folder.h"

#include <errno.h>
#include <sys/wait.h>

static struct pl_slice name_of(const struct store_folder *folder) {
    return pl_slice(folder->writer->name, folder->writer->name_len);
}

static void put_text(struct pl_batch *batch, const char *key, const char *value) {
    pl_batch_add(batch, pl_slice_of(key), pl_slice_of(value));
}

/* A room with a = 1, b = 2, and an alarm. */
static bool make_room(struct store_folder *folder) {
    if (!PL_CHECK_INT(make_folder(folder, 0), 0)) return false;
    struct pl_batch *batch = new_batch(folder);
    put_text(batch, "a", "1");
    put_text(batch, "b", "2");
    batch->has_alarm = true;
    batch->alarm = (struct pl_stored_alarm){.due_ms = 100, .attempt_ms = 200, .retries = 3};
    return PL_CHECK_INT(commit(folder, batch, NULL), 0);
}

static void add_text(struct store_folder *folder, struct pl_stage *stage, const char *key,
                     const char *value) {
    struct pl_batch *batch = new_batch(folder);
    put_text(batch, key, value);
    PL_CHECK_INT(pl_stage_add(stage, batch), 0);
    pl_batch_destroy(batch);
}

/* The room's entries and alarm: "a=1 b=2 alarm 100 200 3", and the alarms' own rows. */
static void check_room(struct store_folder *folder, const char *expected) {
    struct pl_buffer out = {0};
    struct pl_range all = {0};
    struct pl_room_record record;
    struct pl_alarm_row row = {0};
    struct pl_entries_cursor *entries;
    struct pl_slice key, value;
    pl_store_refresh(folder->store);
    int rc = pl_store_find_room(folder->store, name_of(folder), &record);
    if (rc == 0 &&
        PL_CHECK_INT(pl_store_list(folder->store, record.number, &all, &entries), 0)) {
        while (pl_store_next(entries, &key, &value) == 0) {
            pl_buffer_add(&out, key);
            pl_buffer_add_byte(&out, '=');
            pl_buffer_add(&out, value);
            pl_buffer_add_byte(&out, ' ');
        }
        pl_store_end_list(entries);
        pl_buffer_add(&out, PL_SLICE("alarm "));
        pl_buffer_add_number(&out, (unsigned long long)record.alarm.attempt_ms);
    }
    while (pl_store_next_alarm(folder->store, &row) == 0) {
        pl_buffer_add(&out,
                      row.number == record.number ? PL_SLICE(" row ") : PL_SLICE(" odd "));
        pl_buffer_add_number(&out, (unsigned long long)row.attempt_ms);
    }
    PL_CHECK_SLICE(pl_buffer_slice(&out), pl_slice_of(expected));
    pl_buffer_finish(&out);
    pl_store_refresh(folder->store);
}

/* Everything in the tree of entries: those of rooms, their ways, and the directory. */
static size_t count_all(const struct store_folder *folder) {
    MDB_txn *txn;
    MDB_stat stat = {0};
    mdb_txn_begin(folder->store->env, NULL, MDB_RDONLY, &txn);
    mdb_stat(txn, folder->store->entries, &stat);
    mdb_txn_abort(txn);
    return stat.ms_entries;
}

static void a_room_stays_as_it_is_until_its_stage_is_placed(void) {
    struct store_folder folder;
    struct pl_stage *stage;
    if (!make_room(&folder)) return;
    if (PL_CHECK_INT(pl_stage_begin(folder.store, name_of(&folder), false, &stage), 0)) {
        add_text(&folder, stage, "b", "3");
        add_text(&folder, stage, "c", "4");
        check_room(&folder, "a=1 b=2 alarm 200 row 200");
        PL_CHECK_INT(pl_stage_place(stage, NULL), 0);
    }
    check_room(&folder, "b=3 c=4 alarm 200 row 200");
    PL_CHECK_INT(count_all(&folder), 3); /* nothing is left of what was there before */
    remove_folder(&folder);
}

static void a_stage_may_begin_with_what_the_room_has(void) {
    struct store_folder folder;
    struct pl_stage *stage;
    struct pl_stored_alarm alarm = {.due_ms = 7, .attempt_ms = 8};
    if (!make_room(&folder)) return;
    if (PL_CHECK_INT(pl_stage_begin(folder.store, name_of(&folder), true, &stage), 0)) {
        add_text(&folder, stage, "b", "3");
        add_text(&folder, stage, "c", "4");
        PL_CHECK_INT(pl_stage_place(stage, &alarm), 0);
    }
    check_room(&folder, "a=1 b=3 c=4 alarm 8 row 8");
    PL_CHECK_INT(count_all(&folder), 4);
    remove_folder(&folder);
}

static void a_stage_makes_a_room_that_was_not_there(void) {
    struct store_folder folder;
    struct pl_stage *stage;
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    if (PL_CHECK_INT(pl_stage_begin(folder.store, name_of(&folder), true, &stage), 0)) {
        add_text(&folder, stage, "a", "1");
        PL_CHECK_INT(pl_stage_place(stage, NULL), 0);
    }
    check_room(&folder, "a=1 alarm 0");
    struct pl_batch *batch = new_batch(&folder);
    put_text(batch, "b", "2");
    PL_CHECK_INT(commit(&folder, batch, NULL), 0);
    check_room(&folder, "a=1 b=2 alarm 0");
    remove_folder(&folder);
}

static void a_room_of_which_nothing_is_left_is_forgotten(void) {
    struct store_folder folder;
    struct pl_stage *stage;
    struct pl_stored_alarm none = {0};
    if (!make_room(&folder)) return;
    if (PL_CHECK_INT(pl_stage_begin(folder.store, name_of(&folder), false, &stage), 0)) {
        PL_CHECK_INT(pl_stage_place(stage, &none), 0);
    }
    check_room(&folder, "");
    PL_CHECK_INT(count_all(&folder), 0);
    remove_folder(&folder);
}

static void nothing_remains_of_a_stage_that_is_dropped(void) {
    struct store_folder folder;
    struct pl_stage *stage;
    char key[1200];
    if (!make_room(&folder)) return;
    if (PL_CHECK_INT(pl_stage_begin(folder.store, name_of(&folder), true, &stage), 0)) {
        memset(key, 'k', sizeof key);
        for (int i = 0; i < 50; i++) {
            snprintf(key + 1100, 100, "%d", i);
            add_text(&folder, stage, key, "value");
        }
        PL_CHECK(count_all(&folder) > 53);
        pl_stage_drop(stage);
    }
    check_room(&folder, "a=1 b=2 alarm 200 row 200");
    PL_CHECK_INT(count_all(&folder), 3);
    remove_folder(&folder);
}

/* As if the process were killed after a batch. */
static void leave_a_stage(struct store_folder *folder) {
    struct pl_stage *stage;
    if (open_folder(folder, 0) != 0) _exit(1);
    if (pl_stage_begin(folder->store, name_of(folder), false, &stage) != 0) _exit(2);
    add_text(folder, stage, "c", "4");
    _exit(count_all(folder) == 4 ? 0 : 3);
}

static void what_a_killed_stage_has_left_is_cleared_when_the_store_is_opened(void) {
    struct store_folder folder;
    int status;
    if (!make_room(&folder)) return;
    close_folder(&folder);
    pid_t child = fork();
    if (child == 0) leave_a_stage(&folder);
    waitpid(child, &status, 0);
    PL_CHECK_INT(WEXITSTATUS(status), 0);
    PL_CHECK_INT(open_folder(&folder, 0), 0);
    check_room(&folder, "a=1 b=2 alarm 200 row 200");
    PL_CHECK_INT(count_all(&folder), 3);
    remove_folder(&folder);
}

int main(void) {
    PL_RUN(a_room_stays_as_it_is_until_its_stage_is_placed);
    PL_RUN(a_stage_may_begin_with_what_the_room_has);
    PL_RUN(a_stage_makes_a_room_that_was_not_there);
    PL_RUN(a_room_of_which_nothing_is_left_is_forgotten);
    PL_RUN(nothing_remains_of_a_stage_that_is_dropped);
    PL_RUN(what_a_killed_stage_has_left_is_cleared_when_the_store_is_opened);
    return pl_check_summary();
}
