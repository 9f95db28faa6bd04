/*
 * A call from room code to a room of this process: an exchange whose edge is in Lua's hands.
 *
 * The caller's side reads the answer here as it would from a network, and feeds the request's
 * body; the room's side sees an ordinary exchange, or an ordinary connection.
 */
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "lua/host.h"
#include "party/connection.h"
#include "party/exchange.h"
#include "party/server.h"

#include <stdlib.h>
#include <unistd.h>

#define CALL_DEPTH_MAX 16
#define CALL_HEADERS_MAX 256
#define ANSWER_AHEAD_BYTES (256 * 1024) /* of an answer nobody has read yet */

struct call {
    unsigned refs; /* the handle's, and the edge's while the room may still use it */
    struct pl_exchange *exchange;     /* a reference */
    struct pl_connection *connection; /* after an upgrade; borrowed while it lasts */
    struct pl_list events;            /* of struct call_event, for a socket */
    struct pl_buffer answer;          /* body bytes that were not taken yet */
    struct pl_buffer headers;         /* name NUL value NUL ... */
    struct pl_buffer reason;
    int status; /* 0 before there is a head */
    bool is_ended, is_broken, is_full, is_open;
};

/* What a socket's user is to hear. */
struct call_event {
    struct pl_list in_call;
    bool is_close, is_binary, was_clean;
    uint16_t code;
    size_t len;
    char bytes[];
};

static const struct pl_handle_type type;

static void ref_call(void *object) { ((struct call *)object)->refs++; }

static void unref_call(void *object) {
    struct call *call = object;
    if (--call->refs > 0) return;
    while (!pl_list_is_empty(&call->events)) {
        struct call_event *event =
            pl_container_of(call->events.next, struct call_event, in_call);
        pl_list_remove(&event->in_call);
        free(event);
    }
    pl_buffer_finish(&call->answer);
    pl_buffer_finish(&call->headers);
    pl_buffer_finish(&call->reason);
    pl_exchange_unref(call->exchange);
    free(call);
}

/* Whoever waits at the call waits at its exchange: one place, whatever it waits for. */
static void wake(struct call *call) { pl_tasks_wake_at(call->exchange); }

/* ---- the room's side ------------------------------------------------------------------------ */

static void keep_head(struct call *call, const struct pl_response *head) {
    call->status = head->status;
    pl_buffer_add(&call->reason, head->reason);
    for (size_t i = 0; i < head->header_count; i++) {
        pl_buffer_add(&call->headers, head->headers[i].name);
        pl_buffer_add_byte(&call->headers, '\0');
        pl_buffer_add(&call->headers, head->headers[i].value);
        pl_buffer_add_byte(&call->headers, '\0');
    }
}

static void call_end(void *socket) {
    struct call *call = socket;
    call->is_ended = true;
    wake(call);
    unref_call(call);
}

static void call_respond(void *socket, const struct pl_response *response) {
    struct call *call = socket;
    keep_head(call, response);
    pl_buffer_add(&call->answer, response->body);
    call_end(call);
}

static void call_begin(void *socket, const struct pl_response *head) {
    struct call *call = socket;
    keep_head(call, head);
    wake(call);
}

static bool call_write(void *socket, struct pl_slice piece) {
    struct call *call = socket;
    pl_buffer_add(&call->answer, piece);
    wake(call);
    call->is_full = call->answer.len >= ANSWER_AHEAD_BYTES;
    return !call->is_full;
}

static void call_abort(void *socket) {
    struct call *call = socket;
    call->is_broken = true;
    call_end(call);
}

/* Rooms answer with values; files belong to URLs of no party, which stubs do not reach. */
static void call_respond_file(void *socket, const struct pl_response *head, int file,
                              uint64_t size) {
    (void)size;
    close(file);
    keep_head(socket, head);
    call_abort(socket);
}

static void call_read_body(void *socket) { wake(socket); }

static void add_event(struct call *call, struct call_event *event) {
    pl_list_push(&call->events, &event->in_call);
    wake(call);
}

static struct call_event *create_event(struct pl_slice bytes) {
    struct call_event *event = pl_alloc_zero(sizeof *event + bytes.len);
    event->len = bytes.len;
    if (bytes.len > 0) memcpy(event->bytes, bytes.at, bytes.len);
    return event;
}

static void call_upgrade(void *socket, struct pl_connection *connection,
                         struct pl_slice protocol) {
    struct call *call = socket;
    (void)protocol;
    call->connection = connection;
}

static void call_open(void *socket) {
    struct call *call = socket;
    call->status = 101;
    call->is_open = true;
    wake(call);
}

static void call_refuse(void *socket, int status, struct pl_slice text) {
    struct call *call = socket;
    call->connection = NULL;
    call->status = status;
    pl_buffer_add(&call->answer, text);
    call_end(call);
}

static void call_send(void *socket, struct pl_message *message) {
    struct call_event *event = create_event(message->bytes);
    event->is_binary = message->is_binary;
    add_event(socket, event);
}

static void forget_events(struct call *call) {
    while (!pl_list_is_empty(&call->events)) {
        struct call_event *event =
            pl_container_of(call->events.next, struct call_event, in_call);
        pl_list_remove(&event->in_call);
        free(event);
    }
}

/* The room closes: there is no network to shake hands over, so the caller hears it at once; the
 * room hears the end from call_closed, at the end of the turn. */
static void call_close(void *socket, uint16_t code, struct pl_slice reason, bool forget) {
    struct call *call = socket;
    if (forget) forget_events(call);
    struct call_event *event = create_event(reason);
    event->is_close = event->was_clean = true;
    event->code = code == 0 ? 1005 : code;
    add_event(call, event);
}

static void call_pause(void *socket) { (void)socket; }

static const struct pl_edge_calls edge_calls = {
    .respond = call_respond,
    .begin = call_begin,
    .write = call_write,
    .end = call_end,
    .abort = call_abort,
    .respond_file = call_respond_file,
    .read_body = call_read_body,
    .upgrade = call_upgrade,
    .open = call_open,
    .refuse = call_refuse,
    .send = call_send,
    .close = call_close,
    .pause = call_pause,
    .resume = call_pause,
};

/* ---- the caller's side ---------------------------------------------------------------------- */

static struct call *check_call(lua_State *L) { return pl_handle_check(L, 1, &type); }

/* call:start(): on to the room */
static int call_start(lua_State *L) {
    pl_exchange_forward(check_call(L)->exchange);
    return 0;
}

/* call:wait(what): until there may be more to read, or to write */
static int call_wait(lua_State *L) {
    struct call *call = check_call(L);
    return pl_task_wait_at(pl_task_check(L, luaL_checkstring(L, 2)), call->exchange);
}

/* call:has_head() --> boolean */
static int call_has_head(lua_State *L) {
    struct call *call = check_call(L);
    lua_pushboolean(L, call->status != 0 || call->is_ended);
    return 1;
}

/* call:head() --> status, reason, { name, value, ... } | nil when the room gave no answer */
static int call_head(lua_State *L) {
    struct call *call = check_call(L);
    if (call->status == 0) return 0;
    lua_pushinteger(L, call->status);
    pl_push_slice(L, pl_buffer_slice(&call->reason));
    lua_newtable(L);
    int count = 0;
    for (size_t at = 0; at < call->headers.len;) {
        const char *text = call->headers.at + at;
        lua_pushstring(L, text);
        lua_rawseti(L, -2, ++count);
        at += strlen(text) + 1;
    }
    return 3;
}

/* call:take() --> bytes | nil, "end" | nil, "broken" | nil, "wait" */
static int call_take(lua_State *L) {
    struct call *call = check_call(L);
    if (call->answer.len > 0) {
        pl_push_slice(L, pl_buffer_slice(&call->answer));
        pl_buffer_finish(&call->answer);
        if (call->is_full) {
            call->is_full = false;
            pl_exchange_on_drained(call->exchange);
        }
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, call->is_broken ? "broken" : call->is_ended ? "end" : "wait");
    return 2;
}

/* call:send_body(bytes) --> boolean: false when the caller should wait before the next */
static int call_send_body(lua_State *L) {
    struct call *call = check_call(L);
    if (call->exchange->has_body_ended) return 0;
    lua_pushboolean(L, pl_exchange_on_body(call->exchange, pl_check_slice(L, 2)));
    return 1;
}

/* call:end_body() */
static int call_end_body(lua_State *L) {
    struct call *call = check_call(L);
    if (!call->exchange->has_body_ended) pl_exchange_on_body_end(call->exchange);
    return 0;
}

/* call:next_event() --> "message", data, is_binary | "close", code, reason, was_clean | nil */
static int call_next_event(lua_State *L) {
    struct call *call = check_call(L);
    if (pl_list_is_empty(&call->events)) return 0;
    struct call_event *event = pl_container_of(call->events.next, struct call_event, in_call);
    pl_list_remove(&event->in_call);
    lua_pushstring(L, event->is_close ? "close" : "message");
    if (event->is_close) lua_pushinteger(L, event->code);
    lua_pushlstring(L, event->bytes, event->len);
    lua_pushboolean(L, event->is_close ? event->was_clean : event->is_binary);
    int count = event->is_close ? 4 : 3;
    free(event);
    return count;
}

/* call:deliver(message): what the caller sends to the room */
static int call_deliver(lua_State *L) {
    struct call *call = check_call(L);
    struct pl_message message;
    pl_check_message(L, 2, &message);
    if (call->connection == NULL) return 0;
    pl_connection_on_message(call->connection, message.bytes, message.is_binary);
    return 0;
}

/* call:closed(code, reason): the caller's part of the closing is done */
static int call_closed(lua_State *L) {
    struct call *call = check_call(L);
    int code = (int)luaL_checkinteger(L, 2);
    struct pl_slice reason = pl_check_slice(L, 3);
    struct pl_connection *connection = call->connection;
    if (connection == NULL) return 0;
    call->connection = NULL;
    call->is_ended = true;
    pl_connection_on_close(connection, (uint16_t)code, reason, true);
    wake(call); /* whoever reads the room's messages has nothing to wait for */
    unref_call(call);
    return 0;
}

static const luaL_Reg methods[] = {
    {"start", call_start},
    {"wait", call_wait},
    {"has_head", call_has_head},
    {"head", call_head},
    {"take", call_take},
    {"send_body", call_send_body},
    {"end_body", call_end_body},
    {"next_event", call_next_event},
    {"deliver", call_deliver},
    {"closed", call_closed},
    {NULL, NULL},
};

static const struct pl_handle_type type = {
    .name = "partylua.Call", .methods = methods, .ref = ref_call, .unref = unref_call};

static struct pl_slice get_slice(lua_State *L, int table, const char *key) {
    lua_getfield(L, table, key);
    struct pl_slice value = pl_check_slice(L, -1); /* stays on the stack, and so alive */
    return value;
}

static size_t read_headers(lua_State *L, int table,
                           struct pl_request_header headers[CALL_HEADERS_MAX]) {
    lua_getfield(L, table, "headers");
    int list = lua_gettop(L);
    size_t count = lua_objlen(L, list) / 2;
    if (count > CALL_HEADERS_MAX) luaL_error(L, "too many headers");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list, (int)i * 2 + 1);
        headers[i].name = pl_check_slice(L, -1);
        lua_rawgeti(L, list, (int)i * 2 + 2);
        headers[i].value = pl_check_slice(L, -1);
        lua_pop(L, 2); /* the list keeps them alive */
    }
    return count;
}

/* native.call(party, room_id, { method, host, path, search, headers, has_body, is_websocket })
 *   --> call: started with call:start() */
static int create_call(lua_State *L) {
    struct pl_engine *engine = pl_engine_of(L);
    struct pl_host *host = engine->owner;
    if (host == NULL) return luaL_error(L, "there is no server in this process");
    unsigned depth = engine->current == NULL ? 1 : engine->current->depth + 1;
    if (depth > CALL_DEPTH_MAX) {
        return luaL_error(L, "rooms call each other more than %d levels deep", CALL_DEPTH_MAX);
    }
    struct pl_slice name = pl_check_slice(L, 1);
    struct pl_slice id = pl_check_slice(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    struct pl_party *party = pl_map_find(&host->server->parties, name);
    if (party == NULL) return luaL_error(L, "there is no party of this name");
    struct pl_request_header headers[CALL_HEADERS_MAX];
    struct pl_request_parts parts = {.headers = headers,
                                     .header_count = read_headers(L, 3, headers),
                                     .method = get_slice(L, 3, "method"),
                                     .host = get_slice(L, 3, "host"),
                                     .path = get_slice(L, 3, "path"),
                                     .search = get_slice(L, 3, "search"),
                                     .address = PL_SLICE("stub")};
    if (parts.path.len < sizeof "/parties//" - 1 + name.len + id.len) {
        return luaL_error(L, "the room's id cannot stand in a path");
    }
    lua_getfield(L, 3, "has_body");
    parts.has_body = lua_toboolean(L, -1);
    lua_getfield(L, 3, "is_websocket");
    parts.is_websocket = lua_toboolean(L, -1);

    struct call *call = pl_alloc_zero(sizeof *call);
    struct pl_request *request = pl_request_create(&parts);
    pl_list_init(&call->events);
    call->refs = 1; /* the edge's */
    call->exchange =
        pl_exchange_ref(pl_exchange_create(host->server, request, &edge_calls, call));
    call->exchange->party = party;
    call->exchange->is_from_stub = true;
    call->exchange->depth = depth;
    /* The id is the caller's, not one parsed from a path. */
    call->exchange->room_id =
        pl_slice(request->path.at + sizeof "/parties//" - 1 + name.len, id.len);
    pl_request_unref(request);
    pl_handle_push(L, &type, call, NULL);
    return 1;
}

static const luaL_Reg functions[] = {{"call", create_call}, {NULL, NULL}};

void pl_bind_call(lua_State *L) {
    luaL_register(L, NULL, functions);
    pl_handle_register(L, &type);
    lua_pop(L, 1);
}
