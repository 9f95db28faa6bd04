/*
 * http_rules.h -- which requests are refused, and what a request's head means.
 *
 * The part of RFC 9110 and 9112 that a parser leaves to its caller, or that llhttp takes more
 * easily than is safe: whatever another server might read differently is refused.
 */
#pragma once

#include "proto/http.h"

/* An answer to a request that is not served. */
struct pl_http_refusal {
    int status;
    const char *why;
};

/* How the end of a body is found. */
struct pl_http_extent {
    bool is_chunked;
    uint64_t length; /* the declared one, else 0 */
};

/* Judges a request line, without its line end. It may be only the beginning of one: then a
 * target that is too long is all that is looked for. */
bool pl_http_judge_line(struct pl_slice line, bool is_whole, size_t url_bytes_max,
                        struct pl_http_refusal *refusal);

/* Judges the headers of `head`, whose version is set already, and fills in what follows from
 * them. */
bool pl_http_judge_head(struct pl_http_head *head, size_t body_bytes_max,
                        struct pl_http_extent *extent, struct pl_http_refusal *refusal);

/* Whether `text` is what may follow the size of a chunk: nothing, or extensions (RFC 9112 7.1.1). */
bool pl_http_are_extensions(struct pl_slice text);
