/*
 * jws.h -- signatures of JSON Web Signatures (RFC 7515, 7518, 8037), on OpenSSL.
 *
 * A key is a secret (HS256), or in DER a SubjectPublicKeyInfo or a private key (RS256, ES256,
 * EdDSA with Ed25519). It decides what it is for: no caller can make a signature of one kind be
 * checked as another.
 */
#pragma once

#include "base/buffer.h"

enum pl_jws_algorithm { PL_JWS_NONE, PL_JWS_HS256, PL_JWS_RS256, PL_JWS_ES256, PL_JWS_EDDSA };

struct pl_jws_key {
    enum { PL_JWS_SECRET, PL_JWS_PUBLIC, PL_JWS_PRIVATE } kind;
    struct pl_slice bytes; /* borrowed */
};

/* What a key is for. PL_JWS_NONE, and why in `*why`, when it is for nothing: no key, another
 * kind or curve, or too small (RFC 7518 3.2, 3.3). */
enum pl_jws_algorithm pl_jws_algorithm_of(const struct pl_jws_key *key, const char **why);

/* Adds the signature of `input` to `out`; false when this key signs nothing. */
bool pl_jws_sign(const struct pl_jws_key *key, struct pl_slice input, struct pl_buffer *out);

/* Whether it is the signature of `input`. A secret is compared in constant time. */
bool pl_jws_verify(const struct pl_jws_key *key, struct pl_slice input,
                   struct pl_slice signature);
