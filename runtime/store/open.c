#include "base/alloc.h"
#include "store/checkpoint.h"
#include "store/folder.h"
#include "store/lmdb.h"
#include "store/recover.h"
#include "store/stage.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 2 /* 1 had no journal */
#define FORMAT_OLDEST 1
#define READERS_MAX 512
#define FORMAT_KEY "partylua format"

/* ---- LMDB ----------------------------------------------------------------------------------- */

static int open_environment(struct pl_store *store, const char *path, unsigned flags,
                            const struct pl_store_options *options) {
    flags |= MDB_NOTLS;
    if (options->is_read_only) flags |= MDB_RDONLY;
    if (options->is_volatile) flags |= MDB_NOSYNC;
    int rc = mdb_env_create(&store->env);
    if (rc != 0) return pl_lmdb_error(rc);
    mdb_env_set_maxdbs(store->env, 8);
    mdb_env_set_maxreaders(store->env, READERS_MAX);
    uint64_t map_bytes = options->map_bytes == 0 ? PL_STORE_MAP_BYTES : options->map_bytes;
    rc = mdb_env_set_mapsize(store->env, (size_t)map_bytes);
    if (rc == 0) rc = mdb_env_open(store->env, path, flags, 0600);
    if (rc == EBADF && options->is_read_only) rc = ENOENT; /* LMDB would fill an empty file */
    if (rc == 0 && !options->is_read_only) pl_lmdb_forget_readers(store);
    return pl_lmdb_error(rc);
}

/* A copy that was cut short would end the process when a page of it is missing. A store need not
 * have its last pages: what was given up before it was written is not there. */
static int check_length(struct pl_store *store) {
    MDB_envinfo info;
    MDB_stat stat;
    struct stat file;
    int fd;
    int rc = mdb_env_get_fd(store->env, &fd);
    if (rc == 0) rc = mdb_env_info(store->env, &info);
    if (rc == 0) rc = mdb_env_stat(store->env, &stat);
    if (rc != 0) return pl_lmdb_error(rc);
    if (fstat(fd, &file) != 0) return -errno;
    uint64_t pages = (uint64_t)info.me_last_pgno + 1;
    return (uint64_t)file.st_size / stat.ms_psize < pages ? -EBADMSG : 0;
}

/* A new store gets its format, and so does an older one. A newer one is not touched. */
static int check_format(struct pl_store *store, MDB_txn *txn, bool is_new) {
    uint64_t format = 0;
    if (is_new) return pl_lmdb_put_number(store, txn, FORMAT_KEY, FORMAT);
    int rc = pl_lmdb_get_number(store, txn, FORMAT_KEY, &format);
    if (rc == -ENOENT) return -EMEDIUMTYPE;
    if (rc != 0) return rc;
    if (format > FORMAT) return -EPROTO;
    if (format < FORMAT_OLDEST) return -EMEDIUMTYPE;
    if (format == FORMAT || store->is_read_only) return 0;
    return pl_lmdb_put_number(store, txn, FORMAT_KEY, FORMAT);
}

/* Whether nothing was ever put into the environment. */
static int is_blank(MDB_txn *txn, bool *out) {
    MDB_dbi root;
    MDB_stat stat;
    int rc = mdb_dbi_open(txn, NULL, 0, &root);
    if (rc == 0) rc = mdb_stat(txn, root, &stat);
    if (rc == 0) *out = stat.ms_entries == 0;
    return rc;
}

/* A store of an earlier version has none, and is complete without. */
static int open_vectors(struct pl_store *store, MDB_txn *txn, unsigned how) {
    int rc = mdb_dbi_open(txn, "vectors", how, &store->vectors);
    store->has_vectors = rc == 0;
    return rc == MDB_NOTFOUND && store->is_read_only ? 0 : rc;
}

static int open_databases(struct pl_store *store) {
    MDB_txn *txn;
    bool is_new = false;
    unsigned how = store->is_read_only ? 0 : MDB_CREATE;
    int rc = mdb_txn_begin(store->env, NULL, store->is_read_only ? MDB_RDONLY : 0, &txn);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = is_blank(txn, &is_new);
    if (rc == 0 && is_new && store->is_read_only) rc = ENOENT;
    if (rc == 0) rc = mdb_dbi_open(txn, "meta", is_new ? how : 0, &store->meta);
    if (rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE) rc = EMEDIUMTYPE;
    int checked = rc != 0 ? pl_lmdb_error(rc) : check_format(store, txn, is_new);
    if (checked != 0) {
        mdb_txn_abort(txn);
        return checked;
    }
    rc = mdb_dbi_open(txn, "entries", how, &store->entries);
    if (rc == 0) rc = mdb_dbi_open(txn, "alarms", how, &store->alarms);
    if (rc == 0) rc = open_vectors(store, txn, how);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return pl_lmdb_error(rc);
    }
    return pl_lmdb_error(mdb_txn_commit(txn));
}

int pl_lmdb_open(struct pl_store *store, const char *path, unsigned flags,
                 const struct pl_store_options *options) {
    int rc = open_environment(store, path, flags, options);
    return rc != 0 ? rc : open_databases(store);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* A store is born under another name, so that a power cut never leaves half of one. */
static int give_birth(struct pl_store *store, const char *folder,
                      const struct pl_store_options *options) {
    struct pl_birth birth;
    if (!pl_birth_begin(&birth, folder)) return 0;
    int rc = pl_lmdb_open(store, birth.path, MDB_NOSUBDIR, options);
    if (store->env != NULL) mdb_env_close(store->env);
    store->env = NULL;
    return rc != 0 ? rc : pl_birth_end(&birth);
}

static const char *text_of(int rc, bool is_copy) {
    switch (rc) {
    case -EBUSY: return "is in use by a running server";
    case -EPROTO: return "was made by a newer version of partylua";
    case -EMEDIUMTYPE:
        return is_copy ? "is no backup of partylua"
                       : "holds files that are no data of partylua";
    case -EBADMSG: return "is damaged";
    case -ESTALE: return "holds a journal that belongs to another data.mdb";
    case -ENOTEMPTY: return "is not empty";
    case -ENOENT: return is_copy ? "does not exist" : "holds no data";
    default: return NULL;
    }
}

void pl_store_explain(struct pl_buffer *why, const char *path, int rc, bool is_copy) {
    const char *text = text_of(rc, is_copy);
    pl_buffer_add(why, is_copy ? PL_SLICE("the file ") : PL_SLICE("the data folder "));
    pl_buffer_add(why, pl_slice_of(path));
    pl_buffer_add(why, text != NULL ? PL_SLICE(" ") : PL_SLICE(" cannot be used: "));
    pl_buffer_add(why, pl_slice_of(text != NULL ? text : strerror(-rc)));
}

/* What was not closed is made whole before anything is read. */
static int open_folder(struct pl_store *store, const char *folder,
                       const struct pl_store_options *options) {
    int rc = pl_folder_make(folder);
    if (rc == 0) rc = pl_folder_lock(folder, &store->lock);
    if (rc == 0) rc = pl_recover(folder, options);
    if (rc == 0) rc = give_birth(store, folder, options);
    return rc != 0 ? rc : pl_lmdb_open(store, folder, 0, options);
}

static int look_into_folder(struct pl_store *store, const char *folder,
                            const struct pl_store_options *options) {
    int rc = pl_recover_for_reader(folder, options, &store->lock);
    return rc != 0 ? rc : pl_lmdb_open(store, folder, 0, options);
}

static int open_copy(struct pl_store *store, const char *path,
                     const struct pl_store_options *options) {
    int rc = open_environment(store, path, MDB_NOSUBDIR | MDB_NOLOCK, options);
    if (rc == 0) rc = check_length(store);
    if (rc == 0) rc = open_databases(store);
    if (rc == -ENOENT && access(path, F_OK) == 0) return -EMEDIUMTYPE;
    return rc == -EIO ? -EBADMSG : rc;
}

static int open_path(struct pl_store *store, const char *path,
                     const struct pl_store_options *options) {
    if (options->is_copy) return open_copy(store, path, options);
    if (options->is_read_only) return look_into_folder(store, path, options);
    return open_folder(store, path, options);
}

int pl_store_open(const char *path, const struct pl_store_options *options,
                  struct pl_store **out, struct pl_buffer *why) {
    struct pl_store *store = pl_alloc_zero(sizeof *store);
    store->lock = -1;
    store->is_read_only = options->is_read_only;
    int rc = open_path(store, path, options);
    if (rc == 0) rc = pl_lmdb_error(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &store->view));
    if (rc != 0) {
        pl_store_explain(why, path, rc, options->is_copy);
        pl_store_close(store);
        return rc;
    }
    mdb_txn_reset(store->view);
    /* What cannot be cleared, on a full disk, takes room and does no harm. */
    if (!store->is_read_only) pl_stage_clear(store);
    if (options->is_served && !options->is_volatile) {
        store->checkpoint = pl_checkpoint_create(store, path);
    }
    *out = store;
    return 0;
}

void pl_store_close(struct pl_store *store) {
    if (store == NULL) return;
    pl_checkpoint_destroy(store->checkpoint);
    if (store->view != NULL) mdb_txn_abort(store->view);
    if (store->env != NULL) mdb_env_close(store->env);
    if (store->lock >= 0) close(store->lock);
    free(store);
}
