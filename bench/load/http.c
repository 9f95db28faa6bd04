/*
 * http.c -- the scenario "http": GET /parties/main/:room on keep-alive connections.
 *
 * Each connection asks for a room of its own and knows the answer: {"hello":"ROOM"}.
 */
#include "load/fail.h"
#include "load/head.h"
#include "load/loop.h"
#include "load/report.h"
#include "load/scenarios.h"
#include "load/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAIN_LIMIT_MS 10000

struct getter {
    struct pl_link link;
    struct getters *all;
    uint64_t sent_ns;
    char request[192];
    char answer[PL_ROOM_NAME_BYTES_MAX + 16];
    size_t request_len, answer_len;
};

struct getters {
    const struct pl_options *options;
    struct pl_loop loop;
    struct pl_window window;
    struct getter *getters;
    uint32_t under_way;
    bool is_sending;
};

static void send_request(struct getter *getter) {
    getter->sent_ns = getter->all->loop.now_ns;
    pl_bytes_append(&getter->link.output, getter->request, getter->request_len);
    pl_link_touch(&getter->link);
}

static void check_answer(const struct getter *getter, const struct pl_head *head,
                         const uint8_t *body, size_t body_len) {
    if (head->status != 200) pl_fail("a GET was answered with %d", head->status);
    if (body_len != getter->answer_len || memcmp(body, getter->answer, body_len) != 0)
        pl_fail("a GET was answered with %.*s instead of %s", (int)(body_len % 200),
                (const char *)body, getter->answer);
}

static size_t on_bytes(struct pl_link *link, const uint8_t *bytes, size_t len) {
    struct getter *getter = (struct getter *)link; /* its first field */
    struct getters *all = getter->all;
    struct pl_head head;
    if (!pl_head_read(&head, bytes, len)) return 0;
    size_t body_len = pl_head_content_length(&head);
    if (len - head.len < body_len) return 0;
    if (len - head.len > body_len) pl_fail("more bytes than the answer to a GET");
    check_answer(getter, &head, bytes + head.len, body_len);

    pl_window_count(&all->window, all->loop.now_ns - getter->sent_ns);
    if (all->is_sending) send_request(getter);
    else all->under_way--;
    return len;
}

static void on_end(struct pl_link *link, bool was_reset) {
    (void)link;
    pl_fail("a keep-alive connection was %s by the server", was_reset ? "reset" : "closed");
}

static const struct pl_link_events link_events = {on_bytes, on_end};

static void prepare(struct getter *getter, struct getters *all, uint32_t number) {
    char name[PL_ROOM_NAME_BYTES_MAX];
    pl_options_room_name(all->options, "http", number, name);
    getter->all = all;
    getter->request_len =
        (size_t)snprintf(getter->request, sizeof getter->request,
                         "GET /parties/main/%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", name,
                         all->options->port);
    getter->answer_len =
        (size_t)snprintf(getter->answer, sizeof getter->answer, "{\"hello\":\"%s\"}", name);
}

static void start(struct getters *all, uint32_t count) {
    all->getters = pl_allocate(count, sizeof *all->getters);
    all->under_way = count;
    all->is_sending = true;
    for (uint32_t i = 0; i < count; i++) {
        prepare(&all->getters[i], all, i);
        pl_link_open(&all->getters[i].link, &all->loop, &link_events);
        send_request(&all->getters[i]);
    }
}

static void finish(struct getters *all, uint32_t count) {
    pl_loop_finish(&all->loop);
    for (uint32_t i = 0; i < count; i++) {
        pl_bytes_finish(&all->getters[i].link.carry);
        pl_bytes_finish(&all->getters[i].link.output);
    }
    free(all->getters);
    free(all);
}

void pl_http_run(const struct pl_options *options) {
    struct getters *all = pl_allocate(1, sizeof *all);
    all->options = options;
    pl_loop_init(&all->loop, options->port);
    start(all, options->connections);
    pl_window_run(&all->window, &all->loop, options);
    all->is_sending = false;
    pl_loop_run_until_zero(&all->loop, &all->under_way, DRAIN_LIMIT_MS, "answers");

    pl_report_begin(options->scenario);
    pl_report_number("connections", options->connections);
    pl_window_report(&all->window, "request");
    pl_report_number("rss_bytes", (double)pl_usage_resident_bytes(options->server));
    pl_report_end();
    finish(all, options->connections);
}
