#include "store/entries.h"

#include "base/endian.h"

#include <errno.h>
#include <stdlib.h>

/* A key as LMDB has it. */
struct place {
    unsigned char bytes[PL_NODE_BYTES + PL_CHUNK_BYTES + 1];
    size_t len;
};

static MDB_val val_of(struct place *place) {
    return (MDB_val){.mv_size = place->len, .mv_data = place->bytes};
}

static void set_place(struct place *place, uint64_t node, struct pl_slice chunk) {
    pl_put_u64(place->bytes, node);
    if (chunk.len > 0) memcpy(place->bytes + PL_NODE_BYTES, chunk.at, chunk.len);
    place->len = PL_NODE_BYTES + chunk.len;
}

/* The place of the way down behind the first chunk of `key`. */
static void set_way(struct place *place, uint64_t node, struct pl_slice key) {
    set_place(place, node, pl_slice(key.at, PL_CHUNK_BYTES));
    place->bytes[place->len++] = 0;
}

static bool is_long(struct pl_slice key) { return key.len > PL_CHUNK_BYTES; }

/* Follows the way down behind the first chunk of `key`: -ENOENT when there is none. */
static int step_down(const struct pl_store *store, MDB_txn *txn, uint64_t *node,
                     struct pl_slice *key) {
    struct place place;
    MDB_val value;
    set_way(&place, *node, *key);
    MDB_val at = val_of(&place);
    int rc = pl_lmdb_error(mdb_get(txn, store->entries, &at, &value));
    if (rc != 0) return rc;
    if (value.mv_size != PL_NODE_BYTES) return -EIO;
    *node = pl_get_u64(value.mv_data);
    *key = pl_slice_after(*key, PL_CHUNK_BYTES);
    return 0;
}

int pl_entries_get(const struct pl_store *store, MDB_txn *txn, uint64_t node,
                   struct pl_slice key, struct pl_slice *value) {
    struct place place;
    MDB_val found;
    while (is_long(key)) {
        int rc = step_down(store, txn, &node, &key);
        if (rc != 0) return rc;
    }
    set_place(&place, node, key);
    MDB_val at = val_of(&place);
    int rc = mdb_get(txn, store->entries, &at, &found);
    if (rc == 0) *value = pl_lmdb_slice(found);
    return pl_lmdb_error(rc);
}

/* Makes the node in which keys go on behind the first chunk of `key`. */
static int make_way(const struct pl_store *store, MDB_txn *txn, uint64_t node,
                    struct pl_slice key) {
    struct place place;
    unsigned char number[PL_NODE_BYTES];
    uint64_t below;
    int rc = pl_lmdb_take_number(store, txn, &below);
    if (rc != 0) return rc;
    pl_put_u64(number, below);
    set_way(&place, node, key);
    MDB_val at = val_of(&place);
    MDB_val value = {.mv_size = sizeof number, .mv_data = number};
    return pl_lmdb_error(mdb_put(txn, store->entries, &at, &value, 0));
}

int pl_entries_put(const struct pl_store *store, MDB_txn *txn, uint64_t node,
                   struct pl_slice key, struct pl_slice value) {
    struct place place;
    while (is_long(key)) {
        int rc = step_down(store, txn, &node, &key);
        if (rc == -ENOENT) rc = make_way(store, txn, node, key);
        else if (rc == 0) continue;
        if (rc != 0) return rc;
    }
    set_place(&place, node, key);
    MDB_val at = val_of(&place);
    MDB_val bytes = pl_lmdb_val(value);
    return pl_lmdb_error(mdb_put(txn, store->entries, &at, &bytes, 0));
}

static int delete_at(const struct pl_store *store, MDB_txn *txn, struct place *place) {
    MDB_val at = val_of(place);
    return pl_lmdb_error(mdb_del(txn, store->entries, &at, NULL));
}

/* The node below goes with its last key. A key has at most 2048 bytes, or is a room's name: few
 * levels either way. */
static int delete_below(const struct pl_store *store, MDB_txn *txn, uint64_t node,
                        struct pl_slice key) {
    struct place place;
    if (!is_long(key)) {
        set_place(&place, node, key);
        return delete_at(store, txn, &place);
    }
    uint64_t below = node;
    struct pl_slice rest = key;
    int rc = step_down(store, txn, &below, &rest);
    if (rc == 0) rc = delete_below(store, txn, below, rest);
    if (rc != 0) return rc;
    rc = pl_entries_probe(store, txn, below);
    if (rc != -ENOENT) return rc;
    set_way(&place, node, key);
    return delete_at(store, txn, &place);
}

int pl_entries_delete(const struct pl_store *store, MDB_txn *txn, uint64_t node,
                      struct pl_slice key) {
    int rc = delete_below(store, txn, node, key);
    return rc == -ENOENT ? 0 : rc;
}

static bool is_in_node(MDB_val key, uint64_t node) {
    return key.mv_size >= PL_NODE_BYTES && pl_get_u64(key.mv_data) == node;
}

static bool is_way(MDB_val key) { return key.mv_size == PL_NODE_BYTES + PL_CHUNK_BYTES + 1; }

/* The first key of a node: 0 or an LMDB code. */
static int seek_node(MDB_cursor *cursor, uint64_t node, MDB_val *key, MDB_val *value) {
    struct place place;
    set_place(&place, node, (struct pl_slice){0});
    *key = val_of(&place);
    int rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    return rc == 0 && !is_in_node(*key, node) ? MDB_NOTFOUND : rc;
}

int pl_entries_probe(const struct pl_store *store, MDB_txn *txn, uint64_t node) {
    MDB_cursor *cursor;
    MDB_val key, value;
    int rc = mdb_cursor_open(txn, store->entries, &cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = seek_node(cursor, node, &key, &value);
    mdb_cursor_close(cursor);
    return pl_lmdb_error(rc);
}

static int clear_node(const struct pl_store *store, MDB_cursor *cursor, uint64_t node) {
    for (;;) {
        MDB_val key, value;
        int rc = seek_node(cursor, node, &key, &value);
        if (rc != 0) return rc == MDB_NOTFOUND ? 0 : rc;
        if (is_way(key)) {
            rc = clear_node(store, cursor, pl_get_u64(value.mv_data));
            if (rc == 0) rc = seek_node(cursor, node, &key, &value);
        }
        if (rc == 0) rc = mdb_cursor_del(cursor, 0);
        if (rc != 0) return rc;
    }
}

int pl_entries_clear(const struct pl_store *store, MDB_txn *txn, uint64_t node) {
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn, store->entries, &cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    rc = clear_node(store, cursor, node);
    mdb_cursor_close(cursor);
    return pl_lmdb_error(rc);
}

/* ---- walking -------------------------------------------------------------------------------- */

/* `key` is the way from the root to where the cursor stands: whole chunks for the nodes above,
 * then, while an entry is at hand, the rest of its key. */
struct pl_entries_cursor {
    const struct pl_store *store;
    MDB_cursor *cursor;
    struct pl_range range;
    struct pl_buffer key;
    struct pl_buffer nodes; /* of uint64_t: the root, and those below it that were entered */
    bool is_placed; /* the cursor stands before what is to be looked at next, and not on it */
};

static size_t depth_of(const struct pl_entries_cursor *walk) {
    return walk->nodes.len / sizeof(uint64_t) - 1;
}

static uint64_t node_of(const struct pl_entries_cursor *walk) {
    uint64_t node;
    memcpy(&node, walk->nodes.at + walk->nodes.len - sizeof node, sizeof node);
    return node;
}

static void enter(struct pl_entries_cursor *walk, uint64_t node) {
    pl_buffer_add(&walk->nodes, pl_slice((const char *)&node, sizeof node));
}

/* Back to the node above; its way down to the one left is where the cursor stands then. */
static int leave(struct pl_entries_cursor *walk) {
    struct place place;
    walk->nodes.len -= sizeof(uint64_t);
    walk->key.len = (depth_of(walk) + 1) * PL_CHUNK_BYTES;
    set_way(&place, node_of(walk),
            pl_slice(walk->key.at + depth_of(walk) * PL_CHUNK_BYTES, PL_CHUNK_BYTES));
    walk->key.len -= PL_CHUNK_BYTES;
    MDB_val key = val_of(&place), value;
    return mdb_cursor_get(walk->cursor, &key, &value, MDB_SET_KEY);
}

/* Enters nodes as far as there is a way behind the chunks of `key`; gives what is left of it. */
static int follow(struct pl_entries_cursor *walk, struct pl_slice *key) {
    MDB_txn *txn = mdb_cursor_txn(walk->cursor);
    while (is_long(*key)) {
        uint64_t node = node_of(walk);
        struct pl_slice chunk = pl_slice(key->at, PL_CHUNK_BYTES);
        int rc = step_down(walk->store, txn, &node, key);
        if (rc == -ENOENT) return 0;
        if (rc != 0) return rc;
        pl_buffer_add(&walk->key, chunk);
        enter(walk, node);
    }
    return 0;
}

/* Puts the cursor on the first key of the node from `rest` on. */
static int place_forward(struct pl_entries_cursor *walk, struct pl_slice rest, MDB_val *key,
                         MDB_val *value) {
    struct place place;
    if (is_long(rest)) {
        set_way(&place, node_of(walk), rest);
    } else {
        set_place(&place, node_of(walk), rest);
    }
    *key = val_of(&place);
    return mdb_cursor_get(walk->cursor, key, value, MDB_SET_RANGE);
}

/* Puts it on the last key of the node before `rest`; without `rest`, on the last of all. */
static int place_backward(struct pl_entries_cursor *walk, const struct pl_slice *rest,
                          MDB_val *key, MDB_val *value) {
    struct place place;
    int rc;
    if (rest != NULL) {
        rc = place_forward(walk, *rest, key, value);
    } else {
        set_place(&place, node_of(walk) + 1, (struct pl_slice){0});
        *key = val_of(&place);
        rc = mdb_cursor_get(walk->cursor, key, value, MDB_SET_RANGE);
    }
    if (rc == MDB_NOTFOUND) return mdb_cursor_get(walk->cursor, key, value, MDB_LAST);
    return rc != 0 ? rc : mdb_cursor_get(walk->cursor, key, value, MDB_PREV);
}

static int place_first(struct pl_entries_cursor *walk, MDB_val *key, MDB_val *value) {
    struct pl_slice bound = walk->range.is_reverse ? walk->range.end : walk->range.start;
    struct pl_slice rest = bound.at == NULL ? PL_SLICE("") : bound;
    int rc = follow(walk, &rest);
    if (rc != 0) return MDB_CORRUPTED;
    if (!walk->range.is_reverse) return place_forward(walk, rest, key, value);
    return place_backward(walk, bound.at == NULL ? NULL : &rest, key, value);
}

static int step(struct pl_entries_cursor *walk, MDB_val *key, MDB_val *value) {
    if (!walk->is_placed) {
        walk->is_placed = true;
        return place_first(walk, key, value);
    }
    return mdb_cursor_get(walk->cursor, key, value,
                          walk->range.is_reverse ? MDB_PREV : MDB_NEXT);
}

/* Moves to the next entry, into nodes and out of them: 0 or an LMDB code. */
static int move(struct pl_entries_cursor *walk, MDB_val *value) {
    MDB_val key;
    int rc = step(walk, &key, value);
    for (;;) {
        if (rc != 0 && rc != MDB_NOTFOUND) return rc;
        if (rc == MDB_NOTFOUND || !is_in_node(key, node_of(walk))) {
            if (depth_of(walk) == 0) return MDB_NOTFOUND;
            rc = leave(walk);
            if (rc == 0) rc = step(walk, &key, value);
        } else if (is_way(key)) {
            pl_buffer_add(&walk->key,
                          pl_slice((char *)key.mv_data + PL_NODE_BYTES, PL_CHUNK_BYTES));
            enter(walk, pl_get_u64(value->mv_data));
            rc = walk->range.is_reverse ? place_backward(walk, NULL, &key, value)
                                        : place_forward(walk, PL_SLICE(""), &key, value);
        } else {
            walk->key.len = depth_of(walk) * PL_CHUNK_BYTES;
            pl_buffer_add(&walk->key, pl_slice((char *)key.mv_data + PL_NODE_BYTES,
                                               key.mv_size - PL_NODE_BYTES));
            return 0;
        }
    }
}

/* Whether the key lies beyond the far end of the range; `*is_skipped` when it is the start that
 * does not belong to it. */
static bool is_beyond(const struct pl_range *range, struct pl_slice key, bool *is_skipped) {
    int from_start = range->start.at == NULL ? 1 : pl_slice_compare(key, range->start);
    bool is_before = from_start < 0 || (from_start == 0 && range->is_start_out);
    bool is_behind = range->end.at != NULL && pl_slice_compare(key, range->end) >= 0;
    *is_skipped = range->is_reverse ? is_behind : is_before;
    return range->is_reverse ? is_before : is_behind;
}

int pl_store_next(struct pl_entries_cursor *walk, struct pl_slice *key,
                  struct pl_slice *value) {
    MDB_val found;
    bool is_skipped;
    do {
        walk->key.len = depth_of(walk) * PL_CHUNK_BYTES;
        int rc = pl_lmdb_error(move(walk, &found));
        if (rc != 0) return rc;
        *key = walk->key.len == 0 ? PL_SLICE("") : pl_buffer_slice(&walk->key);
        if (is_beyond(&walk->range, *key, &is_skipped)) return -ENOENT;
    } while (is_skipped);
    *value = pl_lmdb_slice(found);
    return 0;
}

int pl_store_list(struct pl_store *store, uint64_t number, const struct pl_range *range,
                  struct pl_entries_cursor **out) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    int rc = pl_lmdb_view(store, &txn);
    if (rc != 0) return rc;
    rc = mdb_cursor_open(txn, store->entries, &cursor);
    if (rc != 0) return pl_lmdb_error(rc);
    struct pl_entries_cursor *walk = pl_alloc_zero(sizeof *walk);
    walk->store = store;
    walk->cursor = cursor;
    walk->range = *range;
    enter(walk, number);
    *out = walk;
    return 0;
}

int pl_store_list_rooms(struct pl_store *store, const struct pl_range *range,
                        struct pl_entries_cursor **out) {
    return pl_store_list(store, PL_DIRECTORY, range, out);
}

void pl_store_end_list(struct pl_entries_cursor *walk) {
    if (walk == NULL) return;
    mdb_cursor_close(walk->cursor);
    pl_buffer_finish(&walk->key);
    pl_buffer_finish(&walk->nodes);
    free(walk);
}
