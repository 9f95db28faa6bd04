/* Files that are open for reading: static files on their way to a client or to room code. */
#include "base/alloc.h"
#include "lua/bind.h"
#include "lua/handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES_MAX (1024 * 1024)

struct file {
    int file; /* -1: closed, or taken out */
    struct stat about;
};

static const struct pl_handle_type type;

static void ref_file(void *object) { (void)object; }

static void unref_file(void *object) {
    struct file *file = object;
    if (file->file >= 0) close(file->file);
    free(file);
}

void pl_push_file(lua_State *L, int descriptor, const struct stat *about) {
    struct file *file = pl_alloc(sizeof *file);
    *file = (struct file){.file = descriptor, .about = *about};
    pl_handle_push(L, &type, file, NULL);
}

static struct file *check_file(lua_State *L, int arg) {
    struct file *file = pl_handle_check(L, arg, &type);
    if (file->file < 0) luaL_argerror(L, arg, "the file is closed");
    return file;
}

int pl_take_file(lua_State *L, int arg) {
    struct file *file = check_file(L, arg);
    int descriptor = file->file;
    file->file = -1;
    return descriptor;
}

/* file:about() --> size, modified, tag */
static int file_about(lua_State *L) {
    const struct stat *about = &check_file(L, 1)->about;
    char tag[80];
    /* The kernel sets the time of change; nobody can turn it back, as can be done with that of
     * modification. So of two files with the same tag neither has changed. */
    int len =
        snprintf(tag, sizeof tag, "%llx-%llx-%llx%08lx", (unsigned long long)about->st_ino,
                 (unsigned long long)about->st_size, (unsigned long long)about->st_ctim.tv_sec,
                 (unsigned long)about->st_ctim.tv_nsec);
    lua_pushnumber(L, (lua_Number)about->st_size);
    lua_pushnumber(L, (lua_Number)about->st_mtim.tv_sec);
    lua_pushlstring(L, tag, (size_t)len);
    return 3;
}

/* file:read(from, count) --> bytes: empty at the end */
static int file_read(lua_State *L) {
    struct file *file = check_file(L, 1);
    lua_Number from = luaL_checknumber(L, 2), count = luaL_checknumber(L, 3);
    luaL_argcheck(L, from >= 0 && from < 1e15, 2, "a place in a file");
    luaL_argcheck(L, count >= 0 && count <= READ_BYTES_MAX, 3, "0 to 1048576 bytes");
    char *bytes = pl_alloc((size_t)count);
    ssize_t got = pread(file->file, bytes, (size_t)count, (off_t)from);
    int error = errno;
    if (got >= 0) lua_pushlstring(L, bytes, (size_t)got);
    free(bytes);
    if (got < 0) return luaL_error(L, "a file cannot be read: %s", strerror(error));
    return 1;
}

/* file:close(): harmless when it was closed before */
static int file_close(lua_State *L) {
    struct file *file = pl_handle_check(L, 1, &type);
    if (file->file >= 0) close(file->file);
    file->file = -1;
    return 0;
}

static const luaL_Reg methods[] = {
    {"about", file_about}, {"read", file_read}, {"close", file_close}, {NULL, NULL}};

static const struct pl_handle_type type = {.name = "partylua.File",
                                           .place = PL_SHELF_FILE,
                                           .methods = methods,
                                           .ref = ref_file,
                                           .unref = unref_file};

void pl_bind_file(lua_State *L) {
    pl_handle_register(L, &type);
    lua_pop(L, 1);
}
