/*
 * server.h -- puts the house together: the parties, their rooms, and what serves them.
 */
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/slice.h"
#include "base/timer.h"
#include "party/alarm.h"

struct pl_exchange;
struct pl_host_calls;
struct pl_server;
struct pl_store;

/* Who makes batches durable: a thread (store/commit.h), or a test. */
struct pl_commit_calls {
    /* Takes a list of batches (of pl_batch.in_queue); pl_storages_take_back returns them. */
    void (*submit)(void *commits, struct pl_list *batches);
};

/* A kind of room. */
struct pl_party {
    struct pl_server *server;
    struct pl_map rooms; /* of struct pl_room, by id */
    uint64_t room_idle_ms;
    unsigned refs; /* the server's, and one of each room: room code may keep its room */
    int ref;       /* the host's: the party's class */
    bool has_before_request, has_before_connect, has_request;
    size_t name_len;
    char name[];
};

struct pl_party *pl_party_ref(struct pl_party *party);
void pl_party_unref(struct pl_party *party);

static inline struct pl_slice pl_party_name(const struct pl_party *party) {
    return pl_slice(party->name, party->name_len);
}

struct pl_server {
    struct pl_clock *clock; /* borrowed, as all that is not a value here */
    struct pl_timers *timers;
    struct pl_limits limits;
    const struct pl_host_calls *host_calls;
    void *host;
    struct pl_store *store;
    const struct pl_commit_calls *commit_calls;
    void *commits;
    struct pl_list storing; /* of pl_storage.in_server: they have changes of this turn */
    size_t flying_count;    /* batches that have not come back */
    struct pl_alarms alarms;
    struct pl_map parties; /* of struct pl_party, by name */
    struct pl_party *last; /* the party that was asked for last, and mostly is again; or NULL */
    struct pl_party *sockets; /* for upgrades to no party, each in a room of its own that no URL
                                 reaches; NULL: they are ordinary requests (PartyKit: onSocket) */
    uint64_t socket_count;    /* so far, for the ids of those rooms */
    size_t room_count;
    bool is_draining;
};

void pl_server_init(struct pl_server *server, struct pl_clock *clock, struct pl_timers *timers,
                    const struct pl_limits *limits);

/* Destroys all rooms and parties. Edges must have let go of their exchanges and connections. */
void pl_server_finish(struct pl_server *server);

/* Adds a party; its name must be new. */
struct pl_party *pl_server_add_party(struct pl_server *server, struct pl_slice name);

/* Answers upgrades to no party with connections of their own, in a party of this name. */
void pl_server_take_sockets(struct pl_server *server, struct pl_slice name);

/* Where a new request goes: a before-hook, its room, or the hooks for everything else. Takes
 * over the edge's part of nothing: the edge keeps its reference. */
void pl_server_on_exchange(struct pl_server *server, struct pl_exchange *exchange);

/* On to the room of the exchange, which has passed its before-hook. */
void pl_server_deliver(struct pl_server *server, struct pl_exchange *exchange);

/* Refuses what is new and closes, with 1012, the sockets that rooms have opened to each other:
 * those of clients are their edge's to close. */
void pl_server_drain(struct pl_server *server);
