/*
 * check.h -- the harness of the C tests: named tests, checks, one summary line.
 *
 * A test program is one file: static functions that check, and a main that runs them.
 *
 *     static void a_slice_equals_itself(void) {
 *         PL_CHECK(pl_slice_equal(PL_SLICE("a"), PL_SLICE("a")));
 *     }
 *
 *     int main(void) {
 *         PL_RUN(a_slice_equals_itself);
 *         return pl_check_summary();
 *     }
 *
 * What is counted is tests. A failed check is printed with its place and fails the test it
 * stands in, which goes on; checks in a loop that fail over and over are printed ten times.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Printed failures of one test: a broken parser fed at every cut would fill the screen. */
#define PL_CHECK_PRINTED_MAX 10

static struct {
    unsigned passed, failed;
    unsigned failed_checks; /* of the running test */
} pl_check;

/* True when this failure is to be printed. */
static inline bool pl_check_fail(const char *file, int line, const char *what) {
    bool printed = ++pl_check.failed_checks <= PL_CHECK_PRINTED_MAX;
    if (printed) printf("# %s:%d: %s\n", file, line, what);
    return printed;
}

static inline bool pl_check_true(bool ok, const char *file, int line, const char *what) {
    if (!ok) pl_check_fail(file, line, what);
    return ok;
}

static inline bool pl_check_int(long long actual, long long expected, const char *file,
                                int line, const char *what) {
    if (actual == expected) return true;
    if (pl_check_fail(file, line, what)) printf("#   is %lld, not %lld\n", actual, expected);
    return false;
}

static inline bool pl_check_bytes(const void *actual, size_t actual_len, const void *expected,
                                  size_t expected_len, const char *file, int line,
                                  const char *what) {
    bool same = actual_len == expected_len &&
                (expected_len == 0 || memcmp(actual, expected, expected_len) == 0);
    if (same) return true;
    if (pl_check_fail(file, line, what)) {
        printf("#   is       %.*s\n", (int)actual_len, (const char *)actual);
        printf("#   expected %.*s\n", (int)expected_len, (const char *)expected);
    }
    return false;
}

/* Each check gives whether it held, so that a test can stop where going on makes no sense:
 * if (!PL_CHECK(found != NULL)) return; */
#define PL_CHECK(condition) pl_check_true((condition), __FILE__, __LINE__, #condition)

#define PL_CHECK_INT(actual, expected) \
    pl_check_int((actual), (expected), __FILE__, __LINE__, #actual)

/* Terminated strings; neither may be NULL. */
#define PL_CHECK_TEXT(actual, expected)                                                        \
    pl_check_bytes((actual), strlen(actual), (expected), strlen(expected), __FILE__, __LINE__, \
                   #actual)

/* Two `struct pl_slice`, or anything else with `at` and `len`. */
#define PL_CHECK_SLICE(actual, expected)                                               \
    pl_check_bytes((actual).at, (actual).len, (expected).at, (expected).len, __FILE__, \
                   __LINE__, #actual)

static inline void pl_check_run(const char *name, void (*test)(void)) {
    pl_check.failed_checks = 0;
    test();
    bool ok = pl_check.failed_checks == 0;
    if (ok) pl_check.passed++;
    else pl_check.failed++;
    printf("%sok %u - %s\n", ok ? "" : "not ", pl_check.passed + pl_check.failed, name);
    fflush(stdout);
}

#define PL_RUN(test) pl_check_run(#test, test)

/* Prints the totals; what main returns. A program that ran no test has failed. */
static inline int pl_check_summary(void) {
    printf("%u passed, %u failed\n", pl_check.passed, pl_check.failed);
    return pl_check.failed > 0 || pl_check.passed == 0 ? 1 : 0;
}
