/*
 * address.h -- the addresses clients come from, each with how many connections it has: sockets of
 * its own, and what trusted proxies have passed on from it.
 */
#pragma once

#include "base/cidr.h"
#include "base/map.h"

struct pl_address {
    size_t count;
    struct pl_ip ip;
    char text[PL_IP_TEXT_BYTES]; /* numeric, terminated */
};

/* Counts one more connection from an address. */
struct pl_address *pl_address_take(struct pl_map *addresses, const struct pl_ip *from);

/* Counts one less, and forgets the address with its last. NULL is fine. */
void pl_address_give_back(struct pl_map *addresses, struct pl_address *address);
