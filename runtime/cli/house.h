/*
 * house.h -- the parts of a serving process, put together and run.
 *
 * The only place that knows every floor. `native.serve` builds the house, runs it until it is
 * told to stop, and takes it down in the reverse order.
 */
#pragma once

#include "edge/edge.h"
#include "lua/engine.h"
#include "lua/host.h"
#include "lua/vector_call.h"
#include "net/loop.h"
#include "net/watch.h"
#include "party/server.h"
#include "store/commit.h"

struct pl_house {
    struct pl_loop loop;
    struct pl_engine engine;
    struct pl_server server;
    struct pl_edge edge;
    struct pl_host host;
    struct pl_vector_desk vectors;
    struct pl_store *store;
    struct pl_commits *commits;
    struct pl_watch committed;
    struct pl_timer drain_limit;
    uint64_t drain_timeout_ms;
    bool is_serving, is_draining, is_broken;
};

void pl_house_init(struct pl_house *house);
void pl_house_finish(struct pl_house *house);

/* Adds native.serve, native.run and native.stop to the table on top of the stack. */
void pl_bind_house(lua_State *L, struct pl_house *house);
