/* decoder: compressed bodies, cut at every place and taken in pieces of every size. */
#include "proto/decoder.h"

#include "check.h"

#include "base/buffer.h"

#include <errno.h>
#include <stdint.h>
#include <zlib.h>

#define TEXT "first first first, second second, and a third to make it longer"

/* `bits`: 15 zlib, -15 raw, 31 gzip. */
static void add_compressed(struct pl_buffer *out, struct pl_slice plain, int bits) {
    z_stream stream = {0};
    PL_CHECK_INT(deflateInit2(&stream, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t most = deflateBound(&stream, plain.len) + 64;
    stream.next_out = (Bytef *)pl_buffer_reserve(out, most);
    stream.avail_out = (unsigned)most;
    stream.next_in = (Bytef *)(uintptr_t)plain.at;
    stream.avail_in = (unsigned)plain.len;
    PL_CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->len += most - stream.avail_out;
    deflateEnd(&stream);
}

/* Feeds all of `input` and keeps what comes out; gives the last answer. */
static ssize_t feed(struct pl_decoder *decoder, struct pl_slice input, size_t step,
                    struct pl_buffer *out) {
    for (;;) {
        ssize_t got = pl_decoder_take(decoder, &input, pl_buffer_reserve(out, step), step);
        if (got <= 0) return got;
        out->len += (size_t)got;
    }
}

static void check_in_two(struct pl_slice wire, const char *coding, size_t cut, size_t step) {
    struct pl_decoder *decoder = pl_decoder_create(pl_slice_of(coding));
    struct pl_buffer out = {0};
    PL_CHECK_INT(feed(decoder, pl_slice(wire.at, cut), step, &out), 0);
    PL_CHECK_INT(feed(decoder, pl_slice_after(wire, cut), step, &out), 0);
    PL_CHECK_SLICE(out, PL_SLICE(TEXT));
    PL_CHECK(pl_decoder_is_complete(decoder));
    pl_buffer_finish(&out);
    pl_decoder_destroy(decoder);
}

static void check_coding(const char *coding, int bits) {
    struct pl_buffer wire = {0};
    add_compressed(&wire, PL_SLICE(TEXT), bits);
    for (size_t cut = 0; cut <= wire.len; cut++) {
        check_in_two(pl_buffer_slice(&wire), coding, cut, 1000);
        check_in_two(pl_buffer_slice(&wire), coding, cut, 1);
    }
    pl_buffer_finish(&wire);
}

static void gzip_survives_any_split(void) { check_coding("gzip", 31); }
static void x_gzip_is_gzip(void) { check_coding("X-GZip", 31); }
static void deflate_has_the_format_of_zlib(void) { check_coding("deflate", 15); }
static void deflate_without_its_head_is_taken_too(void) { check_coding("deflate", -15); }

static void other_codings_are_none(void) {
    PL_CHECK(pl_decoder_create(PL_SLICE("br")) == NULL);
    PL_CHECK(pl_decoder_create(PL_SLICE("gzip, deflate")) == NULL);
    PL_CHECK(pl_decoder_create(PL_SLICE("")) == NULL);
}

static void members_may_follow_and_garbage_is_passed_over(void) {
    struct pl_buffer wire = {0};
    add_compressed(&wire, pl_slice(TEXT, 10), 31);
    add_compressed(&wire, pl_slice_after(PL_SLICE(TEXT), 10), 31);
    pl_buffer_add(&wire, PL_SLICE("garbage"));
    for (size_t cut = 0; cut <= wire.len; cut++) {
        check_in_two(pl_buffer_slice(&wire), "gzip", cut, 7);
    }
    pl_buffer_finish(&wire);
}

static void it_gives_no_more_than_is_asked_for(void) {
    static char zeros[1024 * 1024];
    struct pl_buffer wire = {0};
    char out[100];
    add_compressed(&wire, pl_slice(zeros, sizeof zeros), 31);
    struct pl_slice input = pl_buffer_slice(&wire);
    struct pl_decoder *decoder = pl_decoder_create(PL_SLICE("gzip"));
    for (size_t left = sizeof zeros; left > 0;) {
        size_t expected = left < sizeof out ? left : sizeof out;
        ssize_t got = pl_decoder_take(decoder, &input, out, sizeof out);
        if (!PL_CHECK_INT(got, (long long)expected)) break;
        left -= expected;
    }
    PL_CHECK_INT(pl_decoder_take(decoder, &input, out, sizeof out), 0);
    PL_CHECK(pl_decoder_is_complete(decoder));
    pl_decoder_destroy(decoder);
    pl_buffer_finish(&wire);
}

static void what_is_cut_is_not_complete(void) {
    struct pl_buffer wire = {0}, out = {0};
    add_compressed(&wire, PL_SLICE(TEXT), 31);
    struct pl_decoder *decoder = pl_decoder_create(PL_SLICE("gzip"));
    PL_CHECK(pl_decoder_is_complete(decoder)); /* nothing at all stands for nothing */
    PL_CHECK_INT(feed(decoder, pl_slice(wire.at, wire.len - 1), 1000, &out), 0);
    PL_CHECK(!pl_decoder_is_complete(decoder));
    pl_decoder_destroy(decoder);
    pl_buffer_finish(&wire);
    pl_buffer_finish(&out);
}

static void what_is_broken_is_an_error(void) {
    static const char *const codings[] = {"gzip", "deflate"};
    for (size_t i = 0; i < 2; i++) {
        struct pl_buffer out = {0};
        struct pl_decoder *decoder = pl_decoder_create(pl_slice_of(codings[i]));
        PL_CHECK_INT(feed(decoder, PL_SLICE("\x07 this is neither"), 100, &out), -EBADMSG);
        pl_decoder_destroy(decoder);
        pl_buffer_finish(&out);
    }
}

int main(void) {
    PL_RUN(gzip_survives_any_split);
    PL_RUN(x_gzip_is_gzip);
    PL_RUN(deflate_has_the_format_of_zlib);
    PL_RUN(deflate_without_its_head_is_taken_too);
    PL_RUN(other_codings_are_none);
    PL_RUN(members_may_follow_and_garbage_is_passed_over);
    PL_RUN(it_gives_no_more_than_is_asked_for);
    PL_RUN(what_is_cut_is_not_complete);
    PL_RUN(what_is_broken_is_an_error);
    return pl_check_summary();
}
