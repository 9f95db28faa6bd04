/*
 * store_disk.h -- a store on a disk that dies at a call of its choice, and may forget.
 *
 * What is to die runs in a process of its own, on the disk of spec/crash/faults.c, which is part of
 * the test program: LMDB's writes and syncs go through it like ours. When it is dead, the power may
 * be cut: writes that were not synced are taken back.
 */
#pragma once

#include "spec/crash/faults.c"

#include <sys/wait.h>

struct disk {
    char path[64]; /* of everything below */
    char folder[80];
    unsigned random; /* state of what is left to chance */
};

/* What a power cut leaves of writes that were not synced. */
enum cut { KEEP_ALL, LOSE_ALL, LOSE_HALF, LOSE_FEW, LOSE_SECTORS, CUTS };

static const char *const disk_files[] = {"data.mdb", "journal"};

static inline unsigned disk_chance(struct disk *disk, unsigned below) {
    disk->random = disk->random * 1664525 + 1013904223;
    return (disk->random >> 8) % below;
}

/* In memory where there is such a place: nothing here has to last. */
static inline bool disk_make(struct disk *disk) {
    bool has_memory = access("/dev/shm", W_OK) == 0;
    *disk = (struct disk){.random = 1};
    snprintf(disk->path, sizeof disk->path, "%s/partylua-test-XXXXXX",
             has_memory ? "/dev/shm" : "/tmp");
    if (mkdtemp(disk->path) == NULL) return false;
    snprintf(disk->folder, sizeof disk->folder, "%s/state", disk->path);
    return mkdir(disk->folder, 0700) == 0;
}

static inline void disk_path(const struct disk *disk, const char *name, char out[128]) {
    snprintf(out, 128, "%s/%s", disk->path, name);
}

/* Nothing is stored any more. */
static inline void disk_clear(const struct disk *disk) {
    static const char *const names[] = {"state/data.mdb",
                                        "state/data.mdb.new",
                                        "state/lock.mdb",
                                        "state/data.mdb.new-lock",
                                        "state/server.lock",
                                        "state/journal",
                                        "state/journal.new",
                                        "undo.0",
                                        "undo.1",
                                        "orders"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        disk_path(disk, names[i], path);
        unlink(path);
    }
}

static inline void disk_remove(const struct disk *disk) {
    disk_clear(disk);
    rmdir(disk->folder);
    rmdir(disk->path);
}

/* Says what the disk does from now on. */
static inline void disk_order(const struct disk *disk, const char *said) {
    char path[128];
    disk_path(disk, "orders", path);
    FILE *file = fopen(path, "w");
    fputs(said, file);
    fclose(file);
}

/* For the process that is to die. */
static inline void disk_enter(const struct disk *disk, const char *said) {
    char paths[256], path[128];
    snprintf(paths, sizeof paths, "%s/%s:%s/%s", disk->folder, disk_files[0], disk->folder,
             disk_files[1]);
    setenv("FAULTS_DATA", paths, 1);
    file_count = -1; /* our own writes have looked for them already */
    disk_path(disk, "undo", path);
    setenv("FAULTS_UNDO", path, 1);
    disk_path(disk, "orders", path);
    setenv("FAULTS_FILE", path, 1);
    disk_order(disk, said);
}

/* Runs `work` in a process of its own, which obeys these orders, or none (NULL): gives its code. */
static inline int disk_run(struct disk *disk, const char *said,
                           int (*work)(struct disk *disk, void *with), void *with) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (said != NULL) disk_enter(disk, said);
        int code = work(disk, with);
        fflush(stdout);
        _exit(code);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- two at a time -------------------------------------------------------------------------- */

/* Two pipes: one byte from it when it is ready, one to it when it may go on. */
struct talk {
    int ready[2], go[2];
};

static inline void say(int pipe) {
    if (write(pipe, "", 1) != 1) abort();
}

static inline void hear(int pipe) {
    char byte;
    if (read(pipe, &byte, 1) != 1) abort();
}

/* Runs `work` beside us, until it has said that it is ready. */
static inline pid_t disk_start(struct disk *disk, int (*work)(struct disk *disk, void *with),
                               struct talk *talk) {
    fflush(stdout);
    if (pipe(talk->ready) != 0 || pipe(talk->go) != 0) abort();
    pid_t child = fork();
    if (child == 0) {
        int code = work(disk, talk);
        fflush(stdout);
        _exit(code);
    }
    hear(talk->ready[0]);
    return child;
}

/* Lets it go on; gives its code. */
static inline int disk_end(pid_t child, struct talk *talk) {
    int status;
    say(talk->go[1]);
    waitpid(child, &status, 0);
    for (int i = 0; i < 2; i++) {
        close(talk->ready[i]);
        close(talk->go[i]);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- cutting the power ---------------------------------------------------------------------- */

struct undo {
    uint64_t offset, length, had;
    const char *bytes;
};

static inline void disk_take_back(struct disk *disk, int file, const struct undo *undo,
                                  enum cut cut) {
    static const unsigned lost_of_ten[] = {0, 10, 5, 1, 5};
    char old[PIECE_BYTES] = {0};
    size_t step = cut == LOSE_SECTORS ? 512 : sizeof old;
    memcpy(old, undo->bytes, undo->had);
    for (size_t at = 0; at < undo->length; at += step) {
        size_t len = undo->length - at < step ? undo->length - at : step;
        if (disk_chance(disk, 10) >= lost_of_ten[cut]) continue;
        if (pwrite(file, old + at, len, (off_t)(undo->offset + at)) != (ssize_t)len) abort();
    }
}

static inline char *disk_read(const char *path, size_t *len) {
    struct stat stat;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &stat) != 0) return NULL;
    char *bytes = malloc((size_t)stat.st_size + 1);
    *len = (size_t)read(file, bytes, (size_t)stat.st_size);
    close(file);
    return bytes;
}

/* Gives how many entries there are, in memory of their own. */
static inline size_t disk_undos(const char *bytes, size_t len, struct undo **out) {
    size_t count = 0;
    *out = malloc((len / 24 + 1) * sizeof **out);
    for (size_t at = 0; at + 24 <= len; count++) {
        uint64_t head[3];
        memcpy(head, bytes + at, sizeof head);
        (*out)[count] = (struct undo){head[0], head[1], head[2], bytes + at + 24};
        at += 24 + head[2];
    }
    return count;
}

/* Newest first, as each entry has what stood there before it. A file that has lost all is as long
 * as it was. */
static inline void disk_cut_file(struct disk *disk, int number, enum cut cut) {
    struct undo *undos;
    char name[16], path[128];
    size_t len = 0;
    snprintf(name, sizeof name, "undo.%d", number);
    disk_path(disk, name, path);
    char *bytes = disk_read(path, &len);
    unlink(path);
    if (bytes == NULL) return;
    size_t count = disk_undos(bytes, len, &undos);
    snprintf(path, sizeof path, "%s/%s", disk->folder, disk_files[number]);
    int file = open(path, O_RDWR);
    off_t end = lseek(file, 0, SEEK_END);
    while (count-- > 0) {
        disk_take_back(disk, file, &undos[count], cut);
        off_t had = (off_t)(undos[count].offset + undos[count].had);
        if (undos[count].had < undos[count].length && had < end) end = had;
    }
    if (cut == LOSE_ALL && ftruncate(file, end) != 0) abort();
    close(file);
    free(undos);
    free(bytes);
}

/* The lock of LMDB's readers is gone with the machine. KEEP_ALL: only the process was killed. */
static inline void disk_cut(struct disk *disk, enum cut cut) {
    char path[128];
    for (int i = 0; i < 2; i++) disk_cut_file(disk, i, cut);
    if (cut == KEEP_ALL) return;
    disk_path(disk, "state/lock.mdb", path);
    unlink(path);
}

/* ---- the same disk again -------------------------------------------------------------------- */

struct image {
    char *bytes[2];
    size_t len[2];
};

static inline void disk_save(const struct disk *disk, struct image *out) {
    for (int i = 0; i < 2; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", disk->folder, disk_files[i]);
        out->bytes[i] = disk_read(path, &out->len[i]);
    }
}

static inline void disk_load(const struct disk *disk, const struct image *image) {
    disk_clear(disk);
    for (int i = 0; i < 2; i++) {
        char path[128];
        if (image->bytes[i] == NULL) continue;
        snprintf(path, sizeof path, "%s/%s", disk->folder, disk_files[i]);
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (write(file, image->bytes[i], image->len[i]) != (ssize_t)image->len[i]) abort();
        close(file);
    }
}

static inline void disk_free(struct image *image) {
    for (int i = 0; i < 2; i++) free(image->bytes[i]);
}
