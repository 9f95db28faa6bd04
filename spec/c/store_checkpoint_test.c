/* checkpoint: what a disk that fails does to records and checkpoints, and who looks on meanwhile. */
#include "store/checkpoint.h"

#include "base/limits.h"
#include "check.h"
#include "store_disk.h"
#include "store_rooms.h"

#include <sys/mman.h>

#define ALL_IS_WELL "sync=pretend"

/* What a process on the disk gives back when what it expects is not so. */
#define EXPECT(condition)                               \
    do {                                                \
        if (!(condition)) {                             \
            printf("# %d: %s\n", __LINE__, #condition); \
            return 1;                                   \
        }                                               \
    } while (0)

/* Takes steps up to this one. */
static int go_to(struct rooms *rooms, int from, int to) {
    int rc = 0;
    for (int step = from; rc == 0 && step <= to; step++) rc = rooms_step(rooms, step);
    return rc;
}

/* Whoever opens the rooms finds them at the step. */
static int find_step(struct disk *disk, void *with) {
    const int *wanted = with;
    struct rooms rooms;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    int step = rooms_look(&rooms);
    if (step != *wanted) printf("# found step %d, not %d\n", step, *wanted);
    EXPECT(step == *wanted);
    EXPECT(go_to(&rooms, step + 1, step + 3) == 0);
    EXPECT(rooms_look(&rooms) == step + 3);
    rooms_close(&rooms);
    return 0;
}

/* Runs `work` on a disk of its own and looks for the step that it gives, whether it was killed or
 * the power was cut. */
static void check_step(int (*work)(struct disk *disk, void *with), int step) {
    for (enum cut cut = 0; cut < CUTS; cut++) {
        struct disk disk;
        PL_CHECK(disk_make(&disk));
        PL_CHECK_INT(disk_run(&disk, ALL_IS_WELL, work, NULL), 0);
        disk_cut(&disk, cut);
        PL_CHECK_INT(disk_run(&disk, NULL, find_step, &step), 0);
        disk_remove(&disk);
    }
}

/* ---- failures ------------------------------------------------------------------------------- */

/* The record is on disk when LMDB fails. */
static int fail_to_write_pages(struct disk *disk, void *with) {
    (void)with;
    struct rooms rooms;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 7) == 0);
    disk_order(disk, ALL_IS_WELL " write=EIO on=data");
    EXPECT(rooms_step(&rooms, 8) == -EIO);
    return 0;
}

static void a_group_that_cannot_be_committed_leaves_no_record(void) {
    check_step(fail_to_write_pages, 7);
}

static int fail_to_record(struct disk *disk, const char *said, int error) {
    struct rooms rooms;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 7) == 0);
    disk_order(disk, said);
    EXPECT(rooms_step(&rooms, 8) == error);
    EXPECT(rooms_look(&rooms) == 7);
    return 0;
}

static int fail_to_write_record(struct disk *disk, void *with) {
    (void)with;
    return fail_to_record(disk, ALL_IS_WELL " write=EIO on=journal", -EIO);
}

/* The group fails, and then each of its batches alone. */
static int fail_to_sync_record(struct disk *disk, void *with) {
    (void)with;
    return fail_to_record(disk, "sync=EIO on=journal times=6", -EIO);
}

static void a_record_that_cannot_be_written_is_none(void) {
    check_step(fail_to_write_record, 7);
}

/* The syncs that take it back fail as well, those of the last try. */
static int go_on_after_failure(struct disk *disk, void *with) {
    struct rooms rooms;
    (void)with;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 7) == 0);
    disk_order(disk, "sync=EIO on=journal");
    EXPECT(rooms_step(&rooms, 8) == -EIO);
    disk_order(disk, ALL_IS_WELL);
    for (int i = 0; i < ROOMS; i++) rooms.writers[i]->has_failed = false; /* as of new ones */
    EXPECT(rooms_look(&rooms) == 7);
    EXPECT(go_to(&rooms, 8, 12) == 0);
    EXPECT(rooms_look(&rooms) == 12);
    return 0;
}

static void a_record_that_cannot_be_synced_is_taken_back(void) {
    check_step(go_on_after_failure, 12);
    struct disk disk;
    int step = 7;
    PL_CHECK(disk_make(&disk));
    PL_CHECK_INT(disk_run(&disk, ALL_IS_WELL, fail_to_sync_record, NULL), 0);
    disk_cut(&disk, KEEP_ALL);
    PL_CHECK_INT(disk_run(&disk, NULL, find_step, &step), 0);
    disk_remove(&disk);
}

/* From the middle on, as of a disk that is moved under a running server; LMDB's pages and the
 * journal's heads go that way always. */
static int go_through_cache(struct disk *disk, void *with) {
    struct rooms rooms;
    (void)with;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 7) == 0);
    disk_order(disk, ALL_IS_WELL " direct=EINVAL");
    EXPECT(go_to(&rooms, 8, 12) == 0);
    EXPECT(rooms_look(&rooms) == 12);
    return 0;
}

static void records_go_through_the_cache_where_they_must(void) {
    check_step(go_through_cache, 12);
}

/* Nobody knows which head counts, so nothing is recorded until one does. */
static int fail_to_write_head(struct disk *disk, void *with) {
    struct rooms rooms;
    (void)with;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 7) == 0);
    disk_order(disk, "sync=EIO on=journal");
    EXPECT(pl_checkpoint_make(rooms.store->checkpoint) != 0);
    EXPECT(rooms_step(&rooms, 8) == -EIO);
    EXPECT(rooms_look(&rooms) == 7);
    disk_order(disk, ALL_IS_WELL);
    for (int i = 0; i < ROOMS; i++) rooms.writers[i]->has_failed = false;
    EXPECT(go_to(&rooms, 8, 11) == 0);
    return 0;
}

static void a_head_that_cannot_be_written_is_written_before_the_next_record(void) {
    check_step(fail_to_write_head, 11);
}

/* What the kernel has lost it does not tell of a second time. */
static int fail_to_sync_pages(struct disk *disk, void *with) {
    struct rooms rooms;
    int *last = with, rc = 0; /* shared with whoever looks afterwards; NULL: a few steps do */
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 7) == 0);
    disk_order(disk, "sync=EIO on=data times=1");
    EXPECT(pl_checkpoint_make(rooms.store->checkpoint) == -EIO);
    EXPECT(pl_checkpoint_make(rooms.store->checkpoint) == -EIO);
    if (last == NULL) {
        EXPECT(go_to(&rooms, 8, 11) == 0);
        rooms_close(&rooms); /* makes no checkpoint either */
        return 0;
    }
    for (*last = 7; rc == 0; ++*last) rc = rooms_step(&rooms, *last + 1);
    --*last;
    EXPECT(rc == -ENOTRECOVERABLE);
    EXPECT(pl_commits_is_broken(rooms.commits));
    EXPECT(*last > PL_JOURNAL_BYTES_MIN / PL_JOURNAL_BLOCK_BYTES / 4);
    EXPECT(rooms_look(&rooms) == *last);
    return 0;
}

static void pages_that_cannot_be_synced_end_checkpoints_and_nothing_else(void) {
    check_step(fail_to_sync_pages, 11);
}

static void without_checkpoints_a_full_journal_ends_the_server(void) {
    int *last =
        mmap(NULL, sizeof *last, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (enum cut cut = 0; cut < CUTS; cut++) {
        struct disk disk;
        PL_CHECK(disk_make(&disk));
        PL_CHECK_INT(disk_run(&disk, ALL_IS_WELL, fail_to_sync_pages, last), 0);
        disk_cut(&disk, cut);
        PL_CHECK_INT(disk_run(&disk, NULL, find_step, last), 0);
        disk_remove(&disk);
    }
    munmap(last, sizeof *last);
}

/* The head stands there although its sync has failed, and names the mark of the store's file. */
static int fail_to_begin(struct disk *disk, void *with) {
    struct rooms rooms;
    (void)with;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    disk_order(disk, "sync=EIO on=journal");
    EXPECT(rooms_step(&rooms, 1) == -EIO);
    disk_order(disk, "sync=EIO on=data");
    for (int i = 0; i < ROOMS; i++) rooms.writers[i]->has_failed = false;
    EXPECT(rooms_step(&rooms, 1) == -EIO);
    return 0;
}

static void a_first_checkpoint_that_fails_twice_leaves_the_store_as_it_is(void) {
    check_step(fail_to_begin, 0);
}

/* What is written without a record is in a checkpoint, or nobody goes on. */
static int fail_to_settle(struct disk *disk, void *with) {
    struct rooms rooms;
    (void)with;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 7) == 0);
    EXPECT(rooms_make_index(&rooms, 1) == 0);
    EXPECT(go_to(&rooms, 8, 9) == 0);
    disk_order(disk, "sync=EIO on=journal");
    EXPECT(rooms_make_index(&rooms, 2) == -ENOTRECOVERABLE);
    disk_order(disk, ALL_IS_WELL);
    EXPECT(rooms_step(&rooms, 10) == -ENOTRECOVERABLE);
    EXPECT(rooms_make_index(&rooms, 3) == -ENOTRECOVERABLE);
    rooms_close(&rooms);
    return 0;
}

static void what_cannot_be_settled_ends_the_server(void) { check_step(fail_to_settle, 9); }

/* A room without end, however much is written between two idle moments. */
static int write_much(struct disk *disk, void *with) {
    struct rooms rooms;
    struct stat file;
    char path[128];
    (void)with;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 3000) == 0);
    disk_path(disk, "state/data.mdb", path);
    EXPECT(stat(path, &file) == 0);
    EXPECT(file.st_size < 2 * PL_HELD_BYTES_MAX + (1 << 20));
    disk_path(disk, "state/journal", path);
    EXPECT(stat(path, &file) == 0);
    EXPECT(file.st_size <= PL_JOURNAL_HEADS_BYTES + PL_JOURNAL_BYTES_MAX);
    return 0;
}

static void both_files_keep_within_their_bounds(void) { check_step(write_much, 3000); }

/* ---- files ---------------------------------------------------------------------------------- */

static int leave_open(struct disk *disk, void *with) {
    struct rooms rooms;
    (void)with;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 7) == 0);
    return 0;
}

static int close_in_order(struct disk *disk, void *with) {
    struct rooms rooms;
    (void)with;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 7) == 0);
    rooms_close(&rooms);
    return 0;
}

static int open_and_give_error(struct disk *disk, void *with) {
    struct rooms rooms;
    (void)with;
    return -rooms_open(&rooms, disk->folder, false);
}

static void a_journal_of_another_store_is_refused(void) {
    struct disk disk, other;
    struct image mine, theirs;
    PL_CHECK(disk_make(&disk) && disk_make(&other));
    PL_CHECK_INT(disk_run(&disk, NULL, leave_open, NULL), 0);
    PL_CHECK_INT(disk_run(&other, NULL, leave_open, NULL), 0);
    disk_save(&disk, &mine);
    disk_save(&other, &theirs);
    struct image mixed = {{mine.bytes[0], theirs.bytes[1]}, {mine.len[0], theirs.len[1]}};
    disk_load(&disk, &mixed);
    PL_CHECK_INT(disk_run(&disk, NULL, open_and_give_error, NULL), ESTALE);
    disk_save(&disk, &mixed);
    PL_CHECK_SLICE(pl_slice(mixed.bytes[0], mixed.len[0]),
                   pl_slice(mine.bytes[0], mine.len[0]));
    disk_free(&mine);
    disk_free(&theirs);
    disk_free(&mixed);
    disk_remove(&disk);
    disk_remove(&other);
}

static void a_journal_that_was_closed_is_of_no_importance(void) {
    struct disk disk;
    int step = 7;
    char path[128];
    PL_CHECK(disk_make(&disk));
    PL_CHECK_INT(disk_run(&disk, ALL_IS_WELL, close_in_order, NULL), 0);
    disk_cut(&disk, LOSE_ALL);
    disk_path(&disk, "state/journal", path);
    PL_CHECK_INT(unlink(path), 0);
    PL_CHECK_INT(disk_run(&disk, NULL, find_step, &step), 0);
    disk_remove(&disk);
}

/* ---- readers -------------------------------------------------------------------------------- */

static int read_step(struct disk *disk, void *with) {
    const int *wanted = with;
    struct rooms rooms;
    EXPECT(rooms_open(&rooms, disk->folder, true) == 0);
    EXPECT(rooms_look(&rooms) == *wanted);
    rooms_close(&rooms);
    return 0;
}

static void a_reader_recovers_what_no_server_does(void) {
    for (enum cut cut = 0; cut < CUTS; cut++) {
        struct disk disk;
        int step = 7;
        PL_CHECK(disk_make(&disk));
        PL_CHECK_INT(disk_run(&disk, ALL_IS_WELL, leave_open, NULL), 0);
        disk_cut(&disk, cut);
        PL_CHECK_INT(disk_run(&disk, NULL, read_step, &step), 0);
        PL_CHECK_INT(disk_run(&disk, NULL, find_step, &step), 0);
        disk_remove(&disk);
    }
}

static int serve_until_told(struct disk *disk, void *with) {
    struct talk *talk = with;
    struct rooms rooms;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(go_to(&rooms, 1, 10) == 0);
    say(talk->ready[1]);
    hear(talk->go[0]);
    return 0;
}

static int look_twice(struct disk *disk, void *with) {
    struct talk *talk = with;
    struct rooms rooms;
    EXPECT(rooms_open(&rooms, disk->folder, true) == 0);
    EXPECT(rooms_look(&rooms) == 10);
    say(talk->ready[1]);
    hear(talk->go[0]);
    EXPECT(rooms_look(&rooms) == 10); /* the same snapshot */
    pl_store_refresh(rooms.store);
    EXPECT(rooms_look(&rooms) == 410);
    rooms_close(&rooms);
    return 0;
}

static int serve_again(struct disk *disk, void *with) {
    struct rooms rooms;
    (void)with;
    EXPECT(rooms_open(&rooms, disk->folder, false) == 0);
    EXPECT(rooms_look(&rooms) == 10);
    EXPECT(go_to(&rooms, 11, 410) == 0);
    rooms_close(&rooms);
    return 0;
}

static void a_reader_keeps_its_snapshot_when_the_server_is_killed_and_started(void) {
    struct disk disk;
    struct talk with_server, with_reader;
    PL_CHECK(disk_make(&disk));
    pid_t server = disk_start(&disk, serve_until_told, &with_server);
    pid_t reader = disk_start(&disk, look_twice, &with_reader);
    PL_CHECK_INT(disk_end(server, &with_server), 0);
    PL_CHECK_INT(disk_run(&disk, NULL, serve_again, NULL), 0);
    PL_CHECK_INT(disk_end(reader, &with_reader), 0);
    disk_remove(&disk);
}

int main(void) {
    PL_RUN(a_group_that_cannot_be_committed_leaves_no_record);
    PL_RUN(a_record_that_cannot_be_written_is_none);
    PL_RUN(a_record_that_cannot_be_synced_is_taken_back);
    PL_RUN(records_go_through_the_cache_where_they_must);
    PL_RUN(a_head_that_cannot_be_written_is_written_before_the_next_record);
    PL_RUN(pages_that_cannot_be_synced_end_checkpoints_and_nothing_else);
    PL_RUN(without_checkpoints_a_full_journal_ends_the_server);
    PL_RUN(a_first_checkpoint_that_fails_twice_leaves_the_store_as_it_is);
    PL_RUN(what_cannot_be_settled_ends_the_server);
    PL_RUN(both_files_keep_within_their_bounds);
    PL_RUN(a_journal_of_another_store_is_refused);
    PL_RUN(a_journal_that_was_closed_is_of_no_importance);
    PL_RUN(a_reader_recovers_what_no_server_does);
    PL_RUN(a_reader_keeps_its_snapshot_when_the_server_is_killed_and_started);
    return pl_check_summary();
}
