/*
 * room_parts.h -- the inside of a room, for the files that make it up.
 *
 *     room.c               finding it, its references, its start
 *     room_idle.c          reasons to stay; leaving memory and sleeping without any
 *     room_events.c        what happens to it, in order
 *     room_block.c         keeping events off, and the reset that ends this
 *     room_connections.c   who is in it
 *     room_end.c           its end
 *     renewal.c            from the old code of a reloaded app to the new
 */
#pragma once

#include "party/host.h"
#include "party/room.h"
#include "party/server.h"

static inline const struct pl_host_calls *pl_room_calls(const struct pl_room *room) {
    return room->server->host_calls;
}

static inline void *pl_room_host(const struct pl_room *room) { return room->server->host; }

/* Whether its loss would be noticed: something of it runs, is open or waits. */
static inline bool pl_room_is_needed(const struct pl_room *room) {
    return room->holds > 0 || room->connection_count > 0 || room->event_count > 0;
}

void pl_room_log(const struct pl_room *room, const char *what);

/* Lets the host start it, unless that has been done. */
void pl_room_start(struct pl_room *room);

/* Something has happened to it, or has ended: its idle time begins anew. */
void pl_room_check_idle(struct pl_room *room);

/* The host forgets it; what is left is connections and events. */
void pl_room_rest(struct pl_room *room);

/* Delivers what waits, as far as it may be delivered now. */
void pl_room_run_events(struct pl_room *room);

/* Moves what waits to `out`. */
void pl_room_take_events(struct pl_room *room, struct pl_list *out);

/* Stops reading from all its connections, since each of thousands could still add a message; and
 * reads again. */
void pl_room_pause_all(struct pl_room *room);
void pl_room_resume_all(struct pl_room *room);

/* Takes it out of its party and gives up what it has but its connections. */
void pl_room_leave(struct pl_room *room);

/* Closes its connections, of which no hook hears. */
void pl_room_fail_connections(struct pl_room *room, uint16_t code, struct pl_slice reason);

/* Looks whether the reset may be now: not at once, as a hook of the room may be running. */
void pl_room_reset_soon(struct pl_room *room);

/* The block has lasted too long. */
void pl_room_on_block_limit(struct pl_timer *timer);

/* Nothing has needed it for a while, or its reset is due. */
void pl_room_on_idle(struct pl_timer *timer);
