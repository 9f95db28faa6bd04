#include "base/url.h"
#include "lab/bind.h"
#include "lab/lab.h"
#include "lab/line.h"
#include "lua/check.h"
#include "lua/handle.h"
#include "proto/handshake.h"
#include "proto/ws.h"

#include <stdlib.h>
#include <string.h>

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

static void push_headers(lua_State *L, const struct pl_buffer *headers) {
    lua_newtable(L);
    int count = 0;
    for (size_t at = 0; at < headers->len;) {
        const char *text = headers->at + at;
        lua_pushstring(L, text);
        lua_rawseti(L, -2, ++count);
        at += strlen(text) + 1;
    }
}

/* line:answer() --> status, reason, { name, value, ... }, body, is_broken | nil before its head */
static int line_answer(lua_State *L) {
    struct pl_line *line = check_line(L);
    if (line->status == 0) return 0;
    lua_pushinteger(L, line->status);
    pl_push_slice(L, pl_buffer_slice(&line->reason));
    push_headers(L, &line->headers);
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

/* A string field of the table at 1, empty when absent. It stays on the stack, and so alive. */
static struct pl_slice get_slice(lua_State *L, const char *key) {
    lua_getfield(L, 1, key);
    return lua_isnil(L, -1) ? (struct pl_slice){0} : pl_check_slice(L, -1);
}

static size_t read_headers(lua_State *L, struct pl_request_header headers[HEADERS_MAX]) {
    lua_getfield(L, 1, "headers");
    luaL_checktype(L, -1, LUA_TTABLE);
    int list = lua_gettop(L);
    size_t count = lua_objlen(L, list) / 2;
    if (count > HEADERS_MAX) luaL_error(L, "too many headers");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list, (int)i * 2 + 1);
        headers[i].name = pl_check_slice(L, -1);
        lua_rawgeti(L, list, (int)i * 2 + 2);
        headers[i].value = pl_check_slice(L, -1);
        lua_pop(L, 2); /* the list keeps them alive */
    }
    return count;
}

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
        .header_count = read_headers(L, headers),
        .headers = headers,
        .method = get_slice(L, "method"),
        .host = get_slice(L, "host"),
        .address = get_slice(L, "address"),
        .protocol = pl_handshake_first_protocol(get_slice(L, "protocols")),
    };
    struct pl_slice body = get_slice(L, "body");
    lua_getfield(L, 1, "is_websocket");
    parts.is_websocket = lua_toboolean(L, -1);
    parts.has_body = body.len > 0;
    if (!pl_target_split(get_slice(L, "target"), &target)) return 0;
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

void pl_bind_line(lua_State *L, struct pl_lab *lab) {
    pl_handle_register(L, &type);
    lua_pop(L, 1);
    lua_pushlightuserdata(L, lab);
    lua_pushcclosure(L, create_line, 1);
    lua_setfield(L, -2, "lab_request");
}
