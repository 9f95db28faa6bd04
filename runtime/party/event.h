/*
 * event.h -- something that happened to a room and has to wait for its turn.
 */
#pragma once

#include "base/list.h"
#include "base/slice.h"

#include <stdint.h>

struct pl_connection;
struct pl_exchange;

enum pl_event_kind {
    PL_EVENT_EXCHANGE,
    PL_EVENT_MESSAGE,
    PL_EVENT_CLOSE,
    PL_EVENT_ERROR,
    PL_EVENT_ALARM,
};

struct pl_event {
    struct pl_list in_room;
    enum pl_event_kind kind;
    bool flag; /* message: is it binary; close: was it clean */
    uint16_t code;
    struct pl_exchange *exchange;     /* a reference */
    struct pl_connection *connection; /* a reference */
    size_t len;
    char bytes[]; /* message, reason, or what was wrong */
};

/* What it costs to let it wait. */
static inline size_t pl_event_cost(const struct pl_event *event) {
    return sizeof *event + event->len;
}

static inline struct pl_slice pl_event_bytes(const struct pl_event *event) {
    return pl_slice(event->bytes, event->len);
}

/* Takes the caller's reference. */
struct pl_event *pl_event_of_exchange(struct pl_exchange *exchange);
struct pl_event *pl_event_of_message(struct pl_connection *connection, struct pl_slice message,
                                     bool is_binary);
struct pl_event *pl_event_of_close(struct pl_connection *connection, uint16_t code,
                                   struct pl_slice reason, bool was_clean);
struct pl_event *pl_event_of_error(struct pl_connection *connection, struct pl_slice why);
struct pl_event *pl_event_of_alarm(void);

/* The oldest of a list of them that is not empty. */
static inline struct pl_event *pl_event_take_first(struct pl_list *events) {
    struct pl_event *event = pl_container_of(events->next, struct pl_event, in_room);
    pl_list_remove(&event->in_room);
    return event;
}

/* Gives up what the event refers to. */
void pl_event_destroy(struct pl_event *event);
