#include "store/recover.h"

#include "base/alloc.h"
#include "store/apply.h"
#include "store/checkpoint.h"
#include "store/folder.h"
#include "store/journal_record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define READER_WAIT_MS 10000 /* for a server that has just been started */
#define READER_NAP_MS 5

/* A store on its way. */
struct recovery {
    const char *folder;
    const struct pl_store_options *options;
    struct pl_store store;
    struct pl_journal journal;
    struct pl_journal_head head;
    MDB_txn *pin;
};

static bool is_same_boot(const struct pl_journal_head *head) {
    char boot[PL_FOLDER_BOOT_BYTES];
    pl_folder_boot(boot);
    return boot[0] != '\0' && memcmp(boot, head->boot, sizeof boot) == 0;
}

/* ---- going back ----------------------------------------------------------------------------- */

/* Until the recovery has ended nobody may take the store for whole, whatever kernel it is. */
static int write_doubt(struct recovery *recovery) {
    memset(recovery->head.boot, 0, sizeof recovery->head.boot);
    return pl_journal_write_head(&recovery->journal, &recovery->head);
}

/* Whether this is the file that the journal was written for. */
static int check_id(int file, const struct pl_journal_head *head) {
    char id[PL_JOURNAL_ID_BYTES];
    ssize_t got = pread(file, id, sizeof id, PL_STORE_ID_AT);
    if (got < 0) return -errno;
    return got == sizeof id && memcmp(id, head->id, sizeof id) == 0 ? 0 : -ESTALE;
}

static int put_pages(int file, const struct pl_journal_head *head) {
    for (int i = 0; i < 2; i++) {
        off_t at = (off_t)head->page_bytes * i;
        ssize_t wrote = pwrite(file, head->pages[i], sizeof head->pages[i], at);
        if (wrote < 0) return -errno;
        if (wrote != sizeof head->pages[i]) return -EIO;
    }
    return 0;
}

/* Keeps readers out until the journal is closed; false when there are some. */
static int shut_out_readers(struct recovery *recovery, bool *is_alone) {
    int rc = pl_folder_probe_readers(recovery->folder, is_alone);
    if (rc != 0 || !*is_alone) return rc;
    if (flock(recovery->journal.file, LOCK_EX | LOCK_NB) == 0) return 0;
    *is_alone = false;
    return errno == EWOULDBLOCK ? 0 : -errno;
}

/* Puts the store's first pages back. `is_back` false: there are readers, and it stays as it is. */
static int go_back(struct recovery *recovery, bool *is_back) {
    char path[PL_FOLDER_PATH_BYTES];
    int rc = pl_folder_path(recovery->folder, PL_STORE_NAME, path);
    if (rc != 0) return rc;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return -errno;
    rc = check_id(file, &recovery->head);
    if (rc == 0) rc = shut_out_readers(recovery, is_back);
    /* Pages that this kernel has not written itself may be of any age. */
    if (rc == 0 && !*is_back && !is_same_boot(&recovery->head)) rc = -EBUSY;
    if (rc == 0 && *is_back) rc = write_doubt(recovery);
    if (rc == 0 && *is_back) rc = put_pages(file, &recovery->head);
    close(file);
    return rc;
}

/* ---- going on ------------------------------------------------------------------------------- */

static uint64_t newest_txn(const struct recovery *recovery) {
    MDB_envinfo info;
    return mdb_env_info(recovery->store.env, &info) == 0 ? info.me_last_txnid : 0;
}

/* Transactions that no record tells of only made room. */
static int catch_up(struct recovery *recovery, uint64_t txn) {
    uint64_t newest = newest_txn(recovery);
    while (newest + 1 < txn) {
        int rc = pl_lmdb_advance(&recovery->store);
        if (rc != 0) return rc;
        if (newest_txn(recovery) != ++newest) return -EIO;
    }
    return 0;
}

static int apply(struct recovery *recovery, const struct pl_journal_record *record) {
    const struct pl_store *store = &recovery->store;
    MDB_txn *txn;
    if (record->txn <= newest_txn(recovery)) return 0; /* it is there */
    int rc = catch_up(recovery, record->txn);
    if (rc == 0) rc = pl_lmdb_error(mdb_txn_begin(store->env, NULL, 0, &txn));
    if (rc != 0) return rc;
    PL_LIST_EACH(at, &record->batches) {
        struct pl_batch *batch = pl_container_of(at, struct pl_batch, in_queue);
        if (rc == 0) rc = pl_batch_apply(store, txn, batch, record->now_ms);
    }
    if (rc == 0) return pl_lmdb_error(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return rc;
}

static int apply_all(struct recovery *recovery) {
    struct pl_slice bytes;
    pl_journal_rewind(&recovery->journal);
    for (;;) {
        struct pl_journal_record record;
        int rc = pl_journal_next(&recovery->journal, &bytes);
        if (rc != 0) return rc == -ENOENT ? 0 : rc;
        rc = pl_journal_record_read(bytes, &record);
        if (rc == 0) rc = apply(recovery, &record);
        pl_journal_record_finish(&record);
        if (rc != 0) return rc;
    }
}

/* Makes a checkpoint of LMDB's newest state, in front of the same records. */
static int stay(struct recovery *recovery) {
    int rc = pl_lmdb_error(mdb_env_sync(recovery->store.env, 1));
    if (rc == 0) rc = pl_checkpoint_read_pages(&recovery->store, &recovery->head);
    return rc != 0 ? rc : pl_journal_write_head(&recovery->journal, &recovery->head);
}

static int finish(struct recovery *recovery) {
    int rc = pl_lmdb_error(mdb_env_sync(recovery->store.env, 1));
    if (rc != 0) return rc;
    recovery->head.epoch++;
    recovery->head.is_clean = true;
    return pl_journal_write_head(&recovery->journal, &recovery->head);
}

static int recover(struct recovery *recovery) {
    bool is_back = false;
    struct pl_store_options options = {.map_bytes = recovery->options->map_bytes,
                                       .is_volatile = true};
    int rc = go_back(recovery, &is_back);
    if (rc == 0) rc = pl_lmdb_open(&recovery->store, recovery->folder, 0, &options);
    if (rc == 0) {
        rc = mdb_txn_begin(recovery->store.env, NULL, MDB_RDONLY, &recovery->pin);
        rc = pl_lmdb_error(rc);
    }
    if (rc == 0 && !is_back) rc = stay(recovery);
    if (rc == 0) rc = apply_all(recovery);
    if (rc == 0) rc = finish(recovery);
    if (recovery->pin != NULL) mdb_txn_abort(recovery->pin);
    if (recovery->store.env != NULL) mdb_env_close(recovery->store.env);
    return rc;
}

int pl_recover(const char *folder, const struct pl_store_options *options) {
    struct recovery recovery = {.folder = folder, .options = options};
    recovery.store.is_read_only = true; /* opening takes no transaction that a record has had */
    if (!pl_folder_has_store(folder)) return 0;
    int rc = pl_journal_open(&recovery.journal, folder, false);
    if (rc != 0) return rc == -ENOENT ? 0 : rc;
    rc = pl_journal_read_head(&recovery.journal, &recovery.head);
    if (rc == -ENOENT) rc = 0;
    else if (rc == 0 && !recovery.head.is_clean) rc = recover(&recovery);
    pl_journal_close(&recovery.journal);
    return rc;
}

/* ---- readers -------------------------------------------------------------------------------- */

/* What a reader finds. */
struct sight {
    bool is_clean; /* nothing is to be recovered */
    bool is_whole; /* or LMDB's newest state is whole all the same: this kernel has all of it */
};

static void stop_watching(int *watch) {
    if (*watch >= 0) close(*watch);
    *watch = -1;
}

/* Tells others of the reader, and looks. A recovery lets nobody in until its end. */
static int watch_journal(const char *folder, int *watch, struct sight *out) {
    struct pl_journal_head head;
    char path[PL_FOLDER_PATH_BYTES];
    *out = (struct sight){0};
    int rc = pl_folder_path(folder, PL_JOURNAL_NAME, path);
    if (rc != 0) return rc;
    *watch = open(path, O_RDONLY | O_CLOEXEC);
    if (*watch >= 0 && flock(*watch, LOCK_SH) != 0) return -errno;
    struct pl_journal journal;
    rc = pl_journal_open(&journal, folder, true);
    if (rc == 0) rc = pl_journal_read_head(&journal, &head);
    out->is_clean = rc == -ENOENT || (rc == 0 && head.is_clean);
    out->is_whole = rc == 0 && is_same_boot(&head);
    pl_journal_close(&journal);
    return rc == -ENOENT ? 0 : rc;
}

/* 0 when there is nobody else to do it and it is done. -EBUSY: there is, or nobody can. */
static int recover_instead(const char *folder, const struct pl_store_options *options,
                           int *watch, bool is_whole) {
    int lock = -1;
    int rc = pl_folder_lock(folder, &lock);
    bool is_barred = rc == -EBUSY || rc == -EACCES || rc == -EPERM || rc == -EROFS;
    if (!is_barred || !is_whole) stop_watching(watch);
    if (rc == 0) rc = pl_recover(folder, options);
    if (lock >= 0) close(lock);
    return is_barred ? -EBUSY : rc;
}

int pl_recover_for_reader(const char *folder, const struct pl_store_options *options,
                          int *watch) {
    const struct timespec nap = {.tv_nsec = READER_NAP_MS * 1000000};
    *watch = -1;
    if (!pl_folder_has_store(folder)) return 0;
    for (int waited_ms = 0; waited_ms < READER_WAIT_MS; waited_ms += READER_NAP_MS) {
        struct sight sight;
        int rc = watch_journal(folder, watch, &sight);
        if (rc != 0 || sight.is_clean) return rc;
        rc = recover_instead(folder, options, watch, sight.is_whole);
        if (rc == -EBUSY && sight.is_whole) return 0;
        if (rc != 0 && rc != -EBUSY) return rc;
        if (rc == -EBUSY) nanosleep(&nap, NULL);
    }
    return -EBUSY;
}
