/*
 * tap.h -- what somebody who looks on sees of a server: lines of JSON about what happens.
 *
 * A tap keeps lines until they are taken, so many bytes of them; what comes when it is full is
 * counted and lost, so that no reader is ever waited for. While a server has no tap, each place
 * that could report something asks one question (pl_server_is_tapped) and goes on.
 */
#pragma once

#include "base/buffer.h"
#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_connection;
struct pl_exchange;
struct pl_room;
struct pl_server;

enum pl_tap_topic {
    PL_TAP_MESSAGES = 1,
    PL_TAP_CONNECTIONS = 2,
    PL_TAP_REQUESTS = 4,
    PL_TAP_LOG = 8,
};

#define PL_TAP_BYTES_MAX ((size_t)512 * 1024) /* of lines that wait */
#define PL_TAP_TEXT_BYTES_MAX 2048            /* of one message */

struct pl_tap {
    struct pl_list in_server;
    struct pl_server *server;     /* NULL when it has gone */
    unsigned topics;              /* of enum pl_tap_topic */
    struct pl_buffer party, room; /* only what concerns them; empty: all */
    struct pl_buffer lines;
    uint64_t lost; /* lines, since the last were taken */
    void *waiter;  /* the host's */
};

/* Adds a tap to the server; the caller has set what it is about. */
void pl_tap_open(struct pl_tap *tap, struct pl_server *server);
/* Harmless when repeated. */
void pl_tap_close(struct pl_tap *tap);

/* Moves the lines to `out`, which must be empty, behind one that says how many were lost. */
void pl_tap_take(struct pl_tap *tap, struct pl_buffer *out);

/* ---- what happens --------------------------------------------------------------------------- */

/* Called when somebody looks on, which is seldom: compilers move the calls out of the way. */
#define PL_SELDOM __attribute__((cold, noinline))

PL_SELDOM void pl_taps_on_message(struct pl_connection *connection, const char *way,
                                  struct pl_slice message, bool is_binary);
PL_SELDOM void pl_taps_on_broadcast(struct pl_room *room, struct pl_slice message,
                                    bool is_binary, size_t receivers);
PL_SELDOM void pl_taps_on_open(struct pl_connection *connection);
PL_SELDOM void pl_taps_on_close(struct pl_connection *connection, uint16_t code,
                                struct pl_slice reason);
PL_SELDOM void pl_taps_on_request(struct pl_exchange *exchange, int status, uint64_t ticks);

/* A line of the log, as one JSON object. */
PL_SELDOM void pl_taps_on_log(struct pl_server *server, struct pl_slice line);

/* Lets go of all, at the end of the server. */
void pl_taps_finish(struct pl_server *server);
