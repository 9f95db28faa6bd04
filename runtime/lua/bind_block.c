/* Blocks of a room: while one lasts, no event is delivered (party/room.h). */
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "party/room.h"

static struct pl_room *check_own_room(lua_State *L) {
    struct pl_room *room = pl_check_room(L, 1);
    struct pl_task *task = pl_task_check(L, "blocking the room");
    if (task->room != room) luaL_error(L, "another room cannot be blocked");
    return room;
}

/* native.block(room, has_limit?) --> boolean: no event of the room is delivered, and only this task
 * and those it spawns go on, until native.unblock; false when that is so already. With a limit the
 * room is reset after --block-timeout */
static int block(lua_State *L) {
    struct pl_room *room = check_own_room(L);
    struct pl_engine *engine = pl_engine_of(L);
    lua_pushboolean(L, room->block == 0);
    if (room->block != 0) return 1;
    engine->current->pass = engine->current->for_block = ++engine->last_block;
    pl_room_block(room, engine->last_block, lua_toboolean(L, 2));
    return 1;
}

/* native.unblock(room) */
static int unblock(lua_State *L) {
    struct pl_room *room = pl_check_room(L, 1);
    pl_room_unblock(room);
    pl_engines_release(room);
    return 0;
}

/* native.reset(room, why) --> boolean: the room ends, when what it has written is durable; false for
 * one that is only starting, whose start fails instead */
static int reset(lua_State *L) {
    struct pl_room *room = check_own_room(L);
    struct pl_engine *engine = pl_engine_of(L);
    struct pl_slice why = pl_check_slice(L, 2);
    bool can_reset = room->state != PL_ROOM_STARTING;
    if (can_reset) pl_room_reset(room, ++engine->last_block, why);
    lua_pushboolean(L, can_reset);
    return 1;
}

static const luaL_Reg functions[] = {
    {"block", block}, {"unblock", unblock}, {"reset", reset}, {NULL, NULL}};

void pl_bind_block(lua_State *L) { luaL_register(L, NULL, functions); }
