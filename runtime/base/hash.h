/*
 * hash.h -- SipHash-1-3 (Aumasson and Bernstein): short keyed hashes of byte strings.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

uint64_t pl_hash(struct pl_slice key, uint64_t key0, uint64_t key1);
