/* Nobody waits for a reader of standard output that does not read. */
#include "base/limits.h"
#include "base/outlet.h"
#include "base/slice.h"
#include "spec/c/check.h"

#include <signal.h>
#include <fcntl.h>
#include <stdlib.h>

#include <unistd.h>

/* What standard error was goes on: the tests print to standard output. The outlet learns once what
 * a descriptor is, so there is one kind of it in this program. */
static int reading_end;

static void replace_stderr(void) {
    int ends[2];
    if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0) abort();
    close(ends[1]);
    reading_end = ends[0];
    fcntl(reading_end, F_SETFL, O_NONBLOCK);
}

static char taken[4 * 1024 * 1024];
static size_t taken_len;

static void take(void) {
    ssize_t len;
    while ((len = read(reading_end, taken + taken_len, sizeof taken - taken_len)) > 0) {
        taken_len += (size_t)len;
    }
}

static void say_number(size_t number) {
    char line[64];
    int len = snprintf(line, sizeof line, "line %zu of what is said here\n", number);
    pl_outlet_say(STDERR_FILENO, pl_slice(line, (size_t)len));
}

static void what_is_read_is_said_at_once(void) {
    say_number(1);
    PL_CHECK(!pl_outlets_wait());
    take();
    PL_CHECK(taken_len == strlen("line 1 of what is said here\n"));
}

/* What is there begins with the lines from `first` on, each whole; the number of the next one. */
static size_t read_lines(const char *at, size_t first, const char **end) {
    char line[64];
    for (size_t number = first;; number++) {
        int len = snprintf(line, sizeof line, "line %zu of what is said here\n", number);
        if (strncmp(at, line, (size_t)len) != 0) {
            *end = at;
            return number;
        }
        at += len;
    }
}

static void what_is_not_read_waits_and_then_is_left_out(void) {
    size_t count = 2 * PL_OUTLET_BYTES_MAX / 16; /* more than a pipe and the outlet hold */
    taken_len = 0;
    for (size_t i = 1; i <= count; i++) say_number(i);
    PL_CHECK(pl_outlets_wait());
    PL_CHECK(!pl_outlets_flush());
    for (size_t turns = 0; turns < 1000 && !pl_outlets_flush(); turns++) take();
    take();
    taken[taken_len] = 0;
    const char *end;
    size_t next = read_lines(taken, 1, &end);
    PL_CHECK(next > PL_OUTLET_BYTES_MAX / 40 && next <= count);
    size_t lost = 0;
    PL_CHECK(sscanf(end, "partylua: %zu lines were left out: nobody took them\n", &lost) == 1);
    PL_CHECK(lost == count + 1 - next);
    PL_CHECK(strchr(end, '\n')[1] == 0);
}

static void the_end_of_the_program_does_not_wait_for_ever(void) {
    for (size_t i = 0; i < 100000; i++) say_number(i);
    PL_CHECK(pl_outlets_wait());
    pl_outlets_settle(20);
    PL_CHECK(pl_outlets_wait());
}

static void a_reader_that_has_gone_is_no_reason_to_keep_anything(void) {
    close(reading_end);
    PL_CHECK(pl_outlets_flush());
    say_number(1);
    PL_CHECK(!pl_outlets_wait());
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    replace_stderr();
    PL_RUN(what_is_read_is_said_at_once);
    PL_RUN(what_is_not_read_waits_and_then_is_left_out);
    PL_RUN(the_end_of_the_program_does_not_wait_for_ever);
    PL_RUN(a_reader_that_has_gone_is_no_reason_to_keep_anything);
    return pl_check_summary();
}
