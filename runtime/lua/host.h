/*
 * host.h -- answers party/host.h: runs the hooks of user code as tasks.
 *
 * What a hook call means in Lua is written in lualib/partylua/host.lua, whose functions are
 * called here by name; what a failure means for the client is decided here, in one place.
 */
#pragma once

#include "lua/engine.h"
#include "net/fetch.h"
#include "party/host.h"

struct pl_exchange;
struct pl_loop;
struct pl_server;
struct pl_vector_desk;

/* What the host keeps of a room. */
struct pl_room_side {
    struct pl_host *host;                /* whose code its object is */
    struct pl_list timers;               /* of room code */
    struct pl_list calls;                /* of pl_call.in_caller: to other rooms, not ended */
    struct pl_list transfers;            /* of pl_transfer.in_room: to other servers */
    struct pl_fetch_group group;         /* those of them that are under way */
    struct pl_fetch_group service_group; /* the same to services */
    int object_ref; /* the instance of the party's class; 0 while it has none */
};

/* malloc gives it 80 bytes, of which it keeps 8, and there are as many as rooms. */
_Static_assert(sizeof(struct pl_room_side) <= 72, "what the host knows of a room has grown");

struct pl_host {
    struct pl_engine *engine;
    struct pl_server *server;
    struct pl_list timers;      /* of code outside rooms */
    struct pl_list transfers;   /* the same */
    struct pl_list keeping;     /* of pl_exchange.in_keeper */
    struct pl_fetches *fetches; /* NULL while it does not serve */
    /* To servers that the configuration names. Their rules open those and nothing else, and an
     * idle connection to one is never room code's to use. */
    struct pl_fetches *services;
    size_t room_count;              /* rooms whose object is its own */
    struct pl_vector_desk *vectors; /* NULL while it does not serve */
    bool hides_errors;              /* clients get texts of ours for errors without a code */
    /* Functions of host.lua, in the registry. */
    int start, connect, message, close, error, request, alarm, before, other, started, drain;
};

extern const struct pl_host_calls pl_host_calls;

/* Takes the table of host.lua's functions from the top of the engine's stack. A host without
 * rooms needs none but `other`. */
void pl_host_init(struct pl_host *host, struct pl_engine *engine, struct pl_server *server);

/* The server was told to stop: room code closes what only it can close. */
void pl_host_drain(struct pl_host *host);

/* What the engine calls at the end of a task: whoever asked for it hears what came of it. */
void pl_host_on_task_end(void *host, struct pl_task *task, bool is_ok);

/* Cancels what is left of timers outside rooms, and lets go of what it keeps of exchanges. No hook
 * runs any more. */
void pl_host_finish(struct pl_host *host);

/* Keeps the value on top of a stack with the exchange, in place of an earlier one; and forgets it. */
void pl_host_keep(struct pl_host *host, lua_State *L, struct pl_exchange *exchange);
void pl_host_let_go(struct pl_exchange *exchange);

/* The list that a timer of this room's code (or of code outside rooms) belongs to. */
struct pl_list *pl_host_timers(struct pl_engine *engine, struct pl_room *room);

/* The list of calls that this room's code has under way; NULL outside rooms. */
struct pl_list *pl_host_calls_of(struct pl_room *room);

/* The transfers of this room's code, or of code outside rooms; and their bound, which NULL has
 * none of. */
struct pl_list *pl_host_transfers_of(struct pl_host *host, struct pl_room *room);
struct pl_fetch_group *pl_host_fetch_group_of(struct pl_room *room, bool is_service);

/* Tells its code that it serves at `authority` now: host and port. */
void pl_host_tell_started(struct pl_host *host, struct pl_slice authority);

/* Another host starts rooms now: timers outside rooms end. */
void pl_host_leave(struct pl_host *host);

/* What its hooks wait for has taken too long: they go no further. */
void pl_host_give_up(struct pl_host *host);

/* Lets code fetch, as the table of options at the index `options` has it; and ends that. */
void pl_host_open_fetches(struct pl_host *host, lua_State *L, int options,
                          struct pl_loop *loop);
void pl_host_close_fetches(struct pl_host *host);

/* The same for indexes of vectors. The desk is the caller's, until the loop has ended. */
void pl_host_open_vectors(struct pl_host *host, struct pl_loop *loop,
                          struct pl_vector_desk *desk);
void pl_host_close_vectors(struct pl_host *host);

/* Remembers the object of the room of the running task, whether the room hibernates, and whether it
 * takes one event after the other: native.set_object(object, hibernates, is_serial) */
int pl_host_set_object(lua_State *L);
