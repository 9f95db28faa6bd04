/*
 * forwarded.h -- who a request is from when a proxy has passed it on: X-Forwarded-For and -Proto.
 *
 * Anybody can send these headers, so they count only when the peer is a proxy that the operator
 * trusts. Each proxy adds the address it was asked from at the end of the list: read from there,
 * trusted addresses are proxies, and the first other one is the client's. What stands before it
 * is the client's own word.
 */
#pragma once

#include "base/cidr.h"
#include "proto/http.h"

struct pl_proxies {
    struct pl_cidr *ranges; /* owned */
    size_t count;
};

/* Adds an address or a range; false when the text is none. */
bool pl_proxies_add(struct pl_proxies *proxies, struct pl_slice text);
void pl_proxies_finish(struct pl_proxies *proxies);
bool pl_proxies_contain(const struct pl_proxies *proxies, const struct pl_ip *ip);

struct pl_forwarded {
    struct pl_ip client; /* the proxy itself, when it says nothing that can be read */
    bool is_https;       /* the client's connection, as the proxy says */
};

/* What the trusted proxy `peer` says of the request. */
void pl_forwarded_read(const struct pl_proxies *proxies, const struct pl_ip *peer,
                       const struct pl_http_head *head, struct pl_forwarded *out);
