/*
 * renewal.h -- the app is replaced: rooms move from its old code to the new.
 *
 * A room moves as if it had hibernated: the host forgets it, while its connections with their
 * tags and states, its events and what it has stored stay. It moves at the end of the turn in
 * which nothing of it runs or waits any more and all it has written is durable. Until then its
 * events wait, but for calls of other rooms: a hook that it waits for may need them.
 *
 *     live --renewal--> leaving --hooks end, writes are durable--> asleep --> starting (new code)
 *                          |                                         ^
 *                          +-- too late: hooks are dropped ----------+
 */
#pragma once

#include "base/list.h"

#include <stddef.h>

struct pl_room;
struct pl_server;

/* What became of rooms; for whoever asked for the renewal. */
struct pl_renewal {
    struct pl_list leaving; /* of pl_room.in_renewal */
    size_t leaving_count;
    size_t moved_count;      /* since the last renewal began */
    size_t connection_count; /* of rooms that had something to move */
};

/* Sends every room that has an object on its way, and those that hibernate in a party which is
 * gone. The server's host and parties are new by now. */
void pl_renewal_start(struct pl_server *server);

/* Moves the rooms that may: for the end of a turn. */
void pl_renewal_turn(struct pl_server *server);

/* The room has left by itself: nothing of it is to be moved any more. Harmless when it was not
 * leaving. */
void pl_renewal_remove(struct pl_room *room);

/* The hooks of a leaving room go no further: it moves when its writes are durable. */
void pl_renewal_give_up(struct pl_room *room);
