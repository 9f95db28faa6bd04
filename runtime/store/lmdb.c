#include "store/lmdb.h"

#include "base/alloc.h"
#include "base/endian.h"
#include "store/folder.h"
#include "store/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 1
#define READERS_MAX 512
#define LAST_NUMBER "last number"
#define FORMAT_KEY "partylua format"

int pl_lmdb_error(int rc) {
    switch (rc) {
    case MDB_SUCCESS: return 0;
    case MDB_NOTFOUND: return -ENOENT;
    case MDB_MAP_FULL: return -ENOSPC;
    case MDB_TXN_FULL: return -EFBIG; /* more pages changed than one transaction takes */
    case MDB_READERS_FULL: return -EAGAIN;
    case MDB_PANIC: return -ENOTRECOVERABLE;
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH: return -EMEDIUMTYPE;
    default: return rc > 0 ? -rc : -EIO;
    }
}

/* ---- numbers that are kept ------------------------------------------------------------------ */

int pl_lmdb_get_number(const struct pl_store *store, MDB_txn *txn, const char *name,
                       uint64_t *out) {
    MDB_val key = pl_lmdb_val(pl_slice_of(name)), value;
    int rc = mdb_get(txn, store->meta, &key, &value);
    if (rc != 0) return pl_lmdb_error(rc);
    if (value.mv_size != 8) return -EIO;
    *out = pl_get_u64(value.mv_data);
    return 0;
}

int pl_lmdb_put_number(const struct pl_store *store, MDB_txn *txn, const char *name,
                       uint64_t number) {
    unsigned char bytes[8];
    MDB_val key = pl_lmdb_val(pl_slice_of(name));
    MDB_val value = {.mv_size = sizeof bytes, .mv_data = bytes};
    pl_put_u64(bytes, number);
    return pl_lmdb_error(mdb_put(txn, store->meta, &key, &value, 0));
}

int pl_lmdb_delete_number(const struct pl_store *store, MDB_txn *txn, const char *name) {
    MDB_val key = pl_lmdb_val(pl_slice_of(name));
    int rc = mdb_del(txn, store->meta, &key, NULL);
    return rc == MDB_NOTFOUND ? 0 : pl_lmdb_error(rc);
}

int pl_lmdb_take_number(const struct pl_store *store, MDB_txn *txn, uint64_t *out) {
    uint64_t last = 0;
    int rc = pl_lmdb_get_number(store, txn, LAST_NUMBER, &last);
    if (rc != 0 && rc != -ENOENT) return rc;
    *out = last + 1;
    return pl_lmdb_put_number(store, txn, LAST_NUMBER, *out);
}

int pl_lmdb_advance(const struct pl_store *store) {
    uint64_t last = 0;
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = pl_lmdb_get_number(store, txn, LAST_NUMBER, &last);
    if (rc == 0) rc = pl_lmdb_put_number(store, txn, LAST_NUMBER, last);
    if (rc == 0) return pl_lmdb_error(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return rc;
}

/* ---- opening -------------------------------------------------------------------------------- */

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

void pl_lmdb_forget_readers(const struct pl_store *store) {
    int dead;
    mdb_reader_check(store->env, &dead);
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

/* A new store gets its format; one of another format is not touched. */
static int check_format(struct pl_store *store, MDB_txn *txn, bool is_new) {
    uint64_t format = 0;
    if (is_new) return pl_lmdb_put_number(store, txn, FORMAT_KEY, FORMAT);
    int rc = pl_lmdb_get_number(store, txn, FORMAT_KEY, &format);
    if (rc == -ENOENT) return -EMEDIUMTYPE;
    if (rc != 0) return rc;
    return format > FORMAT ? -EPROTO : format == FORMAT ? 0 : -EMEDIUMTYPE;
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

/* A store is born under another name, so that a power cut never leaves half of one. */
static int give_birth(struct pl_store *store, const char *folder,
                      const struct pl_store_options *options) {
    struct pl_birth birth;
    if (!pl_birth_begin(&birth, folder)) return 0;
    int rc = open_environment(store, birth.path, MDB_NOSUBDIR, options);
    if (rc == 0) rc = open_databases(store);
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

static int open_folder(struct pl_store *store, const char *folder,
                       const struct pl_store_options *options) {
    int rc = 0;
    if (!store->is_read_only) {
        rc = pl_folder_make(folder);
        if (rc == 0) rc = pl_folder_lock(folder, &store->lock);
        if (rc == 0) rc = give_birth(store, folder, options);
    }
    if (rc == 0) rc = open_environment(store, folder, 0, options);
    return rc != 0 ? rc : open_databases(store);
}

static int open_copy(struct pl_store *store, const char *path,
                     const struct pl_store_options *options) {
    int rc = open_environment(store, path, MDB_NOSUBDIR | MDB_NOLOCK, options);
    if (rc == 0) rc = check_length(store);
    if (rc == 0) rc = open_databases(store);
    if (rc == -ENOENT && access(path, F_OK) == 0) return -EMEDIUMTYPE;
    return rc == -EIO ? -EBADMSG : rc;
}

int pl_store_open(const char *path, const struct pl_store_options *options,
                  struct pl_store **out, struct pl_buffer *why) {
    struct pl_store *store = pl_alloc_zero(sizeof *store);
    store->lock = -1;
    store->is_read_only = options->is_read_only;
    int rc =
        options->is_copy ? open_copy(store, path, options) : open_folder(store, path, options);
    if (rc == 0) rc = pl_lmdb_error(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &store->view));
    if (rc != 0) {
        pl_store_explain(why, path, rc, options->is_copy);
        pl_store_close(store);
        return rc;
    }
    mdb_txn_reset(store->view);
    /* What cannot be cleared, on a full disk, takes room and does no harm. */
    if (!store->is_read_only) pl_stage_clear(store);
    *out = store;
    return 0;
}

void pl_store_close(struct pl_store *store) {
    if (store == NULL) return;
    if (store->view != NULL) mdb_txn_abort(store->view);
    if (store->env != NULL) mdb_env_close(store->env);
    if (store->lock >= 0) close(store->lock);
    free(store);
}

/* ---- reading -------------------------------------------------------------------------------- */

int pl_lmdb_view(struct pl_store *store, MDB_txn **out) {
    if (!store->is_view_live) {
        int rc = mdb_txn_renew(store->view);
        if (rc != 0) return pl_lmdb_error(rc);
        store->is_view_live = true;
    }
    *out = store->view;
    return 0;
}

void pl_store_refresh(struct pl_store *store) {
    if (!store->is_view_live) return;
    mdb_txn_reset(store->view);
    store->is_view_live = false;
}

int pl_store_measure_all(struct pl_store *store, struct pl_store_totals *out) {
    MDB_envinfo info;
    MDB_stat stat;
    MDB_txn *view;
    int rc = pl_lmdb_view(store, &view);
    if (rc != 0) return rc;
    rc = mdb_env_info(store->env, &info);
    if (rc == 0) rc = mdb_stat(view, store->alarms, &stat);
    if (rc != 0) return pl_lmdb_error(rc);
    out->used_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    out->alarms = stat.ms_entries;
    return 0;
}
