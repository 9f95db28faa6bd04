/* Requests to other servers: the handle of a transfer (lua/transfer.h). */
#include "base/alloc.h"
#include "base/limits.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "lua/headers.h"
#include "lua/host.h"
#include "lua/transfer.h"
#include "party/server.h"

#include <stdlib.h>

static const struct pl_handle_type type;

/* Handles there are, and how many may be before garbage is looked for: what a forgotten answer
 * holds is nothing the collector knows of. */
#define COLLECT_AT_LEAST 256
static size_t handle_count, collect_at = COLLECT_AT_LEAST;

static void ref_transfer(void *object) {
    handle_count++;
    pl_transfer_ref(object);
}

static void unref_transfer(void *object) {
    handle_count--;
    pl_transfer_unref(object);
}

static void collect_forgotten(lua_State *L) {
    if (handle_count < collect_at) return;
    lua_gc(L, LUA_GCCOLLECT, 0);
    collect_at = handle_count * 2 < COLLECT_AT_LEAST ? COLLECT_AT_LEAST : handle_count * 2;
}

static struct pl_transfer *check_transfer(lua_State *L) { return pl_handle_check(L, 1, &type); }

/* transfer:start(): on its way */
static int transfer_start(lua_State *L) {
    pl_transfer_start(check_transfer(L));
    return 0;
}

/* transfer:wait(what): until there may be more to read, or to write */
static int transfer_wait(lua_State *L) {
    struct pl_transfer *transfer = check_transfer(L);
    return pl_task_wait_in(pl_task_check(L, luaL_checkstring(L, 2)), &transfer->waiter);
}

/* transfer:has_head() --> boolean: true also when there will never be one */
static int transfer_has_head(lua_State *L) {
    struct pl_transfer *transfer = check_transfer(L);
    lua_pushboolean(L, transfer->status != 0 || transfer->has_ended);
    return 1;
}

/* transfer:head() --> status, reason, { name, value, ... } | nil when there was no answer */
static int transfer_head(lua_State *L) {
    struct pl_transfer *transfer = check_transfer(L);
    if (transfer->status == 0) return 0;
    lua_pushinteger(L, transfer->status);
    pl_push_slice(L, pl_buffer_slice(&transfer->reason));
    pl_push_headers(L, &transfer->headers);
    return 3;
}

/* transfer:decode(coding) --> boolean: whether the body will be decompressed */
static int transfer_decode(lua_State *L) {
    lua_pushboolean(L, pl_transfer_decode(check_transfer(L), pl_check_slice(L, 2)));
    return 1;
}

/* transfer:take() --> bytes | nil, "end" | nil, "broken" | nil, "wait" */
static int transfer_take(lua_State *L) {
    static const char *const names[] = {NULL, "wait", "end", "broken"};
    struct pl_buffer bytes = {0};
    enum pl_taken taken = pl_transfer_take(check_transfer(L), &bytes);
    if (taken == PL_TAKEN_BYTES) {
        pl_push_slice(L, pl_buffer_slice(&bytes));
    } else {
        lua_pushnil(L);
        lua_pushstring(L, names[taken]);
    }
    pl_buffer_finish(&bytes);
    return taken == PL_TAKEN_BYTES ? 1 : 2;
}

/* transfer:send_body(bytes) */
static int transfer_send_body(lua_State *L) {
    struct pl_transfer *transfer = check_transfer(L);
    pl_transfer_send(transfer, pl_check_slice(L, 2));
    return 0;
}

/* transfer:has_room() --> boolean: false when the caller should wait before the next piece */
static int transfer_has_room(lua_State *L) {
    lua_pushboolean(L, pl_transfer_has_room(check_transfer(L)));
    return 1;
}

/* transfer:end_body() */
static int transfer_end_body(lua_State *L) {
    pl_transfer_end_body(check_transfer(L));
    return 0;
}

/* transfer:has_ended() --> boolean: nothing that is sent will be read */
static int transfer_has_ended(lua_State *L) {
    lua_pushboolean(L, check_transfer(L)->has_ended);
    return 1;
}

/* transfer:why() --> string | nil: why it has failed */
static int transfer_why(lua_State *L) {
    struct pl_transfer *transfer = check_transfer(L);
    if (transfer->why.len == 0) return 0;
    lua_pushstring(L, transfer->why.at);
    return 1;
}

/* transfer:left_ms() --> number: of its time */
static int transfer_left_ms(lua_State *L) {
    struct pl_transfer *transfer = check_transfer(L);
    uint64_t now_ms = transfer->clock->now_ms;
    bool is_over = transfer->deadline_ms <= now_ms;
    lua_pushnumber(L, is_over ? 0 : (double)(transfer->deadline_ms - now_ms));
    return 1;
}

/* transfer:cancel(why): harmless when it has ended */
static int transfer_cancel(lua_State *L) {
    pl_transfer_cancel(check_transfer(L), luaL_checkstring(L, 2));
    return 0;
}

static const luaL_Reg methods[] = {
    {"start", transfer_start},
    {"wait", transfer_wait},
    {"has_head", transfer_has_head},
    {"head", transfer_head},
    {"decode", transfer_decode},
    {"take", transfer_take},
    {"send_body", transfer_send_body},
    {"has_room", transfer_has_room},
    {"end_body", transfer_end_body},
    {"has_ended", transfer_has_ended},
    {"why", transfer_why},
    {"left_ms", transfer_left_ms},
    {"cancel", transfer_cancel},
    {NULL, NULL},
};

static const struct pl_handle_type type = {.name = "partylua.Transfer",
                                           .place = PL_SHELF_TRANSFER,
                                           .methods = methods,
                                           .ref = ref_transfer,
                                           .unref = unref_transfer};

/* A text of the table at 1, valid while it is there. */
static struct pl_slice get_text(lua_State *L, const char *key) {
    lua_getfield(L, 1, key);
    struct pl_slice value = pl_check_slice(L, -1);
    lua_pop(L, 1);
    return value;
}

static void add_terminated(struct pl_buffer *out, struct pl_slice text) {
    pl_buffer_add(out, text);
    pl_buffer_add_byte(out, '\0');
}

/* Raises for what is no list of texts, before anything is acquired. */
static int check_headers(lua_State *L) {
    lua_getfield(L, 1, "headers");
    luaL_checktype(L, -1, LUA_TTABLE);
    int count = (int)lua_objlen(L, -1);
    if (count / 2 > PL_FETCH_HEADERS_MAX) return luaL_error(L, "too many headers");
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        pl_check_slice(L, -1);
        lua_pop(L, 1);
    }
    return count;
}

static bool get_flag(lua_State *L, const char *key) {
    lua_getfield(L, 1, key);
    bool flag = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return flag;
}

/* native.fetch { method, url, headers, body_bytes, timeout_ms, is_service, upgrades } --> transfer:
 * started with transfer:start(). `headers` is a flat list; `body_bytes` nil without a body, and
 * negative for one of unknown length; with `upgrades` there is none, and after a 101 the body is
 * what is said in the other protocol */
static int create_transfer(lua_State *L) {
    struct pl_engine *engine = pl_engine_of(L);
    struct pl_host *host = engine->owner;
    if (host == NULL || host->fetches == NULL) {
        return luaL_error(L, "there is no server in this process");
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    struct pl_slice method = get_text(L, "method"), url = get_text(L, "url");
    double bytes = pl_get_number(L, 1, "body_bytes", PL_FETCH_NO_BODY);
    double timeout_ms = pl_get_number(L, 1, "timeout_ms", 0);
    lua_getfield(L, 1, "body_bytes");
    bool has_body = !lua_isnil(L, -1);
    bool is_service = get_flag(L, "is_service");
    bool upgrades = get_flag(L, "upgrades");
    int count = check_headers(L);
    collect_forgotten(L);

    struct pl_room *room = engine->current == NULL ? NULL : engine->current->room;
    struct pl_transfer *transfer = pl_transfer_create(
        is_service ? host->services : host->fetches, room, pl_host_transfers_of(host, room),
        pl_host_fetch_group_of(room, is_service), engine->clock);
    transfer->body_bytes = upgrades    ? PL_FETCH_UPGRADE
                           : !has_body ? PL_FETCH_NO_BODY
                           : bytes < 0 ? PL_FETCH_STREAM
                                       : (int64_t)bytes;
    transfer->deadline_ms = engine->clock->now_ms + (uint64_t)timeout_ms;
    pl_buffer_add(&transfer->method, method);
    pl_buffer_add(&transfer->url, url);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        add_terminated(&transfer->request_headers, pl_check_slice(L, -1));
        lua_pop(L, 1);
    }
    pl_handle_push(L, &type, transfer, NULL);
    return 1;
}

/* native.is_fetch_rule(text) --> boolean: whether --fetch-allow takes it */
static int is_fetch_rule(lua_State *L) {
    struct pl_reach reach = {0};
    lua_pushboolean(L, pl_reach_add(&reach, pl_check_slice(L, 1), true));
    pl_reach_finish(&reach);
    return 1;
}

static const luaL_Reg functions[] = {
    {"fetch", create_transfer}, {"is_fetch_rule", is_fetch_rule}, {NULL, NULL}};

void pl_bind_fetch(lua_State *L) {
    luaL_register(L, NULL, functions);
    pl_handle_register(L, &type);
    lua_pop(L, 1);
}

/* ---- options of the server ------------------------------------------------------------------ */

/* options.fetch_allow and options.fetch_deny: lists of texts */
static void read_rules(lua_State *L, int options, const char *key, struct pl_reach *reach,
                       bool is_allowed) {
    lua_getfield(L, options, key);
    int count = lua_istable(L, -1) ? (int)lua_objlen(L, -1) : 0;
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        pl_reach_add(reach, pl_check_slice(L, -1), is_allowed);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static char *copy_text(lua_State *L, int options, const char *key) {
    lua_getfield(L, options, key);
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    char *copy = text == NULL ? NULL : pl_copy_string(text, len);
    lua_pop(L, 1);
    return copy;
}

static struct pl_fetch_options read_options(lua_State *L, int options,
                                            const struct pl_limits *limits) {
    return (struct pl_fetch_options){.active_max = limits->fetch_active,
                                     .group_max = limits->fetch_room_active,
                                     .waiting_max = limits->fetch_waiting,
                                     .connect_ms = limits->fetch_connect_timeout_ms,
                                     .proxy = copy_text(L, options, "fetch_proxy"),
                                     .ca_file = copy_text(L, options, "fetch_ca")};
}

/* options.services, which may be absent: { allow = { "127.0.0.1:9000" }, active =, room_active =,
 * is_direct = past the proxy } */
static struct pl_fetches *open_services(lua_State *L, int options,
                                        const struct pl_limits *limits, struct pl_loop *loop) {
    struct pl_fetch_options fetch = read_options(L, options, limits);
    lua_getfield(L, options, "services");
    if (lua_istable(L, -1)) {
        int services = lua_gettop(L);
        fetch.active_max = (size_t)pl_get_number(L, services, "active", 1);
        fetch.group_max = (size_t)pl_get_number(L, services, "room_active", 1);
        read_rules(L, services, "allow", &fetch.reach, true);
        lua_getfield(L, services, "is_direct");
        if (lua_toboolean(L, -1)) {
            free(fetch.proxy);
            fetch.proxy = NULL;
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return pl_fetches_create(loop, &fetch);
}

void pl_host_open_fetches(struct pl_host *host, lua_State *L, int options,
                          struct pl_loop *loop) {
    const struct pl_limits *limits = &host->server->limits;
    struct pl_fetch_options fetch = read_options(L, options, limits);
    read_rules(L, options, "fetch_allow", &fetch.reach, true);
    read_rules(L, options, "fetch_deny", &fetch.reach, false);
    host->fetches = pl_fetches_create(loop, &fetch);
    host->services = open_services(L, options, limits, loop);
}

void pl_host_close_fetches(struct pl_host *host) {
    pl_transfers_cancel(&host->transfers, "its app has ended");
    pl_fetches_destroy(host->fetches);
    pl_fetches_destroy(host->services);
    host->fetches = host->services = NULL;
}
