#include "party/outbox.h"

#include "base/pool.h"
#include "party/host.h"
#include "party/room.h"
#include "party/server.h"
#include "party/storage.h"
#include "party/tap.h"

#include <stdlib.h>

enum kind {
    SEND,
    BROADCAST,
    CLOSE,
    OPEN,
    REJECT,
    RESPOND,
    BEGIN,
    WRITE,
    END,
    ABORT,
    CALL,
};

struct pl_effect {
    struct pl_list in_outbox;
    enum kind kind;
    uint64_t seq;                     /* of the batch that must be durable first */
    struct pl_connection *connection; /* references */
    struct pl_exchange *exchange;
    struct pl_connection **receivers; /* of a broadcast: a reference to each */
    size_t receiver_count;
    struct pl_response response; /* its slices lie in `bytes` */
    void (*run)(void *owner, bool is_wanted);
    void *owner;
    uint16_t code;
    bool is_binary;
    size_t len;
    char bytes[]; /* message, reason, piece, or what a response points to */
};

/* ---- keeping -------------------------------------------------------------------------------- */

static struct pl_effect *add(struct pl_room *room, enum kind kind, size_t len) {
    struct pl_storage *storage = room->storage;
    struct pl_effect *effect = pl_pool_take(sizeof *effect + len);
    *effect = (struct pl_effect){.kind = kind, .seq = storage->gate_seq, .len = len};
    pl_list_init(&effect->in_outbox);
    pl_list_push(&storage->outbox, &effect->in_outbox);
    storage->outbox_bytes += len;
    return effect;
}

static struct pl_effect *add_bytes(struct pl_room *room, enum kind kind,
                                   struct pl_slice bytes) {
    struct pl_effect *effect = add(room, kind, bytes.len);
    if (bytes.len > 0) memcpy(effect->bytes, bytes.at, bytes.len);
    return effect;
}

void pl_outbox_send(struct pl_room *room, struct pl_connection *connection,
                    const struct pl_message *message) {
    struct pl_effect *effect = add_bytes(room, SEND, message->bytes);
    effect->connection = pl_connection_ref(connection);
    effect->is_binary = message->is_binary;
}

/* Whoever is there now gets it; who comes later does not. */
void pl_outbox_broadcast(struct pl_room *room, const struct pl_message *message,
                         const struct pl_slice *without, size_t without_count) {
    struct pl_effect *effect = add_bytes(room, BROADCAST, message->bytes);
    effect->is_binary = message->is_binary;
    effect->receivers = pl_alloc((room->connection_count + 1) * sizeof *effect->receivers);
    PL_LIST_EACH(at, &room->connections) {
        struct pl_connection *connection = pl_container_of(at, struct pl_connection, in_room);
        if (!pl_room_reaches(connection, without, without_count)) continue;
        effect->receivers[effect->receiver_count++] = pl_connection_ref(connection);
    }
}

static void add_closing(struct pl_room *room, enum kind kind, struct pl_connection *connection,
                        uint16_t code, struct pl_slice reason) {
    struct pl_effect *effect = add_bytes(room, kind, reason);
    effect->connection = pl_connection_ref(connection);
    effect->code = code;
}

void pl_outbox_close(struct pl_room *room, struct pl_connection *connection, uint16_t code,
                     struct pl_slice reason) {
    add_closing(room, CLOSE, connection, code, reason);
}

void pl_outbox_open(struct pl_room *room, struct pl_connection *connection) {
    add_closing(room, OPEN, connection, 0, (struct pl_slice){0});
}

void pl_outbox_reject(struct pl_room *room, struct pl_connection *connection, uint16_t code,
                      struct pl_slice reason) {
    add_closing(room, REJECT, connection, code, reason);
}

static struct pl_slice copy(char **at, struct pl_slice bytes) {
    struct pl_slice kept = pl_slice(*at, bytes.len);
    if (bytes.len > 0) memcpy(*at, bytes.at, bytes.len);
    *at += bytes.len;
    return kept;
}

static void add_response(struct pl_room *room, enum kind kind, struct pl_exchange *exchange,
                         const struct pl_response *response) {
    size_t table = response->header_count * sizeof(struct pl_request_header);
    size_t len = table + response->reason.len + response->body.len;
    for (size_t i = 0; i < response->header_count; i++) {
        len += response->headers[i].name.len + response->headers[i].value.len;
    }
    struct pl_effect *effect = add(room, kind, len);
    struct pl_request_header *headers = (void *)effect->bytes;
    char *at = effect->bytes + table;
    for (size_t i = 0; i < response->header_count; i++) {
        headers[i].name = copy(&at, response->headers[i].name);
        headers[i].value = copy(&at, response->headers[i].value);
    }
    effect->exchange = pl_exchange_ref(exchange);
    effect->response = (struct pl_response){.status = response->status,
                                            .reason = copy(&at, response->reason),
                                            .headers = headers,
                                            .header_count = response->header_count,
                                            .body = copy(&at, response->body)};
}

void pl_outbox_respond(struct pl_room *room, struct pl_exchange *exchange,
                       const struct pl_response *response) {
    add_response(room, RESPOND, exchange, response);
}

void pl_outbox_begin(struct pl_room *room, struct pl_exchange *exchange,
                     const struct pl_response *head) {
    add_response(room, BEGIN, exchange, head);
}

void pl_outbox_write(struct pl_room *room, struct pl_exchange *exchange,
                     struct pl_slice piece) {
    add_bytes(room, WRITE, piece)->exchange = pl_exchange_ref(exchange);
}

void pl_outbox_end(struct pl_room *room, struct pl_exchange *exchange) {
    add(room, END, 0)->exchange = pl_exchange_ref(exchange);
}

void pl_outbox_abort(struct pl_room *room, struct pl_exchange *exchange) {
    add(room, ABORT, 0)->exchange = pl_exchange_ref(exchange);
}

void pl_outbox_call(struct pl_room *room, void (*run)(void *owner, bool is_wanted),
                    void *owner) {
    struct pl_effect *effect = add(room, CALL, 0);
    effect->run = run;
    effect->owner = owner;
}

/* ---- letting go ----------------------------------------------------------------------------- */

static struct pl_slice bytes_of(const struct pl_effect *effect) {
    return pl_slice(effect->bytes, effect->len);
}

static void run_broadcast(struct pl_room *room, struct pl_effect *effect) {
    struct pl_message message = {
        .bytes = bytes_of(effect), .is_binary = effect->is_binary, .is_shared = true};
    if (pl_server_is_tapped(room->server)) {
        pl_taps_on_broadcast(room, message.bytes, message.is_binary, effect->receiver_count);
    }
    for (size_t i = 0; i < effect->receiver_count; i++) {
        pl_connection_let_send(effect->receivers[i], &message);
    }
    pl_message_finish(&message);
}

static void run_send(struct pl_effect *effect) {
    struct pl_message message = {.bytes = bytes_of(effect), .is_binary = effect->is_binary};
    pl_connection_let_send(effect->connection, &message);
    pl_message_finish(&message);
}

static void run(struct pl_room *room, struct pl_effect *effect) {
    switch (effect->kind) {
    case SEND: run_send(effect); break;
    case BROADCAST: run_broadcast(room, effect); break;
    case CLOSE:
        pl_connection_let_close(effect->connection, effect->code, bytes_of(effect));
        break;
    case OPEN: pl_connection_let_open(effect->connection); break;
    case REJECT:
        pl_connection_let_reject(effect->connection, effect->code, bytes_of(effect));
        break;
    case RESPOND: pl_exchange_let_respond(effect->exchange, &effect->response); break;
    case BEGIN: pl_exchange_let_begin(effect->exchange, &effect->response); break;
    case WRITE: pl_exchange_let_write(effect->exchange, bytes_of(effect)); break;
    case END: pl_exchange_let_end(effect->exchange); break;
    case ABORT: pl_exchange_let_abort(effect->exchange); break;
    case CALL: effect->run(effect->owner, true); break;
    }
}

static void destroy(struct pl_effect *effect) {
    for (size_t i = 0; i < effect->receiver_count; i++) {
        pl_connection_unref(effect->receivers[i]);
    }
    free(effect->receivers);
    if (effect->connection != NULL) pl_connection_unref(effect->connection);
    if (effect->exchange != NULL) pl_exchange_unref(effect->exchange);
    pl_pool_give(effect, sizeof *effect + effect->len);
}

static struct pl_effect *first_of(struct pl_storage *storage) {
    if (pl_list_is_empty(&storage->outbox)) return NULL;
    return pl_container_of(storage->outbox.next, struct pl_effect, in_outbox);
}

static void take(struct pl_storage *storage, struct pl_effect *effect) {
    pl_list_remove(&effect->in_outbox);
    storage->outbox_bytes -= effect->len;
}

void pl_outbox_release(struct pl_storage *storage) {
    for (struct pl_effect *effect;
         (effect = first_of(storage)) != NULL && effect->seq <= storage->durable_seq;) {
        take(storage, effect);
        run(storage->room, effect);
        destroy(effect);
    }
}

/* Without a room its hook has ended, and the answer was waiting for a commit. */
static struct pl_slice reason_of(const struct pl_exchange *exchange) {
    return exchange->room == NULL ? PL_SLICE("The room could not save its data")
                                  : pl_room_end_reason(exchange->room);
}

void pl_outbox_drop(struct pl_storage *storage) {
    for (struct pl_effect *effect; (effect = first_of(storage)) != NULL;) {
        take(storage, effect);
        if (effect->kind == CALL) effect->run(effect->owner, false);
        if (effect->exchange != NULL)
            pl_exchange_fail(effect->exchange, reason_of(effect->exchange));
        if (effect->connection != NULL && effect->kind != SEND) {
            pl_connection_fail(effect->connection, PL_FAILED_CODE,
                               pl_room_end_reason(effect->connection->room));
        }
        destroy(effect);
    }
}
