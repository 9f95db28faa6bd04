/*
 * host.h -- answers party/host.h: runs the hooks of user code as tasks.
 *
 * What a hook call means in Lua is written in lualib/partylua/host.lua, whose functions are
 * called here by name; what a failure means for the client is decided here, in one place.
 */
#pragma once

#include "lua/engine.h"
#include "party/host.h"

struct pl_server;

/* What the host keeps of a room. */
struct pl_room_side {
    struct pl_list timers; /* of room code */
    struct pl_list calls;  /* of pl_call.in_caller: to other rooms, not ended */
    int object_ref;        /* the instance of the party's class; 0 while it has none */
};

struct pl_host {
    struct pl_engine *engine;
    struct pl_server *server;
    struct pl_list timers; /* of code outside rooms */
    /* Functions of host.lua, in the registry. */
    int start, connect, message, close, error, request, alarm, before, other;
};

extern const struct pl_host_calls pl_host_calls;

/* Takes the table of host.lua's functions from the top of the engine's stack. */
void pl_host_init(struct pl_host *host, struct pl_engine *engine, struct pl_server *server);

/* Cancels what is left of timers outside rooms. */
void pl_host_finish(struct pl_host *host);

/* The list that a timer of this room's code (or of code outside rooms) belongs to. */
struct pl_list *pl_host_timers(struct pl_engine *engine, struct pl_room *room);

/* The list of calls that this room's code has under way; NULL outside rooms. */
struct pl_list *pl_host_calls_of(struct pl_room *room);

/* Remembers the object of the room of the running task, and whether the room hibernates:
 * native.set_object(object, hibernates) */
int pl_host_set_object(lua_State *L);
