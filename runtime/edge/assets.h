/*
 * assets.h -- static files: from a URL path to an open file (PartyKit: static assets).
 *
 * The path is percent-decoded; a trailing slash means index.html; then it is an exact look-up.
 * Nothing outside the folder is reachable: every segment is opened relative to the one before,
 * without following symbolic links unless they are allowed, and names that start with a dot or
 * are node_modules do not exist.
 */
#pragma once

#include "base/slice.h"

#include <sys/stat.h>

struct pl_asset {
    int file; /* the caller's to close */
    struct stat about;
    const char *content_type;
};

/* `suffix` is added to the name of the file, and may be empty. -ENOENT when there is no such
 * regular file that may be read; another errno when the machine cannot open it just now. */
int pl_asset_open(const char *folder, struct pl_slice url_path, struct pl_slice suffix,
                  bool follows_links, struct pl_asset *out);
