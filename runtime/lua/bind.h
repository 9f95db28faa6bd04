/*
 * bind.h -- the native module: one function for each noun that Lua code deals with.
 *
 * Each adds its functions to the table on top of the stack, which `require "partylua.native"`
 * returns. The Lua signatures stand above the functions; what users see is made of them in
 * lualib.
 */
#pragma once

#include <lua.h>

struct pl_connection;
struct pl_exchange;
struct pl_room;

void pl_bind_admin(lua_State *L);
void pl_bind_wire(lua_State *L);
void pl_bind_tap(lua_State *L);
void pl_bind_task(lua_State *L);
void pl_bind_timer(lua_State *L);
void pl_bind_room(lua_State *L);
void pl_bind_connection(lua_State *L);
void pl_bind_block(lua_State *L);
void pl_bind_storage(lua_State *L);
void pl_bind_store(lua_State *L);
void pl_bind_exchange(lua_State *L);
void pl_bind_call(lua_State *L);
void pl_bind_crowd(lua_State *L);
void pl_bind_fetch(lua_State *L);
void pl_bind_ws(lua_State *L);
void pl_bind_file(lua_State *L);
void pl_bind_vector(lua_State *L);
void pl_bind_log(lua_State *L);
void pl_bind_base(lua_State *L);
void pl_bind_json(lua_State *L);
void pl_bind_jws(lua_State *L);

struct stat;

/* Pushes the handle of an open file, which is closed with it. `pl_take_file` takes it out again;
 * raises when that has been done before. */
void pl_push_file(lua_State *L, int file, const struct stat *about);
int pl_take_file(lua_State *L, int arg);

void pl_push_room(lua_State *L, struct pl_room *room);
void pl_push_connection(lua_State *L, struct pl_connection *connection);
void pl_push_exchange(lua_State *L, struct pl_exchange *exchange);

struct pl_room *pl_check_room(lua_State *L, int arg);
struct pl_connection *pl_check_connection(lua_State *L, int arg);
struct pl_exchange *pl_check_exchange(lua_State *L, int arg);
