/*
 * url.h -- request targets: path, query, percent-decoding.
 *
 * Follows the WHATWG URL rules for the parts a server meets: what `new URL(request.url)` would
 * give a browser is what room code sees. Everything is bytes; nothing decodes unless it says so.
 */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"

/* The parts of a request target, as slices of it. */
struct pl_target {
    struct pl_slice authority; /* host[:port] of an absolute-form target, else empty */
    struct pl_slice path;      /* starts with a slash (in an absolute form, or a backslash) */
    struct pl_slice query;     /* with its question mark, or empty */
};

/* Whether this may stand in a Host header or as the authority of a target: a name or address,
 * and perhaps a port. Without user names, escapes and bytes above ASCII. */
bool pl_host_is_valid(struct pl_slice host);

/* Splits an origin-form or absolute-form (http, https, ws, wss) target. False for anything else.
 * A fragment, which no client should send, is dropped. */
bool pl_target_split(struct pl_slice target, struct pl_target *out);

/* Adds the path as a URL parser keeps it: dot segments resolved (also written %2e), backslashes
 * turned into slashes, and the bytes that may not stand in a path percent-encoded; existing
 * escapes stay as they are. */
void pl_url_add_path(struct pl_buffer *out, struct pl_slice path);

/* Adds a query (with its question mark) as a URL parser keeps it. */
void pl_url_add_query(struct pl_buffer *out, struct pl_slice query);

/* Adds `text` with %XX decoded. False at a malformed escape (nothing is added then). */
bool pl_url_add_decoded(struct pl_buffer *out, struct pl_slice text);

/* Finds the first value of `name` in a query (with or without question mark), decoded as
 * application/x-www-form-urlencoded, and adds it to `out`. False when absent. */
bool pl_query_find(struct pl_slice query, struct pl_slice name, struct pl_buffer *out);

/* The next segment of a path: `*rest` starts with a slash (or is empty: false) and is moved on. */
bool pl_path_next(struct pl_slice *rest, struct pl_slice *segment);
