/*
 * backend.h -- what makes writes durable: an interface, so that nothing else differs.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One message: a value for one key. */
struct write {
    struct write *next;
    uint32_t connection, generation; /* who waits for it */
    uint32_t key;
    size_t len;
    uint8_t bytes[];
};

struct backend {
    const char *name;
    void (*open)(const char *folder);
    /* Makes a list of writes durable, all of them, before it returns. */
    void (*commit)(const struct write *first);
};

extern const struct backend log_backend, sqlite_backend;

/* Ends the program with a message. */
_Noreturn void fail(const char *what);
