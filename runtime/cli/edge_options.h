/*
 * edge_options.h -- what native.serve tells the edge beside its limits.
 */
#pragma once

#include "lua/check.h"

struct pl_edge;

/* Reads trusted_proxies, subprotocols and cors of the table at the index `options`. */
void pl_read_edge_options(lua_State *L, int options, struct pl_edge *edge);
