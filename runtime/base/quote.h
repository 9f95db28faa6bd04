/*
 * quote.h -- text as a JSON string.
 */
#pragma once

#include "base/buffer.h"

/* Adds `text` in quotes. Bytes that are no UTF-8 pass through: what is told to people must not
 * fail on bad input. */
void pl_quote_add(struct pl_buffer *out, struct pl_slice text);
