#include "party/event.h"

#include "party/connection.h"
#include "party/exchange.h"

#include <stdlib.h>

static struct pl_event *create(enum pl_event_kind kind, struct pl_connection *connection,
                               struct pl_slice bytes) {
    struct pl_event *event = pl_alloc(sizeof *event + bytes.len);
    *event = (struct pl_event){.kind = kind, .len = bytes.len};
    if (connection != NULL) event->connection = pl_connection_ref(connection);
    if (bytes.len > 0) memcpy(event->bytes, bytes.at, bytes.len);
    pl_list_init(&event->in_room);
    return event;
}

struct pl_event *pl_event_of_exchange(struct pl_exchange *exchange) {
    struct pl_event *event = create(PL_EVENT_EXCHANGE, NULL, (struct pl_slice){0});
    event->exchange = exchange;
    return event;
}

struct pl_event *pl_event_of_message(struct pl_connection *connection, struct pl_slice message,
                                     bool is_binary) {
    struct pl_event *event = create(PL_EVENT_MESSAGE, connection, message);
    event->flag = is_binary;
    return event;
}

struct pl_event *pl_event_of_close(struct pl_connection *connection, uint16_t code,
                                   struct pl_slice reason, bool was_clean) {
    struct pl_event *event = create(PL_EVENT_CLOSE, connection, reason);
    event->code = code;
    event->flag = was_clean;
    return event;
}

struct pl_event *pl_event_of_error(struct pl_connection *connection, struct pl_slice why) {
    return create(PL_EVENT_ERROR, connection, why);
}

struct pl_event *pl_event_of_alarm(void) {
    return create(PL_EVENT_ALARM, NULL, (struct pl_slice){0});
}

void pl_event_destroy(struct pl_event *event) {
    if (event->exchange != NULL) pl_exchange_unref(event->exchange);
    if (event->connection != NULL) pl_connection_unref(event->connection);
    free(event);
}
