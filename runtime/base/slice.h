/*
 * slice.h -- borrowed bytes: a pointer and a length, never owned, never terminated.
 *
 * A slice is valid as long as whoever lends it says; functions that keep bytes copy them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct pl_slice {
    const char *at;
    size_t len;
};

/* A slice of a string literal. */
#define PL_SLICE(literal) ((struct pl_slice){"" literal, sizeof(literal) - 1})

static inline struct pl_slice pl_slice(const char *at, size_t len) {
    return (struct pl_slice){at, len};
}

/* A slice of a terminated string; NULL gives the empty slice. */
static inline struct pl_slice pl_slice_of(const char *text) {
    return (struct pl_slice){text, text == NULL ? 0 : strlen(text)};
}

static inline bool pl_slice_equal(struct pl_slice a, struct pl_slice b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline char pl_ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Compares ASCII letters without regard to case (RFC 9110 5.1: field names). */
static inline bool pl_slice_equal_nocase(struct pl_slice a, struct pl_slice b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (pl_ascii_lower(a.at[i]) != pl_ascii_lower(b.at[i])) return false;
    }
    return true;
}

/* Orders by bytes, as memcmp does; of two where one begins with the other the shorter is first. */
static inline int pl_slice_compare(struct pl_slice a, struct pl_slice b) {
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.at, b.at, len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool pl_slice_starts_with(struct pl_slice s, struct pl_slice prefix) {
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

/* What is left of `s` after its first `count` bytes; `count` must not exceed its length. */
static inline struct pl_slice pl_slice_after(struct pl_slice s, size_t count) {
    return (struct pl_slice){s.at + count, s.len - count};
}
