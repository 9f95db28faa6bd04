/*
 * fetches.h -- what fetch.c and fetches.c share: libcurl's many transfers on our loop.
 *
 * fetches.c owns the multi handle: it watches the sockets that libcurl opens, runs its timer, and
 * hands out turns. fetch.c is one transfer: its options, and what it sends and receives.
 */
#pragma once

#include "base/buffer.h"
#include "base/timer.h"
#include "net/curl.h"
#include "net/fetch.h"
#include "net/fetch_head.h"

struct pl_fetches {
    const struct pl_curl *curl; /* NULL before the first fetch */
    struct pl_loop *loop;
    struct pl_fetch_options options;
    CURLM *multi;
    void *store;            /* of certificates, once the first https needs it */
    struct pl_timer timer;  /* libcurl's */
    struct pl_list waiting; /* of pl_fetch.in_waiting, oldest first */
    size_t active, waiting_count;
};

enum pl_fetch_state { PL_FETCH_WAITING, PL_FETCH_ACTIVE, PL_FETCH_FAILING, PL_FETCH_ENDED };

struct pl_fetch {
    struct pl_fetches *fetches;
    struct pl_fetch_group *group; /* or NULL */
    const struct pl_fetch_events *events;
    void *owner; /* borrowed; outlives the fetch */
    enum pl_fetch_state state;
    struct pl_list in_waiting;
    struct pl_timer limit; /* the time in all; when failing, the next turn */
    uint64_t timeout_ms;   /* of that limit */
    CURL *easy;            /* once it has had its turn */
    CURLU *url;
    struct curl_slist *headers;
    char *host; /* libcurl's, as it stands in the URL */
    char *method;
    uint16_t port;
    bool is_https, is_counted; /* among the active ones */
    int64_t body_bytes;
    struct pl_fetch_head_parser head;
    struct pl_buffer body; /* of the request: bytes to send */
    size_t body_sent;      /* of those */
    bool has_body_ended, has_streamed, is_half_closed;
    int paused;           /* CURLPAUSE_RECV, CURLPAUSE_SEND */
    struct pl_ip refused; /* the last address that was not open; len 0: none */
    const char *reason;   /* ours, instead of libcurl's */
    struct pl_buffer why; /* terminated, for on_end */
    char error[CURL_ERROR_SIZE];
};

/* Starts the multi handle; NULL, or why there is none. */
const char *pl_fetches_open(struct pl_fetches *fetches);

/* Gives turns to those that wait, as long as there are any to give. */
void pl_fetches_start_waiting(struct pl_fetches *fetches);

/* For fetches.c: its turn has come. */
void pl_fetch_begin(struct pl_fetch *fetch);

/* For fetch_options.c: it may go on for as long as it likes. */
void pl_fetch_lift_limit(struct pl_fetch *fetch);

/* For fetches.c: whether libcurl waits for bytes of it. When it does no longer, though nobody asked
 * for a pause, the other side has ended. */
void pl_fetch_note_watched(struct pl_fetch *fetch, bool is_reading);

/* For fetches.c: libcurl is done with it. */
void pl_fetch_finish(struct pl_fetch *fetch, CURLcode result);

/* Sets every option of the transfer. NULL, or why it cannot be. */
const char *pl_fetch_set_options(struct pl_fetch *fetch);

/* Trusts the system's certificates, and those of the options. NULL, or why not. */
const char *pl_fetch_set_certificates(struct pl_fetch *fetch);
