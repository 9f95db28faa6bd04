/*
 * utf8.h -- is this UTF-8? Whole texts at once, or piece by piece as they arrive.
 *
 * Valid means RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

/* Where a text stands that is checked in pieces; zero at its start. */
struct pl_utf8 {
    uint8_t missing;   /* continuation bytes still expected */
    uint8_t low, high; /* bounds of the next continuation byte */
};

/* Takes the next piece of a text. False as soon as no continuation could make it valid. */
bool pl_utf8_feed(struct pl_utf8 *utf8, struct pl_slice piece);

/* Whether the text may end here, between two characters. */
static inline bool pl_utf8_is_complete(const struct pl_utf8 *utf8) {
    return utf8->missing == 0;
}

/* Whether `text` as a whole is valid. Runs of ASCII are skipped sixteen bytes at a time. */
bool pl_utf8_is_valid(struct pl_slice text);

/* The longest beginning of valid `text` that has at most `limit` bytes and cuts no character. */
struct pl_slice pl_utf8_truncate(struct pl_slice text, size_t limit);
