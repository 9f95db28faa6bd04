/*
 * fetch.h -- outgoing HTTP requests, on libcurl and our loop.
 *
 * A fetch waits for its turn when too many are under way, connects only where it may, and tells
 * its owner in this order: the head, pieces of the body, the end. The owner's callbacks run
 * inside libcurl: they keep what they hear and wake whoever waits, and call nothing of this
 * file. A fetch never outlives pl_fetch_destroy, which cancels what is under way.
 */
#pragma once

#include "base/list.h"
#include "base/reach.h"

#include <stdint.h>

struct pl_fetch;
struct pl_fetches;
struct pl_loop;

struct pl_fetch_options {
    struct pl_reach reach; /* taken over, as the texts are */
    char *proxy;           /* a URL, or NULL */
    char *ca_file;         /* certificates to trust beside the system's, or NULL */
    size_t active_max;     /* at the same time, in all; more wait */
    size_t group_max;      /* the same of one group */
    size_t waiting_max;    /* that wait; more are refused */
    uint64_t connect_ms;
};

/* Those who share a bound: the fetches of one room. Zeroed at first; outlives them. */
struct pl_fetch_group {
    uint32_t active;
};

struct pl_fetch_header {
    struct pl_slice name, value; /* of no control characters */
};

#define PL_FETCH_NO_BODY (-1)
#define PL_FETCH_STREAM (-2) /* of a length that nobody knows */
#define PL_FETCH_UPGRADE \
    (-3) /* no body: bytes both ways once the server has changed to another
                                 protocol with 101, after which no time limit counts */

struct pl_fetch_request {
    struct pl_slice method, url; /* an absolute URL without user name and password */
    const struct pl_fetch_header *headers;
    size_t header_count;
    int64_t body_bytes;  /* its length, or one of those above */
    uint64_t timeout_ms; /* in all, from now on */
};

/* What came before the body. */
struct pl_fetch_head {
    int status;
    struct pl_slice reason;
    struct pl_slice headers; /* name NUL value NUL ..., names in lower case */
};

struct pl_fetch_events {
    void (*on_head)(void *owner, const struct pl_fetch_head *head);
    /* False: no more for the moment, and this piece comes again after pl_fetch_resume. */
    bool (*on_body)(void *owner, struct pl_slice piece);
    /* What was to be sent has left. */
    void (*on_sent)(void *owner);
    /* The last event. `why` is NULL when the answer is complete. */
    void (*on_end)(void *owner, const char *why);
};

/* Costs nothing before the first fetch. */
struct pl_fetches *pl_fetches_create(struct pl_loop *loop, struct pl_fetch_options *options);

/* Every fetch must have been destroyed. Idle connections are closed while the loop runs on. */
void pl_fetches_destroy(struct pl_fetches *fetches);

/* A fetch on its way; the request is copied. `group` may be NULL. Bad news come by on_end, never
 * before this returns. */
struct pl_fetch *pl_fetch_create(struct pl_fetches *fetches, struct pl_fetch_group *group,
                                 const struct pl_fetch_request *request,
                                 const struct pl_fetch_events *events, void *owner);

/* Cancels it if it has not ended. Not from inside a callback. */
void pl_fetch_destroy(struct pl_fetch *fetch);

/* The next piece of the request's body. While there is no room, enough waits to be sent: go on
 * after on_sent. */
void pl_fetch_send(struct pl_fetch *fetch, struct pl_slice piece);
bool pl_fetch_has_room(const struct pl_fetch *fetch);
void pl_fetch_end_body(struct pl_fetch *fetch);

/* The owner has room for more of the answer. */
void pl_fetch_resume(struct pl_fetch *fetch);
