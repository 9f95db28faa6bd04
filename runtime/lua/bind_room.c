#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "party/room.h"
#include "party/server.h"

static const struct pl_handle_type type;

static void ref_room(void *room) { pl_room_ref(room); }
static void unref_room(void *room) { pl_room_unref(room); }

struct pl_room *pl_check_room(lua_State *L, int arg) {
    return pl_handle_check(L, arg, &type);
}

/* PartyKit's words. */
static const char no_id[] =
    "You can not access `Party.id` in the `onAlarm` handler.\n"
    "This is a known limitation, and may be fixed in a future version of PartyKit.\n"
    "If you access to the id, you can save it into the Room storage when setting the alarm.\n";

/* room.id --> string: as it stands in the URL, nothing decoded; raises in a strict onAlarm */
static int room_id(lua_State *L) {
    if (pl_engine_is_strict(pl_engine_of(L))) return luaL_error(L, "%s", no_id);
    pl_push_slice(L, pl_room_id(pl_check_room(L, 1)));
    return 1;
}

/* room.name --> string: the party's */
static int room_name(lua_State *L) {
    pl_push_slice(L, pl_party_name(pl_check_room(L, 1)->party));
    return 1;
}

/* room.internalID --> string: 64 hex digits */
static int room_internal_id(lua_State *L) {
    char text[PL_INTERNAL_ID_BYTES + 1];
    pl_room_internal_id(pl_check_room(L, 1), text);
    lua_pushlstring(L, text, PL_INTERNAL_ID_BYTES);
    return 1;
}

/* room:broadcast(message [, without]) */
static int room_broadcast(lua_State *L) {
    struct pl_room *room = pl_check_room(L, 1);
    struct pl_message message;
    pl_check_message(L, 2, &message);
    message.is_shared = true;
    size_t count = 0;
    struct pl_slice *without = NULL;
    if (!lua_isnoneornil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        count = lua_objlen(L, 3);
        without = lua_newuserdata(L, (count + 1) * sizeof *without);
        for (size_t i = 0; i < count; i++) {
            lua_rawgeti(L, 3, (int)i + 1);
            if (lua_type(L, -1) != LUA_TSTRING) {
                luaL_argerror(L, 3, "a list of connection ids expected");
            }
            size_t len;
            const char *id = lua_tolstring(L, -1, &len);
            without[i] = pl_slice(id, len); /* the list keeps it alive */
            lua_pop(L, 1);
        }
    }
    pl_room_broadcast(room, &message, without, count);
    pl_message_finish(&message);
    return 0;
}

static bool is_listed(const struct pl_connection *connection) {
    return connection->ready_state == PL_OPEN && connection->socket != NULL;
}

/* room:getConnection(id) --> connection | nil */
static int room_get_connection(lua_State *L) {
    struct pl_room *room = pl_check_room(L, 1);
    struct pl_connection *connection = pl_room_find(room, pl_check_slice(L, 2));
    if (connection == NULL || !is_listed(connection)) {
        lua_pushnil(L);
    } else {
        pl_push_connection(L, connection);
    }
    return 1;
}

/* The step of getConnections. Upvalues: the list, the place reached. Connections that closed
 * since the list was made are passed over. */
static int next_connection(lua_State *L) {
    int at = (int)lua_tointeger(L, lua_upvalueindex(2));
    for (;;) {
        lua_rawgeti(L, lua_upvalueindex(1), ++at);
        if (lua_isnil(L, -1)) return 1;
        if (is_listed(pl_check_connection(L, -1))) break;
        lua_pop(L, 1);
    }
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(2));
    return 1;
}

/* room:getConnections([tag]) --> iterator over the open connections, in the order they came */
static int room_get_connections(lua_State *L) {
    struct pl_room *room = pl_check_room(L, 1);
    bool is_all = lua_isnoneornil(L, 2);
    struct pl_slice tag = is_all ? (struct pl_slice){0} : pl_check_slice(L, 2);
    int count = 0;
    lua_createtable(L, (int)room->connection_count, 0);
    PL_LIST_EACH(at, &room->connections) {
        struct pl_connection *connection = pl_container_of(at, struct pl_connection, in_room);
        if (!is_listed(connection)) continue;
        if (!is_all && tag.len > 0 && !pl_connection_has_tag(connection, tag)) continue;
        pl_push_connection(L, connection);
        lua_rawseti(L, -2, ++count);
    }
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_connection, 2);
    return 1;
}

static const luaL_Reg methods[] = {
    {"broadcast", room_broadcast},
    {"getConnection", room_get_connection},
    {"getConnections", room_get_connections},
    {NULL, NULL},
};

static const luaL_Reg getters[] = {
    {"id", room_id},
    {"name", room_name},
    {"internalID", room_internal_id},
    {NULL, NULL},
};

static const struct pl_handle_type type = {.name = "partylua.Room",
                                           .place = PL_SHELF_ROOM,
                                           .methods = methods,
                                           .getters = getters,
                                           .ref = ref_room,
                                           .unref = unref_room};

void pl_push_room(lua_State *L, struct pl_room *room) {
    pl_handle_push(L, &type, room, &room->ref);
}

void pl_bind_room(lua_State *L) {
    pl_handle_register(L, &type);
    lua_setfield(L, -2, "room");
}
