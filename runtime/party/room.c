#include "party/room.h"

#include "base/hash.h"
#include "base/log.h"
#include "party/event.h"
#include "party/exchange.h"
#include "party/room_parts.h"

#include <stdio.h>
#include <stdlib.h>

void pl_room_log(const struct pl_room *room, const char *what) {
    struct pl_log_line line;
    pl_log_begin(&line, PL_LOG_DEBUG, "room", pl_slice_of(what));
    pl_log_add(&line, "party", pl_party_name(room->party));
    pl_log_add(&line, "id", pl_room_id(room));
    pl_log_end(&line);
}

struct pl_room *pl_room_get(struct pl_party *party, struct pl_slice id) {
    struct pl_room *room = pl_map_find(&party->rooms, id);
    if (room != NULL) return room;
    room = pl_alloc_zero(offsetof(struct pl_room, id) + id.len);
    room->server = party->server;
    room->party = pl_party_ref(party);
    room->refs = 1; /* the party's */
    room->idle.on_due = pl_room_on_idle;
    room->block_limit.on_due = pl_room_on_block_limit;
    room->id_len = (uint32_t)id.len;
    memcpy(room->id, id.at, id.len);
    pl_list_init(&room->connections);
    pl_list_init(&room->events);
    pl_list_init(&room->in_renewal);
    pl_map_add(&party->rooms, pl_room_id(room), room);
    party->server->room_count++;
    return room;
}

struct pl_room *pl_room_ref(struct pl_room *room) {
    room->refs++;
    return room;
}

void pl_room_unref(struct pl_room *room) {
    if (--room->refs > 0) return;
    pl_room_calls(room)->forget_room(pl_room_host(room), room);
    pl_map_finish(&room->by_id);
    pl_party_unref(room->party);
    free(room);
}

void pl_room_internal_id(const struct pl_room *room, char out[PL_INTERNAL_ID_BYTES + 1]) {
    struct pl_buffer name = {0};
    pl_buffer_add(&name, pl_party_name(room->party));
    pl_buffer_add_byte(&name, '/');
    pl_buffer_add(&name, pl_room_id(room));
    for (unsigned i = 0; i < 4; i++) {
        uint64_t part = pl_hash(pl_buffer_slice(&name), 0x7061727479u, i);
        snprintf(out + i * 16, 17, "%016llx", (unsigned long long)part);
    }
    pl_buffer_finish(&name);
}

void pl_room_start(struct pl_room *room) {
    if (room->state != PL_ROOM_NEW && room->state != PL_ROOM_ASLEEP) return;
    if (pl_room_is_leaving(room)) return; /* asleep, and its party is gone */
    pl_room_log(room, "start");
    if (room->state == PL_ROOM_ASLEEP) room->party->meter.asleep_count--;
    room->party->meter.room_starts++;
    room->state = PL_ROOM_STARTING;
    pl_room_calls(room)->start(pl_room_host(room), room);
}

/* A room that cannot start has run its alarm in vain. */
static void fail_event(struct pl_room *room, struct pl_event *event, struct pl_slice why) {
    if (event->kind == PL_EVENT_EXCHANGE) pl_exchange_respond_text(event->exchange, 500, why);
    if (event->kind == PL_EVENT_ALARM) pl_alarm_fail(room);
    pl_event_destroy(event);
}

void pl_room_on_started(struct pl_room *room, bool is_ok, struct pl_slice why) {
    if (room->state != PL_ROOM_STARTING) return;
    if (is_ok) {
        room->state = PL_ROOM_LIVE;
        pl_room_run_events(room);
        return;
    }
    if (pl_room_is_leaving(room)) { /* the new code may do better */
        room->state = PL_ROOM_FAILED;
        return;
    }
    room->state = PL_ROOM_NEW;
    struct pl_list failed;
    pl_room_take_events(room, &failed);
    pl_room_calls(room)->stop(pl_room_host(room), room);
    while (!pl_list_is_empty(&failed)) fail_event(room, pl_event_take_first(&failed), why);
    pl_room_check_idle(room);
}
