/* usage.c -- see usage.h. */
#include "load/usage.h"

#include "load/clock.h"
#include "load/fail.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PL_TREE_PROCESSES_MAX 256

struct process {
    pid_t pid;
    pid_t parent;
    uint64_t user_ticks, system_ticks;
    uint64_t ended_ticks; /* user + system of children that have been waited for */
};

struct tree {
    struct process processes[PL_TREE_PROCESSES_MAX];
    size_t count;
};

/* Fields 4, 14, 15, 16 and 17 of /proc/PID/stat, counted after the name in brackets,
 * which may itself hold spaces and brackets. */
static bool read_stat(pid_t pid, struct process *out) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) return false;
    char *read = fgets(line, sizeof line, file);
    fclose(file);
    char *fields = read == NULL ? NULL : strrchr(line, ')');
    if (fields == NULL) return false;

    unsigned long user, system;
    long ended_user, ended_system;
    int parent;
    int got = sscanf(fields + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
                     &parent, &user, &system, &ended_user, &ended_system);
    if (got != 5) return false;
    *out = (struct process){pid, parent, user, system, (uint64_t)(ended_user + ended_system)};
    return true;
}

static bool is_in_tree(const struct tree *tree, pid_t pid) {
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->processes[i].pid == pid) return true;
    }
    return false;
}

static bool add_children(struct tree *tree) {
    bool grew = false;
    DIR *directory = opendir("/proc");
    if (directory == NULL) pl_fail("cannot read /proc");
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL && tree->count < PL_TREE_PROCESSES_MAX) {
        struct process process;
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        if (!read_stat((pid_t)atoi(entry->d_name), &process)) continue;
        if (!is_in_tree(tree, process.parent) || is_in_tree(tree, process.pid)) continue;
        tree->processes[tree->count++] = process;
        grew = true;
    }
    closedir(directory);
    return grew;
}

static void find_tree(pid_t root, struct tree *tree) {
    tree->count = 0;
    if (!read_stat(root, &tree->processes[0]))
        pl_fail("the server (pid %d) is gone", (int)root);
    tree->count = 1;
    while (add_children(tree)) continue;
}

static uint64_t ticks_ns(uint64_t ticks) {
    return ticks * (PL_NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* The process clock counts the same time as utime + stime, but in nanoseconds instead of
 * ticks of 10 ms, which matters in windows of a second or less. */
static uint64_t process_cpu_ns(const struct process *process) {
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(process->pid, &clock) == 0 && clock_gettime(clock, &used) == 0)
        return (uint64_t)used.tv_sec * PL_NS_PER_SECOND + (uint64_t)used.tv_nsec;
    return ticks_ns(process->user_ticks + process->system_ticks);
}

void pl_usage_read(pid_t root, struct pl_usage *out) {
    struct tree tree;
    find_tree(root, &tree);
    *out = (struct pl_usage){.processes = (unsigned)tree.count};
    for (size_t i = 0; i < tree.count; i++) {
        const struct process *process = &tree.processes[i];
        out->cpu_ns += process_cpu_ns(process) + ticks_ns(process->ended_ticks);
        out->user_ticks += process->user_ticks;
        out->system_ticks += process->system_ticks;
    }
}

static uint64_t resident_kib(pid_t pid) {
    char path[64], line[256];
    unsigned long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) return 0; /* the process ended meanwhile */
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Rss: %lu kB", &kib) == 1) break;
    }
    fclose(file);
    return kib;
}

uint64_t pl_usage_resident_bytes(pid_t root) {
    struct tree tree;
    find_tree(root, &tree);
    uint64_t kib = 0;
    for (size_t i = 0; i < tree.count; i++) kib += resident_kib(tree.processes[i].pid);
    if (kib == 0) pl_fail("cannot read the memory of the server (pid %d)", (int)root);
    return kib * 1024;
}
