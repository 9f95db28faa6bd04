/*
 * group.h -- the thread that commits whatever waits, as partylua's does: while the disk works on
 * one group the next one forms.
 */
#pragma once

#include "backend.h"

/* Gives a file descriptor that becomes readable when writes have come back. */
int group_start(const struct backend *backend);

void group_submit(struct write *first, struct write *last);

/* Those that are durable, in order; the caller frees them. */
struct write *group_take_done(void);
