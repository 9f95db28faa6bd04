/*
 * depot.h -- where a serving house keeps what rooms store: the store in its folder, and the thread
 * that writes it.
 */
#pragma once

#include "lua/check.h"

struct pl_house;

/* Opens it as the options at 1 say: `data`, `map_bytes`, `is_volatile`. Gives 0; or how many results
 * for the caller are on the stack. */
int pl_depot_open(lua_State *L, struct pl_house *house);

/* The house's server, which has been initialised, keeps its rooms there. */
void pl_depot_serve(struct pl_house *house);

/* Nothing can be kept there any more: the house drains. */
void pl_depot_on_broken(void *house);

/* Waits until all that hooks have written is durable. */
void pl_depot_settle(struct pl_house *house);

void pl_depot_close(struct pl_house *house);
