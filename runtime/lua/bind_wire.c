/* Connections that commands make to a server (net/dial.h). */
#include "base/alloc.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/handle.h"
#include "net/dial.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define READ_BYTES_MAX (64 * 1024)

struct line {
    int file; /* -1: closed */
};

static const struct pl_handle_type type;

static void ref_line(void *object) { (void)object; }

static void unref_line(void *object) {
    struct line *line = object;
    if (line->file >= 0) close(line->file);
    free(line);
}

static struct line *check_line(lua_State *L) {
    struct line *line = pl_handle_check(L, 1, &type);
    if (line->file < 0) luaL_argerror(L, 1, "the connection is closed");
    return line;
}

static int push_line(lua_State *L, int rc, int file) {
    if (rc != 0) return pl_push_error(L, rc);
    struct line *line = pl_alloc(sizeof *line);
    line->file = file;
    pl_handle_push(L, &type, line, NULL);
    return 1;
}

/* native.dial_local(folder, name) --> line | nil, message, errno name: a Unix socket */
static int dial_local(lua_State *L) {
    int file = -1;
    int rc = pl_dial_local(luaL_checkstring(L, 1), luaL_checkstring(L, 2), &file);
    return push_line(L, rc, file);
}

/* native.dial(host, port, within_ms) --> line | nil, message, errno name */
static int dial(lua_State *L) {
    int file = -1;
    int rc = pl_dial(luaL_checkstring(L, 1), (uint16_t)luaL_checkinteger(L, 2),
                     (uint64_t)luaL_checknumber(L, 3), &file);
    return push_line(L, rc, file);
}

static int push_read(lua_State *L, int file) {
    char *bytes = pl_alloc(READ_BYTES_MAX);
    ssize_t got = read(file, bytes, READ_BYTES_MAX);
    int error = errno;
    if (got >= 0) lua_pushlstring(L, bytes, (size_t)got);
    free(bytes);
    return got >= 0 ? 1 : pl_push_error(L, -error);
}

/* line:read(within_ms) --> bytes, empty at the end | nil, message, errno name */
static int line_read(lua_State *L) {
    int file = check_line(L)->file;
    int rc = pl_dial_wait(&file, 1, (uint64_t)luaL_checknumber(L, 2));
    return rc < 0 ? pl_push_error(L, rc) : push_read(L, file);
}

/* line:write(bytes, within_ms) --> true | nil, message, errno name */
static int line_write(lua_State *L) {
    int file = check_line(L)->file;
    int rc = pl_dial_write(file, pl_check_slice(L, 2), (uint64_t)luaL_checknumber(L, 3));
    if (rc != 0) return pl_push_error(L, rc);
    lua_pushboolean(L, 1);
    return 1;
}

/* line:read_either(within_ms) --> "line" | "input", bytes | nil, message, errno name: of the
 * connection or of standard input, whichever has something; empty bytes at its end */
static int line_read_either(lua_State *L) {
    int files[2] = {check_line(L)->file, STDIN_FILENO};
    int which = pl_dial_wait(files, 2, (uint64_t)luaL_checknumber(L, 2));
    if (which < 0) return pl_push_error(L, which);
    lua_pushstring(L, which == 0 ? "line" : "input");
    int count = push_read(L, files[which]);
    if (count == 1) return 2;
    return count;
}

/* line:close(): harmless when repeated */
static int line_close(lua_State *L) {
    struct line *line = pl_handle_check(L, 1, &type);
    if (line->file >= 0) close(line->file);
    line->file = -1;
    return 0;
}

/* native.pause(ms): the whole program stands still, which is what a command may do */
static int pause_now(lua_State *L) {
    pl_dial_wait(NULL, 0, (uint64_t)luaL_checknumber(L, 1));
    return 0;
}

static const luaL_Reg methods[] = {
    {"read", line_read},   {"write", line_write}, {"read_either", line_read_either},
    {"close", line_close}, {NULL, NULL},
};

static const struct pl_handle_type type = {.name = "partylua.Wire",
                                           .place = PL_SHELF_WIRE,
                                           .methods = methods,
                                           .ref = ref_line,
                                           .unref = unref_line};

static const luaL_Reg functions[] = {
    {"dial_local", dial_local}, {"dial", dial}, {"pause", pause_now}, {NULL, NULL}};

void pl_bind_wire(lua_State *L) {
    pl_handle_register(L, &type);
    lua_pop(L, 1);
    luaL_register(L, NULL, functions);
}
