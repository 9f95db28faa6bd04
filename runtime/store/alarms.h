/*
 * alarms.h -- rooms in the order in which their alarms are due.
 *
 * A row's key is the time of the next attempt and the room's number; its value is the room's
 * name, so that waking a room takes one look-up. The room's own record has the same alarm.
 */
#pragma once

#include "store/lmdb.h"

int pl_alarms_add(const struct pl_store *store, MDB_txn *txn, int64_t attempt_ms,
                  uint64_t number, struct pl_slice name);

/* 0 also when there is no such row. */
int pl_alarms_remove(const struct pl_store *store, MDB_txn *txn, int64_t attempt_ms,
                     uint64_t number);
