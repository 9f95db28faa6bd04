/*
 * usage.h -- what the server under test has used: CPU time and memory of its process tree.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct pl_usage {
    uint64_t cpu_ns;       /* user + system, of the processes and their ended children */
    uint64_t user_ticks;   /* the user part as /proc/PID/stat has it, in clock ticks */
    uint64_t system_ticks; /* the system part */
    unsigned processes;
};

/* Adds up `root` and all its descendants; fails when `root` is gone. */
void pl_usage_read(pid_t root, struct pl_usage *out);

/* Resident bytes of the tree. Taken from smaps_rollup: the counter in /proc/PID/statm may
 * lag by hundreds of kilobytes, which is tens of bytes a connection. */
uint64_t pl_usage_resident_bytes(pid_t root);
