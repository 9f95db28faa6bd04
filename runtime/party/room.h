/*
 * room.h -- a live room: its states, its events in order, its connections.
 *
 * A room is made by the first event for its id and leaves memory when nothing has needed it for
 * room_idle_ms. Events wait in its queue until onStart has finished, and again while too many
 * hooks are waiting; otherwise they go straight to the host.
 *
 *     new --first event--> starting --onStart--> live --idle--> gone
 *      ^                      | failed: waiting events fail      ^
 *      +----------------------+ the next event starts it again   | abort: a commit failed
 *                                                 from anywhere -+ (the next event begins anew)
 *
 * A room that hibernates goes from live to asleep while it still has connections: the host forgets
 * it, sockets stay, and the next event starts it again (PartyKit: hibernation).
 *
 * room_parts.h names the files that make it up.
 */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "base/rate.h"
#include "base/timer.h"
#include "party/alarm.h"
#include "party/connection.h"
#include "party/storage.h"

#include <stddef.h>

struct pl_exchange;
struct pl_party;

enum pl_room_state {
    PL_ROOM_NEW,
    PL_ROOM_STARTING,
    PL_ROOM_FAILED, /* to start, with code it is leaving: waiting events are for the new code */
    PL_ROOM_LIVE,
    PL_ROOM_ASLEEP, /* hibernating: its connections are all there is of it */
    PL_ROOM_GONE,
};

struct pl_room {
    struct pl_server *server; /* outlives every room */
    struct pl_party *party;   /* a reference */
    enum pl_room_state state;
    unsigned refs;
    unsigned holds;             /* reasons to stay: running hooks, timers of room code */
    unsigned wakeful;           /* reasons not to hibernate: repeating timers of room code */
    unsigned tasks;             /* hooks that are running or waiting */
    unsigned event_tasks;       /* those of them that an event has begun */
    unsigned listening;         /* of those: they only wait for what others say */
    int ref;                    /* the host's */
    void *side;                 /* the host's */
    struct pl_list connections; /* of pl_connection.in_room, in the order they came */
    uint32_t connection_count;
    uint32_t paused_count;     /* connections whose reading is paused */
    struct pl_map by_id;       /* used once there are enough connections to make it pay */
    struct pl_list in_renewal; /* while it leaves the old code of a reloaded app */
    struct pl_list events;     /* of struct pl_event, oldest first */
    size_t event_bytes;
    uint32_t event_count;
    uint32_t id_len;
    struct pl_timer idle;
    struct pl_rate messages;    /* that came */
    uint64_t active_ms;         /* loop time of the last event, or of its end */
    struct pl_storage *storage; /* NULL until hooks use it */
    struct pl_alarm_run alarm;
    uint64_t block;              /* of blockConcurrencyWhile or a transaction; 0: none */
    struct pl_timer block_limit; /* running while the block may not last for ever */
    void *waiter;                /* the host's: hooks that wait for a commit */
    bool hibernates : 1;         /* its application wants to */
    bool is_serial : 1;          /* each event waits until the hook of the last one has ended */
    bool is_visited : 1;         /* by anything but its alarm */
    bool is_resetting : 1;       /* once what it has written is durable */
    char id[];
};

/* With an id of 15 bytes malloc gives it 320 bytes, of which it keeps 8. */
_Static_assert(offsetof(struct pl_room, id) <= 297, "a room has grown");

/* Finds the room or makes a new one. Borrowed: valid until the next turn of the loop unless it
 * is given something to hold on to. */
struct pl_room *pl_room_get(struct pl_party *party, struct pl_slice id);
struct pl_room *pl_room_ref(struct pl_room *room);
void pl_room_unref(struct pl_room *room);

static inline struct pl_slice pl_room_id(const struct pl_room *room) {
    return pl_slice(room->id, room->id_len);
}

/* ---- events --------------------------------------------------------------------------------- */

/* A request or an upgrade. Takes the caller's reference. Too many waiting: 503. */
void pl_room_on_exchange(struct pl_room *room, struct pl_exchange *exchange);
void pl_room_on_message(struct pl_room *room, struct pl_connection *connection,
                        struct pl_slice message, bool is_binary);
void pl_room_on_close(struct pl_room *room, struct pl_connection *connection, uint16_t code,
                      struct pl_slice reason, bool was_clean);
void pl_room_on_error(struct pl_room *room, struct pl_connection *connection,
                      struct pl_slice why);

/* Its alarm is due. */
void pl_room_on_alarm(struct pl_room *room);

/* A batch of its storage is durable. */
void pl_room_on_durable(struct pl_room *room);

/* What it stored could not be saved: hooks, effects and connections end, and its memory goes.
 * Requests that have not begun go to a new room, which starts from what is on disk. */
void pl_room_abort(struct pl_room *room);

/* Whether effects of its hooks have to wait for a commit (outbox.h). */
static inline bool pl_room_is_gated(const struct pl_room *room) {
    return room->storage != NULL && pl_storage_is_gated(room->storage);
}

#define PL_FAILED_CODE 1011   /* RFC 6455 7.4.1: a condition the server did not expect */
#define PL_RELOADED_CODE 1012 /* RFC 6455 registry: service restart */
#define PL_RELOADED_REASON PL_SLICE("The server has reloaded its app")

/* Whether it is on its way from old code to new (renewal.h). */
static inline bool pl_room_is_leaving(const struct pl_room *room) {
    return !pl_list_is_empty(&room->in_renewal);
}

/* While `block` is set no event is delivered and only the hooks that hold the block go on
 * (PartyKit: blockConcurrencyWhile). Each block has its own number. One with a limit that lasts
 * longer than block_timeout_ms resets the room. */
void pl_room_block(struct pl_room *room, uint64_t block, bool has_limit);
void pl_room_unblock(struct pl_room *room);

/* Ends the room's life as pl_room_abort does, but keeps what it has written: it ends as soon as
 * that is durable. Until then no event is delivered, and no hook goes on that does not hold
 * `block`, which must be a new number. `why` is for the log. */
void pl_room_reset(struct pl_room *room, uint64_t block, struct pl_slice why);

/* What clients are told of an end that is not theirs. */
static inline struct pl_slice pl_room_end_reason(const struct pl_room *room) {
    return room->is_resetting ? PL_SLICE("The room was reset")
                              : PL_SLICE("The room could not save its data");
}

/* ---- connections ---------------------------------------------------------------------------- */

void pl_room_add(struct pl_room *room, struct pl_connection *connection);

/* By identity; harmless when it is not listed. */
void pl_room_remove(struct pl_room *room, struct pl_connection *connection);

/* The listed connection with this id, or NULL. */
struct pl_connection *pl_room_find(struct pl_room *room, struct pl_slice id);

/* Sends to every open connection whose id is not in `without`. One whose queue is full is closed
 * by its edge, so a slow reader never delays the others. */
void pl_room_broadcast(struct pl_room *room, struct pl_message *message,
                       const struct pl_slice *without, size_t without_count);

/* Whether a broadcast would go to this connection. */
bool pl_room_reaches(const struct pl_connection *connection, const struct pl_slice *without,
                     size_t without_count);

/* ---- for the host --------------------------------------------------------------------------- */

/* onStart has ended. When it failed, the waiting events fail with `why`: requests and upgrades
 * with 500. */
void pl_room_on_started(struct pl_room *room, bool is_ok, struct pl_slice why);

/* A hook begins or has ended; while any runs the room stays. */
void pl_room_begin_task(struct pl_room *room, bool is_for_event);
void pl_room_end_task(struct pl_room *room, bool is_for_event);

/* Whether events wait for what hooks of the room are doing. */
static inline bool pl_room_is_held_up(const struct pl_room *room) {
    return room->state == PL_ROOM_STARTING || room->block != 0 ||
           (room->is_serial && room->event_tasks > 0);
}

/* Some other reason to stay (a timer of room code) comes or goes. */
void pl_room_hold(struct pl_room *room);
void pl_room_let_go(struct pl_room *room);

/* Some reason not to hibernate, though not to stay without connections, comes or goes. */
void pl_room_stay_awake(struct pl_room *room);
void pl_room_may_sleep(struct pl_room *room);

/* Lets a room without connections leave memory, and one that hibernates sleep, without waiting
 * until it has been idle for long enough; false when something holds it off. */
bool pl_room_hibernate(struct pl_room *room);

/* 64 hex digits that stand for party and id, the same after every restart. */
#define PL_INTERNAL_ID_BYTES 64
void pl_room_internal_id(const struct pl_room *room, char out[PL_INTERNAL_ID_BYTES + 1]);

/* Empties the room without its hooks and takes it out of its party: for the end of the server. */
void pl_room_destroy(struct pl_room *room);
