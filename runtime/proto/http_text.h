/*
 * http_text.h -- the small grammar of header fields: tokens, lists, blanks, control bytes.
 */
#pragma once

#include "base/slice.h"

/* For each byte that may stand in a token (RFC 9110 5.6.2) its lower-case form, else 0. */
extern const unsigned char pl_text_token[256];

/* Whether `text` is a token; the empty text is none. */
bool pl_text_is_token(struct pl_slice text);

/* The index of the first control byte that is no tab (below 0x20, or 0x7f), or the length. */
size_t pl_text_find_control(struct pl_slice text);

static inline bool pl_text_is_blank(char c) { return c == ' ' || c == '\t'; }

/* `text` without spaces and tabs at both ends. */
struct pl_slice pl_text_trim(struct pl_slice text);

/* The next element of a comma-separated list, without blanks; empty elements are skipped, as
 * RFC 9110 5.6.1 asks. `*rest` is moved on; false at its end. */
bool pl_text_next(struct pl_slice *rest, struct pl_slice *element);
