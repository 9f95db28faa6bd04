#include "proto/decoder.h"

#include "base/alloc.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_FIRST 0x1f

struct pl_decoder {
    z_stream stream;
    bool is_gzip, is_begun;
    enum { DECODER_INSIDE, DECODER_BETWEEN, DECODER_AFTER } state; /* of a gzip member */
};

struct pl_decoder *pl_decoder_create(struct pl_slice coding) {
    bool is_gzip = pl_slice_equal_nocase(coding, PL_SLICE("gzip")) ||
                   pl_slice_equal_nocase(coding, PL_SLICE("x-gzip"));
    if (!is_gzip && !pl_slice_equal_nocase(coding, PL_SLICE("deflate"))) return NULL;
    struct pl_decoder *decoder = pl_alloc_zero(sizeof *decoder);
    decoder->is_gzip = is_gzip;
    return decoder;
}

void pl_decoder_destroy(struct pl_decoder *decoder) {
    if (decoder == NULL) return;
    if (decoder->is_begun) inflateEnd(&decoder->stream);
    free(decoder);
}

/* "deflate" is the format of zlib (RFC 1950), but some servers leave its two bytes at the front
 * away. Those say method 8 and a window of at most 2^15. */
static int window_bits(const struct pl_decoder *decoder, unsigned char first) {
    if (decoder->is_gzip) return MAX_WBITS + 16;
    bool has_zlib_head = (first & 0x0f) == 8 && first >> 4 <= 7;
    return has_zlib_head ? MAX_WBITS : -MAX_WBITS;
}

static bool begin(struct pl_decoder *decoder, unsigned char first) {
    int rc = inflateInit2(&decoder->stream, window_bits(decoder, first));
    if (rc == Z_MEM_ERROR) abort();
    decoder->is_begun = rc == Z_OK;
    return decoder->is_begun;
}

/* RFC 1952 2.2: members may follow each other. Anything else after one is passed over, as
 * browsers do. */
static void begin_next(struct pl_decoder *decoder, unsigned char first) {
    bool is_member = decoder->is_gzip && first == GZIP_FIRST;
    decoder->state = is_member ? DECODER_INSIDE : DECODER_AFTER;
    if (is_member) inflateReset(&decoder->stream);
}

static unsigned at_most_int(size_t len) { return len > INT_MAX ? INT_MAX : (unsigned)len; }

static ssize_t inflate_some(struct pl_decoder *decoder, struct pl_slice *input, char *to,
                            size_t cap) {
    z_stream *stream = &decoder->stream;
    unsigned given = at_most_int(input->len), room = at_most_int(cap);
    stream->next_in = (Bytef *)(uintptr_t)input->at; /* zlib does not write there */
    stream->avail_in = given;
    stream->next_out = (Bytef *)to;
    stream->avail_out = room;
    int rc = inflate(stream, Z_NO_FLUSH);
    *input = pl_slice_after(*input, given - stream->avail_in);
    if (rc == Z_MEM_ERROR) abort();
    if (rc == Z_STREAM_END) decoder->state = DECODER_BETWEEN;
    /* Z_BUF_ERROR: no progress was possible, for want of input. */
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) return -EBADMSG;
    return (ssize_t)(room - stream->avail_out);
}

ssize_t pl_decoder_take(struct pl_decoder *decoder, struct pl_slice *input, char *to,
                        size_t cap) {
    size_t len = 0;
    while (len < cap) {
        size_t before = input->len;
        if (before > 0 && !decoder->is_begun && !begin(decoder, (unsigned char)input->at[0])) {
            return -EBADMSG;
        }
        if (before > 0 && decoder->state == DECODER_BETWEEN) {
            begin_next(decoder, (unsigned char)input->at[0]);
        }
        if (decoder->state == DECODER_AFTER) *input = pl_slice_after(*input, input->len);
        if (!decoder->is_begun || decoder->state != DECODER_INSIDE) break;
        ssize_t got = inflate_some(decoder, input, to + len, cap - len);
        if (got < 0) return got;
        len += (size_t)got;
        if (got == 0 && input->len == before) break;
    }
    return (ssize_t)len;
}

bool pl_decoder_is_complete(const struct pl_decoder *decoder) {
    return !decoder->is_begun || decoder->state != DECODER_INSIDE;
}
