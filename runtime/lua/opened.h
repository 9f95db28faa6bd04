/*
 * opened.h -- a store that Lua code has opened: what its handle stands for.
 *
 * Handles and iterators hold references. Iterators end with the snapshot they walk in: at the
 * next refresh, or when the store is closed; its handle stays and raises.
 */
#pragma once

#include "base/list.h"
#include "store/stage.h"

#include <lua.h>

struct pl_indexes;

struct pl_opened {
    unsigned refs;
    struct pl_store *store;     /* NULL: closed */
    struct pl_stage *stage;     /* NULL: none has begun */
    struct pl_indexes *indexes; /* NULL: none was used */
    struct pl_list walks;       /* of the iterators that have not ended */
};

/* The open store behind argument 1; raises when it is closed, or something else. */
struct pl_opened *pl_check_opened(lua_State *L);

void pl_opened_ref(void *opened);
void pl_opened_unref(void *opened);

/* Ends every iterator. */
void pl_opened_end_walks(struct pl_opened *opened);

/* The methods of the handle that read. */
int pl_opened_room(lua_State *L);
int pl_opened_rooms(lua_State *L);
int pl_opened_measure(lua_State *L);
int pl_opened_entries(lua_State *L);
int pl_opened_get(lua_State *L);

/* The method that runs a call of an index (bind_vector.c). */
int pl_opened_run(lua_State *L);

/* Registers the type of iterators. */
void pl_opened_init(lua_State *L);
