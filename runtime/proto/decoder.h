/*
 * decoder.h -- bodies that were compressed on their way: gzip and deflate (RFC 9110 8.4.1).
 *
 * It gives as much as is asked for and no more: a small body can stand for a very large one, so
 * whoever takes has to be the one that decides how much.
 */
#pragma once

#include "base/slice.h"

#include <sys/types.h>

struct pl_decoder;

/* NULL for a coding of another name. */
struct pl_decoder *pl_decoder_create(struct pl_slice coding);
void pl_decoder_destroy(struct pl_decoder *decoder);

/* Takes from the front of `*input` what it needs for up to `cap` bytes, which go to `to`. Gives
 * their number, 0 when there is not enough input, -EBADMSG when it is broken. */
ssize_t pl_decoder_take(struct pl_decoder *decoder, struct pl_slice *input, char *to,
                        size_t cap);

/* Whether the body may end here. */
bool pl_decoder_is_complete(const struct pl_decoder *decoder);
