/* map: against a plain list of what was put, from no keys to many and back. */
#include "base/map.h"

#include "check.h"

#include <stdlib.h>

#define KEYS 300

struct item {
    char key[16];
    bool is_in;
    bool is_other; /* which of the two values: the item, or what lies behind its first byte */
};

static struct item items[KEYS];
static unsigned chance = 1;

static unsigned draw(unsigned below) {
    chance = chance * 1664525 + 1013904223;
    return (chance >> 8) % below;
}

static void *value_of(struct item *item) { return item->key + item->is_other; }

static void make_items(void) {
    for (int i = 0; i < KEYS; i++) {
        items[i] = (struct item){0};
        snprintf(items[i].key, sizeof items[i].key, "%d", i);
    }
}

static void put(struct pl_map *map, struct item *item) {
    void *before = item->is_in ? value_of(item) : NULL;
    item->is_other = draw(2) == 1;
    PL_CHECK(pl_map_put(map, pl_slice_of(item->key), value_of(item)) == before);
    item->is_in = true;
}

static void take(struct pl_map *map, struct item *item) {
    void *before = item->is_in ? value_of(item) : NULL;
    PL_CHECK(pl_map_remove(map, pl_slice_of(item->key)) == before);
    item->is_in = false;
}

static void drop(struct pl_map *map, struct item *item) {
    bool means_it = draw(2) == 1;
    pl_map_drop(map, pl_slice_of(item->key), item->key + (item->is_other == means_it));
    if (means_it) item->is_in = false;
}

static void check_all(const struct pl_map *map, int keys) {
    size_t at = 0, walked = 0, expected = 0;
    for (int i = 0; i < keys; i++) {
        void *value = items[i].is_in ? value_of(&items[i]) : NULL;
        PL_CHECK(pl_map_find(map, pl_slice_of(items[i].key)) == value);
        if (value != NULL) expected++;
    }
    while (pl_map_next(map, &at) != NULL) walked++;
    PL_CHECK_INT(walked, expected);
    PL_CHECK_INT(map->count, expected);
}

static void play(int keys) {
    struct pl_map map = {0};
    make_items();
    for (int i = 0; i < 4000; i++) {
        struct item *item = &items[draw((unsigned)keys)];
        bool grows = i / 500 % 2 == 0;
        unsigned what = draw(4);
        if (grows ? what < 2 : what == 0) put(&map, item);
        else if (what == 3) drop(&map, item);
        else take(&map, item);
        if (i % 50 == 0) check_all(&map, keys);
    }
    for (int i = 0; i < keys; i++) take(&map, &items[i]);
    check_all(&map, keys);
    PL_CHECK(map.slots == NULL);
    pl_map_finish(&map);
}

static void a_map_holds_what_was_put_and_nothing_else(void) {
    static const int keys[] = {1, 5, 6, 7, 8, 20, KEYS};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) play(keys[i]);
}

int main(void) {
    PL_RUN(a_map_holds_what_was_put_and_nothing_else);
    return pl_check_summary();
}
