/*
 * outbox.h -- effects of a room that wait for a commit.
 *
 * An effect is one call to an edge (edge.h), kept with what it needs. It remembers the newest
 * batch it may depend on and leaves, in the order of the calls, when that batch is durable; when
 * the batch fails it never leaves. A room whose gate is open has no outbox and pays nothing:
 * whoever causes an effect asks pl_room_is_gated first.
 */
#pragma once

#include "party/connection.h"
#include "party/exchange.h"

struct pl_room;
struct pl_storage;

/* Each keeps one call for later; what it is given is copied. The room's gate must be shut. */
void pl_outbox_send(struct pl_room *room, struct pl_connection *connection,
                    const struct pl_message *message);
void pl_outbox_broadcast(struct pl_room *room, const struct pl_message *message,
                         const struct pl_slice *without, size_t without_count);
void pl_outbox_close(struct pl_room *room, struct pl_connection *connection, uint16_t code,
                     struct pl_slice reason);
void pl_outbox_open(struct pl_room *room, struct pl_connection *connection);
void pl_outbox_reject(struct pl_room *room, struct pl_connection *connection, uint16_t code,
                      struct pl_slice reason);
void pl_outbox_respond(struct pl_room *room, struct pl_exchange *exchange,
                       const struct pl_response *response);
void pl_outbox_begin(struct pl_room *room, struct pl_exchange *exchange,
                     const struct pl_response *head);
void pl_outbox_write(struct pl_room *room, struct pl_exchange *exchange, struct pl_slice piece);
void pl_outbox_end(struct pl_room *room, struct pl_exchange *exchange);
void pl_outbox_abort(struct pl_room *room, struct pl_exchange *exchange);

/* Some other effect: `run` is called once, with false when it shall not happen any more. */
void pl_outbox_call(struct pl_room *room, void (*run)(void *owner, bool is_wanted),
                    void *owner);

/* Lets go what depends on durable batches only. */
void pl_outbox_release(struct pl_storage *storage);

/* Drops all effects: answers that were promised become 503, connections that were about to open
 * or close are closed with 1011. */
void pl_outbox_drop(struct pl_storage *storage);
