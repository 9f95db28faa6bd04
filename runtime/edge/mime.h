/*
 * mime.h -- content types by file name extension.
 */
#pragma once

#include "base/slice.h"

/* The type for a path; application/octet-stream when its extension says nothing. Text types name
 * their charset, as browsers otherwise guess. */
const char *pl_mime_type(struct pl_slice path);
