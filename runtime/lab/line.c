#include "lab/line.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "party/connection.h"
#include "party/exchange.h"
#include "party/room.h"
#include "party/server.h"
#include "proto/ws.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLOSE_HEAD_BYTES 4 /* two of the frame's header, two of the code */

static const struct pl_slice dropped = {"WebSocket disconnected without sending Close frame.",
                                        51};

/* ---- life ----------------------------------------------------------------------------------- */

void pl_line_ref(struct pl_line *line) { line->refs++; }

static void forget(struct pl_list *events) {
    while (!pl_list_is_empty(events)) {
        struct pl_line_event *event =
            pl_container_of(events->next, struct pl_line_event, in_line);
        pl_list_remove(&event->in_line);
        free(event);
    }
}

void pl_line_unref(struct pl_line *line) {
    if (--line->refs > 0) return;
    forget(&line->heard);
    forget(&line->said);
    pl_buffer_finish(&line->request_body);
    pl_buffer_finish(&line->protocol);
    pl_buffer_finish(&line->reason);
    pl_buffer_finish(&line->headers);
    pl_buffer_finish(&line->body);
    free(line);
}

/* The party is done with it: gives up the edge's reference. (Not inlined: where somebody else
 * holds a reference gcc would warn of a use after the free.) */
__attribute__((noinline)) static void end(struct pl_line *line) {
    line->is_ended = true;
    line->exchange = NULL;
    line->connection = NULL;
    pl_list_remove(&line->in_lab);
    pl_list_remove(&line->in_due);
    pl_line_unref(line);
}

static void mark_due(struct pl_line *line) {
    if (pl_list_is_empty(&line->in_due)) pl_list_push(line->due, &line->in_due);
}

static struct pl_line_event *add_event(struct pl_list *events, struct pl_slice bytes) {
    struct pl_line_event *event = pl_alloc_zero(sizeof *event + bytes.len);
    event->len = bytes.len;
    if (bytes.len > 0) memcpy(event->bytes, bytes.at, bytes.len);
    pl_list_init(&event->in_line);
    pl_list_push(events, &event->in_line);
    return event;
}

static void add_close(struct pl_list *events, uint16_t code, struct pl_slice reason,
                      bool was_clean) {
    struct pl_line_event *event = add_event(events, reason);
    event->is_close = true;
    event->code = code;
    event->was_clean = was_clean;
}

/* ---- what the party does -------------------------------------------------------------------- */

static void keep_head(struct pl_line *line, const struct pl_response *head) {
    line->status = head->status;
    pl_buffer_add(&line->reason, head->reason);
    for (size_t i = 0; i < head->header_count; i++) {
        pl_buffer_add(&line->headers, head->headers[i].name);
        pl_buffer_add_byte(&line->headers, '\0');
        pl_buffer_add(&line->headers, head->headers[i].value);
        pl_buffer_add_byte(&line->headers, '\0');
    }
}

static void on_respond(void *socket, const struct pl_response *response) {
    struct pl_line *line = socket;
    keep_head(line, response);
    pl_buffer_add(&line->body, response->body);
    end(line);
}

static void on_begin(void *socket, const struct pl_response *head) { keep_head(socket, head); }

static bool on_write(void *socket, struct pl_slice piece) {
    struct pl_line *line = socket;
    pl_buffer_add(&line->body, piece);
    return true;
}

static void on_end(void *socket) { end(socket); }

static void on_abort(void *socket) {
    struct pl_line *line = socket;
    line->is_broken = true;
    end(line);
}

static void on_respond_file(void *socket, const struct pl_response *head,
                            struct pl_file_part part) {
    struct pl_line *line = socket;
    char piece[16 * 1024];
    keep_head(line, head);
    while (part.size > 0) {
        size_t len = part.size < sizeof piece ? (size_t)part.size : sizeof piece;
        ssize_t got = pread(part.file, piece, len, (off_t)part.from);
        if (got <= 0) break;
        pl_buffer_add(&line->body, pl_slice(piece, (size_t)got));
        part.from += (uint64_t)got;
        part.size -= (uint64_t)got;
    }
    close(part.file);
    line->is_broken = part.size > 0;
    end(line);
}

static void on_read_body(void *socket) { mark_due(socket); }

static void on_upgrade(void *socket, struct pl_connection *connection,
                       struct pl_slice protocol) {
    struct pl_line *line = socket;
    line->exchange = NULL;
    line->connection = connection;
    pl_buffer_add(&line->protocol, protocol);
}

static void on_open(void *socket) {
    struct pl_line *line = socket;
    if (line->is_open) return;
    line->is_open = true;
    line->status = 101;
    if (line->has_sent_close) mark_due(line);
}

static void on_refuse(void *socket, int status, struct pl_slice text) {
    struct pl_line *line = socket;
    if (line->is_open) return; /* by a drain, which closes it */
    line->status = status;
    pl_buffer_add(&line->body, text);
    end(line);
}

static void on_send(void *socket, struct pl_message *message) {
    struct pl_line *line = socket;
    if (line->has_sent_close) return;
    add_event(&line->heard, message->bytes)->is_binary = message->is_binary;
}

/* The client answers the close frame by itself, at the end of the turn. The frame is made, since
 * it has room for so many bytes of the reason only. */
static void on_close(void *socket, uint16_t code, struct pl_slice reason, bool is_forgetful) {
    struct pl_line *line = socket;
    uint8_t frame[PL_WS_CONTROL_BYTES_MAX];
    if (line->has_sent_close) return;
    size_t len = pl_ws_close_frame(frame, code, reason);
    if (len > CLOSE_HEAD_BYTES) {
        reason = pl_slice((const char *)frame + CLOSE_HEAD_BYTES, len - CLOSE_HEAD_BYTES);
    }
    if (is_forgetful && !line->is_open) forget(&line->heard);
    line->has_sent_close = true;
    line->close_code = code == 0 ? 1005 : code;
    add_close(&line->heard, line->close_code, reason, true);
    mark_due(line);
}

static void on_pause(void *socket) {
    struct pl_line *line = socket;
    line->is_paused = true;
}

static void on_resume(void *socket) {
    struct pl_line *line = socket;
    line->is_paused = false;
    mark_due(line);
}

static const struct pl_edge_calls edge_calls = {
    .respond = on_respond,
    .begin = on_begin,
    .write = on_write,
    .end = on_end,
    .abort = on_abort,
    .respond_file = on_respond_file,
    .read_body = on_read_body,
    .upgrade = on_upgrade,
    .open = on_open,
    .refuse = on_refuse,
    .send = on_send,
    .close = on_close,
    .pause = on_pause,
    .resume = on_resume,
};

/* ---- requests ------------------------------------------------------------------------------- */

/* Hands over as much of the request's body as the party takes. */
static void feed_body(struct pl_line *line) {
    struct pl_exchange *exchange = line->exchange;
    if (exchange == NULL || exchange->has_body_ended) return;
    if (line->request_body.len > 0) {
        struct pl_buffer body = line->request_body;
        line->request_body = (struct pl_buffer){0};
        pl_exchange_on_body(exchange, pl_buffer_slice(&body));
        pl_buffer_finish(&body);
    }
    if (line->exchange != NULL) pl_exchange_on_body_end(line->exchange);
}

/* The answer that proto/http would give without asking the party; false when there is none. */
static bool refuse_large(struct pl_line *line, const struct pl_request_parts *parts,
                         struct pl_slice body) {
    const struct pl_limits *limits = &line->server->limits;
    struct pl_slice text;
    if (parts->path.len + parts->search.len > limits->url_bytes) {
        line->status = 414;
        text = PL_SLICE("The URL is too long");
    } else if (body.len > limits->body_bytes) {
        line->status = 413;
        text = PL_SLICE("The body is too large");
    } else {
        return false;
    }
    pl_buffer_add(&line->body, text);
    end(line);
    return true;
}

static struct pl_line *create_line(struct pl_server *server, struct pl_list *lines,
                                   struct pl_list *due) {
    struct pl_line *line = pl_alloc_zero(sizeof *line);
    line->refs = 1; /* the edge's */
    line->server = server;
    line->due = due;
    pl_list_init(&line->in_lab);
    pl_list_init(&line->in_due);
    pl_list_init(&line->heard);
    pl_list_init(&line->said);
    pl_list_push(lines, &line->in_lab);
    return line;
}

struct pl_line *pl_line_create(struct pl_server *server, const struct pl_request_parts *parts,
                               struct pl_slice body, struct pl_list *lines,
                               struct pl_list *due) {
    struct pl_line *line = create_line(server, lines, due);
    pl_line_ref(line);
    if (refuse_large(line, parts, body)) return line;
    pl_buffer_add(&line->request_body, body);
    struct pl_request *request = pl_request_create(parts);
    struct pl_exchange *exchange = pl_exchange_create(server, request, &edge_calls, line);
    line->exchange = exchange;
    pl_exchange_ref(exchange);
    pl_server_on_exchange(server, exchange);
    if (line->exchange != NULL) feed_body(line);
    pl_exchange_unref(exchange);
    pl_request_unref(request);
    return line; /* with the caller's reference */
}

/* ---- what the client does ------------------------------------------------------------------- */

static struct pl_connection *take_connection(struct pl_line *line) {
    struct pl_connection *connection = line->connection;
    line->connection = NULL;
    return connection;
}

/* As proto/ws would have it: the connection ends with the code of the violation. */
static void violate(struct pl_line *line, uint16_t code, const char *why) {
    struct pl_connection *connection = take_connection(line);
    line->has_sent_close = true;
    add_close(&line->heard, code, pl_slice_of(why), true);
    pl_connection_on_error(connection, pl_slice_of(why));
    end(line);
}

static void deliver(struct pl_line *line, struct pl_slice message, bool is_binary) {
    if (message.len > line->server->limits.message_bytes) {
        violate(line, 1009, "message is too long");
    } else if (!is_binary && !pl_utf8_is_valid(message)) {
        violate(line, 1007, "text is not UTF-8");
    } else {
        pl_connection_on_message(line->connection, message, is_binary);
    }
}

/* The client's part of the closing is done. */
static void finish_close(struct pl_line *line, uint16_t code, struct pl_slice reason) {
    struct pl_connection *connection = take_connection(line);
    if (!line->has_sent_close) add_close(&line->heard, code, reason, true);
    line->has_sent_close = true;
    pl_connection_on_close(connection, code, reason, true);
    end(line);
}

static bool must_wait(const struct pl_line *line) {
    return line->is_paused || !pl_list_is_empty(&line->said);
}

void pl_line_send(struct pl_line *line, struct pl_slice message, bool is_binary) {
    if (line->connection == NULL) return;
    if (must_wait(line)) add_event(&line->said, message)->is_binary = is_binary;
    else deliver(line, message, is_binary);
}

void pl_line_close(struct pl_line *line, uint16_t code, struct pl_slice reason) {
    if (line->connection == NULL) return;
    if (must_wait(line)) add_close(&line->said, code, reason, true);
    else finish_close(line, code, reason);
}

void pl_line_drop(struct pl_line *line) {
    if (line->connection != NULL) {
        struct pl_connection *connection = take_connection(line);
        if (!line->has_sent_close) add_close(&line->heard, 1006, PL_SLICE(""), false);
        line->has_sent_close = true;
        pl_connection_on_close(connection, 1006, dropped, false);
    } else if (line->exchange != NULL) {
        struct pl_exchange *exchange = line->exchange;
        line->exchange = NULL;
        line->is_broken = true;
        pl_exchange_on_gone(exchange);
    } else {
        return;
    }
    end(line);
}

void pl_line_drain(struct pl_line *line) {
    if (line->connection == NULL || line->has_sent_close) return;
    pl_connection_on_closing(line->connection);
    on_close(line, 1012, PL_SLICE("The server is restarting"), false);
    on_open(line);
}

/* ---- turns ---------------------------------------------------------------------------------- */

static void deliver_said(struct pl_line *line) {
    while (line->connection != NULL && !line->is_paused && !pl_list_is_empty(&line->said)) {
        struct pl_line_event *event =
            pl_container_of(line->said.next, struct pl_line_event, in_line);
        struct pl_slice bytes = pl_slice(event->bytes, event->len);
        pl_list_remove(&event->in_line);
        if (event->is_close) finish_close(line, event->code, bytes);
        else deliver(line, bytes, event->is_binary);
        free(event);
    }
}

void pl_line_turn(struct pl_line *line) {
    pl_line_ref(line);
    feed_body(line);
    deliver_said(line);
    if (line->connection != NULL && line->has_sent_close && line->is_open) {
        struct pl_line_event *event =
            pl_list_is_empty(&line->heard)
                ? NULL
                : pl_container_of(line->heard.prev, struct pl_line_event, in_line);
        struct pl_slice reason = {0};
        if (event != NULL && event->is_close) reason = pl_slice(event->bytes, event->len);
        finish_close(line, line->close_code, reason);
    }
    pl_line_unref(line);
}

struct pl_line_event *pl_line_next(struct pl_line *line) {
    bool may_read = line->is_open || line->is_ended;
    if (!may_read || pl_list_is_empty(&line->heard)) return NULL;
    struct pl_line_event *event =
        pl_container_of(line->heard.next, struct pl_line_event, in_line);
    pl_list_remove(&event->in_line);
    return event;
}
