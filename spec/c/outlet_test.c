/* Standard error that nobody reads: nothing waits, what is kept arrives whole and in order. */
#include "base/limits.h"
#include "base/outlet.h"
#include "spec/c/check.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES 1000
#define LINE_BYTES 1000
#define PATIENCE_SECONDS 20

/* What the writer tells: how many lines were kept, or have left. */
struct account {
    int taken, lost;
};

static void format_line(char line[LINE_BYTES], int number) {
    memset(line, 'x', LINE_BYTES);
    int len = snprintf(line, LINE_BYTES, "%d", number);
    line[len] = ' ';
    line[LINE_BYTES - 1] = '\n';
}

/* The process whose standard error it is. The reader begins when it has been told the account. */
static void write_lines(int report, int own_files_max) {
    struct rlimit files = {(rlim_t)own_files_max, (rlim_t)own_files_max};
    struct account account = {0};
    char line[LINE_BYTES];
    alarm(PATIENCE_SECONDS);
    if (own_files_max > 0) setrlimit(RLIMIT_NOFILE, &files);
    pl_outlet_stop_waiting();
    for (int i = 0; i < LINES; i++) {
        format_line(line, i);
        if (pl_outlet_write(pl_slice(line, LINE_BYTES))) account.taken++;
        else account.lost++;
    }
    if (!pl_outlet_is_behind()) account.taken = -1;
    if (write(report, &account, sizeof account) != sizeof account) _exit(2);
    _exit(pl_outlet_flush_within(PATIENCE_SECONDS * 1000) ? 0 : 1);
}

/* The kept ones are the first: nothing has been read meanwhile. */
static void read_lines(int from, int count) {
    static char all[LINES * LINE_BYTES + 1];
    size_t len = 0;
    for (ssize_t got; (got = read(from, all + len, sizeof all - len)) > 0;) len += (size_t)got;
    if (!PL_CHECK_INT((long long)len, (long long)count * LINE_BYTES)) return;
    for (int i = 0; i < count; i++) {
        char line[LINE_BYTES];
        format_line(line, i);
        PL_CHECK(memcmp(all + (size_t)i * LINE_BYTES, line, LINE_BYTES) == 0);
    }
}

static void check_unread(int reader, int writer, int own_files_max) {
    int report[2], status;
    struct account account = {0};
    if (!PL_CHECK_INT(pipe(report), 0)) return;
    pid_t child = fork();
    if (child == 0) {
        dup2(writer, STDERR_FILENO);
        close(writer);
        close(reader);
        write_lines(report[1], own_files_max);
    }
    close(writer);
    close(report[1]);
    if (PL_CHECK_INT(read(report[0], &account, sizeof account), sizeof account)) {
        PL_CHECK_INT(account.taken + account.lost, LINES);
        PL_CHECK(account.lost > 0);
        PL_CHECK(account.taken >= (int)(PL_LOG_KEPT_BYTES_MAX / LINE_BYTES));
        read_lines(reader, account.taken);
    }
    PL_CHECK_INT(waitpid(child, &status, 0), child);
    PL_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(reader);
    close(report[0]);
}

static void a_pipe_is_not_waited_for(void) {
    int ends[2];
    if (PL_CHECK_INT(pipe(ends), 0)) check_unread(ends[0], ends[1], 0);
}

/* As for a pipe of somebody else's: it has no file left to open it with. */
static void a_pipe_that_cannot_be_opened_is_not_waited_for(void) {
    int ends[2];
    if (PL_CHECK_INT(pipe(ends), 0)) check_unread(ends[0], ends[1], STDERR_FILENO + 1);
}

static void a_socket_is_not_waited_for(void) {
    int ends[2];
    if (!PL_CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0)) return;
    check_unread(ends[0], ends[1], 0);
}

static void a_reader_that_is_gone_is_no_reason_to_keep(void) {
    int ends[2], status;
    if (!PL_CHECK_INT(pipe(ends), 0)) return;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGPIPE, SIG_IGN);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        pl_outlet_stop_waiting();
        pl_outlet_write(PL_SLICE("a line\n"));
        _exit(pl_outlet_is_behind() ? 1 : 0);
    }
    close(ends[0]);
    close(ends[1]);
    PL_CHECK_INT(waitpid(child, &status, 0), child);
    PL_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
    PL_RUN(a_pipe_is_not_waited_for);
    PL_RUN(a_pipe_that_cannot_be_opened_is_not_waited_for);
    PL_RUN(a_socket_is_not_waited_for);
    PL_RUN(a_reader_that_is_gone_is_no_reason_to_keep);
    return pl_check_summary();
}
