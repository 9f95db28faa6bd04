#include "base/map.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/random.h"

#include <assert.h>
#include <stdlib.h>

static uint64_t hash_key(struct pl_slice key) {
    static uint64_t secret[2];
    static bool is_keyed;
    if (!is_keyed) {
        pl_random_bytes(secret, sizeof secret);
        is_keyed = true;
    }
    return pl_hash(key, secret[0], secret[1]);
}

/* The slot that holds `key`, or the free one where it would go. */
static struct pl_map_slot *slot_for(const struct pl_map *map, struct pl_slice key,
                                    uint64_t hash) {
    size_t mask = map->size - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct pl_map_slot *slot = &map->slots[i];
        if (slot->key.at == NULL) return slot;
        if (slot->hash == hash && pl_slice_equal(slot->key, key)) return slot;
    }
}

static void resize(struct pl_map *map, size_t size) {
    struct pl_map old = *map;
    assert(size <= UINT32_MAX);
    map->slots = pl_alloc_zero(size * sizeof *map->slots);
    map->size = (uint32_t)size;
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i].key.at == NULL) continue;
        *slot_for(map, old.slots[i].key, old.slots[i].hash) = old.slots[i];
    }
    free(old.slots);
}

void pl_map_finish(struct pl_map *map) {
    free(map->slots);
    *map = (struct pl_map){0};
}

void *pl_map_find(const struct pl_map *map, struct pl_slice key) {
    if (map->count == 0) return NULL;
    return slot_for(map, key, hash_key(key))->value;
}

void pl_map_add(struct pl_map *map, struct pl_slice key, void *value) {
    assert(key.at != NULL);
    size_t size = map->size;
    if (((size_t)map->count + 1) * 4 > size * 3) resize(map, size == 0 ? 8 : size * 2);
    uint64_t hash = hash_key(key);
    struct pl_map_slot *slot = slot_for(map, key, hash);
    assert(slot->key.at == NULL);
    *slot = (struct pl_map_slot){key, hash, value};
    map->count++;
}

/* Closes the gap at `hole`, so that probing needs no marks of removed keys. */
static void close_gap(struct pl_map *map, size_t hole) {
    size_t mask = map->size - 1;
    for (size_t i = (hole + 1) & mask; map->slots[i].key.at != NULL; i = (i + 1) & mask) {
        size_t home = map->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        map->slots[hole] = map->slots[i];
        hole = i;
    }
    map->slots[hole] = (struct pl_map_slot){0};
}

void *pl_map_remove(struct pl_map *map, struct pl_slice key) {
    if (map->count == 0) return NULL;
    struct pl_map_slot *slot = slot_for(map, key, hash_key(key));
    if (slot->key.at == NULL) return NULL;
    void *value = slot->value;
    close_gap(map, (size_t)(slot - map->slots));
    map->count--;
    if (map->count == 0) {
        pl_map_finish(map);
    } else if (map->size > 64 && map->count * 8 < map->size) {
        resize(map, map->size / 4);
    }
    return value;
}

void *pl_map_next(const struct pl_map *map, size_t *at) {
    while (*at < map->size) {
        struct pl_map_slot *slot = &map->slots[(*at)++];
        if (slot->key.at != NULL) return slot->value;
    }
    return NULL;
}
