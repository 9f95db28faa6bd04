/*
 * options.h -- what Lua tells the house: the bounds of a server, and the parties of an app.
 */
#pragma once

#include "base/limits.h"
#include "lua/check.h"

struct pl_server;

/* The table `limits` of the options at a stack index; each absent one keeps its default. */
struct pl_limits pl_read_limits(lua_State *L, int options);

/* The parties of an app take the place of the server's: `parties`, a list of { name =, has_request
 * =, ... }, and `has_socket`. */
void pl_read_parties(lua_State *L, int options, struct pl_server *server);

/* Whether a field of the table at a stack index is there. */
bool pl_has_field(lua_State *L, int index, const char *key);

/* Whether a field of the table at a stack index is true. */
bool pl_get_flag(lua_State *L, int index, const char *key);
