/*
 * disk.h -- makes batches durable as a test wants it: at once, after a while, or not at all.
 *
 * Takes the place of the commit thread behind pl_commit_calls. Batches keep their order whatever
 * the delay is; what has not been written when the lab ends is lost, as in a power cut.
 */
#pragma once

#include "base/list.h"
#include "base/timer.h"

struct pl_batch;
struct pl_commits;
struct pl_server;
struct pl_store;

#define PL_DISK_HELD_MS UINT64_MAX /* a delay that ends when another is set */

struct pl_disk {
    struct pl_store *store;     /* borrowed */
    struct pl_commits *commits; /* borrowed; NULL: batches are written here and now */
    struct pl_timers *timers;
    struct pl_list groups; /* of struct pl_disk_group, in the order they came */
    struct pl_list due;    /* of pl_batch.in_queue */
    uint64_t delay_ms;
    unsigned fail_count; /* of the next batches; UINT_MAX: all */
    int error;           /* what they fail with */
    bool keeps;          /* they are written all the same, and only reported as failed */
};

/* What was submitted in one turn while the disk was slow. */
struct pl_disk_group;

void pl_disk_init(struct pl_disk *disk, struct pl_timers *timers);

/* Forgets everything that was not written. */
void pl_disk_finish(struct pl_disk *disk);

/* For pl_commit_calls; `disk` is the owner. */
void pl_disk_submit(void *disk, struct pl_list *batches);

/* From now on, and for what waits already when it is sooner. */
void pl_disk_set_delay(struct pl_disk *disk, uint64_t delay_ms);

/* Writes what is due and gives the results back. */
void pl_disk_turn(struct pl_disk *disk, struct pl_server *server);
bool pl_disk_is_due(const struct pl_disk *disk);
