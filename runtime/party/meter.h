/*
 * meter.h -- what is counted about parties and requests, for metrics.
 *
 * Counting is adding to a number in memory that is at hand: no look-up, nothing allocated. What a
 * label may say is bounded: a party, never a room; of closing codes, those that strangers choose
 * count together.
 */
#pragma once

#include "base/histogram.h"
#include "base/rate.h"

#include <stdbool.h>

struct pl_connection;
struct pl_exchange;
struct pl_party;

/* Hooks that are timed. */
enum pl_hook {
    PL_HOOK_START,
    PL_HOOK_CONNECT,
    PL_HOOK_MESSAGE,
    PL_HOOK_CLOSE,
    PL_HOOK_ERROR,
    PL_HOOK_REQUEST,
    PL_HOOK_ALARM,
    PL_HOOK_BEFORE_CONNECT,
    PL_HOOK_BEFORE_REQUEST,
    PL_HOOK_COUNT,
};
extern const char *const pl_hook_names[PL_HOOK_COUNT];

struct pl_hook_meter {
    struct pl_histogram durations; /* in pl_buckets_short */
    uint64_t errors;
};

/* Codes 1000 to 1015 each, 4000, and the others of clients and apps by their thousand. */
#define PL_CLOSED_CODES 20

struct pl_meter {
    uint64_t received[2], sent[2]; /* messages: text, binary */
    uint64_t room_starts, slow_readers;
    size_t asleep_count; /* rooms that hibernate now */
    size_t connection_count;
    uint64_t closed[PL_CLOSED_CODES];
    struct pl_hook_meter hooks[PL_HOOK_COUNT];
};

/* The label of a place in `closed`. */
const char *pl_closed_name(size_t at, char text[8]);
void pl_meter_closed(struct pl_meter *meter, uint16_t code);

/* What is timed of storage: reads, and how long what was written takes to be durable. */
enum pl_storage_op { PL_STORAGE_GET, PL_STORAGE_LIST, PL_STORAGE_COMMIT, PL_STORAGE_OPS };

/* Requests: by method and status, each made when it is first met. */
#define PL_METHODS 9 /* the last one for all that are not known */
extern const char *const pl_method_names[PL_METHODS];

struct pl_request_meter {
    struct pl_histogram *by_status[PL_METHODS][600]; /* in pl_buckets_long; NULL: none yet */
};

/* The answer to a request is complete, or nobody waits for it any more. */
void pl_meter_request(struct pl_exchange *exchange);
void pl_request_meter_finish(struct pl_request_meter *meter);
