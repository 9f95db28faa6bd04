#include "base/log.h"
#include "lab/bind.h"
#include "lab/lab.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/opened.h"
#include "lua/options.h"
#include "party/room.h"
#include "store/store.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static struct pl_lab *lab_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

static struct pl_lab *check_open(lua_State *L) {
    struct pl_lab *lab = lab_of(L);
    if (!lab->is_open) luaL_error(L, "the app was stopped");
    return lab;
}

static int raise_restless(lua_State *L) {
    return luaL_error(L,
                      "the app does not come to rest: some code begins anew without any time "
                      "passing (party.after(0, ...), party.sleep(0) in a loop)");
}

/* ---- life ----------------------------------------------------------------------------------- */

/* native.lab_open(store, { hooks, parties, limits, has_socket, now, seed, is_real, fetch_... })
 *   --> port: 0 without sockets | nil, message, errno name. One lab at a time. */
static int lab_open(lua_State *L) {
    struct pl_lab *lab = lab_of(L);
    struct pl_opened *opened = pl_check_opened(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    if (lab->is_open) return luaL_error(L, "an app is open already: stop it first");
    struct pl_lab_options options = {
        .limits = pl_read_limits(L, 2),
        .wall_ms = (int64_t)pl_get_number(L, 2, "now", 0),
        .seed = (uint64_t)pl_get_number(L, 2, "seed", 1),
        .is_real = pl_get_flag(L, 2, "is_real"),
    };
    lua_State *main = lab->engine->L;
    lua_getfield(L, 2, "hooks");
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_checkstack(main, LUA_MINSTACK);
    if (main != L) lua_xmove(L, main, 1);
    int rc = pl_lab_open(lab, opened, &options);
    if (rc != 0) return pl_push_error(L, rc);
    if (lab->is_real) pl_host_open_fetches(&lab->host, L, 2, lab->loop);
    pl_read_parties(L, 2, &lab->server);
    if (pl_get_flag(L, 2, "has_socket")) {
        pl_server_take_sockets(&lab->server, PL_SLICE("(socket)"));
    }
    pl_lab_begin(lab, options.seed);
    lua_pushinteger(L, lab->port);
    return 1;
}

/* native.lab_close(): what was not written is lost, and no hook hears of it; harmless when closed */
static int lab_close(lua_State *L) {
    pl_lab_close(lab_of(L));
    return 0;
}

/* native.lab_drain(): closes clients with 1012 and refuses what is new */
static int lab_drain(lua_State *L) {
    pl_lab_drain(check_open(L));
    return 0;
}

/* native.lab_is_quiet() --> boolean: no client, no hook and no commit is under way */
static int lab_is_quiet(lua_State *L) {
    lua_pushboolean(L, pl_lab_is_quiet(check_open(L)));
    return 1;
}

/* ---- time ----------------------------------------------------------------------------------- */

/* native.lab_settle(): runs all that follows from what has happened */
static int lab_settle(lua_State *L) {
    return pl_lab_settle(check_open(L)) ? 0 : raise_restless(L);
}

/* native.lab_advance(ms): lets time pass */
static int lab_advance(lua_State *L) {
    struct pl_lab *lab = check_open(L);
    double ms = luaL_checknumber(L, 1);
    luaL_argcheck(L, ms >= 0 && ms < 1e15, 1, "a number of seconds from 0 expected");
    return pl_lab_advance(lab, (uint64_t)ms) ? 0 : raise_restless(L);
}

/* native.lab_jump(ms): the wall clock is set; what counts time goes on as before */
static int lab_jump(lua_State *L) {
    struct pl_lab *lab = check_open(L);
    lab->begun_wall_ms += (int64_t)luaL_checknumber(L, 1);
    return 0;
}

/* native.lab_next_due() --> ms until the first timer is due | nil */
static int lab_next_due(lua_State *L) {
    struct pl_lab *lab = check_open(L);
    uint64_t due_ms;
    if (!pl_timers_next(&lab->timers, &due_ms)) return 0;
    uint64_t now_ms = lab->clock.now_ms;
    lua_pushnumber(L, due_ms > now_ms ? (double)(due_ms - now_ms) : 0);
    return 1;
}

/* native.lab_is_in_hook() --> boolean: whether code of the app runs */
static int lab_is_in_hook(lua_State *L) {
    struct pl_lab *lab = lab_of(L);
    lua_pushboolean(L, lab->is_open && lab->engine->current != NULL);
    return 1;
}

/* ---- commits -------------------------------------------------------------------------------- */

/* native.lab_fail_commits(count, keeps, errno): the next `count` fail, all for a negative one;
 * with `keeps` they are written all the same */
static int lab_fail_commits(lua_State *L) {
    struct pl_lab *lab = check_open(L);
    double count = luaL_checknumber(L, 1);
    lab->disk.fail_count = count < 0 ? UINT_MAX : (unsigned)count;
    lab->disk.keeps = lua_toboolean(L, 2);
    lab->disk.error = lab->disk.keeps ? -EIO : -ENOSPC;
    return 0;
}

/* native.lab_slow_commits(ms): each takes so long from now on; a negative one: until told
 * otherwise */
static int lab_slow_commits(lua_State *L) {
    struct pl_lab *lab = check_open(L);
    double ms = luaL_checknumber(L, 1);
    pl_disk_set_delay(&lab->disk, ms < 0 ? PL_DISK_HELD_MS : (uint64_t)ms);
    return 0;
}

/* native.lab_in_flight() --> integer: batches that were submitted and are not durable */
static int lab_in_flight(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)check_open(L)->server.flying_count);
    return 1;
}

/* native.lab_is_waiting() --> boolean: some hook waits, or some batch is not durable */
static int lab_is_waiting(lua_State *L) {
    struct pl_lab *lab = check_open(L);
    lua_pushboolean(L, !pl_list_is_empty(&lab->engine->busy) ||
                           !pl_list_is_empty(&lab->engine->held) ||
                           lab->server.flying_count > 0);
    return 1;
}

/* native.lab_sockets() --> integer: how many the server has */
static int lab_sockets(lua_State *L) {
    struct pl_lab *lab = check_open(L);
    lua_pushinteger(L, lab->is_real ? (lua_Integer)lab->edge.socket_count : 0);
    return 1;
}

/* native.lab_wait_for_gate(): a task waits until what its room has written is durable */
static int lab_wait_for_gate(lua_State *L) {
    struct pl_task *task = pl_task_check(L, "party.fetch");
    if (task->room == NULL || !pl_room_is_gated(task->room)) return 0;
    return pl_task_wait_sync(task);
}

/* ---- looking inside ------------------------------------------------------------------------- */

/* The room of arguments 1 and 2 when it is in memory, or NULL. */
static struct pl_room *find_room(lua_State *L) {
    struct pl_party *party = pl_map_find(&check_open(L)->server.parties, pl_check_slice(L, 1));
    return party == NULL ? NULL : pl_map_find(&party->rooms, pl_check_slice(L, 2));
}

/* native.lab_room(party, id) --> room, its object? | nil when it is not in memory */
static int lab_room(lua_State *L) {
    struct pl_room *room = find_room(L);
    if (room == NULL) return 0;
    pl_push_room(L, room);
    if (room->side == NULL) return 1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ((struct pl_room_side *)room->side)->object_ref);
    return 2;
}

/* native.lab_hibernate(party, id) --> boolean: false when something holds the room off */
static int lab_hibernate(lua_State *L) {
    struct pl_room *room = find_room(L);
    lua_pushboolean(L, room == NULL || pl_room_hibernate(room));
    return 1;
}

/* native.lab_faults() --> list of { message, place, source, stack, hook, party?, room? }: what
 * hooks have raised since it was last asked for */
static int lab_faults(lua_State *L) {
    struct pl_lab *lab = check_open(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, lab->faults_ref);
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, lab->faults_ref);
    return 1;
}

/* native.lab_log() --> text: the lines logged since it was last asked for */
static int lab_log(lua_State *L) {
    struct pl_lab *lab = check_open(L);
    pl_push_slice(L, pl_buffer_slice(&lab->log));
    lab->log.len = 0;
    return 1;
}

static const luaL_Reg functions[] = {
    {"lab_open", lab_open},
    {"lab_close", lab_close},
    {"lab_drain", lab_drain},
    {"lab_is_quiet", lab_is_quiet},
    {"lab_settle", lab_settle},
    {"lab_advance", lab_advance},
    {"lab_jump", lab_jump},
    {"lab_next_due", lab_next_due},
    {"lab_is_in_hook", lab_is_in_hook},
    {"lab_fail_commits", lab_fail_commits},
    {"lab_slow_commits", lab_slow_commits},
    {"lab_in_flight", lab_in_flight},
    {"lab_is_waiting", lab_is_waiting},
    {"lab_sockets", lab_sockets},
    {"lab_wait_for_gate", lab_wait_for_gate},
    {"lab_room", lab_room},
    {"lab_hibernate", lab_hibernate},
    {"lab_faults", lab_faults},
    {"lab_log", lab_log},
    {NULL, NULL},
};

void pl_bind_lab(lua_State *L, struct pl_lab *lab) { pl_set_functions(L, functions, lab); }
