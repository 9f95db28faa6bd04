/*
 * rooms.h -- the directory of rooms: a record for each room that has stored anything.
 */
#pragma once

#include "store/lmdb.h"

int pl_rooms_get(const struct pl_store *store, MDB_txn *txn, struct pl_slice name,
                 struct pl_room_record *out);
int pl_rooms_put(const struct pl_store *store, MDB_txn *txn, struct pl_slice name,
                 const struct pl_room_record *record);
int pl_rooms_delete(const struct pl_store *store, MDB_txn *txn, struct pl_slice name);
