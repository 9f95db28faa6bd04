/* connection.c -- see connection.h. */
#include "load/connection.h"

#include "load/fail.h"
#include "load/payload.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define CLOSE_NORMAL 1000

static struct pl_connection *connection_of(struct pl_link *link) {
    return (struct pl_connection *)link; /* its first field */
}

static void send_control(struct pl_connection *connection, enum pl_opcode opcode,
                         const void *payload, size_t len) {
    struct pl_frame_draft draft = pl_frame_begin(&connection->link.output, opcode, len);
    if (len > 0) memcpy(draft.payload, payload, len);
    pl_frame_end(draft);
    pl_link_touch(&connection->link);
}

static void handle_close(struct pl_connection *connection, const struct pl_frame *frame) {
    int code = frame->payload_len < 2 ? 1005 : frame->payload[0] << 8 | frame->payload[1];
    if (connection->state != CONNECTION_CLOSING)
        pl_fail("connection %u was closed by the server with %d", connection->number, code);
    if (code != CLOSE_NORMAL)
        pl_fail("connection %u closed with 1000 and was answered %d", connection->number, code);
    connection->state = CONNECTION_ENDING;
}

static void handle_frame(struct pl_connection *connection, const struct pl_frame *frame) {
    if (connection->state == CONNECTION_ENDING)
        pl_fail("connection %u got a frame after the close frame", connection->number);
    switch (frame->opcode) {
    case PL_TEXT:
    case PL_BINARY: connection->events->on_message(connection, frame); break;
    case PL_PING: send_control(connection, PL_PONG, frame->payload, frame->payload_len); break;
    case PL_PONG: break;
    case PL_CLOSE: handle_close(connection, frame); break;
    }
}

static size_t on_bytes(struct pl_link *link, const uint8_t *bytes, size_t len) {
    struct pl_connection *connection = connection_of(link);
    size_t used = 0;
    if (connection->state == CONNECTION_OPENING) {
        used = pl_handshake_check(&connection->handshake, bytes, len);
        if (used == 0) return 0;
        connection->state = CONNECTION_OPEN;
        connection->events->on_open(connection);
    }
    struct pl_frame frame;
    while (pl_frame_read(&frame, bytes + used, len - used)) {
        used += frame.len;
        handle_frame(connection, &frame);
    }
    return used;
}

/* After the close frames the server may end the socket either way. */
static void on_end(struct pl_link *link, bool was_reset) {
    struct pl_connection *connection = connection_of(link);
    if (connection->state != CONNECTION_ENDING)
        pl_fail("the socket of connection %u was %s without a close frame", connection->number,
                was_reset ? "reset" : "ended");
    connection->state = CONNECTION_CLOSED;
    connection->events->on_closed(connection);
}

static const struct pl_link_events link_events = {on_bytes, on_end};

void pl_connection_open(struct pl_connection *connection, struct pl_loop *loop,
                        const struct pl_options *options, const char *kind) {
    char name[PL_ROOM_NAME_BYTES_MAX], path[PL_ROOM_NAME_BYTES_MAX + 16];
    assert(connection->state == CONNECTION_CLOSED);
    pl_options_room_name(options, kind, connection->room, name);
    snprintf(path, sizeof path, "/parties/main/%s", name);
    connection->state = CONNECTION_OPENING;
    pl_link_open(&connection->link, loop, &link_events);
    pl_handshake_request(&connection->handshake, &connection->link.output, path, loop->port);
    pl_link_touch(&connection->link);
}

void pl_connection_send(struct pl_connection *connection, const struct pl_options *options,
                        uint64_t sequence) {
    struct pl_payload payload = {connection->number, connection->room, sequence};
    enum pl_opcode opcode = options->is_binary ? PL_BINARY : PL_TEXT;
    struct pl_frame_draft draft =
        pl_frame_begin(&connection->link.output, opcode, options->size);
    pl_payload_write(&payload, draft.payload, options->size);
    pl_frame_end(draft);
    pl_link_touch(&connection->link);
}

void pl_connection_close(struct pl_connection *connection) {
    static const uint8_t code[2] = {CLOSE_NORMAL >> 8, CLOSE_NORMAL & 255};
    assert(connection->state == CONNECTION_OPEN);
    connection->state = CONNECTION_CLOSING;
    send_control(connection, PL_CLOSE, code, sizeof code);
}
