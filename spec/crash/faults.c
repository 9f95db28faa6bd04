/*
 * faults.c -- a disk that fails, waits or forgets, for a program under test.
 *
 * A library for LD_PRELOAD: it stands between the program and the C library for everything that
 * is written to some files, and touches nothing else unless it is told to. Variables tell it what
 * to do:
 *
 *     FAULTS_DATA   the files, such as STATE/data.mdb:STATE/journal
 *     FAULTS_FILE   what the disk does now; read anew at every call, so a spec can change it:
 *                       write=ENOSPC   writes fail; also meta=, for those to the first two pages of
 *                                      the first file, where LMDB begins, and sync=
 *                       on=journal     only those of the file whose name begins so
 *                       after=3        only from the fourth of those calls on, counted from the
 *                                      last change of the file
 *                       times=2        only so many of them
 *                       short=1        writes write half
 *                       direct=EINVAL  the disk takes nothing past the system's cache
 *                       sync=hold      syncs do not return until this changes
 *                       sync_ms=50     syncs take so much longer
 *                       sync=skip      syncs do nothing and say that all is well
 *                       sync=pretend   syncs count, and spare the real disk
 *                       die=3          the process ends in place of the fourth write or sync; with
 *                                      short=1 in the middle of it
 *     FAULTS_UNDO   what every write has replaced since the last sync of its file, for the first
 *                   file in UNDO.0, for the second in UNDO.1: whoever plays that back has the files
 *                   as a power cut may leave them. An entry is three numbers of 8 bytes (offset,
 *                   length, length that was there before), and the bytes that were there.
 *     FAULTS_KINDS  hidden: a folder does not tell which of its entries are folders, as on some file
 *                   systems
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PIECE_BYTES 4096 /* a disk writes blocks, not calls */
#define PIECES_AT_ONCE 1024
#define FILES_MAX 2
#define DEAD 99 /* what the process ends with when it was told to die */

struct data {
    char path[PATH_MAX];
    int reader; /* LMDB writes through descriptors that cannot be read from */
    int undo;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char orders[256];   /* what FAULTS_FILE says */
static unsigned calls;     /* that could have failed since it was changed */
static unsigned all_calls; /* writes and syncs since then */
static struct data files[FILES_MAX];
static int file_count = -1; /* not looked for yet */

/* ---- orders --------------------------------------------------------------------------------- */

static void read_orders(void) {
    char now[sizeof orders] = " ";
    const char *path = getenv("FAULTS_FILE");
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t got = read(file, now + 1, sizeof now - 2);
        now[got > 0 ? got + 1 : 1] = '\0';
        close(file);
    }
    if (strcmp(now, orders) == 0) return;
    strcpy(orders, now);
    calls = all_calls = 0;
}

/* The word behind " name=", or NULL. */
static const char *order_of(const char *name) {
    char wanted[32] = " ";
    strcat(strcat(wanted, name), "=");
    const char *at = strstr(orders, wanted);
    return at == NULL ? NULL : at + strlen(wanted);
}

static bool is_order(const char *name, const char *value) {
    const char *order = order_of(name);
    return order != NULL && strncmp(order, value, strlen(value)) == 0;
}

static unsigned long number_of(const char *name, unsigned long otherwise) {
    const char *order = order_of(name);
    return order == NULL ? otherwise : strtoul(order, NULL, 10);
}

static bool is_meant(const struct data *data) {
    const char *on = order_of("on");
    size_t len = on == NULL ? 0 : strcspn(on, " ");
    return on == NULL || strncmp(strrchr(data->path, '/') + 1, on, len) == 0;
}

static bool must_die(void) {
    return order_of("die") != NULL && all_calls++ == number_of("die", 0);
}

/* The errno a call is to fail with, or 0. */
static int failure_of(const char *name, const struct data *data) {
    if (!is_meant(data)) return 0;
    int error = is_order(name, "ENOSPC") ? ENOSPC : is_order(name, "EIO") ? EIO : 0;
    if (error == 0) return 0;
    unsigned long after = number_of("after", 0), times = number_of("times", UINT_MAX);
    unsigned call = calls++;
    return call >= after && call - after < times ? error : 0;
}

static void pause_ms(long ms) {
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* ---- the files ------------------------------------------------------------------------------ */

static void find_files(void) {
    const char *at = getenv("FAULTS_DATA");
    file_count = 0;
    while (at != NULL && *at != '\0' && file_count < FILES_MAX) {
        struct data *data = &files[file_count++];
        size_t len = strcspn(at, ":");
        *data = (struct data){.reader = -1, .undo = -1};
        memcpy(data->path, at, len);
        at += len + (at[len] == ':');
    }
}

static struct data *data_of(int file) {
    struct stat this, data;
    if (file_count < 0) find_files();
    if (file_count == 0 || fstat(file, &this) != 0 || !S_ISREG(this.st_mode)) return NULL;
    for (int i = 0; i < file_count; i++) {
        if (stat(files[i].path, &data) == 0 && this.st_ino == data.st_ino &&
            this.st_dev == data.st_dev)
            return &files[i];
    }
    return NULL;
}

static bool is_durable(int file) { return (fcntl(file, F_GETFL) & O_DSYNC) != 0; }

static bool is_refused(int file) {
    return is_order("direct", "EINVAL") && (fcntl(file, F_GETFL) & O_DIRECT) != 0;
}

static bool is_meta(const struct data *data, off_t offset) {
    return data == files && offset < 2 * PIECE_BYTES;
}

static int undo_of(struct data *data) {
    const char *path = getenv("FAULTS_UNDO");
    if (data->undo < 0 && path != NULL) {
        char name[PATH_MAX];
        snprintf(name, sizeof name, "%s.%d", path, (int)(data - files));
        data->undo = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    return data->undo;
}

static int reader_of(struct data *data) {
    if (data->reader < 0) data->reader = open(data->path, O_RDONLY | O_CLOEXEC);
    return data->reader;
}

static void must_write(int to, const struct iovec *parts, int count, size_t len) {
    if (syscall(SYS_writev, to, parts, count) != (ssize_t)len) abort();
}

/* Remembers what is there now; gives the length of what was remembered before. */
static off_t remember(struct data *data, off_t offset, size_t len) {
    int to = undo_of(data);
    if (to < 0) return 0;
    off_t before = lseek(to, 0, SEEK_END);
    for (size_t at = 0; at < len; at += PIECE_BYTES) {
        char bytes[PIECE_BYTES];
        size_t want = len - at < PIECE_BYTES ? len - at : PIECE_BYTES;
        ssize_t got = pread(reader_of(data), bytes, want, offset + (off_t)at);
        uint64_t head[3] = {(uint64_t)offset + at, want, got > 0 ? (uint64_t)got : 0};
        struct iovec parts[] = {{head, sizeof head}, {bytes, (size_t)head[2]}};
        must_write(to, parts, 2, sizeof head + (size_t)head[2]);
    }
    return before;
}

static void forget_from(struct data *data, off_t len) {
    int to = undo_of(data);
    if (to >= 0 && ftruncate(to, len) != 0) abort();
}

/* ---- what is interposed --------------------------------------------------------------------- */

/* One way through for both kinds of writes. `parts` lie behind each other from `offset` on. */
static ssize_t write_parts(struct data *data, int file, struct iovec *parts, int count,
                           off_t offset) {
    bool durable = is_durable(file);
    size_t len = 0;
    pthread_mutex_lock(&lock);
    read_orders();
    bool dies = must_die(), is_short = is_order("short", "1") && is_meant(data);
    if (dies && !is_short) _exit(DEAD);
    int error =
        is_refused(file) ? EINVAL : failure_of(is_meta(data, offset) ? "meta" : "write", data);
    if (error == 0 && is_short && (dies || order_of("die") == NULL)) {
        count = 1;
        parts[0].iov_len /= 2;
    }
    for (int i = 0; i < count; i++) len += parts[i].iov_len;
    ssize_t written = -1;
    if (error == 0) {
        off_t before = remember(data, offset, len);
        written = syscall(SYS_pwritev, file, parts, count, offset, 0);
        error = errno;
        if (durable) forget_from(data, before);
    }
    if (dies) _exit(DEAD);
    pthread_mutex_unlock(&lock);
    errno = error;
    return written;
}

ssize_t pwrite(int file, const void *bytes, size_t len, off_t offset) {
    struct iovec part = {(void *)bytes, len};
    struct data *data = data_of(file);
    if (data == NULL) return syscall(SYS_pwrite64, file, bytes, len, offset);
    return write_parts(data, file, &part, 1, offset);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    struct iovec copy[PIECES_AT_ONCE];
    struct data *data = data_of(file);
    if (data == NULL) return syscall(SYS_writev, file, parts, count);
    memcpy(copy, parts, (size_t)count * sizeof *copy);
    off_t offset = lseek(file, 0, SEEK_CUR);
    ssize_t written = write_parts(data, file, copy, count, offset);
    if (written > 0) lseek(file, offset + written, SEEK_SET);
    return written;
}

/* What is remembered is durable when the sync ends, and not before. */
static int sync_data(struct data *data, int file, long call) {
    pthread_mutex_lock(&lock);
    read_orders();
    if (must_die()) _exit(DEAD);
    while (is_order("sync", "hold") && is_meant(data)) {
        pthread_mutex_unlock(&lock);
        pause_ms(1);
        pthread_mutex_lock(&lock);
        read_orders();
    }
    if (is_meant(data)) pause_ms((long)number_of("sync_ms", 0));
    int error = failure_of("sync", data), rc = error == 0 ? 0 : -1;
    if (error == 0 && !(is_order("sync", "skip") && is_meant(data))) {
        if (!is_order("sync", "pretend")) rc = (int)syscall(call, file);
        error = errno;
        if (rc == 0) forget_from(data, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return rc;
}

static int sync_any(int file, long call) {
    struct data *data = data_of(file);
    return data == NULL ? (int)syscall(call, file) : sync_data(data, file, call);
}

int fdatasync(int file) { return sync_any(file, SYS_fdatasync); }

int fsync(int file) { return sync_any(file, SYS_fsync); }

struct dirent *readdir(DIR *folder) {
    static struct dirent *(*real)(DIR * folder);
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "readdir");
    struct dirent *entry = real(folder);
    const char *kinds = getenv("FAULTS_KINDS");
    if (entry != NULL && kinds != NULL && strcmp(kinds, "hidden") == 0) {
        entry->d_type = DT_UNKNOWN;
    }
    return entry;
}
