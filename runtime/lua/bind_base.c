#include "base/alloc.h"
#include "base/cidr.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/utf8.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "lua/loading.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RANDOM_BYTES_MAX 65536

/* native.now() --> milliseconds since 1970 */
static int base_now(lua_State *L) {
    lua_pushnumber(L, (double)pl_clock_wall_ms(pl_engine_of(L)->clock));
    return 1;
}

/* native.clock_ms() --> milliseconds of a clock that only goes forward, with fractions */
static int base_clock_ms(lua_State *L) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    lua_pushnumber(L, (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6);
    return 1;
}

/* native.utf8_valid(s) --> boolean */
static int base_utf8_valid(lua_State *L) {
    lua_pushboolean(L, pl_utf8_is_valid(pl_check_slice(L, 1)));
    return 1;
}

/* native.is_address_range(text) --> boolean: "10.0.0.1" or "10.0.0.0/8" */
static int base_is_address_range(lua_State *L) {
    struct pl_cidr range;
    lua_pushboolean(L, pl_cidr_parse(pl_check_slice(L, 1), &range));
    return 1;
}

/* native.random_bytes(count) --> string */
static int base_random_bytes(lua_State *L) {
    int count = (int)luaL_checkinteger(L, 1);
    luaL_argcheck(L, count >= 0 && count <= RANDOM_BYTES_MAX, 1, "0 to 65536 bytes");
    char *bytes = pl_alloc((size_t)count);
    pl_random_bytes(bytes, (size_t)count);
    lua_pushlstring(L, bytes, (size_t)count);
    free(bytes);
    return 1;
}

/* native.uuid() --> string: version 4 */
static int base_uuid(lua_State *L) {
    char text[PL_UUID_BYTES + 1];
    pl_random_uuid(text);
    lua_pushlstring(L, text, PL_UUID_BYTES);
    return 1;
}

/* native.make_temporary_folder(parent?) --> path: new, and nobody else's */
static int base_make_temporary_folder(lua_State *L) {
    const char *parent = luaL_optstring(L, 1, getenv("TMPDIR"));
    char path[4096];
    if (parent == NULL || *parent == '\0') parent = "/tmp";
    snprintf(path, sizeof path, "%s/partylua-XXXXXX", parent);
    if (mkdtemp(path) == NULL) return luaL_error(L, "cannot make a folder in %s", parent);
    lua_pushstring(L, path);
    return 1;
}

/* native.loaded(): collector and compiler, which stand still at first, work from now on */
static int base_loaded(lua_State *L) {
    pl_loading_end(L);
    return 0;
}

static const luaL_Reg functions[] = {
    {"loaded", base_loaded},
    {"now", base_now},
    {"clock_ms", base_clock_ms},
    {"utf8_valid", base_utf8_valid},
    {"is_address_range", base_is_address_range},
    {"random_bytes", base_random_bytes},
    {"uuid", base_uuid},
    {"side", pl_handle_side},
    {"share", pl_handle_share},
    {"set_binary", pl_set_binary},
    {"make_temporary_folder", base_make_temporary_folder},
    {NULL, NULL},
};

void pl_bind_base(lua_State *L) { luaL_register(L, NULL, functions); }
