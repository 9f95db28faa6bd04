/*
 * filter.h -- whether a vector's metadata is what a query asks for.
 *
 * Both are written by lualib (vectorize/form.lua) and read here, byte by byte and within their
 * bounds. The fields of a vector follow each other, each a path such as `author.name` and a value;
 * the conditions of a filter follow each other, all of which have to hold, each a path, an
 * operator, and values:
 *
 *     field      path value
 *     condition  path operator count(2) value ...
 *     path       length(2) bytes
 *     value      kind [number: a double, as the machine has it; string: length(4) bytes]
 *
 * A path that a vector does not have is null. Lists are values that equal nothing.
 */
#pragma once

#include "base/slice.h"

/* Whether the conditions hold. What is not sound does not. */
bool pl_filter_holds(struct pl_slice conditions, struct pl_slice fields);
