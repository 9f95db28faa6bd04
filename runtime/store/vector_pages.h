/*
 * vector_pages.h -- pages of the store's file that were mapped to read rows of indexes.
 *
 * An index on disk is large: its values are read once when a table is made, and then a few at a
 * time from all over, and a filter reads all records. Each read maps the pages around it, so that
 * sooner or later the whole file would count as memory of the process. Now and then they are given
 * back: they stay in the system's cache.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

/* A zeroed struct has nothing to give back. */
struct pl_vector_pages {
    uintptr_t first, end; /* of what was read */
    uintptr_t last;       /* the piece of the map that was read last */
    size_t pieces;        /* that were read */
};

/* Takes note of bytes in the map of the store, which may be gone from memory afterwards, and are
 * then read anew. */
void pl_vector_pages_note(struct pl_vector_pages *pages, struct pl_slice bytes);
