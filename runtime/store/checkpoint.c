#include "store/checkpoint.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/random.h"
#include "store/folder.h"
#include "store/journal_record.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct pl_checkpoint {
    struct pl_store *store;
    pthread_mutex_t writer; /* held by the one that writes */
    char *folder;
    struct pl_journal journal;
    struct pl_journal_head head; /* the one that counts */
    MDB_txn *pin;         /* a reader of the state it leads to; NULL: none was made yet */
    uint64_t counted_txn; /* the last one of which it is known what it holds back */
    uint64_t held_pages;  /* those it has counted that can be used again after the next */
    bool is_undecided;    /* writing a head has failed: nobody knows which one counts */
    /* A sync of LMDB's file has failed and may have lost pages. The kernel says so once, and the
     * next sync that succeeds proves nothing. */
    bool cannot_sync;
    bool is_lost; /* LMDB has what is neither in a checkpoint nor in a record */
};

struct pl_checkpoint *pl_checkpoint_create(struct pl_store *store, const char *folder) {
    struct pl_checkpoint *checkpoint = pl_alloc_zero(sizeof *checkpoint);
    checkpoint->store = store;
    checkpoint->folder = pl_copy_string(folder, strlen(folder));
    checkpoint->journal.file = -1;
    pthread_mutex_init(&checkpoint->writer, NULL);
    /* Not at the first checkpoint, which may be tried again: a head that seemed to fail may stand
     * there all the same, and names the mark. */
    pl_random_bytes(checkpoint->head.id, sizeof checkpoint->head.id);
    pl_random_bytes(checkpoint->head.secret, sizeof checkpoint->head.secret);
    pl_folder_boot(checkpoint->head.boot);
    return checkpoint;
}

void pl_checkpoint_enter(struct pl_checkpoint *checkpoint) {
    if (checkpoint != NULL) pthread_mutex_lock(&checkpoint->writer);
}

void pl_checkpoint_leave(struct pl_checkpoint *checkpoint) {
    if (checkpoint != NULL) pthread_mutex_unlock(&checkpoint->writer);
}

/* ---- making one ----------------------------------------------------------------------------- */

int pl_checkpoint_read_pages(const struct pl_store *store, struct pl_journal_head *head) {
    MDB_stat stat;
    int file;
    int rc = mdb_env_get_fd(store->env, &file);
    if (rc == 0) rc = mdb_env_stat(store->env, &stat);
    if (rc != 0) return pl_lmdb_error(rc);
    head->page_bytes = stat.ms_psize;
    for (int i = 0; i < 2; i++) {
        off_t at = (off_t)head->page_bytes * i;
        ssize_t got = pread(file, head->pages[i], sizeof head->pages[i], at);
        if (got < 0) return -errno;
        if (got != sizeof head->pages[i]) return -EIO;
    }
    return 0;
}

/* A state whose pages may be lost must not be taken for whole: without the name of a boot in the
 * head nobody does, and both heads lead to the same checkpoint and the same records. */
static void write_doubt(struct pl_checkpoint *checkpoint) {
    if (checkpoint->pin == NULL) return;
    memset(checkpoint->head.boot, 0, sizeof checkpoint->head.boot);
    pl_journal_write_head(&checkpoint->journal, &checkpoint->head);
}

static int sync_store(struct pl_checkpoint *checkpoint) {
    if (checkpoint->cannot_sync) return -EIO;
    int rc = pl_lmdb_error(mdb_env_sync(checkpoint->store->env, 1));
    if (rc == 0) return 0;
    /* Before the first checkpoint LMDB itself has synced everything. */
    checkpoint->cannot_sync = checkpoint->pin != NULL;
    write_doubt(checkpoint);
    return rc;
}

static void move_pin(struct pl_checkpoint *checkpoint, MDB_txn *pin) {
    if (checkpoint->pin != NULL) mdb_txn_abort(checkpoint->pin);
    checkpoint->pin = pin;
    checkpoint->counted_txn = mdb_txn_id(pin);
    checkpoint->held_pages = 0;
}

/* The reader comes first: it holds the state that is synced and whose pages are read. LMDB has one
 * writer, which waits. */
static int make(struct pl_checkpoint *checkpoint, bool is_last) {
    struct pl_journal_head head = checkpoint->head;
    MDB_txn *pin;
    int rc = pl_lmdb_error(mdb_txn_begin(checkpoint->store->env, NULL, MDB_RDONLY, &pin));
    if (rc != 0) return rc;
    rc = sync_store(checkpoint);
    if (rc == 0) rc = pl_checkpoint_read_pages(checkpoint->store, &head);
    if (rc == 0) {
        head.epoch = checkpoint->journal.epoch + 1;
        head.is_clean = is_last;
        rc = pl_journal_write_head(&checkpoint->journal, &head);
        checkpoint->is_undecided = rc != 0;
    }
    if (rc != 0) {
        mdb_txn_abort(pin);
        return rc;
    }
    checkpoint->head = head;
    move_pin(checkpoint, pin);
    return 0;
}

int pl_checkpoint_make(struct pl_checkpoint *checkpoint) { return make(checkpoint, false); }

/* ---- the first one -------------------------------------------------------------------------- */

/* Where LMDB has nothing: behind what its first page leads to. */
static int mark_store(const struct pl_store *store, const char id[PL_JOURNAL_ID_BYTES]) {
    int file;
    int rc = mdb_env_get_fd(store->env, &file);
    if (rc != 0) return pl_lmdb_error(rc);
    ssize_t wrote = pwrite(file, id, PL_JOURNAL_ID_BYTES, PL_STORE_ID_AT);
    if (wrote < 0) return -errno;
    return wrote == PL_JOURNAL_ID_BYTES ? 0 : -EIO;
}

/* From here on LMDB does not sync. */
static int begin(struct pl_checkpoint *checkpoint) {
    int rc = 0;
    if (checkpoint->journal.file < 0) {
        rc = pl_journal_open(&checkpoint->journal, checkpoint->folder, false);
        if (rc == -ENOENT) rc = pl_journal_create(&checkpoint->journal, checkpoint->folder);
    }
    if (rc != 0) return rc;
    rc = mark_store(checkpoint->store, checkpoint->head.id);
    if (rc == 0) rc = make(checkpoint, false);
    if (rc == 0) mdb_env_set_flags(checkpoint->store->env, MDB_NOSYNC, 1);
    return rc;
}

/* ---- between two ---------------------------------------------------------------------------- */

/* Counts the pages that transactions since the checkpoint have given up. */
static int count_held(struct pl_checkpoint *checkpoint) {
    MDB_txn *txn;
    int rc = mdb_txn_begin(checkpoint->store->env, NULL, MDB_RDONLY, &txn);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = pl_lmdb_count_freed(txn, &checkpoint->counted_txn, &checkpoint->held_pages);
    mdb_txn_abort(txn);
    return rc;
}

/* Without syncs, records go on as long as the journal has room. */
int pl_checkpoint_prepare(struct pl_checkpoint *checkpoint) {
    if (checkpoint->is_lost) return -ENOTRECOVERABLE;
    if (checkpoint->pin == NULL) return begin(checkpoint);
    if (checkpoint->is_undecided) return pl_checkpoint_make(checkpoint);
    int rc = count_held(checkpoint);
    if (rc != 0) return rc;
    uint64_t held_bytes = checkpoint->held_pages * checkpoint->head.page_bytes;
    if (held_bytes <= PL_HELD_BYTES_MAX || checkpoint->cannot_sync) return 0;
    rc = pl_checkpoint_make(checkpoint);
    return checkpoint->cannot_sync ? 0 : rc;
}

static int make_room(struct pl_checkpoint *checkpoint) {
    if (!checkpoint->cannot_sync) pl_journal_fit(&checkpoint->journal);
    int rc = pl_checkpoint_make(checkpoint);
    /* What there is room for is recorded, and is applied again by whoever opens the store. */
    return checkpoint->cannot_sync ? -ENOTRECOVERABLE : rc;
}

int pl_checkpoint_record(struct pl_checkpoint *checkpoint, MDB_txn *txn, int64_t now_ms,
                         const struct pl_list *group) {
    struct pl_journal *journal = &checkpoint->journal;
    pl_journal_record_add(pl_journal_begin(journal), mdb_txn_id(txn), now_ms, group);
    int rc = pl_journal_has_room(journal) ? 0 : make_room(checkpoint);
    return rc != 0 ? rc : pl_journal_add(journal);
}

void pl_checkpoint_cancel(struct pl_checkpoint *checkpoint) {
    pl_journal_cancel(&checkpoint->journal);
}

int pl_checkpoint_settle(struct pl_checkpoint *checkpoint) {
    checkpoint->is_lost = pl_checkpoint_make(checkpoint) != 0;
    return checkpoint->is_lost ? -ENOTRECOVERABLE : 0;
}

int pl_checkpoint_make_space(struct pl_store *store) {
    struct pl_checkpoint *checkpoint = store->checkpoint;
    if (checkpoint == NULL) return pl_lmdb_advance(store);
    pl_checkpoint_enter(checkpoint);
    int rc = pl_checkpoint_prepare(checkpoint);
    if (rc == 0) rc = pl_checkpoint_make(checkpoint);
    if (rc == 0) rc = pl_lmdb_advance(store);
    if (rc == 0) rc = pl_checkpoint_make(checkpoint);
    pl_checkpoint_leave(checkpoint);
    return rc;
}

void pl_checkpoint_destroy(struct pl_checkpoint *checkpoint) {
    if (checkpoint == NULL) return;
    if (checkpoint->pin != NULL) {
        if (!checkpoint->is_lost) make(checkpoint, true);
        mdb_txn_abort(checkpoint->pin);
    }
    pl_journal_close(&checkpoint->journal);
    pthread_mutex_destroy(&checkpoint->writer);
    free(checkpoint->folder);
    free(checkpoint);
}
