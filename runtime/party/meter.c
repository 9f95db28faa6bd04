#include "party/meter.h"

#include "base/alloc.h"
#include "base/ticks.h"
#include "party/exchange.h"
#include "party/server.h"
#include "party/tap.h"

#include <stdio.h>
#include <stdlib.h>

const char *const pl_hook_names[PL_HOOK_COUNT] = {
    [PL_HOOK_START] = "onStart",
    [PL_HOOK_CONNECT] = "onConnect",
    [PL_HOOK_MESSAGE] = "onMessage",
    [PL_HOOK_CLOSE] = "onClose",
    [PL_HOOK_ERROR] = "onError",
    [PL_HOOK_REQUEST] = "onRequest",
    [PL_HOOK_ALARM] = "onAlarm",
    [PL_HOOK_BEFORE_CONNECT] = "onBeforeConnect",
    [PL_HOOK_BEFORE_REQUEST] = "onBeforeRequest",
};

const char *const pl_method_names[PL_METHODS] = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "OTHER",
};

#define CODE_4000 16
#define CODE_3XXX 17
#define CODE_4XXX 18
#define CODE_OTHER 19

static size_t place_of_code(uint16_t code) {
    if (code >= 1000 && code <= 1015) return code - 1000u;
    if (code == 4000) return CODE_4000;
    if (code >= 3000 && code <= 3999) return CODE_3XXX;
    if (code >= 4000 && code <= 4999) return CODE_4XXX;
    return CODE_OTHER;
}

void pl_meter_closed(struct pl_meter *meter, uint16_t code) {
    meter->closed[place_of_code(code)]++;
}

const char *pl_closed_name(size_t at, char text[8]) {
    switch (at) {
    case CODE_4000: return "4000";
    case CODE_3XXX: return "3xxx";
    case CODE_4XXX: return "4xxx";
    case CODE_OTHER: return "other";
    default: snprintf(text, 8, "%d", 1000 + (int)at % 16); return text;
    }
}

static size_t place_of_method(struct pl_slice method) {
    size_t at = 0;
    while (at < PL_METHODS - 1 && !pl_slice_equal(method, pl_slice_of(pl_method_names[at])))
        at++;
    return at;
}

void pl_meter_request(struct pl_exchange *exchange) {
    struct pl_server *server = exchange->server;
    if (exchange->door != PL_DOOR_PUBLIC || exchange->is_from_stub || exchange->is_counted)
        return;
    exchange->is_counted = true;
    int status = exchange->status == 0 ? 499 : exchange->status; /* the client has given up */
    if (status >= 600) return;
    uint64_t ticks = pl_ticks_since(exchange->begun_ticks);
    size_t method = place_of_method(exchange->request->method);
    struct pl_histogram **histogram = &server->requests.by_status[method][status];
    if (*histogram == NULL) *histogram = pl_alloc_zero(sizeof **histogram);
    pl_histogram_add(*histogram, &pl_buckets_long, ticks);
    if (pl_server_is_tapped(server)) pl_taps_on_request(exchange, status, ticks);
}

void pl_request_meter_finish(struct pl_request_meter *meter) {
    for (size_t method = 0; method < PL_METHODS; method++) {
        for (size_t status = 0; status < 600; status++) free(meter->by_status[method][status]);
    }
    *meter = (struct pl_request_meter){0};
}
