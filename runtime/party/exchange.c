#include "party/exchange.h"

#include "base/limits.h"
#include "base/ticks.h"
#include "party/host.h"
#include "party/meter.h"
#include "party/outbox.h"
#include "party/room.h"
#include "party/server.h"

#include <stdlib.h>
#include <unistd.h>

struct pl_exchange *pl_exchange_create(struct pl_server *server, struct pl_request *request,
                                       const struct pl_edge_calls *edge, void *socket) {
    struct pl_exchange *exchange = pl_alloc_zero(sizeof *exchange);
    exchange->refs = 1;
    exchange->begun_ticks = pl_ticks();
    exchange->server = server;
    exchange->request = pl_request_ref(request);
    exchange->edge = edge;
    exchange->socket = socket;
    exchange->has_body_ended = !request->has_body;
    pl_list_init(&exchange->in_keeper);
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
    pl_buffer_finish(&exchange->protocol);
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
    pl_meter_request(exchange);
    exchange->socket = NULL;
    exchange->state = PL_EXCHANGE_DONE;
    if (!exchange->has_body_ended) exchange->has_body_ended = exchange->is_body_broken = true;
    wake(exchange);
    pl_exchange_unref(exchange);
}

void pl_exchange_choose_protocol(struct pl_exchange *exchange, struct pl_slice name) {
    exchange->protocol.len = 0;
    pl_buffer_add(&exchange->protocol, name);
    exchange->has_protocol = true;
}

struct pl_slice pl_exchange_protocol(const struct pl_exchange *exchange) {
    return exchange->has_protocol ? pl_buffer_slice(&exchange->protocol)
                                  : exchange->request->protocol;
}

void pl_exchange_forward(struct pl_exchange *exchange) {
    pl_server_deliver(exchange->server, exchange);
}

/* Takes the socket for the last call to it. What is left of the body is of no use any more. */
static void *take_socket(struct pl_exchange *exchange) {
    void *socket = exchange->socket;
    pl_meter_request(exchange);
    exchange->socket = NULL;
    exchange->state = PL_EXCHANGE_DONE;
    return socket;
}

/* The room whose gate an answer has to wait at, or NULL. */
static struct pl_room *gate_of(const struct pl_exchange *exchange) {
    struct pl_room *room = exchange->room;
    return room != NULL && pl_room_is_gated(room) ? room : NULL;
}

static bool is_open(const struct pl_exchange *exchange) {
    return exchange->state == PL_EXCHANGE_OPEN && exchange->socket != NULL;
}

static bool is_streamed(const struct pl_exchange *exchange) {
    return exchange->state == PL_EXCHANGE_STREAMED && exchange->socket != NULL;
}

void pl_exchange_let_respond(struct pl_exchange *exchange, const struct pl_response *response) {
    if (exchange->socket == NULL) return;
    exchange->status = response->status;
    exchange->edge->respond(take_socket(exchange), response);
    pl_exchange_unref(exchange);
}

bool pl_exchange_respond(struct pl_exchange *exchange, const struct pl_response *response) {
    if (!is_open(exchange)) return false;
    struct pl_room *gate = gate_of(exchange);
    if (gate == NULL) {
        pl_exchange_let_respond(exchange, response);
    } else {
        exchange->state = PL_EXCHANGE_HELD;
        pl_outbox_respond(gate, exchange, response);
    }
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

void pl_exchange_let_begin(struct pl_exchange *exchange, const struct pl_response *head) {
    if (exchange->socket == NULL) return;
    exchange->is_begun = true;
    exchange->status = head->status;
    exchange->edge->begin(exchange->socket, head);
}

bool pl_exchange_begin(struct pl_exchange *exchange, const struct pl_response *head) {
    if (!is_open(exchange)) return false;
    struct pl_room *gate = gate_of(exchange);
    exchange->state = PL_EXCHANGE_STREAMED;
    if (gate == NULL) {
        pl_exchange_let_begin(exchange, head);
    } else {
        pl_outbox_begin(gate, exchange, head);
    }
    return true;
}

bool pl_exchange_respond_file(struct pl_exchange *exchange, const struct pl_response *head,
                              struct pl_file_part part) {
    if (!is_open(exchange)) {
        close(part.file);
        return false;
    }
    exchange->status = head->status;
    exchange->edge->respond_file(take_socket(exchange), head, part);
    pl_exchange_unref(exchange);
    return true;
}

void pl_exchange_let_write(struct pl_exchange *exchange, struct pl_slice piece) {
    if (exchange->socket == NULL) return;
    if (exchange->edge->write(exchange->socket, piece)) wake(exchange);
}

bool pl_exchange_write(struct pl_exchange *exchange, struct pl_slice piece) {
    if (!is_streamed(exchange) || piece.len == 0) return true;
    struct pl_room *gate = gate_of(exchange);
    if (gate == NULL) return exchange->edge->write(exchange->socket, piece);
    pl_outbox_write(gate, exchange, piece);
    return false;
}

void pl_exchange_let_end(struct pl_exchange *exchange) {
    if (exchange->socket == NULL) return;
    exchange->edge->end(take_socket(exchange));
    wake(exchange);
    pl_exchange_unref(exchange);
}

void pl_exchange_end(struct pl_exchange *exchange) {
    if (!is_streamed(exchange)) return;
    struct pl_room *gate = gate_of(exchange);
    if (gate == NULL) {
        pl_exchange_let_end(exchange);
    } else {
        exchange->state = PL_EXCHANGE_HELD;
        pl_outbox_end(gate, exchange);
    }
}

void pl_exchange_let_abort(struct pl_exchange *exchange) {
    if (exchange->socket == NULL) return;
    exchange->edge->abort(take_socket(exchange));
    wake(exchange);
    pl_exchange_unref(exchange);
}

void pl_exchange_abort(struct pl_exchange *exchange) {
    if (!is_streamed(exchange)) return;
    struct pl_room *gate = gate_of(exchange);
    if (gate == NULL) {
        pl_exchange_let_abort(exchange);
    } else {
        exchange->state = PL_EXCHANGE_HELD;
        pl_outbox_abort(gate, exchange);
    }
}

void pl_exchange_fail(struct pl_exchange *exchange, struct pl_slice why) {
    if (exchange->socket == NULL) return;
    if (exchange->is_begun) {
        pl_exchange_let_abort(exchange);
        return;
    }
    exchange->room = NULL;
    exchange->state = PL_EXCHANGE_OPEN;
    pl_exchange_respond_text(exchange, 503, why);
}

bool pl_exchange_is_outdated(const struct pl_exchange *exchange) {
    return exchange->keeper != NULL && exchange->keeper != exchange->server->host;
}

void pl_exchange_restart(struct pl_exchange *exchange) {
    if (exchange->is_body_taken) {
        pl_exchange_fail(exchange, PL_SLICE("The server has reloaded its app; ask again"));
    } else if (exchange->state == PL_EXCHANGE_OPEN && exchange->socket != NULL) {
        exchange->has_protocol = false;
        pl_server_on_exchange(exchange->server, exchange);
    }
}

void pl_exchange_take_body(struct pl_exchange *exchange, struct pl_buffer *out) {
    bool was_full = exchange->body.len >= PL_BODY_AHEAD_BYTES;
    *out = exchange->body;
    exchange->is_body_taken = true;
    exchange->body = (struct pl_buffer){0};
    if (was_full && exchange->socket != NULL) exchange->edge->read_body(exchange->socket);
}
