/*
 * doors.h -- where a serving house listens: the public address, the admin address, the admin socket.
 */
#pragma once

#include "lua/check.h"

#include <stdint.h>

struct pl_house;

/* The admin address of the options at 1, if they have one; `*port` is the one that was got. */
int pl_doors_open_admin(lua_State *L, struct pl_house *house, uint16_t *port);

/* The admin socket in their `admin_folder`. That it fails is logged. */
void pl_doors_open_local(lua_State *L, struct pl_house *house);

/* The public address. `*place` names what is at fault when that does not work. */
int pl_doors_open_public(struct pl_house *house, const char *address, uint16_t *port,
                         const char **place);
