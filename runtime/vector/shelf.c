#include "vector/shelf.h"

#include "base/alloc.h"
#include "vector/table.h"

#include <errno.h>
#include <stdlib.h>

struct shelved {
    struct pl_list in_shelf;
    uint64_t number;  /* of the index */
    uint64_t changes; /* of the index that it is up to date with */
    size_t bytes;
    struct pl_table *table;
};

void pl_shelf_init(struct pl_shelf *shelf, size_t bytes_max) {
    *shelf = (struct pl_shelf){.bytes_max = bytes_max};
    pl_list_init(&shelf->tables);
}

static void drop(struct pl_shelf *shelf, struct shelved *shelved) {
    shelf->bytes -= shelved->bytes;
    pl_list_remove(&shelved->in_shelf);
    pl_table_destroy(shelved->table);
    free(shelved);
}

void pl_shelf_finish(struct pl_shelf *shelf) {
    while (!pl_list_is_empty(&shelf->tables)) {
        drop(shelf, pl_container_of(shelf->tables.next, struct shelved, in_shelf));
    }
}

static struct shelved *find(struct pl_shelf *shelf, uint64_t number) {
    PL_LIST_EACH(at, &shelf->tables) {
        struct shelved *shelved = pl_container_of(at, struct shelved, in_shelf);
        if (shelved->number == number) return shelved;
    }
    return NULL;
}

/* The list's head is before its first, and so the first is pushed to what follows it. */
static void put_in_front(struct pl_shelf *shelf, struct shelved *shelved) {
    pl_list_remove(&shelved->in_shelf);
    pl_list_push(shelf->tables.next, &shelved->in_shelf);
}

struct pl_table *pl_shelf_find(struct pl_shelf *shelf, uint64_t number) {
    struct shelved *shelved = find(shelf, number);
    if (shelved == NULL) return NULL;
    put_in_front(shelf, shelved);
    return shelved->table;
}

/* Tables leave from the end, where those are that were not used for longest. */
static void make_room(struct pl_shelf *shelf, size_t bytes) {
    while (!pl_list_is_empty(&shelf->tables) && shelf->bytes + bytes > shelf->bytes_max) {
        drop(shelf, pl_container_of(shelf->tables.prev, struct shelved, in_shelf));
    }
}

static int load(struct pl_table *table, const struct pl_vector_txn *txn,
                const struct pl_vector_index *index) {
    struct pl_vector_walk *walk;
    struct pl_vector_place place;
    struct pl_vector vector;
    uint32_t slot = 0;
    int rc = pl_vector_walk_begin(txn, index, false, &walk);
    if (rc != 0) return rc;
    while ((rc = pl_vector_walk_to(walk, slot, &place, &vector)) == 0) {
        if (place.slot >= index->slots) rc = -EIO;
        if (rc != 0) break;
        pl_table_set(table, &place, vector.values);
        slot = place.slot + 1;
    }
    pl_vector_walk_end(walk);
    return rc == -ENOENT ? 0 : rc;
}

int pl_shelf_get(struct pl_shelf *shelf, const struct pl_vector_txn *txn,
                 const struct pl_vector_index *index, struct pl_table **out) {
    struct shelved *there = find(shelf, index->number);
    if (there != NULL && there->changes == index->changes) {
        put_in_front(shelf, there);
        *out = there->table;
        return 0;
    }
    if (there != NULL) drop(shelf, there); /* another process has changed the index */
    size_t bytes = pl_table_bytes(index->dimensions, index->slots);
    if (bytes > shelf->bytes_max) return -E2BIG;
    make_room(shelf, bytes);
    struct pl_table *table = pl_table_create(index->metric, index->dimensions, index->slots);
    int rc = load(table, txn, index);
    if (rc != 0) {
        pl_table_destroy(table);
        return rc;
    }
    struct shelved *shelved = pl_alloc(sizeof *shelved);
    *shelved = (struct shelved){.number = index->number,
                                .changes = index->changes,
                                .bytes = bytes,
                                .table = *out = table};
    pl_list_init(&shelved->in_shelf);
    put_in_front(shelf, shelved);
    shelf->bytes += bytes;
    return 0;
}

void pl_shelf_update(struct pl_shelf *shelf, const struct pl_vector_index *index) {
    struct shelved *shelved = find(shelf, index->number);
    if (shelved == NULL) return;
    shelved->changes = index->changes;
    size_t bytes = pl_table_bytes(shelved->table->dimensions, shelved->table->slots);
    shelf->bytes += bytes - shelved->bytes;
    shelved->bytes = bytes;
    put_in_front(shelf, shelved);
    make_room(shelf, 0);
}

void pl_shelf_drop(struct pl_shelf *shelf, uint64_t number) {
    struct shelved *shelved = find(shelf, number);
    if (shelved != NULL) drop(shelf, shelved);
}
