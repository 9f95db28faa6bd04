#include "base/url.h"
#include "lab/bind.h"
#include "lab/lab.h"
#include "lab/line.h"
#include "lua/check.h"
#include "lua/handle.h"
#include "lua/headers.h"
#include "proto/handshake.h"
#include "proto/ws.h"

#include <stdlib.h>

#define HEADERS_MAX 256

static const struct pl_handle_type type;

static void ref_line(void *object) { pl_line_ref(object); }
static void unref_line(void *object) { pl_line_unref(object); }

static struct pl_line *check_line(lua_State *L) { return pl_handle_check(L, 1, &type); }

/* line:state() --> "waiting" | "open" | "ended" */
static int line_state(lua_State *L) {
    const struct pl_line *line = check_line(L);
    lua_pushstring(L, line->is_ended ? "ended" : line->is_open ? "open" : "waiting");
    return 1;
}

/* line:answer() --> status, reason, { name, value, ... }, body, is_broken | nil before its head */
static int line_answer(lua_State *L) {
    struct pl_line *line = check_line(L);
    if (line->status == 0) return 0;
    lua_pushinteger(L, line->status);
    pl_push_slice(L, pl_buffer_slice(&line->reason));
    pl_push_headers(L, &line->headers);
    pl_push_slice(L, pl_buffer_slice(&line->body));
    lua_pushboolean(L, line->is_broken);
    return 5;
}

/* line:protocol() --> string: of the upgrade's answer; empty without */
static int line_protocol(lua_State *L) {
    pl_push_slice(L, pl_buffer_slice(&check_line(L)->protocol));
    return 1;
}

/* line:next_event() --> "message", data, is_binary | "close", code, reason, was_clean | nil */
static int line_next_event(lua_State *L) {
    struct pl_line_event *event = pl_line_next(check_line(L));
    if (event == NULL) return 0;
    lua_pushstring(L, event->is_close ? "close" : "message");
    if (event->is_close) lua_pushinteger(L, event->code);
    lua_pushlstring(L, event->bytes, event->len);
    lua_pushboolean(L, event->is_close ? event->was_clean : event->is_binary);
    int count = event->is_close ? 4 : 3;
    free(event);
    return count;
}

/* line:send(bytes, is_binary) */
static int line_send(lua_State *L) {
    pl_line_send(check_line(L), pl_check_slice(L, 2), lua_toboolean(L, 3));
    return 0;
}

/* line:close(code, reason): code 1005 sends none */
static int line_close(lua_State *L) {
    struct pl_line *line = check_line(L);
    int code = (int)luaL_checkinteger(L, 2);
    luaL_argcheck(L, code == 1005 || pl_ws_is_close_code((unsigned)code, true), 2,
                  "1000, or 3000 to 4999");
    pl_line_close(line, (uint16_t)code, pl_check_slice(L, 3));
    return 0;
}

/* line:drop(): its network is gone */
static int line_drop(lua_State *L) {
    pl_line_drop(check_line(L));
    return 0;
}

static const luaL_Reg methods[] = {
    {"state", line_state},
    {"answer", line_answer},
    {"protocol", line_protocol},
    {"send", line_send},
    {"next_event", line_next_event},
    {"close", line_close},
    {"drop", line_drop},
    {NULL, NULL},
};

static const struct pl_handle_type type = {.name = "partylua.Line",
                                           .place = PL_SHELF_LINE,
                                           .methods = methods,
                                           .ref = ref_line,
                                           .unref = unref_line};

/* ---- requests ------------------------------------------------------------------------------- */

/* native.lab_request { method, host, target, headers, body?, is_websocket, protocols?, address }
 *   --> line | nil when the target is of no use */
static int create_line(lua_State *L) {
    struct pl_lab *lab = lua_touserdata(L, lua_upvalueindex(1));
    struct pl_request_header headers[HEADERS_MAX];
    struct pl_target target;
    struct pl_buffer url = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lab->is_open) return luaL_error(L, "the app was stopped");
    struct pl_request_parts parts = {
        .header_count = pl_get_headers(L, 1, headers, HEADERS_MAX),
        .headers = headers,
        .method = pl_get_slice(L, 1, "method"),
        .host = pl_get_slice(L, 1, "host"),
        .address = pl_get_slice(L, 1, "address"),
        .protocol = pl_handshake_first_protocol(pl_get_slice(L, 1, "protocols")),
    };
    struct pl_slice body = pl_get_slice(L, 1, "body");
    lua_getfield(L, 1, "is_websocket");
    parts.is_websocket = lua_toboolean(L, -1);
    parts.has_body = body.len > 0;
    if (!pl_target_split(pl_get_slice(L, 1, "target"), &target)) return 0;
    pl_url_add_path(&url, target.path);
    size_t path_len = url.len;
    pl_url_add_query(&url, target.query);
    parts.path = pl_slice(url.at, path_len);
    parts.search = pl_slice(url.at + path_len, url.len - path_len);
    struct pl_line *line = pl_line_create(&lab->server, &parts, body, &lab->lines, &lab->due);
    pl_buffer_finish(&url);
    pl_handle_push(L, &type, line, NULL);
    pl_line_unref(line); /* the handle has its own */
    return 1;
}

static const luaL_Reg functions[] = {{"lab_request", create_line}, {NULL, NULL}};

void pl_bind_line(lua_State *L, struct pl_lab *lab) {
    pl_handle_register(L, &type);
    lua_pop(L, 1);
    pl_set_functions(L, functions, lab);
}
