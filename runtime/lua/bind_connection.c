#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "base/limits.h"
#include "party/room.h"
#include "proto/ws.h"

static const struct pl_handle_type type;

static void ref_connection(void *connection) { pl_connection_ref(connection); }
static void unref_connection(void *connection) { pl_connection_unref(connection); }

struct pl_connection *pl_check_connection(lua_State *L, int arg) {
    return pl_handle_check(L, arg, &type);
}

/* connection.id --> string */
static int connection_id(lua_State *L) {
    pl_push_slice(L, pl_connection_id(pl_check_connection(L, 1)));
    return 1;
}

/* connection.uri --> string: the URL of the upgrade request */
static int connection_uri(lua_State *L) {
    pl_push_slice(L, pl_connection_uri(pl_check_connection(L, 1)));
    return 1;
}

/* connection.protocol --> string: the sub-protocol that was chosen, or empty */
static int connection_protocol(lua_State *L) {
    pl_push_slice(L, pl_connection_protocol(pl_check_connection(L, 1)));
    return 1;
}

/* connection.readyState --> 0 connecting, 1 open, 2 closing, 3 closed */
static int connection_ready_state(lua_State *L) {
    lua_pushinteger(L, pl_check_connection(L, 1)->ready_state);
    return 1;
}

/* connection.tags --> list: the id, then the own tags */
static int connection_tags(lua_State *L) {
    struct pl_connection *connection = pl_check_connection(L, 1);
    struct pl_slice tag;
    int count = 1;
    lua_newtable(L);
    pl_push_slice(L, pl_connection_id(connection));
    lua_rawseti(L, -2, 1);
    for (uint32_t at = 0; pl_connection_next_tag(connection, &at, &tag);) {
        pl_push_slice(L, tag);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

/* connection:send(message): text as a string, which must be UTF-8, or party.binary(s) */
static int connection_send(lua_State *L) {
    struct pl_connection *connection = pl_check_connection(L, 1);
    struct pl_message message;
    pl_check_message(L, 2, &message);
    if (pl_connection_send(connection, &message) != 0) {
        luaL_error(L, "Can't call WebSocket send() after close().");
    }
    return 0;
}

/* connection:close([code [, reason]]) */
static int connection_close(lua_State *L) {
    struct pl_connection *connection = pl_check_connection(L, 1);
    bool has_code = !lua_isnoneornil(L, 2);
    bool has_reason = !lua_isnoneornil(L, 3);
    double code = has_code ? luaL_checknumber(L, 2) : 0;
    struct pl_slice reason = has_reason ? pl_check_slice(L, 3) : (struct pl_slice){0};
    if (!has_code && has_reason) {
        luaL_error(L, "If you specify a WebSocket close reason, you must also specify a code.");
    }
    if (has_code && (code != (unsigned)code || !pl_ws_is_close_code((unsigned)code, false))) {
        luaL_error(L, "Invalid WebSocket close code: %d.", (int)code);
    }
    pl_connection_close(connection, (uint16_t)code, reason);
    return 0;
}

static const luaL_Reg methods[] = {
    {"send", connection_send},
    {"close", connection_close},
    {NULL, NULL},
};

static const luaL_Reg getters[] = {
    {"id", connection_id},
    {"uri", connection_uri},
    {"protocol", connection_protocol},
    {"readyState", connection_ready_state},
    {"tags", connection_tags},
    {NULL, NULL},
};

static const struct pl_handle_type type = {.name = "partylua.Connection",
                                           .place = PL_SHELF_CONNECTION,
                                           .methods = methods,
                                           .getters = getters,
                                           .ref = ref_connection,
                                           .unref = unref_connection};

void pl_push_connection(lua_State *L, struct pl_connection *connection) {
    pl_handle_push(L, &type, connection, &connection->ref);
}

/* native.register(connection, tags): lists the connection in its room under its own tags, which
 * are checked already */
static int register_connection(lua_State *L) {
    struct pl_connection *connection = pl_check_connection(L, 1);
    struct pl_slice tags[PL_TAGS_MAX];
    size_t count = 0;
    luaL_checktype(L, 2, LUA_TTABLE);
    for (int i = 1; i <= (int)lua_objlen(L, 2) && count < PL_TAGS_MAX; i++) {
        lua_rawgeti(L, 2, i);
        tags[count++] = pl_check_slice(L, -1);
    }
    pl_connection_set_tags(connection, tags, count);
    pl_connection_register(connection);
    return 0;
}

/* native.pin(connection): keeps the handle, and what Lua has hung on it, as long as the
 * connection itself */
static int pin_connection(lua_State *L) {
    struct pl_connection *connection = pl_check_connection(L, 1);
    if (connection->is_dropped) return 0;
    lua_settop(L, 1);
    pl_handle_pin(L, connection->ref);
    return 0;
}

/* native.set_state(connection, bytes): keeps the state, also while the room hibernates */
static int set_state(lua_State *L) {
    pl_connection_set_state(pl_check_connection(L, 1), pl_check_slice(L, 2));
    return 0;
}

/* native.get_state(connection) --> bytes | nil */
static int get_state(lua_State *L) {
    struct pl_slice state = pl_connection_state(pl_check_connection(L, 1));
    if (state.len == 0) {
        lua_pushnil(L);
    } else {
        pl_push_slice(L, state);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"register", register_connection},
    {"pin", pin_connection},
    {"set_state", set_state},
    {"get_state", get_state},
    {NULL, NULL},
};

void pl_bind_connection(lua_State *L) {
    luaL_register(L, NULL, functions);
    pl_handle_register(L, &type);
    lua_setfield(L, -2, "connection");
}
