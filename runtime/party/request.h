/*
 * request.h -- one request's head as room code sees it: immutable, shared, in one piece of memory.
 *
 * The URL is absolute and as a URL parser keeps it; WebSocket handshakes have it with the http or
 * https scheme too (PartyKit does so). The body is not here: it flows through the exchange.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct pl_request_header {
    struct pl_slice name; /* lower-cased */
    struct pl_slice value;
};

/* What a request is made from; everything is copied. */
struct pl_request_parts {
    struct pl_slice method, host, path, search, address;
    struct pl_slice protocol; /* the sub-protocol to answer with, or empty */
    const struct pl_request_header *headers;
    size_t header_count;
    bool has_body, is_websocket;
    bool is_https;     /* the client's connection */
    bool is_forwarded; /* by a proxy whose headers are trusted */
};

struct pl_request {
    unsigned refs;
    bool has_body, is_websocket, is_forwarded;
    struct pl_slice method;
    struct pl_slice url;          /* http://HOST/PATH?SEARCH, or https:// */
    struct pl_slice host;         /* of the URL, with its port */
    struct pl_slice path, search; /* of the URL; search has its question mark or is empty */
    struct pl_slice address;      /* of the client, numeric; empty: it is room code */
    struct pl_slice protocol;
    size_t header_count;
    struct pl_request_header headers[];
};

struct pl_request *pl_request_create(const struct pl_request_parts *parts);
struct pl_request *pl_request_ref(struct pl_request *request);
void pl_request_unref(struct pl_request *request);
