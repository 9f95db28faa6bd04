/*
 * router.h -- which party and room a path names (PartyKit: URL routing).
 *
 * `/parties/:party/:room` and `/party/:room`, matched by literal prefix and slashes, nothing
 * decoded; whatever follows the room belongs to the room. Everything else is no party URL.
 */
#pragma once

#include "base/slice.h"

struct pl_route {
    struct pl_slice party; /* "main" for the short form */
    struct pl_slice room;
};

/* Whether `path` is a party URL. An empty party name counts as one (and is never found). */
bool pl_route_find(struct pl_slice path, struct pl_route *out);
