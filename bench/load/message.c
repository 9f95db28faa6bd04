/* message.c -- see message.h. */
#include "load/message.h"

#include "load/fail.h"

void pl_message_check(const struct pl_connection *connection, const struct pl_options *options,
                      const struct pl_frame *frame, struct pl_payload *out) {
    enum pl_opcode kind = options->is_binary ? PL_BINARY : PL_TEXT;
    if (frame->opcode != kind)
        pl_fail("connection %u got a %s message", connection->number,
                options->is_binary ? "text" : "binary");
    if (frame->payload_len != options->size)
        pl_fail("connection %u got %zu bytes instead of %zu", connection->number,
                frame->payload_len, options->size);
    if (!pl_payload_read(out, frame->payload, frame->payload_len))
        pl_fail("connection %u got an altered message", connection->number);
    if (out->room != connection->room)
        pl_fail("connection %u of room %u got a message to room %u", connection->number,
                connection->room, out->room);
}

void pl_message_check_order(const struct pl_connection *connection,
                            const struct pl_payload *payload, uint64_t expected) {
    if (payload->sequence == expected) return;
    pl_fail("connection %u got message %llu of sender %u, not %llu: %s", connection->number,
            (unsigned long long)payload->sequence, payload->sender,
            (unsigned long long)expected,
            payload->sequence > expected ? "lost or overtaken" : "doubled or late");
}
