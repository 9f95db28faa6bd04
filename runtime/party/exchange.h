/*
 * exchange.h -- one request and its response, between an edge and the application.
 *
 * References: the edge holds one until it calls pl_exchange_on_gone or the response is complete,
 * whoever else keeps an exchange holds its own. A response goes out at most once; what is
 * written after the client has left is dropped silently.
 */
#pragma once

#include "base/buffer.h"
#include "base/list.h"
#include "party/edge.h"

struct pl_party;
struct pl_room;
struct pl_server;

enum pl_exchange_state {
    PL_EXCHANGE_OPEN,     /* nothing was answered yet */
    PL_EXCHANGE_STREAMED, /* the head was given, the body is on its way */
    PL_EXCHANGE_HELD,     /* all was given, and some of it waits for a commit */
    PL_EXCHANGE_DONE,     /* answered, upgraded, or the client is gone */
};

/* Which of the server's doors a request came through. */
enum pl_door {
    PL_DOOR_PUBLIC, /* for everybody; also room code's calls to other rooms */
    PL_DOOR_LOCAL,  /* the admin socket, which only its owner can open */
    PL_DOOR_ADMIN,  /* the admin address: whoever comes in has to show a token */
};

struct pl_exchange {
    unsigned refs;
    enum pl_door door;
    enum pl_exchange_state state;
    struct pl_server *server;
    struct pl_request *request;
    const struct pl_edge_calls *edge;
    void *socket;            /* the edge's; NULL when the client is gone or all is said */
    struct pl_party *party;  /* of a party URL */
    struct pl_slice room_id; /* of the request's path */
    struct pl_room *room;    /* whose hook answers, and at whose gate the answer waits; borrowed
                                while the room has the exchange, NULL outside rooms */
    struct pl_buffer body;   /* received and not yet taken */
    struct pl_buffer protocol; /* chosen by a before-hook, in place of the request's */
    bool has_protocol;
    bool has_body_ended; /* nothing follows what is in `body` */
    bool is_body_broken; /* the client left, or sent nonsense, before the end */
    bool is_body_taken;  /* some of it has left `body` */
    bool is_from_stub;   /* made by room code, not by a client */
    bool is_begun;       /* a streamed answer's head has left */
    bool is_counted;     /* by the meter */
    int status;          /* of the answer; 0: none has been given */
    uint64_t begun_ticks;
    unsigned depth; /* of stub calls that led here */
    void *waiter;   /* the host's: who waits for body or room to write */
    int kept;       /* the host's: the request as its code sees it */
    void *keeper;   /* the host's: who has `kept` */
    struct pl_list in_keeper;
};

struct pl_exchange *pl_exchange_create(struct pl_server *server, struct pl_request *request,
                                       const struct pl_edge_calls *edge, void *socket);
struct pl_exchange *pl_exchange_ref(struct pl_exchange *exchange);
void pl_exchange_unref(struct pl_exchange *exchange);

/* ---- for edges ------------------------------------------------------------------------------ */

/* The next piece of the request's body. False: enough is buffered, wait for read_body. */
bool pl_exchange_on_body(struct pl_exchange *exchange, struct pl_slice piece);
void pl_exchange_on_body_end(struct pl_exchange *exchange);

/* Output that had to wait has left. */
void pl_exchange_on_drained(struct pl_exchange *exchange);

/* The client is gone, or the edge answered by itself: the edge's socket must not be used. */
void pl_exchange_on_gone(struct pl_exchange *exchange);

/* ---- for the host --------------------------------------------------------------------------- */

/* Answers a WebSocket with this sub-protocol, or none when it is empty. */
void pl_exchange_choose_protocol(struct pl_exchange *exchange, struct pl_slice name);
struct pl_slice pl_exchange_protocol(const struct pl_exchange *exchange);

/* After a before-hook: on to the room. */
void pl_exchange_forward(struct pl_exchange *exchange);

/* Each answers once; false when it is too late (answered already, or the client is gone). */
bool pl_exchange_respond(struct pl_exchange *exchange, const struct pl_response *response);
bool pl_exchange_begin(struct pl_exchange *exchange, const struct pl_response *head);
bool pl_exchange_respond_file(struct pl_exchange *exchange, const struct pl_response *head,
                              struct pl_file_part part);

/* A short text as answer, content type text/plain;charset=UTF-8. */
bool pl_exchange_respond_text(struct pl_exchange *exchange, int status, struct pl_slice text);

/* After begin. `write` gives false when the caller should wait for the host's wake. */
bool pl_exchange_write(struct pl_exchange *exchange, struct pl_slice piece);
void pl_exchange_end(struct pl_exchange *exchange);
void pl_exchange_abort(struct pl_exchange *exchange);

/* Moves what is buffered of the body to `out`, which must be empty. */
void pl_exchange_take_body(struct pl_exchange *exchange, struct pl_buffer *out);

/* The hook that was to answer goes no further: 503 with `why` when nothing has left yet, else the
 * client sees the answer break off. */
void pl_exchange_fail(struct pl_exchange *exchange, struct pl_slice why);

/* Whether a before-hook has let it on whose app another one has replaced since. */
bool pl_exchange_is_outdated(const struct pl_exchange *exchange);

/* Begins anew, since another app has taken the place of the one that has looked at it: its
 * before-hook runs, if it has one. 503 when the request's body has been read already. */
void pl_exchange_restart(struct pl_exchange *exchange);

/* ---- for the outbox: effects that have waited long enough ------------------------------------ */

void pl_exchange_let_respond(struct pl_exchange *exchange, const struct pl_response *response);
void pl_exchange_let_begin(struct pl_exchange *exchange, const struct pl_response *head);
void pl_exchange_let_write(struct pl_exchange *exchange, struct pl_slice piece);
void pl_exchange_let_end(struct pl_exchange *exchange);
void pl_exchange_let_abort(struct pl_exchange *exchange);
