#include "cli/develop.h"

#include "cli/house.h"
#include "lua/check.h"
#include "lua/handle.h"
#include "net/changes.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct pl_house *house_of(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* A function of the command, called with one text, in a task. */
static void call(struct pl_engine *engine, const char *what, int function,
                 struct pl_slice text) {
    struct pl_task *task = pl_task_begin(engine, PL_TASK_OWN, what, NULL, NULL, NULL);
    lua_rawgeti(task->co, LUA_REGISTRYINDEX, function);
    pl_push_slice(task->co, text);
    pl_task_run(task, 1);
}

/* ---- folders -------------------------------------------------------------------------------- */

struct watch {
    struct pl_engine *engine;
    struct pl_changes *changes; /* NULL when it is closed */
    int function;
};

static void on_change(void *owner, const char *name) {
    struct watch *watch = owner;
    call(watch->engine, "watch", watch->function, pl_slice_of(name));
}

static void close_watch(struct watch *watch) {
    if (watch->changes == NULL) return;
    pl_changes_close(watch->changes);
    watch->changes = NULL;
    luaL_unref(watch->engine->L, LUA_REGISTRYINDEX, watch->function);
}

static void ref_watch(void *object) { (void)object; }

static void unref_watch(void *object) {
    close_watch(object);
    free(object);
}

static const struct pl_handle_type watch_type;

/* watch:close(): harmless when repeated */
static int watch_close(lua_State *L) {
    close_watch(pl_handle_check(L, 1, &watch_type));
    return 0;
}

static const luaL_Reg watch_methods[] = {{"close", watch_close}, {NULL, NULL}};

static const struct pl_handle_type watch_type = {.name = "partylua.Watch",
                                                 .place = PL_SHELF_WATCH,
                                                 .methods = watch_methods,
                                                 .ref = ref_watch,
                                                 .unref = unref_watch};

/* native.watch_folder(path, fn) --> watch | nil, message, errno name: calls fn(name) in a task when
 * something in the folder changes, as long as the watch is kept */
static int watch_folder(lua_State *L) {
    struct pl_house *house = house_of(L);
    const char *path = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    struct watch *watch = pl_alloc_zero(sizeof *watch);
    watch->engine = pl_engine_of(L);
    int rc = pl_changes_open(&house->loop, path, on_change, watch, &watch->changes);
    if (rc != 0) {
        free(watch);
        return pl_push_error(L, rc);
    }
    lua_pushvalue(L, 2);
    watch->function = luaL_ref(L, LUA_REGISTRYINDEX);
    pl_handle_push(L, &watch_type, watch, NULL);
    return 1;
}

/* Not every file system says so in its list. */
static bool is_folder(DIR *folder, const struct dirent *entry) {
    struct stat about;
    if (entry->d_type != DT_UNKNOWN) return entry->d_type == DT_DIR;
    return fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(about.st_mode);
}

/* native.subfolders(path) --> { name, ... } | nil when it cannot be read; links are none */
static int subfolders(lua_State *L) {
    DIR *folder = opendir(luaL_checkstring(L, 1));
    int count = 0;
    if (folder == NULL) return 0;
    lua_newtable(L);
    for (struct dirent *at; (at = readdir(folder)) != NULL;) {
        if (!is_folder(folder, at)) continue;
        if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0) continue;
        lua_pushstring(L, at->d_name);
        lua_rawseti(L, -2, ++count);
    }
    closedir(folder);
    return 1;
}

/* native.real_path(path) --> path without links | nil when there is nothing */
static int real_path(lua_State *L) {
    char path[PATH_MAX];
    if (realpath(luaL_checkstring(L, 1), path) == NULL) return 0;
    lua_pushstring(L, path);
    return 1;
}

/* native.modified_ms(path) --> milliseconds since 1970 | nil when there is nothing */
static int modified_ms(lua_State *L) {
    struct stat about;
    if (stat(luaL_checkstring(L, 1), &about) != 0) return 0;
    lua_pushnumber(L, (double)about.st_mtim.tv_sec * 1e3 + (double)about.st_mtim.tv_nsec / 1e6);
    return 1;
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void on_key(void *owner, char key) {
    struct pl_house *house = owner;
    call(&house->engine, "key", house->on_key, pl_slice(&key, 1));
}

/* native.read_keys(fn) --> boolean: calls fn(key) in a task for each key pressed, until
 * native.stop_keys(); false when there is no terminal to read from */
static int read_keys(lua_State *L) {
    struct pl_house *house = house_of(L);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (house->keys.is_open) return luaL_error(L, "keys are read already");
    lua_settop(L, 1);
    int rc = pl_keys_open(&house->keys, &house->loop, on_key, house);
    if (rc == 0) house->on_key = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushboolean(L, rc == 0);
    return 1;
}

/* native.stop_keys(): puts the terminal back; harmless when repeated */
static int stop_keys(lua_State *L) {
    struct pl_house *house = house_of(L);
    pl_keys_close(&house->keys);
    if (house->on_key != 0) luaL_unref(L, LUA_REGISTRYINDEX, house->on_key);
    house->on_key = 0;
    return 0;
}

/* ---- addresses ------------------------------------------------------------------------------ */

/* native.network_addresses() --> { "192.0.2.1", ... }: under which other machines find this one */
static int network_addresses(lua_State *L) {
    struct ifaddrs *all;
    int count = 0;
    lua_newtable(L);
    if (getifaddrs(&all) != 0) return 1;
    for (struct ifaddrs *at = all; at != NULL; at = at->ifa_next) {
        char text[INET_ADDRSTRLEN];
        if (at->ifa_addr == NULL || at->ifa_addr->sa_family != AF_INET) continue;
        if ((at->ifa_flags & IFF_LOOPBACK) != 0 || (at->ifa_flags & IFF_UP) == 0) continue;
        const struct sockaddr_in *address = (const struct sockaddr_in *)(void *)at->ifa_addr;
        inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
        lua_pushstring(L, text);
        lua_rawseti(L, -2, ++count);
    }
    freeifaddrs(all);
    return 1;
}

static const luaL_Reg functions[] = {
    {"watch_folder", watch_folder},
    {"subfolders", subfolders},
    {"real_path", real_path},
    {"modified_ms", modified_ms},
    {"read_keys", read_keys},
    {"stop_keys", stop_keys},
    {"network_addresses", network_addresses},
    {NULL, NULL},
};

void pl_bind_develop(lua_State *L, struct pl_house *house) {
    pl_set_functions(L, functions, house);
    pl_handle_register(L, &watch_type);
    lua_pop(L, 1);
}
