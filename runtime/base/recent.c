#include "base/recent.h"

void pl_recent_add(struct pl_recent *recent, struct pl_slice text) {
    struct pl_buffer *place = &recent->texts[recent->count++ % PL_RECENT_COUNT];
    if (text.len > PL_RECENT_BYTES_MAX) text.len = PL_RECENT_BYTES_MAX;
    place->len = 0;
    pl_buffer_add(place, text);
}

const struct pl_buffer *pl_recent_find(const struct pl_recent *recent, uint64_t at) {
    bool is_kept = at < recent->count && recent->count - at <= PL_RECENT_COUNT;
    return is_kept ? &recent->texts[at % PL_RECENT_COUNT] : NULL;
}

void pl_recent_finish(struct pl_recent *recent) {
    for (size_t i = 0; i < PL_RECENT_COUNT; i++) pl_buffer_finish(&recent->texts[i]);
    *recent = (struct pl_recent){0};
}
