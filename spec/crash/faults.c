/*
 * faults.c -- a disk that fails, waits or forgets, for a program under test.
 *
 * A library for LD_PRELOAD: it stands between the program and the C library for everything that
 * is written to one file, and touches nothing else. Three variables tell it what to do:
 *
 *     FAULTS_DATA   the file, such as STATE/data.mdb
 *     FAULTS_FILE   what the disk does now; read anew at every call, so a spec can change it:
 *                       write=ENOSPC   writes fail; also meta=, for those that are durable by
 *                                      themselves (O_DSYNC), and sync=
 *                       after=3        only from the fourth of those calls on, counted from the
 *                                      last change of the file
 *                       times=2        only so many of them
 *                       short=1        writes write half
 *                       sync=hold      syncs do not return until this changes
 *                       sync_ms=50     syncs take so much longer
 *                       sync=skip      syncs do nothing and say that all is well
 *     FAULTS_UNDO   a journal of what every write has replaced since the last sync: whoever
 *                   plays it back has the file as a power cut may leave it. An entry is three
 *                   numbers of 8 bytes (offset, length, length that was there before), and the
 *                   bytes that were there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PIECE_BYTES 4096 /* a disk writes blocks, not calls */
#define PIECES_AT_ONCE 1024

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char orders[256]; /* what FAULTS_FILE says */
static unsigned calls;   /* that could have failed since it was changed */

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
    calls = 0;
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

/* The errno a call is to fail with, or 0. */
static int failure_of(const char *name) {
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

/* ---- the file ------------------------------------------------------------------------------- */

static bool is_data(int file) {
    struct stat this, data;
    const char *path = getenv("FAULTS_DATA");
    return path != NULL && fstat(file, &this) == 0 && S_ISREG(this.st_mode) &&
           stat(path, &data) == 0 && this.st_ino == data.st_ino && this.st_dev == data.st_dev;
}

static bool is_durable(int file) { return (fcntl(file, F_GETFL) & O_DSYNC) != 0; }

static int journal(void) {
    static int file = -1;
    const char *path = getenv("FAULTS_UNDO");
    if (file < 0 && path != NULL) {
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    return file;
}

/* To read from: LMDB writes through descriptors that cannot. */
static int reader(void) {
    static int file = -1;
    if (file < 0) file = open(getenv("FAULTS_DATA"), O_RDONLY | O_CLOEXEC);
    return file;
}

static void must_write(int to, const struct iovec *parts, int count, size_t len) {
    if (syscall(SYS_writev, to, parts, count) != (ssize_t)len) abort();
}

/* Remembers what is there now; gives the journal's length before. */
static off_t remember(off_t offset, size_t len) {
    int to = journal();
    if (to < 0) return 0;
    off_t before = lseek(to, 0, SEEK_END);
    for (size_t at = 0; at < len; at += PIECE_BYTES) {
        char bytes[PIECE_BYTES];
        size_t want = len - at < PIECE_BYTES ? len - at : PIECE_BYTES;
        ssize_t got = pread(reader(), bytes, want, offset + (off_t)at);
        uint64_t head[3] = {(uint64_t)offset + at, want, got > 0 ? (uint64_t)got : 0};
        struct iovec parts[] = {{head, sizeof head}, {bytes, (size_t)head[2]}};
        must_write(to, parts, 2, sizeof head + (size_t)head[2]);
    }
    return before;
}

static void forget_from(off_t len) {
    int to = journal();
    if (to >= 0 && ftruncate(to, len) != 0) abort();
}

/* ---- what is interposed --------------------------------------------------------------------- */

/* One way through for both kinds of writes. `parts` lie behind each other from `offset` on. */
static ssize_t write_parts(int file, struct iovec *parts, int count, off_t offset) {
    bool durable = is_durable(file);
    size_t len = 0;
    pthread_mutex_lock(&lock);
    read_orders();
    int error = failure_of(durable ? "meta" : "write");
    if (error == 0 && is_order("short", "1")) {
        count = 1;
        parts[0].iov_len /= 2;
    }
    for (int i = 0; i < count; i++) len += parts[i].iov_len;
    ssize_t written = -1;
    if (error == 0) {
        off_t before = remember(offset, len);
        written = syscall(SYS_pwritev, file, parts, count, offset, 0);
        error = errno;
        if (durable) forget_from(before);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return written;
}

ssize_t pwrite(int file, const void *bytes, size_t len, off_t offset) {
    struct iovec part = {(void *)bytes, len};
    if (!is_data(file)) return syscall(SYS_pwrite64, file, bytes, len, offset);
    return write_parts(file, &part, 1, offset);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    struct iovec copy[PIECES_AT_ONCE];
    if (!is_data(file)) return syscall(SYS_writev, file, parts, count);
    memcpy(copy, parts, (size_t)count * sizeof *copy);
    off_t offset = lseek(file, 0, SEEK_CUR);
    ssize_t written = write_parts(file, copy, count, offset);
    if (written > 0) lseek(file, offset + written, SEEK_SET);
    return written;
}

static int sync_data(int file, long call) {
    pthread_mutex_lock(&lock);
    read_orders();
    while (is_order("sync", "hold")) {
        pthread_mutex_unlock(&lock);
        pause_ms(1);
        pthread_mutex_lock(&lock);
        read_orders();
    }
    pause_ms((long)number_of("sync_ms", 0));
    int error = failure_of("sync"), rc = error == 0 ? 0 : -1;
    if (error == 0 && !is_order("sync", "skip")) {
        rc = (int)syscall(call, file);
        error = errno;
        if (rc == 0) forget_from(0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return rc;
}

int fdatasync(int file) {
    return is_data(file) ? sync_data(file, SYS_fdatasync) : (int)syscall(SYS_fdatasync, file);
}

int fsync(int file) {
    return is_data(file) ? sync_data(file, SYS_fsync) : (int)syscall(SYS_fsync, file);
}
