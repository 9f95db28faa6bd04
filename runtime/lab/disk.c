#include "lab/disk.h"

#include "base/alloc.h"
#include "party/server.h"
#include "party/storage.h"
#include "store/batch.h"
#include "store/commit.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct pl_disk_group {
    struct pl_list in_disk;
    struct pl_timer timer;
    struct pl_disk *disk;
    struct pl_list batches; /* of pl_batch.in_queue */
};

void pl_disk_init(struct pl_disk *disk, struct pl_timers *timers) {
    *disk = (struct pl_disk){.timers = timers, .error = -ENOSPC};
    pl_list_init(&disk->groups);
    pl_list_init(&disk->due);
}

static void append(struct pl_list *to, struct pl_list *from) {
    while (!pl_list_is_empty(from)) {
        struct pl_list *first = from->next;
        pl_list_remove(first);
        pl_list_push(to, first);
    }
}

static void destroy_group(struct pl_disk_group *group) {
    pl_timer_stop(group->disk->timers, &group->timer);
    pl_list_remove(&group->in_disk);
    free(group);
}

/* Those that came before go first, whatever their delay was. */
static void release_up_to(struct pl_disk *disk, struct pl_disk_group *last) {
    for (bool is_last = false; !is_last && !pl_list_is_empty(&disk->groups);) {
        struct pl_disk_group *group =
            pl_container_of(disk->groups.next, struct pl_disk_group, in_disk);
        is_last = group == last;
        append(&disk->due, &group->batches);
        destroy_group(group);
    }
}

static void on_due(struct pl_timer *timer) {
    struct pl_disk_group *group = pl_container_of(timer, struct pl_disk_group, timer);
    release_up_to(group->disk, group);
}

static void start_group(struct pl_disk *disk, struct pl_disk_group *group) {
    if (disk->delay_ms == PL_DISK_HELD_MS) pl_timer_stop(disk->timers, &group->timer);
    else pl_timer_start(disk->timers, &group->timer, disk->delay_ms);
}

void pl_disk_submit(void *owner, struct pl_list *batches) {
    struct pl_disk *disk = owner;
    if (disk->delay_ms == 0) {
        append(&disk->due, batches);
        return;
    }
    struct pl_disk_group *group = pl_alloc_zero(sizeof *group);
    group->disk = disk;
    group->timer.on_due = on_due;
    pl_list_init(&group->in_disk);
    pl_list_move(&group->batches, batches);
    pl_list_push(&disk->groups, &group->in_disk);
    start_group(disk, group);
}

void pl_disk_set_delay(struct pl_disk *disk, uint64_t delay_ms) {
    disk->delay_ms = delay_ms;
    if (delay_ms == 0) {
        release_up_to(disk, NULL);
        return;
    }
    PL_LIST_EACH(at, &disk->groups) {
        start_group(disk, pl_container_of(at, struct pl_disk_group, in_disk));
    }
}

static bool takes_failure(struct pl_disk *disk) {
    if (disk->fail_count == 0) return false;
    if (disk->fail_count != UINT_MAX) disk->fail_count--;
    return true;
}

/* What the thread has at hand comes back first: batches keep their order. */
static void take_back_written(struct pl_disk *disk, struct pl_server *server) {
    struct pl_list done;
    if (disk->commits == NULL) return;
    pl_commits_settle(disk->commits);
    pl_commits_take_done(disk->commits, &done);
    pl_storages_take_back(server, &done);
}

static void fail(struct pl_disk *disk, struct pl_batch *batch) {
    if (disk->keeps) pl_commit_now(disk->store, batch);
    batch->result = disk->error;
    batch->writer->has_failed = true;
}

static void write_one(struct pl_disk *disk, struct pl_server *server, struct pl_list *in_due) {
    struct pl_batch *batch = pl_container_of(in_due, struct pl_batch, in_queue);
    struct pl_list alone;
    bool is_failing = takes_failure(disk);
    pl_list_remove(in_due);
    pl_list_init(&alone);
    if (is_failing) {
        take_back_written(disk, server);
        fail(disk, batch);
    } else if (disk->commits != NULL) {
        pl_list_push(&alone, in_due);
        pl_commits_submit(disk->commits, &alone);
        return;
    } else {
        pl_commit_now(disk->store, batch);
    }
    pl_list_push(&alone, in_due);
    pl_storages_take_back(server, &alone);
}

void pl_disk_turn(struct pl_disk *disk, struct pl_server *server) {
    struct pl_list due;
    pl_list_move(&due, &disk->due);
    while (!pl_list_is_empty(&due)) write_one(disk, server, due.next);
}

bool pl_disk_is_due(const struct pl_disk *disk) { return !pl_list_is_empty(&disk->due); }

void pl_disk_finish(struct pl_disk *disk) {
    release_up_to(disk, NULL);
    while (!pl_list_is_empty(&disk->due)) {
        struct pl_batch *batch = pl_container_of(disk->due.next, struct pl_batch, in_queue);
        pl_list_remove(&batch->in_queue);
        pl_batch_destroy(batch);
    }
}
