#include "party/tap.h"

#include "base/clock.h"
#include "base/quote.h"
#include "base/ticks.h"
#include "party/connection.h"
#include "party/exchange.h"
#include "party/host.h"
#include "party/room.h"
#include "party/server.h"

#include <stdio.h>

void pl_tap_open(struct pl_tap *tap, struct pl_server *server) {
    tap->server = server;
    pl_list_init(&tap->in_server);
    pl_list_push(&server->taps, &tap->in_server);
    if (server->on_tapped != NULL) server->on_tapped(server);
}

void pl_tap_close(struct pl_tap *tap) {
    struct pl_server *server = tap->server;
    tap->server = NULL;
    if (server != NULL) {
        pl_list_remove(&tap->in_server);
        if (server->on_tapped != NULL) server->on_tapped(server);
    }
    pl_buffer_finish(&tap->lines);
    pl_buffer_finish(&tap->party);
    pl_buffer_finish(&tap->room);
}

void pl_taps_finish(struct pl_server *server) {
    PL_LIST_EACH(at, &server->taps) {
        pl_tap_close(pl_container_of(at, struct pl_tap, in_server));
    }
}

static void add_number(struct pl_buffer *out, const char *key, double number) {
    char text[64];
    int len = snprintf(text, sizeof text, ",\"%s\":%.15g", key, number);
    pl_buffer_add(out, pl_slice(text, (size_t)len));
}

static void add_text(struct pl_buffer *out, const char *key, struct pl_slice text) {
    pl_buffer_add(out, PL_SLICE(",\""));
    pl_buffer_add(out, pl_slice_of(key));
    pl_buffer_add(out, PL_SLICE("\":"));
    pl_quote_add(out, text);
}

void pl_tap_take(struct pl_tap *tap, struct pl_buffer *out) {
    if (tap->lost > 0) {
        pl_buffer_add(out, PL_SLICE("{\"type\":\"lost\""));
        add_number(out, "count", (double)tap->lost);
        pl_buffer_add(out, PL_SLICE("}\n"));
        tap->lost = 0;
    }
    pl_buffer_add(out, pl_buffer_slice(&tap->lines));
    pl_buffer_finish(&tap->lines);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static bool is_about(const struct pl_buffer *wanted, struct pl_slice name) {
    return wanted->len == 0 || pl_slice_equal(pl_buffer_slice(wanted), name);
}

/* Gives a finished line to those it concerns, and forgets it. */
static void give(struct pl_server *server, unsigned topic, struct pl_slice party,
                 struct pl_slice room, struct pl_buffer *line) {
    pl_buffer_add(line, PL_SLICE("}\n"));
    PL_LIST_EACH(at, &server->taps) {
        struct pl_tap *tap = pl_container_of(at, struct pl_tap, in_server);
        if ((tap->topics & topic) == 0) continue;
        if (!is_about(&tap->party, party) || !is_about(&tap->room, room)) continue;
        if (tap->lines.len + line->len > PL_TAP_BYTES_MAX) {
            tap->lost++;
            continue;
        }
        pl_buffer_add(&tap->lines, pl_buffer_slice(line));
        if (tap->waiter != NULL) server->host_calls->tapped(server->host, tap);
    }
    pl_buffer_finish(line);
}

static bool is_wanted(const struct pl_server *server, unsigned topic) {
    PL_LIST_EACH(at, &server->taps) {
        if ((pl_container_of(at, struct pl_tap, in_server)->topics & topic) != 0) return true;
    }
    return false;
}

static void begin(struct pl_buffer *line, struct pl_server *server, const char *type) {
    pl_buffer_add(line, PL_SLICE("{\"type\":\""));
    pl_buffer_add(line, pl_slice_of(type));
    pl_buffer_add(line, PL_SLICE("\""));
    add_number(line, "time", (double)pl_clock_wall_ms(server->clock));
}

static void begin_in_room(struct pl_buffer *line, struct pl_room *room, const char *type) {
    begin(line, room->server, type);
    add_text(line, "party", pl_party_name(room->party));
    add_text(line, "room", pl_room_id(room));
}

static void give_of_room(struct pl_room *room, unsigned topic, struct pl_buffer *line) {
    give(room->server, topic, pl_party_name(room->party), pl_room_id(room), line);
}

/* The beginning of a message, not cut within a character. */
static struct pl_slice beginning_of(struct pl_slice text) {
    if (text.len <= PL_TAP_TEXT_BYTES_MAX) return text;
    size_t len = PL_TAP_TEXT_BYTES_MAX;
    while (len > 0 && ((unsigned char)text.at[len] & 0xc0) == 0x80) len--;
    return pl_slice(text.at, len);
}

static void add_hex(struct pl_buffer *out, struct pl_slice bytes) {
    size_t len = bytes.len < PL_TAP_TEXT_BYTES_MAX / 8 ? bytes.len : PL_TAP_TEXT_BYTES_MAX / 8;
    pl_buffer_add(out, PL_SLICE(",\"hex\":\""));
    for (size_t i = 0; i < len; i++) {
        char digits[3];
        snprintf(digits, sizeof digits, "%02x", (unsigned char)bytes.at[i]);
        pl_buffer_add(out, pl_slice(digits, 2));
    }
    pl_buffer_add_byte(out, '"');
}

static void add_message(struct pl_buffer *line, const char *way, struct pl_slice message,
                        bool is_binary) {
    add_text(line, "way", pl_slice_of(way));
    add_number(line, "size", (double)message.len);
    if (is_binary) add_hex(line, message);
    else add_text(line, "text", beginning_of(message));
}

/* ---- what happens --------------------------------------------------------------------------- */

void pl_taps_on_message(struct pl_connection *connection, const char *way,
                        struct pl_slice message, bool is_binary) {
    struct pl_room *room = connection->room;
    struct pl_buffer line = {0};
    if (!is_wanted(room->server, PL_TAP_MESSAGES)) return;
    begin_in_room(&line, room, "message");
    add_text(&line, "conn", pl_connection_id(connection));
    add_message(&line, way, message, is_binary);
    give_of_room(room, PL_TAP_MESSAGES, &line);
}

void pl_taps_on_broadcast(struct pl_room *room, struct pl_slice message, bool is_binary,
                          size_t receivers) {
    struct pl_buffer line = {0};
    if (!is_wanted(room->server, PL_TAP_MESSAGES)) return;
    begin_in_room(&line, room, "message");
    add_number(&line, "receivers", (double)receivers);
    add_message(&line, "broadcast", message, is_binary);
    give_of_room(room, PL_TAP_MESSAGES, &line);
}

void pl_taps_on_open(struct pl_connection *connection) {
    struct pl_buffer line = {0};
    begin_in_room(&line, connection->room, "open");
    add_text(&line, "conn", pl_connection_id(connection));
    add_text(&line, "uri", pl_connection_uri(connection));
    give_of_room(connection->room, PL_TAP_CONNECTIONS, &line);
}

void pl_taps_on_close(struct pl_connection *connection, uint16_t code, struct pl_slice reason) {
    struct pl_buffer line = {0};
    begin_in_room(&line, connection->room, "close");
    add_text(&line, "conn", pl_connection_id(connection));
    add_number(&line, "code", code);
    add_text(&line, "reason", reason);
    give_of_room(connection->room, PL_TAP_CONNECTIONS, &line);
}

void pl_taps_on_request(struct pl_exchange *exchange, int status, uint64_t ticks) {
    struct pl_buffer line = {0};
    struct pl_slice party = {0};
    if (exchange->party != NULL) party = pl_party_name(exchange->party);
    begin(&line, exchange->server, "request");
    add_text(&line, "method", exchange->request->method);
    add_text(&line, "url", exchange->request->url);
    add_number(&line, "status", status);
    add_number(&line, "ms", (double)ticks * 1000 / pl_ticks_per_second());
    add_text(&line, "address", exchange->request->address);
    if (exchange->party != NULL) {
        add_text(&line, "party", party);
        add_text(&line, "room", exchange->room_id);
    }
    give(exchange->server, PL_TAP_REQUESTS, party, exchange->room_id, &line);
}

/* Whether a line of the log says `"key":"name"`. Names of the room stand before fields of the
 * app's own. */
static bool says(struct pl_slice line, const char *key, const struct pl_buffer *name) {
    struct pl_buffer wanted = {0};
    if (name->len == 0) return true;
    add_text(&wanted, key, pl_buffer_slice(name));
    bool is_found = memmem(line.at, line.len, wanted.at, wanted.len) != NULL;
    pl_buffer_finish(&wanted);
    return is_found;
}

void pl_taps_on_log(struct pl_server *server, struct pl_slice object) {
    PL_LIST_EACH(at, &server->taps) {
        struct pl_tap *tap = pl_container_of(at, struct pl_tap, in_server);
        struct pl_buffer line = {0};
        if ((tap->topics & PL_TAP_LOG) == 0 || !says(object, "party", &tap->party) ||
            !says(object, "room", &tap->room)) {
            continue;
        }
        begin(&line, server, "log");
        pl_buffer_add(&line, PL_SLICE(",\"log\":"));
        pl_buffer_add(&line, object);
        pl_buffer_add(&line, PL_SLICE("}\n"));
        if (tap->lines.len + line.len > PL_TAP_BYTES_MAX) tap->lost++;
        else pl_buffer_add(&tap->lines, pl_buffer_slice(&line));
        pl_buffer_finish(&line);
        if (tap->waiter != NULL) server->host_calls->tapped(server->host, tap);
    }
}
