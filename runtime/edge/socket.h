/*
 * socket.h -- one accepted socket from first byte to last: HTTP first, perhaps a WebSocket then.
 *
 * socket.c is its life (accepting, time limits, closing), the files of socket_http.h its requests
 * and answers, socket_ws.c its messages. One struct for all of them, since a socket is one thing
 * and ten thousand idle ones have to be small.
 */
#pragma once

#include "edge/edge.h"
#include "net/stream.h"
#include "party/edge.h"

struct pl_address;
struct pl_connection;
struct pl_exchange;

enum pl_socket_mode {
    PL_SOCKET_HTTP,
    PL_SOCKET_WS,
    PL_SOCKET_ENDING, /* all is said: what still comes is read and dropped until the peer ends */
};

/* The HTTP side; freed when the socket becomes a WebSocket. */
struct pl_http_side {
    struct pl_http *parser;
    struct pl_exchange
        *exchange; /* the request being answered; borrowed until it is answered */
    int file;      /* being sent as a body; -1 */
    uint64_t file_left, file_at;
    struct pl_slice key; /* of the handshake that is being decided on */
    bool is_begun;       /* a request's head was read and its answer is not complete */
    bool is_head_timed;  /* the head that is coming in has its time limit */
    bool is_read;        /* all of that request has been read */
    bool is_answering;   /* the head of the answer is out */
    bool is_answered;    /* the answer is complete */
    bool is_body_full;   /* the exchange holds enough of the body for now */
    bool is_chunked;
    bool is_head;   /* HEAD: no body goes out */
    bool adds_cors; /* the answer may be read by pages of other origins */
    bool keep_alive;
    bool is_upgrading;  /* the bytes behind the head may be frames */
    bool is_processing; /* in the loop that feeds the parser */
    int minor_version;
};

struct pl_socket {
    struct pl_stream stream;
    struct pl_edge *edge;
    struct pl_list in_edge;
    struct pl_list in_due;
    struct pl_timer timer;
    uint64_t deadline_ms;       /* loop time; the timer may run earlier and is moved then */
    struct pl_address *address; /* the peer's */
    struct pl_address *client;  /* whom a trusted proxy asks for just now; else NULL */
    struct pl_buffer pending;   /* read and not used yet */
    struct pl_http_side *http;
    struct pl_connection *connection; /* borrowed while the room knows us; else NULL */
    struct pl_ws ws;
    uint32_t heard_ms; /* loop time modulo 2^32 */
    /* Of the 101, which stays when what was sent after it is dropped: less than two heads. */
    uint32_t switch_len : 21;
    uint32_t mode : 2;   /* enum pl_socket_mode */
    bool is_proxy : 1;   /* the peer is one that is trusted */
    bool is_ws_open : 1; /* the 101 is out */
    bool is_ws_paused : 1, is_too_slow : 1;
    bool has_sent_close : 1, is_ping_out : 1;
    bool has_peer_ended : 1; /* and still wants what is queued for it */
};

/* malloc gives it 544 bytes, of which it keeps 8, and there are as many as clients. Of that libuv's
 * part is 248. */
_Static_assert(sizeof(struct pl_socket) - sizeof(uv_tcp_t) <= 288, "a socket has grown");

#define PL_NO_DEADLINE UINT64_MAX

/* ---- its life ------------------------------------------------------------------------------- */

extern const struct pl_edge_calls pl_socket_calls;

/* Takes over an accepted socket. */
void pl_socket_accept(struct pl_edge *edge, int fd, struct pl_address *address, bool is_proxy);

/* Sets when on_deadline of the mode is called; PL_NO_DEADLINE for never. */
void pl_socket_set_deadline(struct pl_socket *socket, uint64_t delay_ms);

/* Keeps bytes for later, and stops reading while there are any. */
void pl_socket_keep(struct pl_socket *socket, const char *bytes, size_t len);

/* Goes on with the kept bytes at the end of the turn. */
void pl_socket_mark_due(struct pl_socket *socket);

/* Waits for the peer to take output: idle_timeout_ms in which it takes none is too long. */
void pl_socket_wait_for_reader(struct pl_socket *socket);

/* All is said: sends what is queued and our FIN, drops what comes, and then closes at the peer's
 * FIN or after a moment. */
void pl_socket_end(struct pl_socket *socket);

/* Closes now. */
void pl_socket_drop(struct pl_socket *socket);

/* ---- its HTTP side -------------------------------------------------------------------------- */

struct pl_http_side *pl_http_side_create(struct pl_edge *edge);
void pl_http_side_destroy(struct pl_http_side *http);
void pl_socket_http_bytes(struct pl_socket *socket, const char *bytes, size_t len);
void pl_socket_http_drained(struct pl_socket *socket);
void pl_socket_http_deadline(struct pl_socket *socket);
/* Ends the socket once all is answered that came before the peer's end. */
void pl_socket_http_end(struct pl_socket *socket);
/* The peer is gone: whoever works on an answer hears of it. */
void pl_socket_http_gone(struct pl_socket *socket);
/* For a drain: an idle one is closed, a busy one after its answer. */
void pl_socket_http_drain(struct pl_socket *socket);

void pl_socket_respond(void *socket, const struct pl_response *response);
void pl_socket_begin(void *socket, const struct pl_response *head);
bool pl_socket_write(void *socket, struct pl_slice piece);
void pl_socket_finish(void *socket);
void pl_socket_abort(void *socket);
void pl_socket_respond_file(void *socket, const struct pl_response *head,
                            struct pl_file_part part);
void pl_socket_read_body(void *socket);

/* ---- its WebSocket -------------------------------------------------------------------------- */

extern const struct pl_ws_events pl_socket_ws_events;

void pl_socket_ws_bytes(struct pl_socket *socket, char *bytes, size_t len);
void pl_socket_ws_deadline(struct pl_socket *socket);
/* The peer is gone without a closing handshake. */
void pl_socket_ws_gone(struct pl_socket *socket);
void pl_socket_ws_drain(struct pl_socket *socket);

void pl_socket_upgrade(void *socket, struct pl_connection *connection,
                       struct pl_slice protocol);
void pl_socket_open(void *socket);
void pl_socket_refuse(void *socket, int status, struct pl_slice text);
void pl_socket_send(void *socket, struct pl_message *message);
void pl_socket_close(void *socket, uint16_t code, struct pl_slice reason, bool forget);
void pl_socket_pause(void *socket);
void pl_socket_resume(void *socket);
