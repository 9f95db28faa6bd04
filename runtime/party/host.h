/*
 * host.h -- what the party asks of the application: run its hooks.
 *
 * A hook may wait; the host reports its end through the functions named at each call. `ref`
 * fields of rooms and connections are the host's own, zero at first.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct pl_connection;
struct pl_exchange;
struct pl_room;
struct pl_tap;

struct pl_host_calls {
    /* A static before-hook of the exchange's party. Ends with pl_exchange_forward or an answer. */
    void (*before)(void *host, struct pl_exchange *exchange);

    /* A request to no party: static files, onFetch, onSocket. Ends with an answer. */
    void (*other)(void *host, struct pl_exchange *exchange);

    /* A request to the server itself, through one of the admin doors. Ends with an answer. */
    void (*admin)(void *host, struct pl_exchange *exchange);

    /* Constructs the room's object and runs onStart. Ends with pl_room_on_started. */
    void (*start)(void *host, struct pl_room *room);

    /* The room leaves memory or hibernates: its object and timers go. */
    void (*stop)(void *host, struct pl_room *room);

    /* Tags, registration, onConnect. Ends with pl_connection_open or pl_connection_reject. */
    void (*connect)(void *host, struct pl_room *room, struct pl_exchange *exchange,
                    struct pl_connection *connection);

    void (*message)(void *host, struct pl_room *room, struct pl_connection *connection,
                    struct pl_slice message, bool is_binary);

    /* The connection has ended; it is in no list any more. */
    void (*close)(void *host, struct pl_room *room, struct pl_connection *connection,
                  uint16_t code, struct pl_slice reason, bool was_clean);

    /* The peer broke the protocol; close does not follow. */
    void (*error)(void *host, struct pl_room *room, struct pl_connection *connection,
                  struct pl_slice why);

    /* onRequest. Ends with an answer. */
    void (*request)(void *host, struct pl_room *room, struct pl_exchange *exchange);

    /* onAlarm, after so many failed runs. Ends with pl_alarm_done. */
    void (*alarm)(void *host, struct pl_room *room, unsigned retries);

    /* The room is reset: whatever hook of it runs or waits goes no further. Requests they were to
     * answer end with pl_exchange_fail, connections with pl_connection_fail. */
    void (*abort)(void *host, struct pl_room *room);

    /* What waits for commits of the room may go on (room->waiter). */
    void (*durable)(void *host, struct pl_room *room);

    /* What the host waits for at an exchange may have come: body bytes, their end, room for
     * output, or the client's leaving. */
    void (*wake)(void *host, struct pl_exchange *exchange);

    /* A tap that somebody waits for has lines (tap.h). */
    void (*tapped)(void *host, struct pl_tap *tap);

    /* No close and no error will follow for this connection. */
    void (*drop_connection)(void *host, struct pl_connection *connection);

    /* The connection's room hibernates: what it keeps of it may go. */
    void (*rest)(void *host, struct pl_connection *connection);

    /* The last reference is gone: let go of `ref`, or of `kept`. */
    void (*forget_exchange)(void *host, struct pl_exchange *exchange);
    void (*forget_connection)(void *host, struct pl_connection *connection);
    void (*forget_room)(void *host, struct pl_room *room);
};
