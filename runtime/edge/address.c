#include "edge/address.h"

#include "base/alloc.h"

#include <stdlib.h>

struct pl_address *pl_address_take(struct pl_map *addresses, const struct pl_ip *from) {
    char text[PL_IP_TEXT_BYTES];
    pl_ip_text(from, text);
    struct pl_address *address = pl_map_find(addresses, pl_slice_of(text));
    if (address == NULL) {
        address = pl_alloc_zero(sizeof *address);
        address->ip = *from;
        memcpy(address->text, text, sizeof text);
        pl_map_add(addresses, pl_slice_of(address->text), address);
    }
    address->count++;
    return address;
}

void pl_address_give_back(struct pl_map *addresses, struct pl_address *address) {
    if (address == NULL || --address->count > 0) return;
    pl_map_remove(addresses, pl_slice_of(address->text));
    free(address);
}
