/* journal: records that were cut short or are stale, heads that alternate, and groups as bytes. */
#include "store/journal.h"

#include "base/endian.h"
#include "base/hash.h"
#include "base/limits.h"
#include "check.h"
#include "store/journal_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK PL_JOURNAL_BLOCK_BYTES
#define SLOT (PL_JOURNAL_HEADS_BYTES / 2) /* where the second head begins */

struct folder {
    char path[64], file[80];
    struct pl_journal journal;
    struct pl_journal_head head;
};

static struct folder make_folder(void) {
    struct folder folder = {.path = "/tmp/partylua-test-XXXXXX"};
    PL_CHECK(mkdtemp(folder.path) != NULL);
    snprintf(folder.file, sizeof folder.file, "%s/%s", folder.path, PL_JOURNAL_NAME);
    PL_CHECK_INT(pl_journal_create(&folder.journal, folder.path), 0);
    memset(folder.head.secret, 7, sizeof folder.head.secret);
    return folder;
}

static void remove_folder(struct folder *folder) {
    pl_journal_close(&folder->journal);
    unlink(folder->file);
    rmdir(folder->path);
}

static int reopen(struct folder *folder) {
    pl_journal_close(&folder->journal);
    return pl_journal_open(&folder->journal, folder->path, false);
}

static int begin_epoch(struct folder *folder, uint64_t epoch) {
    folder->head.epoch = epoch;
    return pl_journal_write_head(&folder->journal, &folder->head);
}

static int add(struct folder *folder, struct pl_slice bytes) {
    pl_buffer_add(pl_journal_begin(&folder->journal), bytes);
    return pl_journal_add(&folder->journal);
}

static int add_text(struct folder *folder, const char *text) {
    return add(folder, pl_slice_of(text));
}

/* What whoever opens the journal finds: its records, one behind the other. */
static void check_records(struct folder *folder, const char *expected, int end) {
    struct pl_buffer found = {0};
    struct pl_slice record;
    int rc;
    PL_CHECK_INT(reopen(folder), 0);
    while ((rc = pl_journal_next(&folder->journal, &record)) == 0)
        pl_buffer_add(&found, record);
    PL_CHECK_INT(rc, end);
    PL_CHECK_SLICE(pl_buffer_slice(&found), pl_slice_of(expected));
    pl_buffer_finish(&found);
}

static void flip_byte(const struct folder *folder, off_t at) {
    char byte;
    int file = open(folder->file, O_RDWR);
    PL_CHECK_INT(pread(file, &byte, 1, at), 1);
    byte ^= 0x55;
    PL_CHECK_INT(pwrite(file, &byte, 1, at), 1);
    close(file);
}

/* ---- records -------------------------------------------------------------------------------- */

static void records_come_back_in_their_order(void) {
    struct folder folder = make_folder();
    PL_CHECK_INT(begin_epoch(&folder, 1), 0);
    PL_CHECK_INT(add_text(&folder, "one "), 0);
    PL_CHECK_INT(add_text(&folder, "two "), 0);
    check_records(&folder, "one two ", -ENOENT);
    PL_CHECK_INT(add_text(&folder, "three"), 0); /* goes on behind those that were read */
    check_records(&folder, "one two three", -ENOENT);
    remove_folder(&folder);
}

static void a_record_that_lacks_any_of_its_bytes_is_none(void) {
    struct folder folder = make_folder();
    char text[BLOCK + 500];
    memset(text, 'x', sizeof text);
    begin_epoch(&folder, 1);
    add_text(&folder, "whole");
    uint64_t from = folder.journal.at;
    PL_CHECK_INT(add(&folder, pl_slice(text, sizeof text)), 0);
    for (off_t at = (off_t)from; at < (off_t)from + 40 + (off_t)sizeof text; at++) {
        flip_byte(&folder, at);
        check_records(&folder, "whole", -ENOENT);
        flip_byte(&folder, at);
    }
    remove_folder(&folder);
}

static void a_file_that_was_cut_short_ends_before_the_record(void) {
    struct folder folder = make_folder();
    begin_epoch(&folder, 1);
    add_text(&folder, "whole");
    off_t from = (off_t)folder.journal.at;
    add_text(&folder, "cut");
    for (off_t len = from + 42; len >= from; len--) {
        PL_CHECK_INT(truncate(folder.file, len), 0);
        check_records(&folder, "whole", -ENOENT);
    }
    PL_CHECK_INT(truncate(folder.file, 100), 0);
    check_records(&folder, "", -ENOENT);
    remove_folder(&folder);
}

static void a_length_that_cannot_be_takes_no_memory(void) {
    struct folder folder = make_folder();
    begin_epoch(&folder, 1);
    add_text(&folder, "whole");
    for (int byte = 0; byte < 8; byte++) {
        flip_byte(&folder, PL_JOURNAL_HEADS_BYTES + 32 + byte);
        check_records(&folder, "", -ENOENT);
        flip_byte(&folder, PL_JOURNAL_HEADS_BYTES + 32 + byte);
    }
    check_records(&folder, "whole", -ENOENT);
    remove_folder(&folder);
}

static void records_of_earlier_epochs_do_not_count(void) {
    struct folder folder = make_folder();
    begin_epoch(&folder, 1);
    for (int i = 0; i < 3; i++) add_text(&folder, "old");
    begin_epoch(&folder, 2);
    check_records(&folder, "", -ENOENT);
    add_text(&folder, "new");
    check_records(&folder, "new", -ENOENT);
    remove_folder(&folder);
}

static void a_record_that_was_taken_back_does_not_count(void) {
    struct folder folder = make_folder();
    begin_epoch(&folder, 1);
    add_text(&folder, "one ");
    add_text(&folder, "gone");
    PL_CHECK_INT(pl_journal_cancel(&folder.journal), 0);
    check_records(&folder, "one ", -ENOENT);
    add_text(&folder, "two");
    check_records(&folder, "one two", -ENOENT);
    remove_folder(&folder);
}

/* A whole record as somebody could make it who knows everything but the secret, inside of what is
 * stored: it comes to lie where the next record is looked for. */
static void stored_bytes_do_not_pass_for_a_record(void) {
    struct folder folder = make_folder();
    struct pl_buffer stored = {0};
    char *forged;
    begin_epoch(&folder, 1);
    add_text(&folder, "forged"); /* under a secret of zeros */
    memset(folder.head.secret, 0, sizeof folder.head.secret);
    PL_CHECK_INT(begin_epoch(&folder, 2), 0);
    add_text(&folder, "first");
    add_text(&folder, "forged");
    forged = malloc(BLOCK);
    int file = open(folder.file, O_RDONLY);
    PL_CHECK_INT(pread(file, forged, BLOCK, PL_JOURNAL_HEADS_BYTES + BLOCK), BLOCK);
    close(file);
    memset(folder.head.secret, 7, sizeof folder.head.secret);
    begin_epoch(&folder, 1); /* so that epoch and index are those of the forged one, too */
    begin_epoch(&folder, 2);
    memset(pl_buffer_reserve(&stored, BLOCK), 'x', BLOCK - 40);
    stored.len = BLOCK - 40;
    pl_buffer_add(&stored, pl_slice(forged, BLOCK));
    add(&folder, pl_buffer_slice(&stored));
    PL_CHECK_INT(pl_journal_cancel(&folder.journal), 0);
    add_text(&folder, "first");
    check_records(&folder, "first", -ENOENT);
    free(forged);
    pl_buffer_finish(&stored);
    remove_folder(&folder);
}

/* ---- heads ---------------------------------------------------------------------------------- */

static void a_head_that_was_cut_short_leaves_the_one_before(void) {
    struct folder folder = make_folder();
    begin_epoch(&folder, 1);
    add_text(&folder, "one");
    begin_epoch(&folder, 2); /* in the first slot: number 2 */
    for (off_t at = 0; at < 3 * BLOCK; at += at < 200 ? 1 : 97) {
        flip_byte(&folder, at);
        check_records(&folder, "one", -ENOENT);
        PL_CHECK_INT((int)folder.journal.epoch, 1);
        flip_byte(&folder, at);
    }
    check_records(&folder, "", -ENOENT);
    remove_folder(&folder);
}

static void a_head_that_counted_and_is_lost_is_noticed(void) {
    struct folder folder = make_folder();
    begin_epoch(&folder, 1);
    add_text(&folder, "one");
    begin_epoch(&folder, 2);
    add_text(&folder, "two");
    flip_byte(&folder, 100);
    check_records(&folder, "", -EBADMSG);
    remove_folder(&folder);
}

static void a_head_comes_back_as_it_was_written(void) {
    struct folder folder = make_folder();
    struct pl_journal_head found;
    PL_CHECK_INT(pl_journal_read_head(&folder.journal, &found), -ENOENT);
    for (size_t i = 0; i < sizeof folder.head.pages; i++) {
        ((char *)folder.head.pages)[i] = (char)(i * 7);
    }
    folder.head.is_clean = true;
    folder.head.page_bytes = 16384;
    strcpy(folder.head.boot, "a boot");
    memset(folder.head.id, 5, sizeof folder.head.id);
    begin_epoch(&folder, 9);
    PL_CHECK_INT(reopen(&folder), 0);
    PL_CHECK_INT(pl_journal_read_head(&folder.journal, &found), 0);
    PL_CHECK_INT((int)found.epoch, 9);
    PL_CHECK_INT((int)found.page_bytes, 16384);
    PL_CHECK(found.is_clean && strcmp(found.boot, "a boot") == 0);
    PL_CHECK(memcmp(found.id, folder.head.id, sizeof found.id) == 0);
    PL_CHECK(memcmp(found.secret, folder.head.secret, sizeof found.secret) == 0);
    PL_CHECK(memcmp(found.pages, folder.head.pages, sizeof found.pages) == 0);
    remove_folder(&folder);
}

static void a_head_of_the_same_epoch_keeps_its_records(void) {
    struct folder folder = make_folder();
    begin_epoch(&folder, 1);
    add_text(&folder, "one ");
    strcpy(folder.head.boot, "another");
    PL_CHECK_INT(begin_epoch(&folder, 1), 0);
    add_text(&folder, "two");
    check_records(&folder, "one two", -ENOENT);
    remove_folder(&folder);
}

/* Another version's head is whole like ours. */
static void a_journal_of_a_newer_version_is_refused(void) {
    struct folder folder = make_folder();
    char bytes[3 * BLOCK];
    begin_epoch(&folder, 1);
    int file = open(folder.file, O_RDWR);
    PL_CHECK_INT(pread(file, bytes, sizeof bytes, SLOT), sizeof bytes);
    pl_put_u64(bytes + 16, 9);
    struct pl_slice summed = pl_slice(bytes + 8, sizeof bytes - 8);
    pl_put_u64(bytes, pl_hash(summed, UINT64_C(0x706c6a6f75726e31), pl_get_u64("plrecord")));
    PL_CHECK_INT(pwrite(file, bytes, sizeof bytes, SLOT), sizeof bytes);
    close(file);
    PL_CHECK_INT(reopen(&folder), -EPROTO);
    remove_folder(&folder);
}

/* ---- its length ----------------------------------------------------------------------------- */

static void a_full_journal_says_so_and_gets_longer_up_to_a_bound(void) {
    struct folder folder = make_folder();
    struct stat before, after;
    char *bytes = calloc(1, PL_JOURNAL_BYTES_MIN);
    begin_epoch(&folder, 1);
    stat(folder.file, &before);
    add_text(&folder, "one");
    pl_buffer_add(pl_journal_begin(&folder.journal), pl_slice(bytes, PL_JOURNAL_BYTES_MIN));
    PL_CHECK(!pl_journal_has_room(&folder.journal));
    pl_journal_fit(&folder.journal);
    PL_CHECK(pl_journal_has_room(&folder.journal));
    stat(folder.file, &after);
    PL_CHECK_INT(after.st_size - before.st_size, PL_JOURNAL_BYTES_MIN);
    for (int i = 0; i < 10; i++) pl_journal_fit(&folder.journal);
    stat(folder.file, &after);
    PL_CHECK_INT(after.st_size, PL_JOURNAL_HEADS_BYTES + PL_JOURNAL_BYTES_MAX);
    free(bytes);
    remove_folder(&folder);
}

static void the_first_record_fits_whatever_its_length(void) {
    struct folder folder = make_folder();
    size_t len = 2 * PL_JOURNAL_BYTES_MAX;
    char *bytes = calloc(1, len);
    struct pl_slice record;
    begin_epoch(&folder, 1);
    pl_buffer_add(pl_journal_begin(&folder.journal), pl_slice(bytes, len));
    PL_CHECK(pl_journal_has_room(&folder.journal));
    PL_CHECK_INT(pl_journal_add(&folder.journal), 0);
    PL_CHECK_INT(reopen(&folder), 0);
    PL_CHECK_INT(pl_journal_next(&folder.journal, &record), 0);
    PL_CHECK_SLICE(record, pl_slice(bytes, len));
    begin_epoch(&folder, 2);
    pl_journal_fit(&folder.journal); /* and does not stay that long */
    PL_CHECK_INT(folder.journal.size, PL_JOURNAL_HEADS_BYTES + PL_JOURNAL_BYTES_MAX);
    free(bytes);
    remove_folder(&folder);
}

/* ---- groups --------------------------------------------------------------------------------- */

static struct pl_batch *push_batch(struct pl_list *group, const char *name, uint64_t seq) {
    struct pl_writer *writer = pl_writer_create(pl_slice_of(name));
    struct pl_batch *batch = pl_batch_create(writer, seq);
    pl_writer_unref(writer);
    pl_list_push(group, &batch->in_queue);
    return batch;
}

static void make_group(struct pl_list *group) {
    pl_list_init(group);
    struct pl_batch *batch = push_batch(group, "first", 3);
    pl_batch_add(batch, PL_SLICE("key"), PL_SLICE("value"));
    pl_batch_add(batch, PL_SLICE(""), PL_SLICE(""));
    pl_batch_add(batch, PL_SLICE("gone"), (struct pl_slice){0});
    batch = push_batch(group, "left out", 1);
    batch->result = -ECANCELED;
    batch = push_batch(group, "second", 4);
    batch->clears = batch->has_alarm = true;
    batch->alarm = (struct pl_stored_alarm){.due_ms = -5, .attempt_ms = 6, .retries = 7};
}

static void free_group(struct pl_list *group) {
    struct pl_journal_record record;
    pl_list_move(&record.batches, group);
    pl_journal_record_finish(&record);
}

static void a_group_comes_back_without_what_was_left_out(void) {
    struct pl_list group;
    struct pl_buffer bytes = {0}, again = {0};
    struct pl_journal_record record;
    make_group(&group);
    pl_journal_record_add(&bytes, 12, 34, &group);
    PL_CHECK_INT(pl_journal_record_read(pl_buffer_slice(&bytes), &record), 0);
    PL_CHECK_INT((int)record.txn, 12);
    PL_CHECK_INT((int)record.now_ms, 34);
    struct pl_batch *first = pl_container_of(record.batches.next, struct pl_batch, in_queue);
    struct pl_batch *second = pl_container_of(record.batches.prev, struct pl_batch, in_queue);
    PL_CHECK(first->in_queue.next == &second->in_queue);
    PL_CHECK_SLICE(pl_slice(first->writer->name, first->writer->name_len), PL_SLICE("first"));
    PL_CHECK(!first->clears && !first->has_alarm && second->clears && second->has_alarm);
    PL_CHECK_INT((int)second->alarm.due_ms, -5);
    PL_CHECK_INT((int)second->alarm.retries, 7);
    struct pl_write *gone = pl_container_of(first->writes.prev, struct pl_write, in_batch);
    PL_CHECK(pl_write_is_delete(gone));
    pl_journal_record_add(&again, 12, 34, &record.batches);
    PL_CHECK_SLICE(pl_buffer_slice(&again), pl_buffer_slice(&bytes));
    pl_journal_record_finish(&record);
    pl_buffer_finish(&bytes);
    pl_buffer_finish(&again);
    free_group(&group);
}

static void a_group_that_lacks_bytes_is_refused(void) {
    struct pl_list group;
    struct pl_buffer bytes = {0};
    struct pl_journal_record record;
    make_group(&group);
    pl_journal_record_add(&bytes, 12, 34, &group);
    for (size_t len = 0; len < bytes.len; len++) {
        PL_CHECK_INT(pl_journal_record_read(pl_slice(bytes.at, len), &record), -EBADMSG);
        pl_journal_record_finish(&record);
    }
    pl_buffer_add_byte(&bytes, 0);
    PL_CHECK_INT(pl_journal_record_read(pl_buffer_slice(&bytes), &record), -EBADMSG);
    pl_journal_record_finish(&record);
    pl_buffer_finish(&bytes);
    free_group(&group);
}

int main(void) {
    PL_RUN(records_come_back_in_their_order);
    PL_RUN(a_record_that_lacks_any_of_its_bytes_is_none);
    PL_RUN(a_file_that_was_cut_short_ends_before_the_record);
    PL_RUN(a_length_that_cannot_be_takes_no_memory);
    PL_RUN(records_of_earlier_epochs_do_not_count);
    PL_RUN(a_record_that_was_taken_back_does_not_count);
    PL_RUN(stored_bytes_do_not_pass_for_a_record);
    PL_RUN(a_head_that_was_cut_short_leaves_the_one_before);
    PL_RUN(a_head_that_counted_and_is_lost_is_noticed);
    PL_RUN(a_head_comes_back_as_it_was_written);
    PL_RUN(a_head_of_the_same_epoch_keeps_its_records);
    PL_RUN(a_journal_of_a_newer_version_is_refused);
    PL_RUN(a_full_journal_says_so_and_gets_longer_up_to_a_bound);
    PL_RUN(the_first_record_fits_whatever_its_length);
    PL_RUN(a_group_comes_back_without_what_was_left_out);
    PL_RUN(a_group_that_lacks_bytes_is_refused);
    return pl_check_summary();
}
