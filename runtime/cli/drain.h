/*
 * drain.h -- the orderly end of a serving house.
 *
 * What is new is refused, sockets close in slices, and hooks that run may end, within a time limit.
 */
#pragma once

#include <stdbool.h>

struct pl_house;

/* Begins it. */
void pl_house_drain(struct pl_house *house);

/* Whether nothing is left to wait for. */
bool pl_house_is_quiet(const struct pl_house *house);
