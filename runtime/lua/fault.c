#include "lua/fault.h"

#include "base/log.h"
#include "lua/engine.h"
#include "party/connection.h"
#include "party/room.h"
#include "party/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_BYTES_MAX 200

/* The length of a `name.lua:12: ` at the start of a message: what error() and Lua itself put
 * there, once for every level that raised it anew. */
static size_t position_length(struct pl_slice message) {
    for (size_t i = 0; i + 1 < message.len; i++) {
        if (message.at[i] == '\n') return 0;
        if (message.at[i] != ':') continue;
        size_t digits = i + 1;
        while (digits < message.len && message.at[digits] >= '0' && message.at[digits] <= '9') {
            digits++;
        }
        if (digits == i + 1 || digits + 1 >= message.len) continue;
        if (message.at[digits] != ':' || message.at[digits + 1] != ' ') continue;
        return digits + 2;
    }
    return 0;
}

/* Whether the position is one Lua could have put there: a chunk that is on the stack, or any
 * Lua file. A message of the user's own that merely looks alike stays whole. */
static bool is_position(lua_State *co, struct pl_slice position) {
    lua_Debug at;
    for (int level = 0; level < 64 && lua_getstack(co, level, &at); level++) {
        char text[LUA_IDSIZE + 16];
        lua_getinfo(co, "Sl", &at);
        int len = snprintf(text, sizeof text, "%s:%d: ", at.short_src, at.currentline);
        if (pl_slice_equal(position, pl_slice(text, (size_t)len))) return true;
    }
    const char *suffix = memmem(position.at, position.len, ".lua:", 5);
    return suffix != NULL;
}

static void read_message(struct pl_fault *fault, lua_State *co, struct pl_slice message) {
    for (bool is_first = true;; is_first = false) {
        size_t len = position_length(message);
        if (len == 0 || !is_position(co, pl_slice(message.at, len))) break;
        if (is_first) pl_buffer_add(&fault->place, pl_slice(message.at, len - 2));
        message = pl_slice_after(message, len);
    }
    fault->has_message = true;
    if (pl_slice_equal(message, PL_SLICE("attempt to yield across C-call boundary"))) {
        message = PL_SLICE("waiting is not possible here: inside a table.sort comparator, a "
                           "string.gsub callback, a metamethod called from C, or require");
    }
    pl_buffer_add(&fault->message, message);
}

/* Errors of translated programs know where they were made, which is no longer on the stack when
 * they come here: under a key that no text of a program can be. Returns whether one is there. */
static bool read_known_place(struct pl_fault *fault, lua_State *co) {
    size_t len;
    lua_pushliteral(co, "\xffplace");
    lua_rawget(co, -2);
    const char *text = lua_type(co, -1) == LUA_TSTRING ? lua_tolstring(co, -1, &len) : NULL;
    if (text != NULL) pl_buffer_add(&fault->place, pl_slice(text, len));
    lua_pop(co, 1);
    return text != NULL;
}

static void read_value(struct pl_fault *fault, lua_State *co) {
    size_t len;
    if (lua_type(co, -1) == LUA_TSTRING) {
        const char *text = lua_tolstring(co, -1, &len);
        read_message(fault, co, pl_slice(text, len));
        return;
    }
    if (lua_type(co, -1) == LUA_TTABLE) {
        lua_pushliteral(co, "code");
        lua_rawget(co, -2);
        if (lua_type(co, -1) == LUA_TNUMBER) fault->code = (int)lua_tointeger(co, -1);
        lua_pop(co, 1);
        lua_pushliteral(co, "message");
        lua_rawget(co, -2);
        const char *text = lua_type(co, -1) == LUA_TSTRING ? lua_tolstring(co, -1, &len) : NULL;
        if (text != NULL) read_message(fault, co, pl_slice(text, len));
        lua_pop(co, 1);
        return;
    }
    if (lua_type(co, -1) == LUA_TNUMBER || lua_type(co, -1) == LUA_TBOOLEAN) {
        const char *text = lua_type(co, -1) == LUA_TBOOLEAN
                               ? (lua_toboolean(co, -1) ? "true" : "false")
                               : lua_tostring(co, -1);
        pl_buffer_add(&fault->message, pl_slice_of(text));
        fault->has_message = true;
    }
}

/* Pushes the folder of this library, or nil where nobody has said it. */
static void push_library(lua_State *co) {
    static const char *const keys[] = {"_LOADED", "partylua.native", "lualib"};
    lua_pushvalue(co, LUA_REGISTRYINDEX);
    for (size_t i = 0; i < sizeof keys / sizeof *keys && lua_istable(co, -1); i++) {
        lua_pushstring(co, keys[i]);
        lua_rawget(co, -2);
        lua_remove(co, -2);
    }
}

/* Whether a chunk is a file below `library`, which may be NULL. */
static bool is_of_library(const char *source, const char *library) {
    size_t len = library == NULL ? 0 : strlen(library);
    return len > 0 && strncmp(source + 1, library, len) == 0 && source[len + 1] == '/';
}

/* The innermost Lua function on the stack, when the message itself names no place: one of the
 * app where there is one, since errors that are tables name none when this library raises them. */
static void read_place(struct pl_fault *fault, lua_State *co) {
    lua_Debug at;
    char text[LUA_IDSIZE + 16] = "";
    if (fault->place.len > 0) return;
    push_library(co);
    for (int level = 0; lua_getstack(co, level, &at); level++) {
        lua_getinfo(co, "Sl", &at);
        bool is_ours = is_of_library(at.source, lua_tostring(co, -1));
        if (at.currentline <= 0 || (is_ours && text[0] != '\0')) continue;
        snprintf(text, sizeof text, "%s:%d", at.short_src, at.currentline);
        if (!is_ours) break;
    }
    lua_pop(co, 1);
    pl_buffer_add(&fault->place, pl_slice_of(text));
}

/* The full path of the chunk that `place` abbreviates, if it is still on the stack. */
static const char *path_of_place(lua_State *co, struct pl_slice name) {
    static char path[4096];
    lua_Debug at;
    for (int level = 0; lua_getstack(co, level, &at); level++) {
        lua_getinfo(co, "S", &at);
        if (at.source[0] != '@' || !pl_slice_equal(name, pl_slice_of(at.short_src))) continue;
        snprintf(path, sizeof path, "%s", at.source + 1);
        return path;
    }
    snprintf(path, sizeof path, "%.*s", (int)name.len, name.at);
    return path;
}

/* The line of a `place`, which ends without a terminator. */
static long line_of(struct pl_slice digits) {
    long line = 0;
    for (size_t i = 0; i < digits.len && line < 1000000000; i++) {
        line = line * 10 + (digits.at[i] - '0');
    }
    return line;
}

static void read_source(struct pl_fault *fault, lua_State *co) {
    struct pl_slice place = pl_buffer_slice(&fault->place);
    const char *colon = place.len == 0 ? NULL : memrchr(place.at, ':', place.len);
    if (colon == NULL) return;
    size_t name_len = (size_t)(colon - place.at);
    long wanted = line_of(pl_slice_after(place, name_len + 1));
    FILE *file = fopen(path_of_place(co, pl_slice(place.at, name_len)), "re");
    if (file == NULL) return;
    char line[1024];
    long number = 1;
    while (number <= wanted && fgets(line, sizeof line, file) != NULL) {
        size_t len = strlen(line);
        if (number == wanted) {
            size_t first = strspn(line, " \t");
            while (len > first && (line[len - 1] == '\n' || line[len - 1] == '\r')) len--;
            if (len - first > SOURCE_BYTES_MAX) len = first + SOURCE_BYTES_MAX;
            pl_buffer_add(&fault->source, pl_slice(line + first, len - first));
        }
        if (strchr(line, '\n') != NULL || len < sizeof line - 1) number++;
    }
    fclose(file);
}

static void read_stack(struct pl_fault *fault, lua_State *co) {
    luaL_traceback(co, co, NULL, 0);
    size_t len;
    const char *text = lua_tolstring(co, -1, &len);
    pl_buffer_add(&fault->stack, pl_slice(text, len));
    lua_pop(co, 1);
}

void pl_fault_read(struct pl_fault *fault, lua_State *co) {
    *fault = (struct pl_fault){0};
    if (!lua_checkstack(co, LUA_MINSTACK)) return;
    read_value(fault, co);
    bool is_known = lua_type(co, -1) == LUA_TTABLE && read_known_place(fault, co);
    if (!is_known) read_place(fault, co);
    read_source(fault, co);
    read_stack(fault, co);
}

void pl_fault_finish(struct pl_fault *fault) {
    pl_buffer_finish(&fault->message);
    pl_buffer_finish(&fault->place);
    pl_buffer_finish(&fault->source);
    pl_buffer_finish(&fault->stack);
}

void pl_fault_log(const struct pl_fault *fault, const struct pl_task *task) {
    struct pl_log_line line;
    pl_log_begin(&line, PL_LOG_ERROR, task->room != NULL ? "room" : "app",
                 PL_SLICE("hook failed"));
    if (task->room != NULL) {
        pl_log_add(&line, "party", pl_party_name(task->room->party));
        pl_log_add(&line, "room", pl_room_id(task->room));
    }
    pl_log_add(&line, "hook", pl_slice_of(task->hook));
    if (task->connection != NULL) pl_log_add(&line, "conn", pl_connection_id(task->connection));
    if (fault->place.len > 0) pl_log_add(&line, "at", pl_buffer_slice(&fault->place));
    pl_log_add(&line, "err", pl_buffer_slice(&fault->message));
    if (fault->source.len > 0) pl_log_add(&line, "source", pl_buffer_slice(&fault->source));
    if (pl_log_is_on(PL_LOG_DEBUG)) pl_log_add(&line, "stack", pl_buffer_slice(&fault->stack));
    pl_log_end(&line);
}
