/* message.h -- the checks that every message of every scenario has to pass. */
#pragma once

#include "load/connection.h"
#include "load/payload.h"

/* Reads a message that `connection` got; fails unless kind, size, content and room are as
 * they were sent. */
void pl_message_check(const struct pl_connection *connection, const struct pl_options *options,
                      const struct pl_frame *frame, struct pl_payload *out);

/* Fails unless `payload` is number `expected` of its sender: later ones mean that messages
 * were lost or overtaken, earlier ones that this one came twice or too late. */
void pl_message_check_order(const struct pl_connection *connection,
                            const struct pl_payload *payload, uint64_t expected);
