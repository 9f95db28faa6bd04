#include "base/log.h"
#include "party/room_parts.h"

#include <stdio.h>

void pl_room_reset_soon(struct pl_room *room) {
    pl_timer_start(room->server->timers, &room->idle, 0);
}

static void log_reset(const struct pl_room *room, struct pl_slice why) {
    struct pl_log_line line;
    pl_log_begin(&line, PL_LOG_ERROR, "room",
                 PL_SLICE("blockConcurrencyWhile failed, the room is reset"));
    pl_log_add(&line, "party", pl_party_name(room->party));
    pl_log_add(&line, "room", pl_room_id(room));
    pl_log_add(&line, "err", why);
    pl_log_end(&line);
}

void pl_room_reset(struct pl_room *room, uint64_t block, struct pl_slice why) {
    if (room->state == PL_ROOM_GONE || room->is_resetting) return;
    log_reset(room, why);
    pl_timer_stop(room->server->timers, &room->block_limit);
    room->block = block;
    room->is_resetting = true;
    pl_room_reset_soon(room);
}

void pl_room_on_block_limit(struct pl_timer *timer) {
    struct pl_room *room = pl_container_of(timer, struct pl_room, block_limit);
    char why[64];
    int len = snprintf(why, sizeof why, "it took longer than %llu ms",
                       (unsigned long long)room->server->limits.block_timeout_ms);
    pl_room_reset(room, UINT64_MAX, pl_slice(why, (size_t)len));
}

void pl_room_block(struct pl_room *room, uint64_t block, bool has_limit) {
    uint64_t limit_ms = room->server->limits.block_timeout_ms;
    room->block = block;
    if (!has_limit || limit_ms == 0) return;
    pl_timer_start(room->server->timers, &room->block_limit, limit_ms);
}

void pl_room_unblock(struct pl_room *room) {
    if (room->is_resetting) return;
    pl_timer_stop(room->server->timers, &room->block_limit);
    room->block = 0;
    if (room->event_count > 0) pl_room_run_events(room);
}
