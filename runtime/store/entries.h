/*
 * entries.h -- keys in the order of their bytes, however long: one tree of nodes in LMDB.
 *
 * LMDB takes keys of 511 bytes. Ours begin with the number of a node, so what is left is
 * PL_CHUNK_BYTES; a longer key goes on in a node below:
 *
 *     node ‖ rest            a value, when the rest of the key is a chunk at most
 *     node ‖ chunk ‖ 00      the number of the node in which keys go on behind that chunk
 *
 * A key that is its chunk sorts just before those that go on behind it, as it must, and the byte
 * at the end makes a way down one longer than any value's key. Each room is a node of its own;
 * node 0 is the directory of rooms, with their names for keys.
 */
#pragma once

#include "store/lmdb.h"

#define PL_NODE_BYTES 8
#define PL_CHUNK_BYTES (511 - PL_NODE_BYTES - 1)
#define PL_DIRECTORY 0

/* 0 or -ENOENT; the value is LMDB's until the transaction changes anything or ends. */
int pl_entries_get(const struct pl_store *store, MDB_txn *txn, uint64_t node,
                   struct pl_slice key, struct pl_slice *value);

int pl_entries_put(const struct pl_store *store, MDB_txn *txn, uint64_t node,
                   struct pl_slice key, struct pl_slice value);

/* 0 also when the key was not there. Nodes that become empty go. */
int pl_entries_delete(const struct pl_store *store, MDB_txn *txn, uint64_t node,
                      struct pl_slice key);

/* Deletes every key of a node. */
int pl_entries_clear(const struct pl_store *store, MDB_txn *txn, uint64_t node);

/* 0 when the node has a key, -ENOENT when it is empty. */
int pl_entries_probe(const struct pl_store *store, MDB_txn *txn, uint64_t node);
