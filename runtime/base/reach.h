/*
 * reach.h -- which addresses and hosts outgoing requests may reach.
 *
 * A rule allows or denies a range of addresses (10.0.0.0/8), an address (10.0.0.1, [::1]) or a
 * host name (db.internal), each for all ports or, with ":5432" after it, for one. Of the rules
 * that fit, the most specific counts: a name before a range, a narrow range before a wide one,
 * one port before all, and of two alike the one that denies. Where none fits, the public network
 * may be reached and nothing else: loopback, private and link-local addresses, those of cloud
 * metadata, and all that are no one machine's are refused.
 */
#pragma once

#include "base/cidr.h"

struct pl_reach_rule;

/* Zeroed, it has no rules. */
struct pl_reach {
    struct pl_reach_rule *rules;
    size_t count;
};

/* False when `text` is no rule. */
bool pl_reach_add(struct pl_reach *reach, struct pl_slice text, bool is_allowed);
void pl_reach_finish(struct pl_reach *reach);

/* Whether a request to `host` (as its URL has it) may use a connection to this address. `ip` is
 * NULL where a proxy connects, and nobody here knows to which address. */
bool pl_reach_allows(const struct pl_reach *reach, struct pl_slice host, const struct pl_ip *ip,
                     uint16_t port);

/* Whether it is an address of the public network. */
bool pl_ip_is_public(const struct pl_ip *ip);
