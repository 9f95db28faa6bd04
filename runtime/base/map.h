/*
 * map.h -- a hash map from byte strings to pointers.
 *
 * Keys are borrowed: they live inside the values they lead to, and the value must stay where
 * it is while it is in the map. Hashes are keyed with random bytes (SipHash-1-3), since
 * strangers choose most keys.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct pl_map_slot {
    struct pl_slice key; /* at NULL: free */
    uint64_t hash;
    void *value;
};

/* A zeroed struct is an empty map. */
struct pl_map {
    struct pl_map_slot *slots; /* a power of two of them */
    uint32_t size;
    uint32_t count; /* values in the map */
};

void pl_map_finish(struct pl_map *map);

/* The value, or NULL. */
void *pl_map_find(const struct pl_map *map, struct pl_slice key);

/* Adds a value under a key that must not be in the map yet. `key.at` must not be NULL. */
void pl_map_add(struct pl_map *map, struct pl_slice key, void *value);

/* Puts a value under a key, in place of the one that is there, which it returns; else NULL. */
void *pl_map_put(struct pl_map *map, struct pl_slice key, void *value);

/* Removes a key and returns its value, or NULL when it was not there. */
void *pl_map_remove(struct pl_map *map, struct pl_slice key);

/* Removes a key that leads to this value, and no other. */
void pl_map_drop(struct pl_map *map, struct pl_slice key, const void *value);

/* Walks the map: start with *at = 0; NULL at the end. The map must not change meanwhile. */
void *pl_map_next(const struct pl_map *map, size_t *at);
