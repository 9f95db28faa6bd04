#include "store/copy.h"

#include "base/alloc.h"
#include "store/folder.h"
#include "store/lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int write_copy(struct pl_store *store, const char *path) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return -errno;
    int rc = pl_lmdb_error(mdb_env_copyfd2(store->env, file, MDB_CP_COMPACT));
    if (rc == 0 && fsync(file) != 0) rc = -errno;
    if (close(file) != 0 && rc == 0) rc = -errno;
    if (rc != 0) unlink(path);
    return rc;
}

/* Never over a file that has come meanwhile, where the file system can promise that. */
static int rename_new(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return -errno;
    if (access(to, F_OK) == 0) return -EEXIST;
    return rename(from, to) == 0 ? 0 : -errno;
}

static int sync_parent(const char *path) {
    char *copy = pl_copy_string(path, strlen(path));
    int rc = pl_folder_sync(dirname(copy));
    free(copy);
    return rc;
}

int pl_store_backup(struct pl_store *store, const char *path) {
    char part[PL_FOLDER_PATH_BYTES];
    int len = snprintf(part, sizeof part, "%s.part", path);
    if (len < 0 || (size_t)len >= sizeof part) return -ENAMETOOLONG;
    if (access(path, F_OK) == 0) return -EEXIST;
    int rc = write_copy(store, part);
    if (rc != 0) return rc;
    rc = rename_new(part, path);
    if (rc != 0) unlink(part);
    return rc != 0 ? rc : sync_parent(path);
}
