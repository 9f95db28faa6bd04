/*
 * metrics.h -- everything that is counted, as Prometheus reads it.
 */
#pragma once

#include "base/buffer.h"

struct pl_house;

/* Adds the text, in the exposition format of version 0.0.4. */
void pl_metrics_add(struct pl_buffer *out, struct pl_house *house, double lua_bytes);
