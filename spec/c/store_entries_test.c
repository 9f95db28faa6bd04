/* store/entries: keys of any length in the order of their bytes, against a plain sorted table. */
#include "store/entries.h"

#include "check.h"
#include "store_folder.h"

#include <errno.h>

#define KEYS 400
#define ROUNDS 60
#define LISTS 40

/* The plain table: keys in their order, each with the number its value holds. */
static struct {
    struct pl_slice keys[KEYS];
    unsigned values[KEYS];
    bool is_there[KEYS];
} model;

static unsigned next_random(unsigned below) {
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state % below);
}

/* Lengths around those at which a key goes on in another node, and short ones. */
static size_t random_length(void) {
    static const size_t borders[] = {0,    1,    2,    501,  502,  503,  504,
                                     1003, 1004, 1005, 1506, 1507, 2007, 2048};
    if (next_random(3) == 0) return next_random(12);
    return borders[next_random(sizeof borders / sizeof *borders)];
}

/* Mostly of few different bytes, so that keys share long beginnings. */
static struct pl_slice random_key(void) {
    static const char letters[] = {'a', 'b', '\0', (char)0xff};
    size_t len = random_length();
    char *at = pl_alloc(len + 1);
    memset(at, 'a', len);
    for (unsigned changes = next_random(4); changes > 0 && len > 0; changes--) {
        size_t place = next_random(2) == 0 ? len - 1 : next_random((unsigned)len);
        at[place] = letters[next_random(4)];
    }
    return pl_slice(at, len);
}

static int by_bytes(const void *a, const void *b) {
    return pl_slice_compare(*(const struct pl_slice *)a, *(const struct pl_slice *)b);
}

static void make_model(void) {
    for (size_t i = 0; i < KEYS; i++) model.keys[i] = random_key();
    qsort(model.keys, KEYS, sizeof *model.keys, by_bytes);
    for (size_t i = 0; i < KEYS; i++) model.is_there[i] = false;
}

static void drop_model(void) {
    for (size_t i = 0; i < KEYS; i++) free((char *)model.keys[i].at);
}

/* Keys that are equal stand side by side: what is said of one counts for all. */
static void set(size_t i, bool is_there, unsigned value) {
    size_t first = i;
    while (first > 0 && pl_slice_equal(model.keys[first - 1], model.keys[i])) first--;
    for (size_t j = first; j < KEYS && pl_slice_equal(model.keys[j], model.keys[i]); j++) {
        model.is_there[j] = is_there && j == first;
        model.values[j] = value;
    }
}

static void add_change(struct pl_batch *batch, size_t i) {
    unsigned value = next_random(1000000);
    PL_LIST_EACH(at, &batch->writes) {
        struct pl_write *write = pl_container_of(at, struct pl_write, in_batch);
        if (pl_slice_equal(write->key, model.keys[i])) return; /* one write a key and batch */
    }
    if (next_random(3) == 0) {
        pl_batch_add(batch, model.keys[i], (struct pl_slice){0});
        set(i, false, 0);
    } else {
        pl_batch_add(batch, model.keys[i], pl_slice((const char *)&value, sizeof value));
        set(i, true, value);
    }
}

static struct pl_range random_range(void) {
    struct pl_range range = {.is_reverse = next_random(2) == 0,
                             .is_start_out = next_random(2) == 0};
    if (next_random(3) > 0) range.start = model.keys[next_random(KEYS)];
    if (next_random(3) > 0) range.end = model.keys[next_random(KEYS)];
    return range;
}

static bool is_listed(size_t i, const struct pl_range *range) {
    if (!model.is_there[i]) return false;
    int from_start =
        range->start.at == NULL ? 1 : pl_slice_compare(model.keys[i], range->start);
    if (from_start < 0 || (from_start == 0 && range->is_start_out)) return false;
    return range->end.at == NULL || pl_slice_compare(model.keys[i], range->end) < 0;
}

/* Whether the cursor gives what the plain table says, in its order. */
static void check_list(struct store_folder *folder, uint64_t number,
                       const struct pl_range *range) {
    struct pl_entries_cursor *cursor;
    struct pl_slice key, value;
    if (!PL_CHECK_INT(pl_store_list(folder->store, number, range, &cursor), 0)) return;
    for (size_t n = 0; n < KEYS; n++) {
        size_t i = range->is_reverse ? KEYS - 1 - n : n;
        if (!is_listed(i, range)) continue;
        if (!PL_CHECK_INT(pl_store_next(cursor, &key, &value), 0)) break;
        PL_CHECK_SLICE(key, model.keys[i]);
        PL_CHECK_SLICE(value, pl_slice((const char *)&model.values[i], sizeof(unsigned)));
    }
    PL_CHECK_INT(pl_store_next(cursor, &key, &value), -ENOENT);
    pl_store_end_list(cursor);
}

static void check_gets(struct store_folder *folder, uint64_t number) {
    struct pl_slice value;
    for (size_t i = 0; i < KEYS; i++) {
        if (i > 0 && pl_slice_equal(model.keys[i - 1], model.keys[i])) continue;
        int rc = pl_store_get(folder->store, number, model.keys[i], &value);
        PL_CHECK_INT(rc, model.is_there[i] ? 0 : -ENOENT);
    }
}

static size_t count_rows(const struct pl_store *store) {
    MDB_txn *txn;
    MDB_stat stat;
    mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
    mdb_stat(txn, store->entries, &stat);
    mdb_txn_abort(txn);
    return stat.ms_entries;
}

static void lists_are_those_of_a_sorted_table(void) {
    struct store_folder folder;
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    make_model();
    for (int round = 0; round < ROUNDS; round++) {
        struct pl_batch *batch = new_batch(&folder);
        uint64_t number;
        if (next_random(12) == 0) {
            batch->clears = true;
            for (size_t i = 0; i < KEYS; i++) model.is_there[i] = false;
        }
        for (unsigned changes = next_random(60); changes > 0; changes--) {
            add_change(batch, next_random(KEYS));
        }
        PL_CHECK_INT(commit(&folder, batch, &number), 0);
        check_gets(&folder, number);
        for (int list = 0; list < LISTS; list++) {
            struct pl_range range = random_range();
            check_list(&folder, number, &range);
        }
    }
    drop_model();
    remove_folder(&folder);
}

static void what_is_deleted_leaves_nothing_behind(void) {
    struct store_folder folder;
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    make_model();
    for (int how = 0; how < 2; how++) {
        uint64_t number;
        struct pl_batch *batch = new_batch(&folder);
        for (size_t i = 0; i < KEYS; i++) add_change(batch, i);
        PL_CHECK_INT(commit(&folder, batch, &number), 0);
        PL_CHECK(count_rows(folder.store) > KEYS / 4);
        batch = new_batch(&folder);
        if (how == 0) batch->clears = true;
        for (size_t i = 0; how == 1 && i < KEYS; i++) {
            if (model.is_there[i]) pl_batch_add(batch, model.keys[i], (struct pl_slice){0});
        }
        PL_CHECK_INT(commit(&folder, batch, &number), 0);
        PL_CHECK_INT(number, 0);
        PL_CHECK_INT(count_rows(folder.store), 0);
        for (size_t i = 0; i < KEYS; i++) model.is_there[i] = false;
    }
    drop_model();
    remove_folder(&folder);
}

static void rooms_with_long_ids_are_kept_apart_and_listed(void) {
    struct store_folder folder;
    struct pl_buffer name = {0}, id = {0};
    if (!PL_CHECK_INT(make_folder(&folder, 0), 0)) return;
    for (size_t len = 1; len < 16000; len = len * 3 + 1) {
        id.len = 0;
        for (size_t i = 0; i < len; i++) pl_buffer_add_byte(&id, 'x');
        struct pl_writer *writer =
            pl_writer_create(room_name(&name, "main", pl_buffer_slice(&id)));
        struct pl_batch *batch = pl_batch_create(writer, 1);
        pl_batch_add(batch, PL_SLICE("len"), pl_slice((const char *)&len, sizeof len));
        PL_CHECK_INT(commit(&folder, batch, NULL), 0);
        pl_writer_unref(writer);
    }
    struct pl_range all = {0};
    struct pl_entries_cursor *cursor;
    struct pl_slice found, bytes, party, found_id, value;
    size_t last = 0;
    PL_CHECK_INT(pl_store_list_rooms(folder.store, &all, &cursor), 0);
    while (pl_store_next(cursor, &found, &bytes) == 0) {
        struct pl_room_record record;
        if (!PL_CHECK(pl_room_record_read(bytes, &record))) break;
        PL_CHECK(pl_room_name_split(found, &party, &found_id));
        PL_CHECK_SLICE(party, PL_SLICE("main"));
        PL_CHECK(found_id.len > last);
        last = found_id.len;
        PL_CHECK_INT(pl_store_get(folder.store, record.number, PL_SLICE("len"), &value), 0);
        PL_CHECK_SLICE(value, pl_slice((const char *)&last, sizeof last));
    }
    pl_store_end_list(cursor);
    PL_CHECK(last > 5000);
    pl_buffer_finish(&name);
    pl_buffer_finish(&id);
    remove_folder(&folder);
}

int main(void) {
    PL_RUN(lists_are_those_of_a_sorted_table);
    PL_RUN(what_is_deleted_leaves_nothing_behind);
    PL_RUN(rooms_with_long_ids_are_kept_apart_and_listed);
    return pl_check_summary();
}
