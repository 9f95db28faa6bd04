#include "store/journal.h"

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hash.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK PL_JOURNAL_BLOCK_BYTES
#define VERSION 1
#define HEAD_MAGIC UINT64_C(0x706c6a6f75726e31)   /* "pljourn1" */
#define RECORD_MAGIC UINT64_C(0x706c7265636f7264) /* "plrecord" */

/* Numbers of 8 bytes at the beginning of a head, and of a record. The sum is of all that is
 * behind it. */
enum { SUM, MAGIC, VERSIONED, NUMBER, EPOCH, CLEAN, PAGE_BYTES, HEAD_FIELDS };
enum { RECORD_EPOCH = 2, INDEX, LENGTH, RECORD_FIELDS };
#define RECORD_HEAD_BYTES (RECORD_FIELDS * 8)
#define HEAD_BYTES (3 * BLOCK) /* a block of its own, then the pages */
#define HEAD_AT(number) ((off_t)((number) % 2 * (PL_JOURNAL_HEADS_BYTES / 2)))

static uint64_t sum_of(const char *bytes, size_t len, const uint64_t key[2]) {
    return pl_hash(pl_slice(bytes + 8, len - 8), key[0], key[1]);
}

/* No stranger's bytes come to lie where heads are. */
static uint64_t sum_of_head(const char *bytes) {
    static const uint64_t key[2] = {HEAD_MAGIC, RECORD_MAGIC};
    return sum_of(bytes, HEAD_BYTES, key);
}

static uint64_t whole_blocks(uint64_t bytes) { return (bytes + BLOCK - 1) / BLOCK * BLOCK; }

/* ---- bytes ---------------------------------------------------------------------------------- */

static int write_at(int file, const char *bytes, size_t len, uint64_t at) {
    while (len > 0) {
        ssize_t wrote = pwrite(file, bytes, len, (off_t)at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return -errno;
        if (wrote == 0) return -EIO;
        bytes += wrote;
        at += (uint64_t)wrote;
        len -= (size_t)wrote;
    }
    return 0;
}

/* Zeros are read behind the end of the file. */
static int read_at(int file, char *bytes, size_t len, uint64_t at) {
    size_t done = 0;
    while (done < len) {
        ssize_t got = pread(file, bytes + done, len - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        if (got == 0) break;
        done += (size_t)got;
    }
    memset(bytes + done, 0, len - done);
    return 0;
}

static int sync_file(int file) { return fdatasync(file) == 0 ? 0 : -errno; }

static int write_zeros(int file, uint64_t from, uint64_t to) {
    static const char zeros[16 * BLOCK];
    int rc = 0;
    while (rc == 0 && from < to) {
        size_t len = to - from < sizeof zeros ? (size_t)(to - from) : sizeof zeros;
        rc = write_at(file, zeros, len, from);
        from += len;
    }
    return rc;
}

/* ---- past the cache ------------------------------------------------------------------------- */

#define PIECE_BYTES (64 * BLOCK)

/* Nobody reads records but whoever opens the store, so the system's cache only costs: a copy, and a
 * search for what is to be written at each sync. Not every file system can do without. */
static void open_direct(struct pl_journal *journal, const char *path) {
    journal->direct = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
    if (journal->direct >= 0) journal->blocks = pl_alloc_aligned(BLOCK, PIECE_BYTES);
}

static void close_direct(struct pl_journal *journal) {
    if (journal->direct < 0) return;
    close(journal->direct);
    journal->direct = -1;
    free(journal->blocks);
    journal->blocks = NULL;
}

/* Such a write takes bytes only from where a block of memory begins. */
static int write_direct(struct pl_journal *journal, const char *bytes, size_t len,
                        uint64_t at) {
    int rc = 0;
    while (rc == 0 && len > 0) {
        size_t piece = len < PIECE_BYTES ? len : PIECE_BYTES;
        memcpy(journal->blocks, bytes, piece);
        rc = write_at(journal->direct, journal->blocks, piece, at);
        bytes += piece;
        at += piece;
        len -= piece;
    }
    return rc;
}

/* Whole blocks at the end of the records. They are not durable yet. */
static int write_blocks(struct pl_journal *journal, const char *bytes, size_t len) {
    if (journal->direct >= 0) {
        int rc = write_direct(journal, bytes, len, journal->at);
        if (rc != -EINVAL) return rc;
        close_direct(journal); /* a disk whose blocks are larger than ours */
    }
    return write_at(journal->file, bytes, len, journal->at);
}

/* ---- heads ---------------------------------------------------------------------------------- */

/* Reads one of the two: 0, -ENOENT when it is not whole, -EPROTO, or a failure. */
static int read_slot(int file, unsigned slot, char bytes[HEAD_BYTES], uint64_t *number) {
    int rc = read_at(file, bytes, HEAD_BYTES, (uint64_t)HEAD_AT(slot));
    if (rc != 0) return rc;
    bool is_whole = pl_get_u64(bytes + MAGIC * 8) == HEAD_MAGIC &&
                    pl_get_u64(bytes + SUM * 8) == sum_of_head(bytes);
    if (!is_whole) return -ENOENT;
    if (pl_get_u64(bytes + VERSIONED * 8) != VERSION) return -EPROTO;
    *number = pl_get_u64(bytes + NUMBER * 8);
    return 0;
}

static void read_fields(const char bytes[HEAD_BYTES], struct pl_journal_head *out) {
    const char *at = bytes + HEAD_FIELDS * 8;
    out->epoch = pl_get_u64(bytes + EPOCH * 8);
    out->is_clean = pl_get_u64(bytes + CLEAN * 8) != 0;
    out->page_bytes = pl_get_u64(bytes + PAGE_BYTES * 8);
    memcpy(out->id, at, sizeof out->id);
    memcpy(out->secret, at + sizeof out->id, sizeof out->secret);
    memcpy(out->boot, at + sizeof out->id + sizeof out->secret, sizeof out->boot);
    memcpy(out->pages, bytes + BLOCK, sizeof out->pages);
}

static void write_fields(char bytes[HEAD_BYTES], const struct pl_journal_head *head) {
    char *at = bytes + HEAD_FIELDS * 8;
    pl_put_u64(bytes + EPOCH * 8, head->epoch);
    pl_put_u64(bytes + CLEAN * 8, head->is_clean);
    pl_put_u64(bytes + PAGE_BYTES * 8, head->page_bytes);
    memcpy(at, head->id, sizeof head->id);
    memcpy(at + sizeof head->id, head->secret, sizeof head->secret);
    memcpy(at + sizeof head->id + sizeof head->secret, head->boot, sizeof head->boot);
    memcpy(bytes + BLOCK, head->pages, sizeof head->pages);
}

/* From now on this head is the one that counts. */
static void follow(struct pl_journal *journal, uint64_t number,
                   const struct pl_journal_head *head) {
    journal->number = number;
    journal->key[0] = pl_get_u64(head->secret);
    journal->key[1] = pl_get_u64(head->secret + 8);
    if (head->epoch == journal->epoch) return;
    journal->epoch = head->epoch;
    pl_journal_rewind(journal);
}

static int find_head(struct pl_journal *journal) {
    char bytes[HEAD_BYTES];
    struct pl_journal_head head;
    for (unsigned slot = 0; slot < 2; slot++) {
        uint64_t number;
        int rc = read_slot(journal->file, slot, bytes, &number);
        if (rc != 0 && rc != -ENOENT) return rc;
        if (rc != 0 || number <= journal->number) continue;
        read_fields(bytes, &head);
        follow(journal, number, &head);
    }
    return 0;
}

int pl_journal_read_head(struct pl_journal *journal, struct pl_journal_head *out) {
    char bytes[HEAD_BYTES];
    uint64_t number;
    if (journal->number == 0) return -ENOENT;
    int rc = read_slot(journal->file, journal->number % 2, bytes, &number);
    if (rc == 0) read_fields(bytes, out);
    return rc;
}

int pl_journal_write_head(struct pl_journal *journal, const struct pl_journal_head *head) {
    char bytes[HEAD_BYTES] = {0};
    uint64_t number = journal->number + 1;
    pl_put_u64(bytes + MAGIC * 8, HEAD_MAGIC);
    pl_put_u64(bytes + VERSIONED * 8, VERSION);
    pl_put_u64(bytes + NUMBER * 8, number);
    write_fields(bytes, head);
    pl_put_u64(bytes + SUM * 8, sum_of_head(bytes));
    int rc = write_at(journal->file, bytes, sizeof bytes, (uint64_t)HEAD_AT(number));
    if (rc == 0) rc = sync_file(journal->file);
    if (rc == 0) follow(journal, number, head);
    return rc;
}

/* ---- opening -------------------------------------------------------------------------------- */

static int measure(struct pl_journal *journal) {
    struct stat stat;
    if (fstat(journal->file, &stat) != 0) return -errno;
    journal->size = (uint64_t)stat.st_size;
    return 0;
}

int pl_journal_open(struct pl_journal *journal, const char *folder, bool is_read_only) {
    char path[PL_FOLDER_PATH_BYTES];
    *journal = (struct pl_journal){.file = -1, .direct = -1, .at = PL_JOURNAL_HEADS_BYTES};
    int rc = pl_folder_path(folder, PL_JOURNAL_NAME, path);
    if (rc != 0) return rc;
    journal->file = open(path, (is_read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (journal->file < 0) return -errno;
    if (!is_read_only) open_direct(journal, path);
    rc = measure(journal);
    if (rc == 0) rc = find_head(journal);
    if (rc != 0) pl_journal_close(journal);
    return rc;
}

/* It takes its name when it is whole. */
int pl_journal_create(struct pl_journal *journal, const char *folder) {
    char path[PL_FOLDER_PATH_BYTES], new_path[PL_FOLDER_PATH_BYTES];
    *journal = (struct pl_journal){.file = -1, .direct = -1};
    int rc = pl_folder_path(folder, PL_JOURNAL_NAME, path);
    if (rc == 0) rc = pl_folder_path(folder, PL_JOURNAL_NAME ".new", new_path);
    if (rc != 0) return rc;
    int file = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return -errno;
    rc = write_zeros(file, 0, PL_JOURNAL_HEADS_BYTES + PL_JOURNAL_BYTES_MIN);
    if (rc == 0 && fsync(file) != 0) rc = -errno;
    if (close(file) != 0 && rc == 0) rc = -errno;
    if (rc == 0 && rename(new_path, path) != 0) rc = -errno;
    if (rc == 0) rc = pl_folder_sync(folder);
    if (rc != 0) unlink(new_path);
    return rc != 0 ? rc : pl_journal_open(journal, folder, false);
}

void pl_journal_close(struct pl_journal *journal) {
    if (journal->file < 0) return;
    close(journal->file);
    journal->file = -1;
    close_direct(journal);
    pl_buffer_finish(&journal->record);
}

void pl_journal_fit(struct pl_journal *journal) {
    uint64_t has = journal->size;
    uint64_t bytes = has > PL_JOURNAL_HEADS_BYTES ? has - PL_JOURNAL_HEADS_BYTES : 0;
    bytes = bytes < PL_JOURNAL_BYTES_MIN ? PL_JOURNAL_BYTES_MIN : 2 * bytes;
    if (bytes > PL_JOURNAL_BYTES_MAX) bytes = PL_JOURNAL_BYTES_MAX;
    uint64_t wanted = PL_JOURNAL_HEADS_BYTES + bytes;
    int rc = has < wanted ? write_zeros(journal->file, has, wanted) : 0;
    if (has > wanted && ftruncate(journal->file, (off_t)wanted) != 0) rc = -errno;
    if (rc == 0) journal->size = wanted;
}

/* ---- writing -------------------------------------------------------------------------------- */

struct pl_buffer *pl_journal_begin(struct pl_journal *journal) {
    journal->record.len = 0;
    pl_buffer_reserve(&journal->record, RECORD_HEAD_BYTES);
    journal->record.len = RECORD_HEAD_BYTES;
    return &journal->record;
}

bool pl_journal_has_room(const struct pl_journal *journal) {
    return journal->index == 0 ||
           journal->at + whole_blocks(journal->record.len) <= journal->size;
}

/* Fills its last block and puts the numbers in front. */
static void finish_record(struct pl_journal *journal) {
    struct pl_buffer *record = &journal->record;
    size_t len = record->len, padding = (size_t)whole_blocks(len) - len;
    memset(pl_buffer_reserve(record, padding), 0, padding);
    record->len += padding;
    pl_put_u64(record->at + MAGIC * 8, RECORD_MAGIC);
    pl_put_u64(record->at + RECORD_EPOCH * 8, journal->epoch);
    pl_put_u64(record->at + INDEX * 8, journal->index);
    pl_put_u64(record->at + LENGTH * 8, len);
    pl_put_u64(record->at + SUM * 8, sum_of(record->at, len, journal->key));
}

/* Zeros in place of the beginning of a record. Where the disk takes none, the next record that it
 * takes stands in the same place. */
static int cancel(struct pl_journal *journal) {
    static const char zeros[BLOCK];
    int rc = write_blocks(journal, zeros, sizeof zeros);
    return rc != 0 ? rc : sync_file(journal->file);
}

int pl_journal_add(struct pl_journal *journal) {
    finish_record(journal);
    int rc = write_blocks(journal, journal->record.at, journal->record.len);
    if (rc == 0) rc = sync_file(journal->file);
    if (rc != 0) {
        cancel(journal); /* it may be whole all the same */
        return rc;
    }
    journal->at += journal->record.len;
    journal->index++;
    if (journal->at > journal->size) journal->size = journal->at;
    return 0;
}

int pl_journal_cancel(struct pl_journal *journal) {
    journal->at -= journal->record.len;
    journal->index--;
    return cancel(journal);
}

/* ---- reading -------------------------------------------------------------------------------- */

void pl_journal_rewind(struct pl_journal *journal) {
    journal->at = PL_JOURNAL_HEADS_BYTES;
    journal->index = 0;
}

/* Reads what stands at `at` into the buffer: 0, or -ENOENT when it is no whole record. */
static int read_record(struct pl_journal *journal) {
    struct pl_buffer *record = &journal->record;
    record->len = 0;
    char *bytes = pl_buffer_reserve(record, BLOCK);
    int rc = read_at(journal->file, bytes, BLOCK, journal->at);
    if (rc != 0) return rc;
    if (pl_get_u64(bytes + MAGIC * 8) != RECORD_MAGIC) return -ENOENT;
    uint64_t len = pl_get_u64(bytes + LENGTH * 8);
    if (len < RECORD_HEAD_BYTES || journal->at > journal->size ||
        len > journal->size - journal->at)
        return -ENOENT;
    bytes = pl_buffer_reserve(record, (size_t)whole_blocks(len));
    rc = read_at(journal->file, bytes, (size_t)len, journal->at);
    if (rc != 0) return rc;
    if (pl_get_u64(bytes + SUM * 8) != sum_of(bytes, (size_t)len, journal->key)) return -ENOENT;
    record->len = (size_t)len;
    return 0;
}

int pl_journal_next(struct pl_journal *journal, struct pl_slice *out) {
    int rc = read_record(journal);
    if (rc != 0) return rc;
    uint64_t epoch = pl_get_u64(journal->record.at + RECORD_EPOCH * 8);
    /* Heads are durable before the records of their epoch are written. */
    if (epoch > journal->epoch) return -EBADMSG;
    if (epoch != journal->epoch) return -ENOENT;
    if (pl_get_u64(journal->record.at + INDEX * 8) != journal->index) return -ENOENT;
    *out = pl_slice_after(pl_buffer_slice(&journal->record), RECORD_HEAD_BYTES);
    journal->index++;
    journal->at += whole_blocks(journal->record.len);
    return 0;
}
