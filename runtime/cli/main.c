/*
 * main.c -- starts a Lua state and hands the command line to lualib/partylua/cli.
 */
#include "base/ticks.h"
#include "cli/house.h"
#include "cli/state.h"
#include "lab/lab.h"
#include "lua/loading.h"

#include <stdio.h>

/* require "partylua.cli" gives a function: arguments --> exit code */
static int run_command(lua_State *L, int argc, char **argv) {
    pl_loading_begin(L); /* whoever goes on for longer says native.loaded() */
    lua_getglobal(L, "require");
    lua_pushliteral(L, "partylua.cli");
    if (lua_pcall(L, 1, 1, 0) != 0) return -1;
    lua_createtable(L, argc, 0);
    for (int i = 1; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i);
    }
    if (lua_pcall(L, 1, 1, 0) != 0) return -1;
    return (int)lua_tointeger(L, -1);
}

int main(int argc, char **argv) {
    pl_ticks_start();
    static struct pl_house house;
    static struct pl_lab lab;
    if (!pl_state_find_library()) {
        fprintf(stderr, "partylua: cannot find its Lua library near %s\n",
                pl_state_executable());
        return 1;
    }
    pl_house_init(&house);
    pl_lab_init(&lab, &house.engine, &house.loop);
    house.lab = &lab;
    pl_state_prepare(house.engine.L, &house);
    int code = run_command(house.engine.L, argc, argv);
    if (code < 0) {
        fprintf(stderr, "partylua: %s\n", lua_tostring(house.engine.L, -1));
        code = 1;
    }
    pl_lab_close(&lab);
    pl_house_finish(&house);
    return code;
}
