/*
 * handle.h -- userdata that stand for C objects in Lua.
 *
 * An object has one handle as long as Lua keeps it, found through a weak table by a small number
 * in the object, so that == in Lua means the same object. A handle holds a reference of its object: attributes stay readable
 * for as long as Lua holds on, whatever has become of the socket behind.
 */
#pragma once

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>

struct pl_engine;

/* What is on the engine's shelf, where it is found sooner than by name. */
enum {
    PL_SHELF_HANDLES = 1, /* weak table: slot -> handle */
    PL_SHELF_TEXT,        /* the string of valid_text */
    PL_SHELF_CALL,        /* metatables of handles, from here on */
    PL_SHELF_CONNECTION,
    PL_SHELF_CROWD,
    PL_SHELF_DIAL,
    PL_SHELF_EXCHANGE,
    PL_SHELF_FILE,
    PL_SHELF_LINE,
    PL_SHELF_ROOM,
    PL_SHELF_STORE,
    PL_SHELF_TAP,
    PL_SHELF_TIMER,
    PL_SHELF_TRANSFER,
    PL_SHELF_VECTOR_CALL,
    PL_SHELF_WATCH,
    PL_SHELF_WIRE,
    PL_SHELF_TOP = PL_SHELF_WIRE,
};

struct pl_handle_type {
    const char *name; /* of the metatable in the registry: "partylua.Connection" */
    int place;        /* of that on the shelf */
    const luaL_Reg *methods;
    const luaL_Reg *getters; /* read as fields; each gets the handle as its argument */
    void (*ref)(void *object);
    void (*unref)(void *object);
};

/* Registers a type and leaves on the stack a table { methods = ..., getters = ... }, to which
 * Lua code adds its own functions. */
void pl_handle_register(lua_State *L, const struct pl_handle_type *type);

/* Pushes the handle of `object`, which is made, with its reference, when there is none. `slot`
 * is a number in the object, 0 at first, by which its handle is found again; objects that are
 * pushed only once have none (NULL). */
void pl_handle_push(lua_State *L, const struct pl_handle_type *type, void *object, int *slot);

/* Keeps the handle of `slot`, which is on top of the stack, and what Lua code has hung on it; or
 * leaves it to the collector again. */
void pl_handle_pin(lua_State *L, int slot);
void pl_handle_unpin(int slot);

/* The object is no more, and with it its handles: the slot is free for another. Harmless for 0. */
void pl_handle_free_slot(int *slot);

/* The object behind an argument; raises when it is something else. */
void *pl_handle_check(lua_State *L, int arg, const struct pl_handle_type *type);

/* Gives the handle's reference back now instead of when it is collected: whoever uses it after that
 * raises. For Lua code that knows itself to be the only one to have it. */
void pl_handle_release(lua_State *L, int arg);

void pl_handles_init(struct pl_engine *engine);

/* Lets the tables of handles shrink after many have come and gone: Lua's own shrink only when
 * something is added. For quiet moments, after a collection. */
void pl_handles_compact(struct pl_engine *engine);

/* native.share(handle, table): what many handles have in common, for the field `shared` of the
 * table that native.side gives; most of them never need one of their own */
int pl_handle_share(lua_State *L);

/* native.side(handle) --> a table of the handle's own, made when first asked for */
int pl_handle_side(lua_State *L);
