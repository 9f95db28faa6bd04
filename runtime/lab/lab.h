/*
 * lab.h -- a server under test: the real party, store and engine, with time, clients and commits in
 * the hands of the test.
 *
 * One lab at a time, in the Lua state that the test itself runs in. Time stands still unless it is
 * advanced. Clients are lines (line.h), or, in a lab that has an edge, sockets of the loopback
 * interface; batches become durable through a disk (disk.h).
 */
#pragma once

#include "base/buffer.h"
#include "edge/edge.h"
#include "lab/disk.h"
#include "lua/engine.h"
#include "lua/host.h"
#include "lua/vector_call.h"
#include "net/loop.h"
#include "net/watch.h"
#include "party/server.h"

struct pl_opened;

struct pl_lab {
    struct pl_engine *engine;
    struct pl_loop *loop;
    struct pl_clock clock; /* both are the engine's while the lab is open */
    struct pl_timers timers;
    int64_t begun_wall_ms; /* wall time when the clock stood at 0, as far as it knows */
    struct pl_server server;
    struct pl_host host;
    struct pl_disk disk;
    struct pl_opened *opened; /* a reference: the store */
    struct pl_list lines;     /* of pl_line.in_lab */
    struct pl_list due;       /* of pl_line.in_due */
    struct pl_edge edge;      /* where clients are sockets */
    struct pl_commits *commits;
    struct pl_watch committed;
    struct pl_vector_desk vectors; /* calls of indexes run at once */
    struct pl_buffer log;          /* lines that nobody has taken */
    int faults_ref;                /* list of what hooks have raised */
    uint16_t port;                 /* the edge's; 0: clients are lines */
    bool is_open, is_real;
};

struct pl_lab_options {
    struct pl_limits limits;
    int64_t wall_ms;
    uint64_t seed;
    bool is_real; /* sockets, and the commit thread */
};

void pl_lab_init(struct pl_lab *lab, struct pl_engine *engine, struct pl_loop *loop);

/* Takes the table of host.lua's functions from the top of the stack. 0 or a negative errno; on
 * failure the lab stays closed. Parties are added by the caller; pl_lab_begin ends the opening. */
int pl_lab_open(struct pl_lab *lab, struct pl_opened *opened,
                const struct pl_lab_options *options);
void pl_lab_begin(struct pl_lab *lab, uint64_t seed);

/* Ends it as a power cut would: no hook hears of anything, and what was not written is lost. */
void pl_lab_close(struct pl_lab *lab);

/* Runs all that follows from what has happened, without letting time pass. False when that does
 * not come to an end. */
bool pl_lab_settle(struct pl_lab *lab);

/* Lets time pass, and everything happen that is due meanwhile, each at its time. */
bool pl_lab_advance(struct pl_lab *lab, uint64_t ms);

/* Closes clients, and refuses what is new. */
void pl_lab_drain(struct pl_lab *lab);

/* Whether nothing is under way: no client, no hook, no commit. */
bool pl_lab_is_quiet(const struct pl_lab *lab);
