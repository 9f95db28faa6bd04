/*
 * host_parts.h -- the inside of the host, for the files that make it up.
 *
 *     host.c           its life, and what it keeps of exchanges
 *     host_room.c      a room's object: its start, what belongs to it, its end
 *     host_hooks.c     the hooks, and the table of all that the party asks for
 *     host_end.c       what the end of a hook means for those who wait for it
 */
#pragma once

#include "base/ticks.h"
#include "lua/host.h"
#include "party/room.h"
#include "party/server.h"

#include <assert.h>

/* The registry's small numbers are for what every message needs: what answers at the admin doors
 * has a name. */
#define PL_HOST_ADMIN "partylua admin"

/* What is kept of a room from its start on, and so whenever it gets an event. Its host is not
 * always the one that starts rooms: not after a reload. */
static inline struct pl_room_side *pl_host_side_of(const struct pl_room *room) {
    assert(room->side != NULL);
    return room->side;
}

/* Has the task's duration, from here to its end, counted for a hook of the party. */
static inline void pl_host_measure(struct pl_task *task, struct pl_party *party,
                                   enum pl_hook hook) {
    task->meter = &party->meter.hooks[hook];
    task->begun_ticks = pl_ticks_of_begin();
}

/* party/host.h's start and stop. */
void pl_host_start_room(void *owner, struct pl_room *room);
void pl_host_stop_room(void *owner, struct pl_room *room);

/* A task goes no further: whoever waits for it hears so. */
void pl_host_on_drop(struct pl_task *task);
