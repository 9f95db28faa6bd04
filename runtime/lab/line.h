/*
 * line.h -- a client of a test: the other end of a request or of a WebSocket, without a network.
 *
 * Answers party/edge.h as edge/socket does, but what a socket would write is kept here until the
 * test reads it. A line may be read for as long as its handle lives, also after the lab has ended.
 *
 * References: the handle's in Lua, and the edge's while the party may still use the line.
 */
#pragma once

#include "base/buffer.h"
#include "base/list.h"
#include "party/request.h"

#include <stdint.h>

struct pl_connection;
struct pl_exchange;
struct pl_server;

/* What the client is to hear; or what it has said while nobody reads. */
struct pl_line_event {
    struct pl_list in_line;
    bool is_close, is_binary, was_clean;
    uint16_t code;
    size_t len;
    char bytes[];
};

struct pl_line {
    unsigned refs;
    struct pl_server *server;
    struct pl_list in_lab;            /* while the party may use it */
    struct pl_list in_due;            /* to go on at the end of the turn */
    struct pl_list *due;              /* the lab's list of those */
    struct pl_exchange *exchange;     /* until it is answered; borrowed */
    struct pl_connection *connection; /* after an upgrade, while it lasts; borrowed */
    struct pl_buffer request_body;    /* what the party has not taken yet */
    struct pl_list heard;             /* of struct pl_line_event: for the client */
    struct pl_list said;              /* of struct pl_line_event: for the party, while paused */
    struct pl_buffer protocol, reason, headers, body; /* headers: name NUL value NUL ... */
    int status;                                       /* 0 before there is a head */
    uint16_t close_code; /* of the server's close frame, to be answered */
    bool is_ended, is_broken;
    bool is_open;        /* the 101 is out: what was heard may be read */
    bool has_sent_close; /* the server has */
    bool is_paused;
};

/* A request, which is delivered at once; `lines` and `due` are lists of the lab. */
struct pl_line *pl_line_create(struct pl_server *server, const struct pl_request_parts *parts,
                               struct pl_slice body, struct pl_list *lines,
                               struct pl_list *due);
void pl_line_ref(struct pl_line *line);
void pl_line_unref(struct pl_line *line);

/* What clients do. Nothing, once the connection has ended. */
void pl_line_send(struct pl_line *line, struct pl_slice message, bool is_binary);
void pl_line_close(struct pl_line *line, uint16_t code, struct pl_slice reason);
/* Its network is gone, without a closing handshake. */
void pl_line_drop(struct pl_line *line);

/* The server closes it: it is about to end. */
void pl_line_drain(struct pl_line *line);

/* Goes on with what waits for the end of a turn. */
void pl_line_turn(struct pl_line *line);

/* The next thing the client hears, or NULL; the caller frees it. */
struct pl_line_event *pl_line_next(struct pl_line *line);
