/*
 * assets.h -- static files: from a URL path to an open file (PartyKit: static assets).
 *
 * The path is percent-decoded; a trailing slash means index.html; then it is an exact look-up.
 * Nothing outside the folder is reachable: every segment is opened relative to the one before,
 * without following symbolic links, and names that start with a dot or are node_modules do not
 * exist.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct pl_asset {
    int file; /* the caller's to close */
    uint64_t size;
    const char *content_type;
};

/* False when there is no such regular file. */
bool pl_asset_open(const char *folder, struct pl_slice url_path, struct pl_asset *out);
