/*
 * sqlite.c -- SQLite as one would set it for this: a write-ahead log, synced at every commit,
 * one transaction for a group, a prepared statement, one row a key.
 */
#include "backend.h"

#include <sqlite3.h>
#include <stdio.h>

static sqlite3 *database;
static sqlite3_stmt *begin, *put, *end;

static void check(int rc) {
    if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
        fail(sqlite3_errmsg(database));
}

static void prepare(const char *text, sqlite3_stmt **out) {
    check(sqlite3_prepare_v3(database, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL));
}

static void run(sqlite3_stmt *statement) {
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
}

static void open_database(const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s/sqlite", folder);
    check(sqlite3_open(path, &database));
    check(sqlite3_exec(database,
                       "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                       "CREATE TABLE IF NOT EXISTS entries"
                       "(room INTEGER, key TEXT, value BLOB, PRIMARY KEY (room, key))"
                       "WITHOUT ROWID",
                       NULL, NULL, NULL));
    prepare("BEGIN IMMEDIATE", &begin);
    prepare("REPLACE INTO entries VALUES (?, 'value', ?)", &put);
    prepare("COMMIT", &end);
}

static void commit(const struct write *first) {
    run(begin);
    for (const struct write *write = first; write != NULL; write = write->next) {
        check(sqlite3_bind_int64(put, 1, write->key));
        check(sqlite3_bind_blob(put, 2, write->bytes, (int)write->len, SQLITE_STATIC));
        run(put);
    }
    run(end);
}

const struct backend sqlite_backend = {"sqlite", open_database, commit};
