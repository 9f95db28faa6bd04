/*
 * address.h -- the addresses clients come from, each with how many sockets it has.
 */
#pragma once

#include "base/map.h"

#include <sys/socket.h>

struct pl_address {
    size_t count;
    char text[48]; /* numeric, terminated */
};

/* Counts one more socket from an address. */
struct pl_address *pl_address_take(struct pl_map *addresses,
                                   const struct sockaddr_storage *from);

/* Counts one less, and forgets the address with its last. */
void pl_address_give_back(struct pl_map *addresses, struct pl_address *address);
