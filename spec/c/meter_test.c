/* The pure parts of what is counted and told: rates, histograms, the last few texts. */
#include "base/histogram.h"
#include "base/quote.h"
#include "base/rate.h"
#include "base/recent.h"
#include "base/ticks.h"
#include "spec/c/check.h"

#include <math.h>

static bool is_near(double a, double b) { return fabs(a - b) <= 1e-9 + fabs(b) * 1e-6; }

static void a_steady_rate_is_what_it_is(void) {
    struct pl_rate rate = {0};
    for (uint64_t ms = 1000; ms <= 61000; ms += 10) pl_rate_add(&rate, ms);
    double per_second = pl_rate_per_second(&rate, 61000);
    PL_CHECK(per_second > 99 && per_second < 101);
}

static void a_rate_fades_when_nothing_happens(void) {
    struct pl_rate rate = {0};
    for (uint64_t ms = 10000; ms < 20000; ms += 10) pl_rate_add(&rate, ms);
    double full = pl_rate_per_second(&rate, 20000);
    double half = pl_rate_per_second(&rate, 25000);
    PL_CHECK(is_near(full, 100));
    PL_CHECK(is_near(half, 50));
    PL_CHECK(is_near(pl_rate_per_second(&rate, 40000), 0));
}

static void a_rate_of_long_ago_is_none(void) {
    struct pl_rate rate = {0};
    pl_rate_add(&rate, 5);
    PL_CHECK(is_near(pl_rate_per_second(&rate, 1000000000), 0));
    pl_rate_add(&rate, 1000000001);
    PL_CHECK(is_near(pl_rate_per_second(&rate, 1000000001), 0.1));
}

static void a_duration_goes_to_the_first_bucket_that_holds_it(void) {
    struct pl_histogram histogram = {0};
    pl_buckets_start();
    const struct pl_buckets *buckets = &pl_buckets_short;
    pl_histogram_add(&histogram, buckets, 0);
    pl_histogram_add(&histogram, buckets, buckets->ticks[0]);
    pl_histogram_add(&histogram, buckets, buckets->ticks[0] + 1);
    pl_histogram_add(&histogram, buckets, buckets->ticks[buckets->count - 1]);
    pl_histogram_add(&histogram, buckets, buckets->ticks[buckets->count - 1] + 1);
    PL_CHECK_INT((long long)histogram.counts[0], 2);
    PL_CHECK_INT((long long)histogram.counts[1], 1);
    PL_CHECK_INT((long long)histogram.counts[buckets->count - 1], 1);
    PL_CHECK_INT((long long)histogram.counts[buckets->count], 1);
    PL_CHECK_INT((long long)pl_histogram_count(&histogram), 5);
    PL_CHECK(pl_histogram_sum(&histogram) > 20 && pl_histogram_sum(&histogram) < 20.01);
}

static void the_bounds_rise_and_fit(void) {
    const struct pl_buckets *all[] = {&pl_buckets_short, &pl_buckets_long};
    pl_buckets_start();
    for (size_t i = 0; i < 2; i++) {
        PL_CHECK(all[i]->count <= PL_BUCKETS_MAX);
        for (size_t at = 1; at < all[i]->count; at++) {
            PL_CHECK(all[i]->seconds[at] > all[i]->seconds[at - 1]);
            PL_CHECK(all[i]->ticks[at] > all[i]->ticks[at - 1]);
        }
    }
}

static void a_second_has_the_ticks_that_it_has(void) {
    double first = pl_ticks_per_second();
    PL_CHECK(first > 1e6);
    PL_CHECK(first == pl_ticks_per_second());
    PL_CHECK(pl_ticks_since(pl_ticks() + (uint64_t)1e12) == 0);
}

static void the_last_texts_are_kept_and_no_more(void) {
    struct pl_recent recent = {0};
    PL_CHECK(pl_recent_find(&recent, 0) == NULL);
    for (int i = 0; i < PL_RECENT_COUNT + 3; i++) {
        char text[16];
        snprintf(text, sizeof text, "text %d", i);
        pl_recent_add(&recent, pl_slice_of(text));
    }
    PL_CHECK(pl_recent_find(&recent, 2) == NULL);
    PL_CHECK_SLICE(*pl_recent_find(&recent, 3), PL_SLICE("text 3"));
    PL_CHECK_SLICE(*pl_recent_find(&recent, PL_RECENT_COUNT + 2), PL_SLICE("text 66"));
    PL_CHECK(pl_recent_find(&recent, PL_RECENT_COUNT + 3) == NULL);
    static char large[PL_RECENT_BYTES_MAX * 2];
    pl_recent_add(&recent, pl_slice(large, sizeof large));
    PL_CHECK_INT((long long)pl_recent_find(&recent, PL_RECENT_COUNT + 3)->len,
                 PL_RECENT_BYTES_MAX);
    pl_recent_finish(&recent);
    PL_CHECK(pl_recent_find(&recent, 0) == NULL);
}

static void a_quoted_text_is_a_json_string(void) {
    struct pl_buffer out = {0};
    pl_quote_add(&out, PL_SLICE("a \"b\" \\ \n \x01 \x7f \xe2\x82\xac"));
    PL_CHECK_SLICE(out, PL_SLICE("\"a \\\"b\\\" \\\\ \\u000a \\u0001 \\u007f \xe2\x82\xac\""));
    pl_buffer_finish(&out);
    pl_quote_add(&out, (struct pl_slice){0});
    PL_CHECK_SLICE(out, PL_SLICE("\"\""));
    pl_buffer_finish(&out);
}

int main(void) {
    PL_RUN(a_steady_rate_is_what_it_is);
    PL_RUN(a_rate_fades_when_nothing_happens);
    PL_RUN(a_rate_of_long_ago_is_none);
    PL_RUN(a_duration_goes_to_the_first_bucket_that_holds_it);
    PL_RUN(the_bounds_rise_and_fit);
    PL_RUN(a_second_has_the_ticks_that_it_has);
    PL_RUN(the_last_texts_are_kept_and_no_more);
    PL_RUN(a_quoted_text_is_a_json_string);
    return pl_check_summary();
}
