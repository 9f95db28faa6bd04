/*
 * apply.h -- what a batch does to the store, inside a transaction.
 */
#pragma once

#include "store/lmdb.h"

/* Applies `batch`, leaving the room's number in it. A negative errno: the transaction is of no
 * more use. */
int pl_batch_apply(const struct pl_store *store, MDB_txn *txn, struct pl_batch *batch,
                   int64_t now_ms);
