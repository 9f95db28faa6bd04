/* Taps (party/tap.h): what somebody who looks on sees of the server. */
#include "base/alloc.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "lua/host.h"
#include "party/tap.h"

#include <stdlib.h>

static const struct pl_handle_type type;

static void ref_tap(void *object) { (void)object; }

/* No task waits here any more: it would have kept the handle. */
static void unref_tap(void *object) {
    pl_tap_close(object);
    free(object);
}

static struct pl_tap *check_tap(lua_State *L) { return pl_handle_check(L, 1, &type); }

static unsigned check_topics(lua_State *L, int arg) {
    static const char *const names[] = {"messages", "connections", "requests", "log"};
    unsigned topics = 0;
    luaL_checktype(L, arg, LUA_TTABLE);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        lua_getfield(L, arg, names[i]);
        if (lua_toboolean(L, -1)) topics |= 1u << i;
        lua_pop(L, 1);
    }
    return topics;
}

/* native.tap({ messages, connections, requests, log }, party?, room?) --> tap: of what it sees,
 * only what concerns the party and the room */
static int open_tap(lua_State *L) {
    struct pl_host *host = pl_engine_of(L)->owner;
    if (host == NULL || host->server == NULL) return luaL_error(L, "there is no server");
    unsigned topics = check_topics(L, 1);
    struct pl_slice party = {0}, room = {0};
    if (!lua_isnoneornil(L, 2)) party = pl_check_slice(L, 2);
    if (!lua_isnoneornil(L, 3)) room = pl_check_slice(L, 3);
    struct pl_tap *tap = pl_alloc_zero(sizeof *tap);
    tap->topics = topics;
    pl_buffer_add(&tap->party, party);
    pl_buffer_add(&tap->room, room);
    pl_tap_open(tap, host->server);
    pl_handle_push(L, &type, tap, NULL);
    return 1;
}

/* tap:take() --> bytes: the lines that have come, each a JSON object; empty when there are none */
static int tap_take(lua_State *L) {
    struct pl_buffer lines = {0};
    pl_tap_take(check_tap(L), &lines);
    pl_push_slice(L, pl_buffer_slice(&lines));
    pl_buffer_finish(&lines);
    return 1;
}

/* tap:wait(): until there may be lines */
static int tap_wait(lua_State *L) {
    struct pl_tap *tap = check_tap(L);
    struct pl_task *task = pl_task_check(L, "waiting for what happens");
    if (tap->server == NULL || tap->lines.len > 0) return 0;
    return pl_task_wait_in(task, &tap->waiter);
}

/* tap:beat(): adds an empty line, so that whoever writes them notices that nobody reads */
static int tap_beat(lua_State *L) {
    struct pl_tap *tap = check_tap(L);
    if (tap->server == NULL) return 0;
    if (tap->lines.len == 0) pl_buffer_add_byte(&tap->lines, '\n');
    pl_tasks_wake_in(&tap->waiter);
    return 0;
}

/* tap:close(): nothing comes any more; whoever waits goes on */
static int tap_close(lua_State *L) {
    struct pl_tap *tap = check_tap(L);
    pl_tap_close(tap);
    pl_tasks_wake_in(&tap->waiter);
    return 0;
}

static const luaL_Reg methods[] = {{"take", tap_take},
                                   {"wait", tap_wait},
                                   {"beat", tap_beat},
                                   {"close", tap_close},
                                   {NULL, NULL}};

static const struct pl_handle_type type = {.name = "partylua.Tap",
                                           .place = PL_SHELF_TAP,
                                           .methods = methods,
                                           .ref = ref_tap,
                                           .unref = unref_tap};

static const luaL_Reg functions[] = {{"tap", open_tap}, {NULL, NULL}};

void pl_bind_tap(lua_State *L) {
    pl_handle_register(L, &type);
    lua_pop(L, 1);
    luaL_register(L, NULL, functions);
}
