#include "party/router.h"

/* The bytes up to the next slash; `*rest` moves behind that slash. */
static struct pl_slice take_segment(struct pl_slice *rest) {
    const char *slash = rest->len == 0 ? NULL : memchr(rest->at, '/', rest->len);
    struct pl_slice segment = *rest;
    if (slash == NULL) {
        *rest = pl_slice_after(*rest, rest->len);
        return segment;
    }
    segment.len = (size_t)(slash - rest->at);
    *rest = pl_slice_after(*rest, segment.len + 1);
    return segment;
}

bool pl_route_find(struct pl_slice path, struct pl_route *out) {
    if (pl_slice_starts_with(path, PL_SLICE("/party/"))) {
        struct pl_slice rest = pl_slice_after(path, sizeof "/party/" - 1);
        out->party = PL_SLICE("main");
        out->room = take_segment(&rest);
        return out->room.len > 0;
    }
    if (pl_slice_starts_with(path, PL_SLICE("/parties/"))) {
        struct pl_slice rest = pl_slice_after(path, sizeof "/parties/" - 1);
        out->party = take_segment(&rest);
        out->room = take_segment(&rest);
        return out->room.len > 0;
    }
    return false;
}
