#include "vector/tables.h"

#include "base/alloc.h"
#include "vector/table.h"

#include <errno.h>
#include <stdlib.h>

struct kept {
    struct pl_list in_tables;
    uint64_t number;  /* of the index */
    uint64_t changes; /* of the index that it is up to date with */
    size_t bytes;
    struct pl_table *table;
};

void pl_tables_init(struct pl_tables *tables, size_t bytes_max) {
    *tables = (struct pl_tables){.bytes_max = bytes_max};
    pl_list_init(&tables->all);
}

static void drop(struct pl_tables *tables, struct kept *kept) {
    tables->bytes -= kept->bytes;
    pl_list_remove(&kept->in_tables);
    pl_table_destroy(kept->table);
    free(kept);
}

void pl_tables_finish(struct pl_tables *tables) {
    while (!pl_list_is_empty(&tables->all)) {
        drop(tables, pl_container_of(tables->all.next, struct kept, in_tables));
    }
}

static struct kept *find(struct pl_tables *tables, uint64_t number) {
    PL_LIST_EACH(at, &tables->all) {
        struct kept *kept = pl_container_of(at, struct kept, in_tables);
        if (kept->number == number) return kept;
    }
    return NULL;
}

/* The list's head is before its first, and so the first is pushed to what follows it. */
static void put_in_front(struct pl_tables *tables, struct kept *kept) {
    pl_list_remove(&kept->in_tables);
    pl_list_push(tables->all.next, &kept->in_tables);
}

struct pl_table *pl_tables_find(struct pl_tables *tables, uint64_t number) {
    struct kept *kept = find(tables, number);
    if (kept == NULL) return NULL;
    put_in_front(tables, kept);
    return kept->table;
}

/* Tables leave from the end, where those are that were not used for longest. */
static void make_room(struct pl_tables *tables, size_t bytes) {
    while (!pl_list_is_empty(&tables->all) && tables->bytes + bytes > tables->bytes_max) {
        drop(tables, pl_container_of(tables->all.prev, struct kept, in_tables));
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

int pl_tables_get(struct pl_tables *tables, const struct pl_vector_txn *txn,
                  const struct pl_vector_index *index, struct pl_table **out) {
    struct kept *there = find(tables, index->number);
    if (there != NULL && there->changes == index->changes) {
        put_in_front(tables, there);
        *out = there->table;
        return 0;
    }
    if (there != NULL) drop(tables, there); /* another process has changed the index */
    size_t bytes = pl_table_bytes(index->dimensions, index->slots);
    if (bytes > tables->bytes_max) return -E2BIG;
    make_room(tables, bytes);
    struct pl_table *table = pl_table_create(index->metric, index->dimensions, index->slots);
    int rc = load(table, txn, index);
    if (rc != 0) {
        pl_table_destroy(table);
        return rc;
    }
    struct kept *kept = pl_alloc(sizeof *kept);
    *kept = (struct kept){.number = index->number,
                          .changes = index->changes,
                          .bytes = bytes,
                          .table = *out = table};
    pl_list_init(&kept->in_tables);
    put_in_front(tables, kept);
    tables->bytes += bytes;
    return 0;
}

void pl_tables_update(struct pl_tables *tables, const struct pl_vector_index *index) {
    struct kept *kept = find(tables, index->number);
    if (kept == NULL) return;
    kept->changes = index->changes;
    size_t bytes = pl_table_bytes(kept->table->dimensions, kept->table->slots);
    tables->bytes += bytes - kept->bytes;
    kept->bytes = bytes;
    put_in_front(tables, kept);
    make_room(tables, 0);
}

void pl_tables_drop(struct pl_tables *tables, uint64_t number) {
    struct kept *kept = find(tables, number);
    if (kept != NULL) drop(tables, kept);
}
