#include "lua/options.h"

#include "lua/check.h"
#include "party/server.h"

static void read_size(lua_State *L, const char *key, size_t *out) {
    *out = (size_t)pl_get_number(L, -1, key, (double)*out);
}

static void read_ms(lua_State *L, const char *key, uint64_t *out) {
    *out = (uint64_t)pl_get_number(L, -1, key, (double)*out);
}

struct pl_limits pl_read_limits(lua_State *L, int options) {
    struct pl_limits limits = pl_limits_default();
    lua_getfield(L, options, "limits");
    if (lua_istable(L, -1)) {
        read_size(L, "message_bytes", &limits.message_bytes);
        read_size(L, "queued_bytes", &limits.queued_bytes);
        read_size(L, "head_bytes", &limits.head_bytes);
        read_size(L, "header_count", &limits.header_count);
        read_size(L, "url_bytes", &limits.url_bytes);
        read_size(L, "body_bytes", &limits.body_bytes);
        read_ms(L, "header_timeout_ms", &limits.header_timeout_ms);
        read_ms(L, "body_timeout_ms", &limits.body_timeout_ms);
        read_ms(L, "idle_timeout_ms", &limits.idle_timeout_ms);
        read_ms(L, "ping_interval_ms", &limits.ping_interval_ms);
        read_ms(L, "close_timeout_ms", &limits.close_timeout_ms);
        read_ms(L, "room_idle_ms", &limits.room_idle_ms);
        read_ms(L, "hibernate_idle_ms", &limits.hibernate_idle_ms);
        read_ms(L, "block_timeout_ms", &limits.block_timeout_ms);
        read_size(L, "max_connections", &limits.connections);
        read_size(L, "max_connections_per_address", &limits.connections_per_address);
        read_size(L, "room_events", &limits.room_events);
        read_size(L, "room_event_bytes", &limits.room_event_bytes);
        read_size(L, "room_tasks", &limits.room_tasks);
        read_size(L, "fetch_active", &limits.fetch_active);
        read_size(L, "fetch_room_active", &limits.fetch_room_active);
        read_size(L, "fetch_waiting", &limits.fetch_waiting);
        read_ms(L, "fetch_timeout_ms", &limits.fetch_timeout_ms);
        read_ms(L, "fetch_connect_timeout_ms", &limits.fetch_connect_timeout_ms);
        read_size(L, "vectorize_memory_bytes", &limits.vectorize_memory_bytes);
        read_size(L, "vectorize_vectors", &limits.vectorize_vectors);
    }
    lua_pop(L, 1);
    return limits;
}

bool pl_has_field(lua_State *L, int index, const char *key) {
    lua_getfield(L, index, key);
    bool is_there = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return is_there;
}

bool pl_get_flag(lua_State *L, int index, const char *key) {
    lua_getfield(L, index, key);
    bool flag = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return flag;
}

void pl_read_parties(lua_State *L, int options, struct pl_server *server) {
    lua_getfield(L, options, "parties");
    int count = lua_istable(L, -1) ? (int)lua_objlen(L, -1) : 0;
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        int party = lua_gettop(L);
        lua_getfield(L, party, "name");
        struct pl_party *added = pl_server_add_party(server, pl_check_slice(L, -1));
        added->has_request = pl_get_flag(L, party, "has_request");
        added->has_before_request = pl_get_flag(L, party, "has_before_request");
        added->has_before_connect = pl_get_flag(L, party, "has_before_connect");
        lua_settop(L, party - 1);
    }
    lua_pop(L, 1);
}
