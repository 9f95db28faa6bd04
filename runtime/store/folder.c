#include "store/folder.h"

#include "base/alloc.h"
#include "base/random.h"
#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int pl_folder_make(const char *path) {
    char *part = pl_copy_string(path, strlen(path));
    int rc = 0;
    for (char *at = part + 1; rc == 0; at++) {
        if (*at != '/' && *at != '\0') continue;
        char end = *at;
        *at = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) rc = -errno;
        *at = end;
        if (end == '\0') break;
    }
    free(part);
    return rc;
}

int pl_folder_path(const char *folder, const char *name, char out[PL_FOLDER_PATH_BYTES]) {
    int len = snprintf(out, PL_FOLDER_PATH_BYTES, "%s/%s", folder, name);
    return len < 0 || len >= PL_FOLDER_PATH_BYTES ? -ENAMETOOLONG : 0;
}

int pl_folder_lock(const char *folder, int *lock) {
    char path[PL_FOLDER_PATH_BYTES];
    int rc = pl_folder_path(folder, PL_LOCK_NAME, path);
    if (rc != 0) return rc;
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock < 0) return -errno;
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0) return 0;
    return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

int pl_folder_sync(const char *folder) {
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return -errno;
    int rc = fsync(file) == 0 ? 0 : -errno;
    close(file);
    return rc;
}

bool pl_folder_has_store(const char *folder) {
    char path[PL_FOLDER_PATH_BYTES];
    return pl_folder_path(folder, PL_STORE_NAME, path) == 0 && access(path, F_OK) == 0;
}

/* Whoever has LMDB's environment open holds a lock on the first byte of this file. */
int pl_folder_probe_readers(const char *folder, bool *is_alone) {
    char path[PL_FOLDER_PATH_BYTES];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    int rc = pl_folder_path(folder, PL_READERS_NAME, path);
    if (rc != 0) return rc;
    *is_alone = true;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno == ENOENT ? 0 : -errno;
    rc = fcntl(file, F_GETLK, &lock) == 0 ? 0 : -errno;
    *is_alone = lock.l_type == F_UNLCK;
    close(file);
    return rc;
}

void pl_folder_boot(char out[PL_FOLDER_BOOT_BYTES]) {
    memset(out, 0, PL_FOLDER_BOOT_BYTES);
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t got = read(file, out, PL_FOLDER_BOOT_BYTES - 1);
    if (got < PL_UUID_BYTES) memset(out, 0, PL_FOLDER_BOOT_BYTES);
    close(file);
}

/* LMDB keeps a lock file beside a file of its own. */
static void remove_lock(const struct pl_birth *birth) {
    char path[sizeof birth->path + 8];
    snprintf(path, sizeof path, "%s-lock", birth->path);
    unlink(path);
}

bool pl_birth_begin(struct pl_birth *birth, const char *folder) {
    birth->folder = folder;
    if (pl_folder_has_store(folder)) return false;
    snprintf(birth->path, sizeof birth->path, "%s/%s", folder, PL_JOURNAL_NAME);
    unlink(birth->path);
    snprintf(birth->path, sizeof birth->path, "%s/data.mdb", folder);
    strcat(birth->path, ".new");
    unlink(birth->path);
    remove_lock(birth);
    return true;
}

int pl_birth_end(struct pl_birth *birth) {
    char name[sizeof birth->path];
    remove_lock(birth);
    snprintf(name, sizeof name, "%s/data.mdb", birth->folder);
    if (rename(birth->path, name) != 0) return -errno;
    return pl_folder_sync(birth->folder);
}
