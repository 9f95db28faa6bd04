/*
 * headers.h -- headers between C and Lua, where they are a flat list: { name, value, ... }.
 */
#pragma once

#include "base/buffer.h"
#include "party/request.h"

#include <lua.h>

/* Pushes the list of what is kept as name NUL value NUL ... */
void pl_push_headers(lua_State *L, const struct pl_buffer *texts);

/* Reads the list `headers` of the table at the index `table`, which stays on the stack: what is
 * read is borrowed from it. Raises for anything else, and for more than `most` headers. Gives
 * their number. */
size_t pl_get_headers(lua_State *L, int table, struct pl_request_header *out, size_t most);
