/*
 * journal.h -- a file to which each group of batches is written in one piece, with one sync.
 *
 * The file has its full length before it is needed, so that a sync finds nothing but the written
 * bytes to make durable. It begins with two heads, of which the newer one counts; records of the
 * newer head's epoch follow from PL_JOURNAL_HEADS_BYTES on, without a gap. A record or a head that
 * was cut short, by whatever ended the process or the machine, is as if it had never begun.
 *
 *     head 0 | head 1 | record 0 | record 1 | ... | zeros, or records of earlier epochs
 *
 * Everything begins at a multiple of PL_JOURNAL_BLOCK_BYTES: what is durable already is never
 * written over together with what is not. What records hold is the caller's affair; it comes from
 * strangers, so the sum over each is keyed with the secret of the head: bytes that somebody has
 * stored never pass for a record, wherever they come to lie.
 */
#pragma once

#include "base/buffer.h"
#include "store/folder.h"

#include <stdint.h>

#define PL_JOURNAL_NAME "journal"
#define PL_JOURNAL_BLOCK_BYTES 4096
#define PL_JOURNAL_HEADS_BYTES (8 * PL_JOURNAL_BLOCK_BYTES)
#define PL_JOURNAL_ID_BYTES 16

struct pl_journal {
    int file;                /* -1: none is open */
    int direct;              /* the same, past the system's cache; -1: not possible here */
    char *blocks;            /* where bytes lie that go past it */
    uint64_t number;         /* of the head that counts; 0: there is none */
    uint64_t epoch;          /* of the records that count */
    uint64_t index;          /* of the next record in its epoch */
    uint64_t at;             /* where that one begins */
    uint64_t size;           /* of the file */
    uint64_t key[2];         /* of the sums over records: the head's secret */
    struct pl_buffer record; /* the one that is being made */
};

/* What stands at the beginning: which records count, and for what they were written. */
struct pl_journal_head {
    uint64_t epoch; /* of the records that count; each new one makes all before it void */
    bool is_clean;  /* nobody needs records or pages: what the store's file holds is durable */
    uint64_t page_bytes;              /* of the store's file: where its second page begins */
    char id[PL_JOURNAL_ID_BYTES];     /* stands in the store's file, too */
    char secret[PL_JOURNAL_ID_BYTES]; /* random, and never given to anybody */
    char boot[PL_FOLDER_BOOT_BYTES];  /* names the run of the kernel; empty: unknown */
    char pages[2][PL_JOURNAL_BLOCK_BYTES]; /* of the store's file */
};

/* Opens the journal of a folder, and looks for the head that counts: 0, -ENOENT when there is no
 * journal, -EPROTO when a newer version made it, or what the system says. */
int pl_journal_open(struct pl_journal *journal, const char *folder, bool is_read_only);

/* Makes a new one, in place of one that is there, and opens it. */
int pl_journal_create(struct pl_journal *journal, const char *folder);

/* Harmless when none is open. */
void pl_journal_close(struct pl_journal *journal);

/* Gives the head that counts: 0, or -ENOENT when none was ever written. */
int pl_journal_read_head(struct pl_journal *journal, struct pl_journal_head *out);

/* Writes a head beside the one that counts and makes it durable. When that fails, nobody knows
 * which of the two counts after a power cut: nothing may be added before it has succeeded. A
 * head of another epoch begins it. */
int pl_journal_write_head(struct pl_journal *journal, const struct pl_journal_head *head);

/* Makes the file longer, or one that is too long shorter, when it is about to begin a new epoch
 * because it was full. Durable with the next head; without space it stays as it is. */
void pl_journal_fit(struct pl_journal *journal);

/* Begins a record: its bytes are to be added to what this gives. */
struct pl_buffer *pl_journal_begin(struct pl_journal *journal);

/* Whether the record fits behind the others. As the first of its epoch each does. */
bool pl_journal_has_room(const struct pl_journal *journal);

/* Writes the record and makes it durable. A negative errno: it was taken back, if that was possible. */
int pl_journal_add(struct pl_journal *journal);

/* Takes the newest record back: it will not count. A negative errno: the disk may hold it still, and
 * the end of the process or of power may bring it back until another one, or another head, has been
 * written: a disk that takes nothing cannot be told. */
int pl_journal_cancel(struct pl_journal *journal);

/* Goes to the first record. */
void pl_journal_rewind(struct pl_journal *journal);

/* Gives the next record, borrowed until the one after it: 0, -ENOENT behind the last, where new
 * ones are added, or -EBADMSG when the head that counted has been lost. */
int pl_journal_next(struct pl_journal *journal, struct pl_slice *record);
