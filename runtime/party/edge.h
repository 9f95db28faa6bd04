/*
 * edge.h -- what the party asks of the place where a client's socket ends.
 *
 * An edge answers these calls for the sockets it owns; it reports what clients do through
 * pl_server_on_exchange, pl_exchange_on_… and pl_connection_on_…. A `socket` is the edge's own
 * pointer and is only ever handed back to it. Every call is one effect; effects of one socket
 * leave in the order of the calls. Nothing here may call back into the party before it returns.
 */
#pragma once

#include "base/slice.h"
#include "party/request.h"

#include <stdint.h>

struct pl_connection;

/* A response's head, and its body when it is whole. Borrowed for the call. */
struct pl_response {
    int status;
    struct pl_slice reason;                  /* empty: the standard phrase */
    const struct pl_request_header *headers; /* already checked: tokens, no CR, LF or NUL */
    size_t header_count;
    struct pl_slice body;
};

/* One message to one or many connections. `encoded` is the edge's own: what a broadcast has
 * framed for the first receiver serves all others. */
struct pl_message {
    struct pl_slice bytes;
    bool is_binary;
    bool is_shared; /* goes to many: worth encoding once */
    void *encoded;
    void (*free_encoded)(void *encoded);
};

struct pl_file_part {
    int file;
    uint64_t from, size; /* in bytes */
};

struct pl_edge_calls {
    /* ---- an exchange -------------------------------------------------------------------- */

    /* A whole response. The exchange is over for the edge. */
    void (*respond)(void *socket, const struct pl_response *response);

    /* A response whose body comes in pieces: begin, write..., end. `write` gives false when
     * output is waiting for the client: pl_exchange_on_drained will follow. */
    void (*begin)(void *socket, const struct pl_response *head);
    bool (*write)(void *socket, struct pl_slice piece);
    void (*end)(void *socket);

    /* The body cannot be completed: the connection is cut, so that the client notices. */
    void (*abort)(void *socket);

    /* A part of a file as the body. The edge closes the file. */
    void (*respond_file)(void *socket, const struct pl_response *head,
                         struct pl_file_part part);

    /* The buffered part of the request's body was taken: more may be read. */
    void (*read_body)(void *socket);

    /* ---- an upgrade --------------------------------------------------------------------- */

    /* The socket becomes a WebSocket. The 101 and what follows are held until open. */
    void (*upgrade)(void *socket, struct pl_connection *connection, struct pl_slice protocol);

    /* Lets the 101 and all that was sent go, and starts reading messages. */
    void (*open)(void *socket);

    /* Answers the upgrade with an HTTP status and a text after all. The socket is over. */
    void (*refuse)(void *socket, int status, struct pl_slice text);

    /* ---- a connection ------------------------------------------------------------------- */

    void (*send)(void *socket, struct pl_message *message);

    /* Starts the closing handshake; code 0 sends an empty close frame. With `forget`, messages
     * that were held since the upgrade are dropped first. */
    void (*close)(void *socket, uint16_t code, struct pl_slice reason, bool forget);

    /* Stops and resumes reading messages: the room has too many events waiting. */
    void (*pause)(void *socket);
    void (*resume)(void *socket);
};
