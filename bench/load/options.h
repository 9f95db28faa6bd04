/* options.h -- what the command line asks for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PL_ROOM_NAME_BYTES_MAX 64

struct pl_options {
    const char *scenario;
    uint16_t port; /* of the server, on 127.0.0.1 */
    pid_t server;  /* its process; 0 when not given */
    int core;      /* where `first` pins the server; -1 for anywhere */
    uint32_t connections;
    const char *kind; /* of the rooms of `echo`: the beginning of their names */
    uint32_t rooms;
    uint32_t members;   /* connections in each room of a fan-out */
    uint32_t in_flight; /* messages a sender has under way */
    size_t size;        /* bytes in a message */
    uint64_t warmup_ns, window_ns;
    bool is_binary; /* binary messages instead of text */
    bool all_send;  /* each member of a room sends, not only the first */
    bool new_rooms; /* each connection of `connect` in a room of its own */
    char **command; /* what follows `--`; NULL when nothing does */
    char tag[16];   /* makes the names of rooms new in each run */
};

/* Ends the program with a message when the arguments make no sense. */
void pl_options_read(struct pl_options *options, int argc, char **argv);

/* `kind`-`tag`-`number`; room code tells from `kind` what it has to do. */
void pl_options_room_name(const struct pl_options *options, const char *kind, uint32_t number,
                          char name[PL_ROOM_NAME_BYTES_MAX]);
