#include "party/exchange.h"

#include "base/limits.h"
#include "party/host.h"
#include "party/server.h"

#include <stdlib.h>
#include <unistd.h>

struct pl_exchange *pl_exchange_create(struct pl_server *server, struct pl_request *request,
                                       const struct pl_edge_calls *edge, void *socket) {
    struct pl_exchange *exchange = pl_alloc_zero(sizeof *exchange);
    exchange->refs = 1;
    exchange->server = server;
    exchange->request = pl_request_ref(request);
    exchange->edge = edge;
    exchange->socket = socket;
    exchange->has_body_ended = !request->has_body;
    return exchange;
}

struct pl_exchange *pl_exchange_ref(struct pl_exchange *exchange) {
    exchange->refs++;
    return exchange;
}

void pl_exchange_unref(struct pl_exchange *exchange) {
    if (--exchange->refs > 0) return;
    exchange->server->host_calls->forget_exchange(exchange->server->host, exchange);
    pl_request_unref(exchange->request);
    pl_buffer_finish(&exchange->body);
    free(exchange);
}

static void wake(struct pl_exchange *exchange) {
    if (exchange->waiter == NULL) return;
    exchange->server->host_calls->wake(exchange->server->host, exchange);
}

bool pl_exchange_on_body(struct pl_exchange *exchange, struct pl_slice piece) {
    pl_buffer_add(&exchange->body, piece);
    wake(exchange);
    return exchange->body.len < PL_BODY_AHEAD_BYTES;
}

void pl_exchange_on_body_end(struct pl_exchange *exchange) {
    exchange->has_body_ended = true;
    wake(exchange);
}

void pl_exchange_on_drained(struct pl_exchange *exchange) { wake(exchange); }

void pl_exchange_on_gone(struct pl_exchange *exchange) {
    if (exchange->socket == NULL) return;
    exchange->socket = NULL;
    exchange->state = PL_EXCHANGE_DONE;
    if (!exchange->has_body_ended) exchange->has_body_ended = exchange->is_body_broken = true;
    wake(exchange);
    pl_exchange_unref(exchange);
}

void pl_exchange_forward(struct pl_exchange *exchange) {
    pl_server_deliver(exchange->server, exchange);
}

/* Takes the socket for the last call to it. What is left of the body is of no use any more. */
static void *take_socket(struct pl_exchange *exchange) {
    void *socket = exchange->socket;
    exchange->socket = NULL;
    exchange->state = PL_EXCHANGE_DONE;
    return socket;
}

bool pl_exchange_respond(struct pl_exchange *exchange, const struct pl_response *response) {
    if (exchange->state != PL_EXCHANGE_OPEN || exchange->socket == NULL) return false;
    exchange->edge->respond(take_socket(exchange), response);
    pl_exchange_unref(exchange);
    return true;
}

bool pl_exchange_respond_text(struct pl_exchange *exchange, int status, struct pl_slice text) {
    static const struct pl_request_header type = {
        {"content-type", 12},
        {"text/plain;charset=UTF-8", 24},
    };
    struct pl_response response = {
        .status = status, .headers = &type, .header_count = 1, .body = text};
    return pl_exchange_respond(exchange, &response);
}

bool pl_exchange_begin(struct pl_exchange *exchange, const struct pl_response *head) {
    if (exchange->state != PL_EXCHANGE_OPEN || exchange->socket == NULL) return false;
    exchange->state = PL_EXCHANGE_STREAMED;
    exchange->edge->begin(exchange->socket, head);
    return true;
}

bool pl_exchange_respond_file(struct pl_exchange *exchange, const struct pl_response *head,
                              int file, uint64_t size) {
    if (exchange->state != PL_EXCHANGE_OPEN || exchange->socket == NULL) {
        close(file);
        return false;
    }
    exchange->edge->respond_file(take_socket(exchange), head, file, size);
    pl_exchange_unref(exchange);
    return true;
}

bool pl_exchange_write(struct pl_exchange *exchange, struct pl_slice piece) {
    if (exchange->state != PL_EXCHANGE_STREAMED || exchange->socket == NULL) return true;
    return piece.len == 0 || exchange->edge->write(exchange->socket, piece);
}

void pl_exchange_end(struct pl_exchange *exchange) {
    if (exchange->state != PL_EXCHANGE_STREAMED || exchange->socket == NULL) return;
    exchange->edge->end(take_socket(exchange));
    pl_exchange_unref(exchange);
}

void pl_exchange_abort(struct pl_exchange *exchange) {
    if (exchange->state != PL_EXCHANGE_STREAMED || exchange->socket == NULL) return;
    exchange->edge->abort(take_socket(exchange));
    pl_exchange_unref(exchange);
}

void pl_exchange_take_body(struct pl_exchange *exchange, struct pl_buffer *out) {
    bool was_full = exchange->body.len >= PL_BODY_AHEAD_BYTES;
    *out = exchange->body;
    exchange->body = (struct pl_buffer){0};
    if (was_full && exchange->socket != NULL) exchange->edge->read_body(exchange->socket);
}
