/*
 * handshake.h -- is this request a WebSocket handshake, and what is its accept key?
 *
 * RFC 6455 4.2.1 and 4.2.2. SHA-1 comes from OpenSSL's libcrypto.
 */
#pragma once

#include "proto/http.h"

enum pl_handshake {
    PL_HANDSHAKE_NONE, /* no websocket upgrade at all: an ordinary request */
    PL_HANDSHAKE_OK,
    PL_HANDSHAKE_REFUSED, /* meant as one, but broken: answer with `status` */
};

struct pl_handshake_result {
    int status;                /* 400, 405 or 426 */
    const char *why;           /* the answer's body */
    struct pl_slice key;       /* Sec-WebSocket-Key */
    struct pl_slice protocols; /* the first Sec-WebSocket-Protocol that names one, or empty */
};

/* Judges a request head. 426 goes out with `Sec-WebSocket-Version: 13`. */
enum pl_handshake pl_handshake_check(const struct pl_http_head *head,
                                     struct pl_handshake_result *out);

#define PL_ACCEPT_KEY_BYTES 28

/* The Sec-WebSocket-Accept value for a key. */
void pl_handshake_accept_key(struct pl_slice key, char out[PL_ACCEPT_KEY_BYTES + 1]);

/* The first protocol of a comma-separated list, without blanks; empty when there is none. */
struct pl_slice pl_handshake_first_protocol(struct pl_slice protocols);

/* The first of the protocols spoken here, a list like the other, that is among those offered. */
struct pl_slice pl_handshake_choose_protocol(struct pl_slice offered, struct pl_slice spoken);
