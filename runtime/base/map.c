#include "base/map.h"

#include "base/hash.h"
#include "base/pool.h"
#include "base/random.h"

#include <assert.h>

static uint64_t hash_key(struct pl_slice key) {
    static uint64_t secret[2];
    static bool is_keyed;
    if (!is_keyed) {
        pl_random_bytes(secret, sizeof secret);
        is_keyed = true;
    }
    return pl_hash(key, secret[0], secret[1]);
}

/* So few that going through them is quicker than a hash: they stand one behind the other, and
 * nobody has asked for their hashes. */
#define FEW 8

static bool has_few(const struct pl_map *map) { return map->size <= FEW; }

static struct pl_map_slot *slot_of_few(const struct pl_map *map, struct pl_slice key) {
    struct pl_map_slot *slot = map->slots;
    while (slot->key.at != NULL && !pl_slice_equal(slot->key, key)) slot++;
    return slot;
}

/* The slot that holds `key`, or the free one where it would go: there is always one. */
static struct pl_map_slot *slot_for(const struct pl_map *map, struct pl_slice key,
                                    uint64_t hash) {
    size_t mask = map->size - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct pl_map_slot *slot = &map->slots[i];
        if (slot->key.at == NULL) return slot;
        if (slot->hash == hash && pl_slice_equal(slot->key, key)) return slot;
    }
}

static struct pl_map_slot *find_slot(const struct pl_map *map, struct pl_slice key) {
    if (has_few(map)) return slot_of_few(map, key);
    return slot_for(map, key, hash_key(key));
}

static void free_slots(const struct pl_map *map) {
    if (map->slots != NULL) pl_pool_give(map->slots, map->size * sizeof *map->slots);
}

/* From the pool: maps that hold something for moments come and go with their first key. */
static void resize(struct pl_map *map, size_t size) {
    struct pl_map old = *map;
    assert(size <= UINT32_MAX);
    map->slots = pl_pool_take(size * sizeof *map->slots);
    memset(map->slots, 0, size * sizeof *map->slots);
    map->size = (uint32_t)size;
    for (size_t i = 0; i < old.size; i++) {
        struct pl_map_slot *slot = &old.slots[i];
        if (slot->key.at == NULL) continue;
        if (has_few(&old)) slot->hash = hash_key(slot->key);
        *slot_for(map, slot->key, slot->hash) = *slot;
    }
    free_slots(&old);
}

void pl_map_finish(struct pl_map *map) {
    free_slots(map);
    *map = (struct pl_map){0};
}

void *pl_map_find(const struct pl_map *map, struct pl_slice key) {
    if (map->count == 0) return NULL;
    return find_slot(map, key)->value;
}

void *pl_map_put(struct pl_map *map, struct pl_slice key, void *value) {
    assert(key.at != NULL && value != NULL);
    size_t size = map->size;
    if (((size_t)map->count + 1) * 4 > size * 3) resize(map, size == 0 ? FEW : size * 2);
    uint64_t hash = has_few(map) ? 0 : hash_key(key);
    struct pl_map_slot *slot = has_few(map) ? slot_of_few(map, key) : slot_for(map, key, hash);
    void *old = slot->value;
    *slot = (struct pl_map_slot){key, hash, value};
    if (old == NULL) map->count++;
    return old;
}

void pl_map_add(struct pl_map *map, struct pl_slice key, void *value) {
    void *old = pl_map_put(map, key, value);
    assert(old == NULL);
    (void)old;
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

static void remove_slot(struct pl_map *map, struct pl_map_slot *slot) {
    map->count--;
    if (has_few(map)) {
        *slot = map->slots[map->count];
        map->slots[map->count] = (struct pl_map_slot){0};
    } else {
        close_gap(map, (size_t)(slot - map->slots));
    }
    if (map->count == 0) {
        pl_map_finish(map);
    } else if (map->size > 64 && map->count * 8 < map->size) {
        resize(map, map->size / 4);
    }
}

void *pl_map_remove(struct pl_map *map, struct pl_slice key) {
    if (map->count == 0) return NULL;
    struct pl_map_slot *slot = find_slot(map, key);
    void *value = slot->value;
    if (value != NULL) remove_slot(map, slot);
    return value;
}

void pl_map_drop(struct pl_map *map, struct pl_slice key, const void *value) {
    if (map->count == 0) return;
    struct pl_map_slot *slot = find_slot(map, key);
    if (slot->value == value) remove_slot(map, slot);
}

void *pl_map_next(const struct pl_map *map, size_t *at) {
    while (*at < map->size) {
        struct pl_map_slot *slot = &map->slots[(*at)++];
        if (slot->key.at != NULL) return slot->value;
    }
    return NULL;
}
