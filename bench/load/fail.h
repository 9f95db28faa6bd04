/*
 * fail.h -- the one way out when something is not as it must be.
 *
 * The load generator never carries on after a wrong, lost or late message: a figure that
 * was measured on a broken server is worth nothing.
 */
#pragma once

/* Says why on standard error, prints one JSON line with "failed" on standard output, and
 * ends the program with status 1. */
_Noreturn void pl_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The scenario that failures name. Borrowed. */
void pl_fail_scenario(const char *name);
