#include "base/log.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "party/room.h"
#include "party/server.h"

static const char *const level_names[] = {"error", "warn", "info", "debug", NULL};
static const char *const format_names[] = {"text", "pretty", "json", "silent", NULL};

/* Who speaks, when it is room code. */
static void add_room(lua_State *L, struct pl_log_line *line) {
    struct pl_engine *engine = pl_engine_of(L);
    if (engine->current == NULL || engine->current->room == NULL) return;
    pl_log_add(line, "party", pl_party_name(engine->current->room->party));
    pl_log_add(line, "room", pl_room_id(engine->current->room));
}

/* native.log(level, topic, event [, fields]): fields is a flat list of keys and values, each
 * value a string, number or boolean */
static int log_write(lua_State *L) {
    enum pl_log_level level = (enum pl_log_level)luaL_checkoption(L, 1, NULL, level_names);
    const char *topic = luaL_checkstring(L, 2);
    struct pl_slice event = pl_check_slice(L, 3);
    struct pl_log_line line;
    if (!pl_log_is_on(level)) return 0;
    if (!lua_isnoneornil(L, 4)) luaL_checktype(L, 4, LUA_TTABLE);
    pl_log_begin(&line, level, topic, event);
    add_room(L, &line);
    int count = lua_istable(L, 4) ? (int)lua_objlen(L, 4) : 0;
    for (int i = 1; i + 1 <= count; i += 2) {
        size_t len;
        lua_rawgeti(L, 4, i);
        lua_rawgeti(L, 4, i + 1);
        bool is_bare = lua_type(L, -1) == LUA_TNUMBER || lua_type(L, -1) == LUA_TBOOLEAN;
        if (lua_type(L, -1) == LUA_TBOOLEAN) {
            lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
            lua_replace(L, -2);
        }
        const char *key = lua_tostring(L, -2);
        const char *value = lua_tolstring(L, -1, &len);
        if (key != NULL && value != NULL && is_bare) {
            pl_log_add_bare(&line, key, pl_slice(value, len));
        } else if (key != NULL && value != NULL) {
            pl_log_add(&line, key, pl_slice(value, len));
        }
        lua_pop(L, 2);
    }
    pl_log_end(&line);
    return 0;
}

/* native.log_configure(level, format) */
static int log_configure(lua_State *L) {
    enum pl_log_level level = (enum pl_log_level)luaL_checkoption(L, 1, "info", level_names);
    enum pl_log_format format =
        (enum pl_log_format)luaL_checkoption(L, 2, "text", format_names);
    pl_log_configure(level, format);
    return 0;
}

/* native.say(text) */
static int log_say(lua_State *L) {
    pl_log_print(pl_check_slice(L, 1));
    return 0;
}

static const luaL_Reg functions[] = {
    {"log", log_write}, {"log_configure", log_configure}, {"say", log_say}, {NULL, NULL}};

void pl_bind_log(lua_State *L) { luaL_register(L, NULL, functions); }
