/*
 * options.h -- the tables of options that lualib gives to whoever starts a server.
 */
#pragma once

#include "base/limits.h"

#include <lua.h>
#include <stdbool.h>

struct pl_server;

/* Whether a field of the table at `index` is there; and whether it is true. */
bool pl_has_field(lua_State *L, int index, const char *key);
bool pl_get_flag(lua_State *L, int index, const char *key);

/* options.limits; each absent one keeps its default. */
struct pl_limits pl_read_limits(lua_State *L, int options);

/* options.parties: a list of { name =, has_request =, ... }, which are added to the server. */
void pl_read_parties(lua_State *L, int options, struct pl_server *server);
