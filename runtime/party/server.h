/*
 * server.h -- puts the house together: the parties, their rooms, and what serves them.
 */
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/slice.h"
#include "base/timer.h"
#include "base/histogram.h"
#include "party/alarm.h"
#include "party/renewal.h"
#include "party/meter.h"

struct pl_exchange;
struct pl_host_calls;
struct pl_server;
struct pl_store;

/* Who makes batches durable: a thread (store/commit.h), or a test. */
struct pl_commit_calls {
    /* Takes a list of batches (of pl_batch.in_queue); pl_storages_take_back returns them. */
    void (*submit)(void *commits, struct pl_list *batches);
};

/* What the program itself serves, while it develops an app. */
#define PL_FRONT_PATH PL_SLICE("/__partylua/")

/* A kind of room. */
struct pl_party {
    struct pl_server *server;
    struct pl_map rooms; /* of struct pl_room, by id */
    uint64_t room_idle_ms;
    unsigned refs; /* the server's, and one of each room: room code may keep its room */
    int ref;       /* the host's: the party's class */
    bool has_before_request, has_before_connect, has_request;
    bool is_gone; /* the app has it no more; it may come back */
    struct pl_meter meter;
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
    void *host; /* whose code rooms start with; NULL: there is no app yet */
    void *own;  /* the program's own: answers at the admin doors; NULL where there is nothing of
                    that kind */
    bool has_front; /* and what lies below PL_FRONT_PATH, and all while there is no app */
    struct pl_store *store;
    const struct pl_commit_calls *commit_calls;
    void *commits;
    struct pl_list storing; /* of pl_storage.in_server: they have changes of this turn */
    size_t flying_count;    /* batches that have not come back */
    uint64_t event_count,
        batch_count; /* messages and requests, and batches, of all rooms so far */
    struct pl_alarms alarms;
    struct pl_renewal renewal;
    struct pl_map parties; /* of struct pl_party, by name */
    struct pl_party *last; /* the party that was asked for last, and mostly is again; or NULL */
    struct pl_party *sockets; /* for upgrades to no party, each in a room of its own that no URL
                                 reaches; NULL: they are ordinary requests (PartyKit: onSocket) */
    uint64_t socket_count;    /* so far, for the ids of those rooms */
    size_t room_count;
    struct pl_list taps;                         /* of pl_tap.in_server */
    void (*on_tapped)(struct pl_server *server); /* the first came or the last went; or NULL */
    struct pl_request_meter requests;
    struct pl_histogram alarm_lag, storage_times[PL_STORAGE_OPS]; /* in pl_buckets_short */
    bool is_draining;
};

/* Whether anybody looks on (tap.h). */
static inline bool pl_server_is_tapped(const struct pl_server *server) {
    return !pl_list_is_empty(&server->taps);
}

void pl_server_init(struct pl_server *server, struct pl_clock *clock, struct pl_timers *timers,
                    const struct pl_limits *limits);

/* Destroys all rooms and parties. Edges must have let go of their exchanges and connections. */
void pl_server_finish(struct pl_server *server);

/* Adds a party, or takes it back that was there before. */
struct pl_party *pl_server_add_party(struct pl_server *server, struct pl_slice name);

/* The party of a name, or NULL. */
struct pl_party *pl_server_find_party(struct pl_server *server, struct pl_slice name);

/* Before the parties of another app are added: those that are not among them are gone. Their
 * rooms end with pl_renewal_start. */
void pl_server_clear_parties(struct pl_server *server);

/* Bounds from now on, as far as they are asked for anew each time. */
void pl_server_set_limits(struct pl_server *server, const struct pl_limits *limits);

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
