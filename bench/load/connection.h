/*
 * connection.h -- one WebSocket to a room, from its handshake to the end of the socket.
 *
 * It checks all that the protocol promises and fails at the first thing amiss: a refused
 * handshake, a close that nobody asked for, a closing handshake with another code, a
 * socket that ends without one.
 */
#pragma once

#include "load/frame.h"
#include "load/handshake.h"
#include "load/loop.h"
#include "load/options.h"

struct pl_connection;

struct pl_connection_events {
    void (*on_open)(struct pl_connection *connection);
    /* A whole text or binary message; `frame` is valid during the call. */
    void (*on_message)(struct pl_connection *connection, const struct pl_frame *frame);
    /* The closing handshake is done and the socket gone; it may be opened anew. */
    void (*on_closed)(struct pl_connection *connection);
};

struct pl_connection {
    struct pl_link link;
    struct pl_handshake handshake;
    enum {
        CONNECTION_CLOSED,
        CONNECTION_OPENING,
        CONNECTION_OPEN,
        CONNECTION_CLOSING,
        CONNECTION_ENDING
    } state;
    const struct pl_connection_events *events; /* borrowed */
    void *owner;                               /* borrowed; for the events */
    uint32_t number;                           /* who it is in the messages it sends */
    uint32_t room;                             /* number of its room */
};

/* Connects to room `kind`-tag-`connection->room`; `number`, `room`, `events` and `owner` are
 * set by the caller before. */
void pl_connection_open(struct pl_connection *connection, struct pl_loop *loop,
                        const struct pl_options *options, const char *kind);

/* Sends its message number `sequence`, of the size and kind that the options say. */
void pl_connection_send(struct pl_connection *connection, const struct pl_options *options,
                        uint64_t sequence);

/* Starts the closing handshake with 1000. */
void pl_connection_close(struct pl_connection *connection);
