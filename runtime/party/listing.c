#include "party/listing.h"

#include <errno.h>
#include <stdlib.h>

static void pack(struct pl_listing *listing, struct pl_slice key, struct pl_slice value) {
    const uint32_t lengths[2] = {(uint32_t)key.len, (uint32_t)value.len};
    pl_buffer_add(&listing->packed, pl_slice((const char *)lengths, sizeof lengths));
    pl_buffer_add(&listing->packed, key);
    pl_buffer_add(&listing->packed, value);
}

/* ---- what is not durable -------------------------------------------------------------------- */

/* Pending writes in the order of the listing; those that are over are passed. */
struct pending {
    const struct pl_write **writes;
    size_t count, at;
};

static bool is_within(const struct pl_range *range, struct pl_slice key) {
    int from_start = range->start.at == NULL ? 1 : pl_slice_compare(key, range->start);
    if (from_start < 0 || (from_start == 0 && range->is_start_out)) return false;
    return range->end.at == NULL || pl_slice_compare(key, range->end) < 0;
}

static int by_key(const void *a, const void *b) {
    const struct pl_write *const *one = a, *const *other = b;
    return pl_slice_compare((*one)->key, (*other)->key);
}

static void reverse(struct pending *pending) {
    for (size_t i = 0; i < pending->count / 2; i++) {
        const struct pl_write *write = pending->writes[i];
        pending->writes[i] = pending->writes[pending->count - 1 - i];
        pending->writes[pending->count - 1 - i] = write;
    }
}

static struct pending sort_pending(const struct pl_storage *storage,
                                   const struct pl_range *range) {
    struct pending pending = {0};
    const struct pl_write *write;
    if (storage->pending.count == 0) return pending;
    pending.writes = pl_alloc(storage->pending.count * sizeof *pending.writes);
    for (size_t at = 0; (write = pl_map_next(&storage->pending, &at)) != NULL;) {
        if (is_within(range, write->key)) pending.writes[pending.count++] = write;
    }
    qsort(pending.writes, pending.count, sizeof *pending.writes, by_key);
    if (range->is_reverse) reverse(&pending);
    return pending;
}

static const struct pl_write *peek(const struct pending *pending) {
    return pending->at < pending->count ? pending->writes[pending->at] : NULL;
}

/* ---- merging -------------------------------------------------------------------------------- */

struct stored {
    struct pl_entries_cursor *cursor; /* NULL: nothing is stored */
    struct pl_slice key, value;
    int rc; /* 0 while there is an entry at hand */
};

static void step(struct stored *stored) {
    if (stored->rc == 0)
        stored->rc = pl_store_next(stored->cursor, &stored->key, &stored->value);
}

static struct stored open_stored(struct pl_storage *storage, const struct pl_range *range) {
    struct stored stored = {.rc = -ENOENT};
    if (storage->clear_seq != 0 || storage->number == 0) return stored;
    stored.rc = pl_store_list(storage->store, storage->number, range, &stored.cursor);
    step(&stored);
    return stored;
}

/* Which of the two comes first: below 0 the stored one, 0 both with one key. */
static int order(const struct stored *stored, const struct pl_write *write, bool is_reverse) {
    if (stored->rc != 0) return 1;
    if (write == NULL) return -1;
    int order = pl_slice_compare(stored->key, write->key);
    return is_reverse ? -order : order;
}

int pl_listing_make(struct pl_listing *listing, struct pl_storage *storage,
                    const struct pl_range *range, size_t limit) {
    struct pending pending = sort_pending(storage, range);
    struct stored stored = open_stored(storage, range);
    *listing = (struct pl_listing){0};
    while (limit > 0) {
        const struct pl_write *write = peek(&pending);
        if (stored.rc != 0 && write == NULL) break;
        int first = order(&stored, write, range->is_reverse);
        if (first < 0) {
            pack(listing, stored.key, stored.value);
            limit--;
        } else {
            if (!pl_write_is_delete(write)) {
                pack(listing, write->key, write->value);
                limit--;
            }
            pending.at++;
        }
        if (first <= 0) step(&stored);
    }
    pl_store_end_list(stored.cursor);
    free(pending.writes);
    if (stored.rc == 0 || stored.rc == -ENOENT) return 0;
    pl_listing_finish(listing);
    return stored.rc;
}

bool pl_listing_next(struct pl_listing *listing, struct pl_slice *key, struct pl_slice *value) {
    uint32_t lengths[2];
    if (listing->at >= listing->packed.len) return false;
    const char *at = listing->packed.at + listing->at;
    memcpy(lengths, at, sizeof lengths);
    *key = pl_slice(at + sizeof lengths, lengths[0]);
    *value = pl_slice(key->at + key->len, lengths[1]);
    listing->at += sizeof lengths + key->len + value->len;
    return true;
}

void pl_listing_finish(struct pl_listing *listing) {
    pl_buffer_finish(&listing->packed);
    *listing = (struct pl_listing){0};
}
