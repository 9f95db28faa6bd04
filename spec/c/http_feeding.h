/*
 * http_feeding.h -- bytes as a client sends them, and what must be heard however they are cut.
 */
#pragma once

#include "check.h"
#include "http_transcript.h"

static const struct pl_http_limits limits = {
    .head_bytes_max = 4096,
    .url_bytes_max = 1024,
    .header_count_max = 20,
    .body_bytes_max = 1000,
};

struct feeding {
    const struct pl_http_limits *limits;
    struct pl_slice wire;
    bool is_terse, rests;
};

/* Feeds up to each of the ascending `cuts`, then the rest, and checks what was heard. */
static inline bool check_cut(const struct feeding *how, const size_t *cuts, size_t cut_count,
                             const char *expected) {
    struct transcript heard;
    transcript_init(&heard, how->limits);
    heard.is_terse = how->is_terse;
    heard.rests = how->rests;
    size_t from = 0;
    for (size_t i = 0; i <= cut_count; i++) {
        size_t to = i < cut_count ? cuts[i] : how->wire.len;
        transcript_feed(&heard, pl_slice(how->wire.at + from, to - from));
        from = to;
    }
    transcript_end(&heard);
    bool ok = PL_CHECK_SLICE(pl_buffer_slice(&heard.text), pl_slice_of(expected));
    if (!ok) printf("#   %zu cuts, first %zu\n", cut_count, cut_count > 0 ? cuts[0] : 0);
    transcript_finish(&heard);
    return ok;
}

/* Whole, cut in two everywhere, byte by byte; stops at the first difference. */
static inline void check_all_cuts(struct feeding how, const char *expected) {
    if (!check_cut(&how, NULL, 0, expected)) return;
    for (size_t cut = 0; cut <= how.wire.len; cut++) {
        how.rests = cut % 2 == 1;
        if (!check_cut(&how, &cut, 1, expected)) return;
    }
    size_t *cuts = pl_alloc(how.wire.len * sizeof *cuts);
    for (size_t i = 0; i < how.wire.len; i++) cuts[i] = i;
    how.rests = true;
    check_cut(&how, cuts, how.wire.len, expected);
    free(cuts);
}

static inline void hears_within(const struct pl_http_limits *bounds, const char *wire,
                                const char *expected) {
    check_all_cuts((struct feeding){.limits = bounds, .wire = pl_slice_of(wire)}, expected);
}

static inline void hears(const char *wire, const char *expected) {
    hears_within(&limits, wire, expected);
}

/* The same without the headers in what is heard. */
static inline void hears_tersely(const char *wire, const char *expected) {
    check_all_cuts(
        (struct feeding){.limits = &limits, .wire = pl_slice_of(wire), .is_terse = true},
        expected);
}

/* Nothing but `heard` is told, and then the request refused: with `status`, however it is cut. */
static inline void refuses_after(const char *heard_first, int status, struct feeding how) {
    struct transcript heard;
    char expected[2048];
    snprintf(expected, sizeof expected, "%s%d ", heard_first, status);
    how.is_terse = true;
    transcript_init(&heard, how.limits);
    heard.is_terse = true;
    transcript_feed(&heard, how.wire);
    struct pl_slice begin = pl_slice(heard.text.at, strlen(expected));
    bool ok = heard.text.len > begin.len && heard.is_over &&
              PL_CHECK_SLICE(begin, pl_slice_of(expected));
    if (!ok) {
        PL_CHECK(!"refused as expected");
        printf("#   expected %s\n#   heard %.*s\n#   for %.*s\n", expected, (int)heard.text.len,
               heard.text.at, (int)how.wire.len, how.wire.at);
    } else {
        char *text = pl_copy_string(heard.text.at, heard.text.len);
        check_all_cuts(how, text);
        free(text);
    }
    transcript_finish(&heard);
}

static inline void refuses_within(const struct pl_http_limits *bounds, int status,
                                  const char *wire) {
    refuses_after("", status, (struct feeding){.limits = bounds, .wire = pl_slice_of(wire)});
}

static inline void refuses(int status, const char *wire) {
    refuses_within(&limits, status, wire);
}
