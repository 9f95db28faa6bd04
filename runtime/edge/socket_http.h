/*
 * socket_http.h -- the inside of a socket's HTTP side, for the files that make it up.
 *
 *     socket_http.c        bytes to requests one after the other, and their time limits
 *     socket_request.c     what becomes of a head
 *     socket_answer.c      answers, and those that the edge gives by itself
 *     socket_file.c        an answer whose body is a file
 */
#pragma once

#include "base/limits.h"
#include "edge/address.h"
#include "edge/socket.h"

static inline bool pl_socket_is_http(const struct pl_socket *socket) {
    return socket->mode == PL_SOCKET_HTTP && !socket->stream.is_closing;
}

/* Output the kernel has not taken is bounded by making whoever writes wait for it: a hook, a
 * file, or the next of many pipelined requests. */
static inline bool pl_socket_can_take_more(const struct pl_socket *socket) {
    return socket->stream.queued_bytes < PL_CORK_BYTES_MAX;
}

/* Whether a request waits for its answer, or for the rest of it. */
static inline bool pl_socket_can_answer(const struct pl_socket *socket) {
    return pl_socket_is_http(socket) && socket->http->is_begun && !socket->http->is_answered;
}

/* The request is none of a trusted proxy's client any more. */
static inline void pl_socket_forget_client(struct pl_socket *socket) {
    pl_address_give_back(&socket->edge->addresses, socket->client);
    socket->client = NULL;
}

/* A head was read: on to the server, or answered at once. */
void pl_socket_begin_request(struct pl_socket *socket);

/* Whether pages of other origins may read what is answered at a path: at those that look like a
 * room's. */
bool pl_socket_is_shared(const struct pl_socket *socket, struct pl_slice path);

/* The answer is complete. A request whose body is still coming is read to its end first, so
 * that the client, which is busy sending it, gets to see the answer. */
void pl_socket_end_answer(struct pl_socket *socket);

/* Has the edge's scratch hold the head of an answer. */
void pl_socket_add_head(struct pl_socket *socket, const struct pl_response *response,
                        enum pl_http_framing framing, uint64_t content_length);

#define PL_EXTRA_HEADERS_MAX 2

/* An answer the edge gives by itself, with up to so many headers besides the text's type. */
void pl_socket_answer_with(struct pl_socket *socket, int status, const char *text,
                           const struct pl_request_header *extra, size_t extra_count);
void pl_socket_answer_text(struct pl_socket *socket, int status, const char *text);

/* Sends pieces of the file while the kernel takes them; when it takes no more, it is to be called
 * again once output has left. */
void pl_socket_send_file(struct pl_socket *socket);
