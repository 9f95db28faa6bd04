/*
 * alloc.h -- memory that is there, or the program ends.
 *
 * Sizes that strangers choose are bounded by their caller before they reach these
 * functions, so running out means the machine is out of memory: nothing sensible is left
 * to do, and no caller has to test for NULL. Memory is given back with free().
 */
#pragma once

#include <stddef.h>

/* Uninitialised memory. */
void *pl_alloc(size_t size);

/* Memory filled with zero bytes. */
void *pl_alloc_zero(size_t size);

/* Uninitialised memory from a multiple of `alignment` on, which `size` is a multiple of, too. */
void *pl_alloc_aligned(size_t alignment, size_t size);

/* Grows or shrinks as realloc does. */
void *pl_realloc(void *memory, size_t size);

/* A terminated copy of `len` bytes. */
char *pl_copy_string(const char *at, size_t len);

/* The object that holds `member` at `pointer`. */
#define pl_container_of(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))
