/*
 * listing.h -- entries of a room in order, as they were at one moment: a snapshot.
 *
 * What is on disk and what is not durable yet are merged once, and kept as bytes; walking the
 * listing costs no further look at the storage, whatever changes meanwhile.
 */
#pragma once

#include "party/storage.h"

struct pl_listing {
    struct pl_buffer packed; /* of each entry: two lengths, the key, the value */
    size_t at;               /* of the next in `packed` */
};

/* Gathers the entries of a range, `limit` of them at most. 0 or a negative errno. */
int pl_listing_make(struct pl_listing *listing, struct pl_storage *storage,
                    const struct pl_range *range, size_t limit);

/* The next entry; false at the end. Slices live as long as the listing. */
bool pl_listing_next(struct pl_listing *listing, struct pl_slice *key, struct pl_slice *value);

void pl_listing_finish(struct pl_listing *listing);
