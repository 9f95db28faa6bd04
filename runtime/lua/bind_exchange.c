#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "lua/host.h"
#include "party/exchange.h"
#include "party/server.h"

#include <string.h>

#define RESPONSE_HEADERS_MAX 256

static const struct pl_handle_type type;

static void ref_exchange(void *exchange) { pl_exchange_ref(exchange); }
static void unref_exchange(void *exchange) { pl_exchange_unref(exchange); }

struct pl_exchange *pl_check_exchange(lua_State *L, int arg) {
    return pl_handle_check(L, arg, &type);
}

static struct pl_request *check_request(lua_State *L) {
    return pl_check_exchange(L, 1)->request;
}

/* ---- the request ---------------------------------------------------------------------------- */

/* exchange:method() --> string */
static int exchange_method(lua_State *L) {
    pl_push_slice(L, check_request(L)->method);
    return 1;
}

/* exchange:url() --> string: absolute, with the http scheme */
static int exchange_url(lua_State *L) {
    pl_push_slice(L, check_request(L)->url);
    return 1;
}

/* exchange:path() --> string */
static int exchange_path(lua_State *L) {
    pl_push_slice(L, check_request(L)->path);
    return 1;
}

/* exchange:host() --> string */
static int exchange_host(lua_State *L) {
    pl_push_slice(L, check_request(L)->host);
    return 1;
}

/* exchange:search() --> string: with its question mark, or empty */
static int exchange_search(lua_State *L) {
    pl_push_slice(L, check_request(L)->search);
    return 1;
}

/* exchange:address() --> string | nil: the client's, numeric; nil for a call of room code */
static int exchange_address(lua_State *L) {
    struct pl_slice address = check_request(L)->address;
    if (address.len == 0) return 0;
    pl_push_slice(L, address);
    return 1;
}

/* exchange:is_forwarded() --> boolean: by a proxy whose headers are trusted */
static int exchange_is_forwarded(lua_State *L) {
    lua_pushboolean(L, check_request(L)->is_forwarded);
    return 1;
}

/* exchange:is_websocket() --> boolean */
static int exchange_is_websocket(lua_State *L) {
    lua_pushboolean(L, check_request(L)->is_websocket);
    return 1;
}

/* exchange:room_id() --> string: of a party URL */
static int exchange_room_id(lua_State *L) {
    pl_push_slice(L, pl_check_exchange(L, 1)->room_id);
    return 1;
}

/* exchange:header(name) --> string | nil: values of a repeated header joined by ", " */
static int exchange_header(lua_State *L) {
    struct pl_request *request = check_request(L);
    struct pl_slice name = pl_check_slice(L, 2);
    int found = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        if (!pl_slice_equal(request->headers[i].name, name)) continue;
        if (found > 0) lua_pushliteral(L, ", ");
        pl_push_slice(L, request->headers[i].value);
        if (found > 0) lua_concat(L, 3);
        found++;
    }
    return found > 0 ? 1 : 0;
}

/* exchange:headers() --> { name, value, name, value, ... }, names in lower case */
static int exchange_headers(lua_State *L) {
    struct pl_request *request = check_request(L);
    lua_createtable(L, (int)request->header_count * 2, 0);
    for (size_t i = 0; i < request->header_count; i++) {
        pl_push_slice(L, request->headers[i].name);
        lua_rawseti(L, -2, (int)i * 2 + 1);
        pl_push_slice(L, request->headers[i].value);
        lua_rawseti(L, -2, (int)i * 2 + 2);
    }
    return 1;
}

/* ---- its body ------------------------------------------------------------------------------- */

/* exchange:has_body() --> boolean */
static int exchange_has_body(lua_State *L) {
    lua_pushboolean(L, check_request(L)->has_body);
    return 1;
}

/* exchange:take() --> bytes | nil, "end" | nil, "broken" | nil, "wait": what has come of the
 * body since the last call */
static int exchange_take(lua_State *L) {
    struct pl_exchange *exchange = pl_check_exchange(L, 1);
    if (exchange->body.len > 0) {
        struct pl_buffer body;
        pl_exchange_take_body(exchange, &body);
        pl_push_slice(L, pl_buffer_slice(&body));
        pl_buffer_finish(&body);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, exchange->is_body_broken   ? "broken"
                      : exchange->has_body_ended ? "end"
                                                 : "wait");
    return 2;
}

/* exchange:wait(what): until there may be more of the body, or room to write */
static int exchange_wait(lua_State *L) {
    struct pl_exchange *exchange = pl_check_exchange(L, 1);
    struct pl_task *task = pl_task_check(L, luaL_checkstring(L, 2));
    return pl_task_wait_at(task, exchange);
}

/* ---- the response --------------------------------------------------------------------------- */

static bool has_forbidden_byte(struct pl_slice value) {
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '\r' || value.at[i] == '\n' || value.at[i] == '\0') return true;
    }
    return false;
}

/* Reads status, reason and the flat list of headers at stack places 2 to 4. The strings stay
 * alive in the list. */
static void check_head(lua_State *L, struct pl_response *out,
                       struct pl_request_header headers[RESPONSE_HEADERS_MAX]) {
    *out = (struct pl_response){.status = (int)luaL_checkinteger(L, 2), .headers = headers};
    if (!lua_isnoneornil(L, 3)) out->reason = pl_check_slice(L, 3);
    if (has_forbidden_byte(out->reason))
        luaL_argerror(L, 3, "a status text of one line expected");
    luaL_checktype(L, 4, LUA_TTABLE);
    size_t count = lua_objlen(L, 4) / 2;
    if (count > RESPONSE_HEADERS_MAX) luaL_argerror(L, 4, "too many headers");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 4, (int)i * 2 + 1);
        headers[i].name = pl_check_slice(L, -1);
        lua_rawgeti(L, 4, (int)i * 2 + 2);
        headers[i].value = pl_check_slice(L, -1);
        if (has_forbidden_byte(headers[i].value) || has_forbidden_byte(headers[i].name)) {
            luaL_error(L, "the header %s must not hold CR, LF or NUL", headers[i].name.at);
        }
        lua_pop(L, 2);
    }
    out->header_count = count;
}

/* exchange:respond(status, reason, headers, body) --> boolean: whether it was still wanted */
static int exchange_respond(lua_State *L) {
    struct pl_exchange *exchange = pl_check_exchange(L, 1);
    struct pl_request_header headers[RESPONSE_HEADERS_MAX];
    struct pl_response response;
    check_head(L, &response, headers);
    if (!lua_isnoneornil(L, 5)) response.body = pl_check_slice(L, 5);
    lua_pushboolean(L, pl_exchange_respond(exchange, &response));
    return 1;
}

/* exchange:respond_usual(status, usual, body) --> boolean: with nothing but a content type, which
 * needs no check: 1 is text, 2 is JSON */
static int exchange_respond_usual(lua_State *L) {
    static const struct pl_request_header usual[] = {
        {{"content-type", 12}, {"text/plain;charset=UTF-8", 24}},
        {{"content-type", 12}, {"application/json", 16}},
    };
    struct pl_exchange *exchange = pl_check_exchange(L, 1);
    int which = (int)luaL_checkinteger(L, 3);
    luaL_argcheck(L, which == 1 || which == 2, 3, "1 or 2 expected");
    struct pl_response response = {.status = (int)luaL_checkinteger(L, 2),
                                   .headers = &usual[which - 1],
                                   .header_count = 1};
    if (!lua_isnoneornil(L, 4)) response.body = pl_check_slice(L, 4);
    lua_pushboolean(L, pl_exchange_respond(exchange, &response));
    return 1;
}

/* exchange:begin(status, reason, headers) --> boolean; then write and finish */
static int exchange_begin(lua_State *L) {
    struct pl_exchange *exchange = pl_check_exchange(L, 1);
    struct pl_request_header headers[RESPONSE_HEADERS_MAX];
    struct pl_response head;
    check_head(L, &head, headers);
    lua_pushboolean(L, pl_exchange_begin(exchange, &head));
    return 1;
}

/* exchange:write(bytes) --> boolean: false when the caller should wait before the next */
static int exchange_write(lua_State *L) {
    struct pl_exchange *exchange = pl_check_exchange(L, 1);
    lua_pushboolean(L, pl_exchange_write(exchange, pl_check_slice(L, 2)));
    return 1;
}

/* exchange:finish() */
static int exchange_finish(lua_State *L) {
    pl_exchange_end(pl_check_exchange(L, 1));
    return 0;
}

/* exchange:abort(): the body cannot be completed, the client shall notice */
static int exchange_abort(lua_State *L) {
    pl_exchange_abort(pl_check_exchange(L, 1));
    return 0;
}

/* exchange:is_gone() --> boolean: nobody waits for the answer any more */
static int exchange_is_gone(lua_State *L) {
    lua_pushboolean(L, pl_check_exchange(L, 1)->socket == NULL);
    return 1;
}

/* exchange:respond_file(status, reason, headers, file, from, size) --> boolean: `file` is used up */
static int exchange_respond_file(lua_State *L) {
    struct pl_exchange *exchange = pl_check_exchange(L, 1);
    struct pl_request_header headers[RESPONSE_HEADERS_MAX];
    struct pl_response head;
    check_head(L, &head, headers);
    struct pl_file_part part = {.from = (uint64_t)luaL_checknumber(L, 6),
                                .size = (uint64_t)luaL_checknumber(L, 7)};
    part.file = pl_take_file(L, 5);
    lua_pushboolean(L, pl_exchange_respond_file(exchange, &head, part));
    return 1;
}

/* exchange:choose_protocol(name): of a WebSocket, before it is forwarded; "" for none */
static int exchange_choose_protocol(lua_State *L) {
    pl_exchange_choose_protocol(pl_check_exchange(L, 1), pl_check_slice(L, 2));
    return 0;
}

/* exchange:forward(): after a before-hook, on to the room; or to another before-hook, when the
 * app was reloaded while this one waited: its word is not for the room of the new one */
static int exchange_forward(lua_State *L) {
    struct pl_exchange *exchange = pl_check_exchange(L, 1);
    if (pl_engine_of(L)->owner == exchange->server->host) {
        pl_exchange_forward(exchange);
    } else {
        pl_host_let_go(exchange);
        pl_exchange_restart(exchange);
    }
    return 0;
}

/* exchange:keep(value): the request as hooks see it travels with the exchange from the before-hook
 * to the room, whose hook gets it as an argument */
static int exchange_keep(lua_State *L) {
    struct pl_exchange *exchange = pl_check_exchange(L, 1);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    pl_host_keep(pl_engine_of(L)->owner, L, exchange);
    return 0;
}

/* exchange:release(): this handle of it is not used again. Its memory, which the collector does not
 * know of, need not wait for that */
static int exchange_release(lua_State *L) {
    pl_check_exchange(L, 1);
    pl_handle_release(L, 1);
    return 0;
}

static const luaL_Reg methods[] = {
    {"method", exchange_method},
    {"url", exchange_url},
    {"path", exchange_path},
    {"host", exchange_host},
    {"search", exchange_search},
    {"address", exchange_address},
    {"is_forwarded", exchange_is_forwarded},
    {"is_websocket", exchange_is_websocket},
    {"room_id", exchange_room_id},
    {"header", exchange_header},
    {"headers", exchange_headers},
    {"has_body", exchange_has_body},
    {"take", exchange_take},
    {"wait", exchange_wait},
    {"respond", exchange_respond},
    {"respond_usual", exchange_respond_usual},
    {"begin", exchange_begin},
    {"write", exchange_write},
    {"finish", exchange_finish},
    {"abort", exchange_abort},
    {"is_gone", exchange_is_gone},
    {"respond_file", exchange_respond_file},
    {"choose_protocol", exchange_choose_protocol},
    {"forward", exchange_forward},
    {"keep", exchange_keep},
    {"release", exchange_release},
    {NULL, NULL},
};

static const struct pl_handle_type type = {.name = "partylua.Exchange",
                                           .place = PL_SHELF_EXCHANGE,
                                           .methods = methods,
                                           .ref = ref_exchange,
                                           .unref = unref_exchange};

void pl_push_exchange(lua_State *L, struct pl_exchange *exchange) {
    pl_handle_push(L, &type, exchange, NULL);
}

void pl_bind_exchange(lua_State *L) {
    pl_handle_register(L, &type);
    lua_setfield(L, -2, "exchange");
}
