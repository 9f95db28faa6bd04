#include "store/copy.h"

#include "store/folder.h"
#include "store/journal.h"
#include "store/recover.h"
#include "store/vectors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPIED_BYTES (256 * 1024)
#define KEPT_MAX 1000
#define PART_NAME PL_STORE_NAME ".part"

/* ---- looking through a copy ----------------------------------------------------------------- */

static int count_rooms(struct pl_store *store, struct pl_restored *out) {
    struct pl_range all = {0};
    struct pl_entries_cursor *rooms;
    struct pl_slice name, bytes, party, id;
    int rc = pl_store_list_rooms(store, &all, &rooms);
    if (rc != 0) return rc;
    while ((rc = pl_store_next(rooms, &name, &bytes)) == 0) {
        struct pl_room_record record;
        struct pl_room_size size;
        bool is_sound =
            pl_room_name_split(name, &party, &id) && pl_room_record_read(bytes, &record);
        rc = is_sound ? pl_store_measure(store, record.number, &size) : -EIO;
        if (rc != 0) break;
        out->rooms++;
        out->entries += size.entries;
    }
    pl_store_end_list(rooms);
    return rc == -ENOENT ? 0 : rc;
}

static int walk_alarms(struct pl_store *store) {
    struct pl_alarm_row row = {0};
    int rc;
    do rc = pl_store_next_alarm(store, &row);
    while (rc == 0);
    return rc == -ENOENT ? 0 : rc;
}

/* Opens a backup; with `out`, also walks through all of it. */
static int check_copy(const char *path, uint64_t map_bytes, struct pl_restored *out,
                      struct pl_buffer *why) {
    struct pl_store *store;
    struct pl_store_options options = {
        .map_bytes = map_bytes, .is_read_only = true, .is_copy = true};
    int rc = pl_store_open(path, &options, &store, why);
    if (rc != 0 || out == NULL) {
        if (rc == 0) pl_store_close(store);
        return rc;
    }
    rc = count_rooms(store, out);
    if (rc == 0) rc = walk_alarms(store);
    if (rc == 0) rc = pl_vectors_check(store);
    pl_store_close(store);
    if (rc == -EIO) rc = -EBADMSG;
    if (rc != 0) pl_store_explain(why, path, rc, true);
    return rc;
}

/* ---- the folder ----------------------------------------------------------------------------- */

/* What a server that has ended, or a restore that was killed, leaves behind without a store. */
static bool is_remnant(const char *name) {
    static const char *const names[] = {".",
                                        "..",
                                        PL_LOCK_NAME,
                                        PL_READERS_NAME,
                                        PART_NAME,
                                        PL_JOURNAL_NAME,
                                        PL_JOURNAL_NAME ".new",
                                        PL_STORE_NAME ".new",
                                        PL_STORE_NAME ".new-lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) return true;
    }
    return false;
}

static int check_empty(const char *folder) {
    DIR *entries = opendir(folder);
    struct dirent *entry;
    int rc = 0;
    if (entries == NULL) return -errno;
    while (rc == 0 && (entry = readdir(entries)) != NULL) {
        if (!is_remnant(entry->d_name)) rc = -ENOTEMPTY;
    }
    closedir(entries);
    return rc;
}

static bool has_lock(const char *folder) {
    char path[PL_FOLDER_PATH_BYTES];
    return pl_folder_path(folder, PL_LOCK_NAME, path) == 0 && access(path, F_OK) == 0;
}

/* Gives the store that is there a second name, the first free one. Its own name stays, so that
 * there is no moment without a store. */
static int keep_store(const char *folder, const char *store_path, char kept[64]) {
    char path[PL_FOLDER_PATH_BYTES];
    if (access(store_path, F_OK) != 0) return 0;
    for (int i = 1; i <= KEPT_MAX; i++) {
        snprintf(kept, 64, i == 1 ? "%s.before-restore" : "%s.before-restore-%d", PL_STORE_NAME,
                 i);
        int rc = pl_folder_path(folder, kept, path);
        if (rc != 0) return rc;
        if (link(store_path, path) == 0) return 0;
        if (errno != EEXIST) return -errno;
    }
    return -EEXIST;
}

/* What the journal has beyond the store goes into it, so that it is whole where it is kept. When
 * that fails, both are kept as they are, under names that end alike. */
static int put_journal_away(const struct pl_restore *restore, const char *kept) {
    char path[PL_FOLDER_PATH_BYTES], name[64 + 8], kept_path[PL_FOLDER_PATH_BYTES];
    struct pl_store_options options = {.map_bytes = restore->map_bytes};
    int rc = pl_folder_path(restore->folder, PL_JOURNAL_NAME, path);
    if (rc != 0) return rc;
    if (pl_recover(restore->folder, &options) == 0) {
        return unlink(path) == 0 || errno == ENOENT ? 0 : -errno;
    }
    snprintf(name, sizeof name, "%s%s", PL_JOURNAL_NAME, kept + strlen(PL_STORE_NAME));
    rc = pl_folder_path(restore->folder, name, kept_path);
    if (rc == 0 && rename(path, kept_path) != 0) rc = -errno;
    return rc;
}

/* ---- copying -------------------------------------------------------------------------------- */

static int write_all(int file, const char *at, size_t len) {
    while (len > 0) {
        ssize_t wrote = write(file, at, len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return -errno;
        at += wrote;
        len -= (size_t)wrote;
    }
    return 0;
}

static int copy_bytes(int from, int to) {
    struct pl_buffer buffer = {0};
    char *bytes = pl_buffer_reserve(&buffer, COPIED_BYTES);
    int rc = 0;
    while (rc == 0) {
        ssize_t got = read(from, bytes, COPIED_BYTES);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            rc = got < 0 ? -errno : 0;
            break;
        }
        rc = write_all(to, bytes, (size_t)got);
    }
    pl_buffer_finish(&buffer);
    if (rc == 0 && fsync(to) != 0) rc = -errno;
    return rc;
}

static int copy_file(const char *from_path, const char *to_path) {
    int from = open(from_path, O_RDONLY | O_CLOEXEC);
    if (from < 0) return -errno;
    int to = open(to_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int rc = to < 0 ? -errno : copy_bytes(from, to);
    if (to >= 0 && close(to) != 0 && rc == 0) rc = -errno;
    close(from);
    return rc;
}

/* ---- restoring ------------------------------------------------------------------------------ */

/* Puts the new store in its place. What LMDB keeps about readers is of the old one: readers that
 * are still there go on with both files, whose names are gone. */
static int place(const char *folder, const char *part, const char *store_path) {
    char readers[PL_FOLDER_PATH_BYTES];
    int rc = pl_folder_path(folder, PL_READERS_NAME, readers);
    if (rc != 0) return rc;
    if (rename(part, store_path) != 0) return -errno;
    if (unlink(readers) != 0 && errno != ENOENT) return -errno;
    return pl_folder_sync(folder);
}

/* With the folder locked. Errors of the copy explain themselves, others are the folder's. */
static int restore_into(const struct pl_restore *restore, struct pl_restored *out,
                        struct pl_buffer *why) {
    char part[PL_FOLDER_PATH_BYTES], store_path[PL_FOLDER_PATH_BYTES];
    int rc = pl_folder_path(restore->folder, PART_NAME, part);
    if (rc == 0) rc = pl_folder_path(restore->folder, PL_STORE_NAME, store_path);
    if (rc == 0 && !restore->is_forced) rc = check_empty(restore->folder);
    if (rc != 0) return rc;
    rc = copy_file(restore->file, part);
    if (rc == 0) {
        rc = check_copy(part, restore->map_bytes, out, why);
        if (rc != 0) { /* what is wrong with the copy is wrong with the file */
            why->len = 0;
            out->is_file_at_fault = true;
            pl_store_explain(why, restore->file, rc, true);
        }
    }
    if (rc == 0) rc = keep_store(restore->folder, store_path, out->kept);
    if (rc == 0) rc = put_journal_away(restore, out->kept);
    if (rc == 0) rc = place(restore->folder, part, store_path);
    if (rc != 0) unlink(part);
    return rc;
}

int pl_store_restore(const struct pl_restore *restore, struct pl_restored *out,
                     struct pl_buffer *why) {
    int lock = -1;
    *out = (struct pl_restored){0};
    int rc = check_copy(restore->file, restore->map_bytes, NULL, why);
    out->is_file_at_fault = rc != 0;
    if (rc != 0) return rc;
    /* No lock is left behind in a folder that is somebody else's. */
    if (!restore->is_forced && !has_lock(restore->folder)) rc = check_empty(restore->folder);
    if (rc == -ENOENT) rc = 0;
    if (rc == 0) rc = pl_folder_make(restore->folder);
    if (rc == 0) rc = pl_folder_lock(restore->folder, &lock);
    if (rc == 0) rc = restore_into(restore, out, why);
    if (lock >= 0) close(lock);
    if (rc != 0 && why->len == 0) pl_store_explain(why, restore->folder, rc, false);
    return rc;
}
