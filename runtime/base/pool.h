/*
 * pool.h -- small pieces of memory that come one by one and go in crowds.
 *
 * malloc keeps few freed pieces of a size at hand; it joins the others with their neighbours and
 * splits them again, which costs more than what most writes do with them. Here pieces stay as they
 * are, up to a bound, with the thread that gave them back. Those that are larger, or too many, are
 * malloc's. With the address sanitizer all are, so that it sees every use of what is gone.
 */
#pragma once

#include <stddef.h>

/* Uninitialised memory. */
void *pl_pool_take(size_t size);

/* Gives back what was taken with the same size. */
void pl_pool_give(void *piece, size_t size);
