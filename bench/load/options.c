/* options.c -- see options.h. */
#include "load/options.h"

#include "load/clock.h"
#include "load/payload.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECTIONS_MAX 200000.0
#define IN_FLIGHT_MAX 4096.0
#define SECONDS_MAX 600.0
#define RECEIPTS_MAX 50000000.0 /* counters of a fan-out: one for each pair in a room */

static const char usage[] =
    "usage: load SCENARIO --port N --pid N [option...]\n"
    "       load usage --pid N\n"
    "       load first --port N [--core N] -- COMMAND [argument...]\n"
    "scenarios: echo fanout connect idle http\n"
    "  --connections N  connections of echo, connect (at a time), idle, http (100)\n"
    "  --rooms N        rooms of fanout and idle (1)\n"
    "  --members N      connections in each room of fanout (10)\n"
    "  --all-send       fanout: every member sends, not only the first of each room\n"
    "  --new-rooms      connect: each connection in a room of its own\n"
    "  --kind NAME      echo: what its rooms are called, and so what they do (echo)\n"
    "  --in-flight N    messages each sender has under way (1)\n"
    "  --size N         bytes in a message (20)\n"
    "  --binary         binary messages (text)\n"
    "  --warmup S       seconds before the window (0.5)\n"
    "  --seconds S      length of the window (1)\n";

enum option_id {
    OPTION_PORT = 1,
    OPTION_PID,
    OPTION_CORE,
    OPTION_CONNECTIONS,
    OPTION_ROOMS,
    OPTION_MEMBERS,
    OPTION_ALL_SEND,
    OPTION_NEW_ROOMS,
    OPTION_KIND,
    OPTION_IN_FLIGHT,
    OPTION_SIZE,
    OPTION_BINARY,
    OPTION_WARMUP,
    OPTION_SECONDS,
};

static const struct option known[] = {
    {"port", required_argument, NULL, OPTION_PORT},
    {"pid", required_argument, NULL, OPTION_PID},
    {"core", required_argument, NULL, OPTION_CORE},
    {"connections", required_argument, NULL, OPTION_CONNECTIONS},
    {"rooms", required_argument, NULL, OPTION_ROOMS},
    {"members", required_argument, NULL, OPTION_MEMBERS},
    {"all-send", no_argument, NULL, OPTION_ALL_SEND},
    {"new-rooms", no_argument, NULL, OPTION_NEW_ROOMS},
    {"kind", required_argument, NULL, OPTION_KIND},
    {"in-flight", required_argument, NULL, OPTION_IN_FLIGHT},
    {"size", required_argument, NULL, OPTION_SIZE},
    {"binary", no_argument, NULL, OPTION_BINARY},
    {"warmup", required_argument, NULL, OPTION_WARMUP},
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {0},
};

static _Noreturn void refuse(const char *why) {
    fprintf(stderr, "load: %s\n%s", why, usage);
    exit(2);
}

static double number(const char *text, double low, double high) {
    char why[128], *end;
    double value = strtod(text, &end);
    if (end != text && *end == '\0' && value >= low && value <= high) return value;
    snprintf(why, sizeof why, "%.40s is not between %g and %g", text, low, high);
    refuse(why);
}

static void set(struct pl_options *options, int id) {
    switch (id) {
    case OPTION_PORT: options->port = (uint16_t)number(optarg, 1, 65535); break;
    case OPTION_PID: options->server = (pid_t)number(optarg, 1, 1 << 30); break;
    case OPTION_CORE: options->core = (int)number(optarg, 0, 1023); break;
    case OPTION_CONNECTIONS:
        options->connections = (uint32_t)number(optarg, 1, CONNECTIONS_MAX);
        break;
    case OPTION_ROOMS: options->rooms = (uint32_t)number(optarg, 1, CONNECTIONS_MAX); break;
    case OPTION_MEMBERS: options->members = (uint32_t)number(optarg, 1, CONNECTIONS_MAX); break;
    case OPTION_ALL_SEND: options->all_send = true; break;
    case OPTION_NEW_ROOMS: options->new_rooms = true; break;
    case OPTION_KIND: options->kind = optarg; break;
    case OPTION_IN_FLIGHT:
        options->in_flight = (uint32_t)number(optarg, 1, IN_FLIGHT_MAX);
        break;
    case OPTION_SIZE:
        options->size = (size_t)number(optarg, PL_PAYLOAD_BYTES_MIN, PL_PAYLOAD_BYTES_MAX);
        break;
    case OPTION_BINARY: options->is_binary = true; break;
    case OPTION_WARMUP:
        options->warmup_ns = (uint64_t)(number(optarg, 0, SECONDS_MAX) * PL_NS_PER_SECOND);
        break;
    case OPTION_SECONDS:
        options->window_ns = (uint64_t)(number(optarg, 0.01, SECONDS_MAX) * PL_NS_PER_SECOND);
        break;
    default: refuse("what is asked for is not clear");
    }
}

static void check(const struct pl_options *options) {
    if (strcmp(options->scenario, "usage") != 0 && options->port == 0)
        refuse("--port is missing");
    if (strcmp(options->scenario, "first") == 0) {
        if (options->command == NULL) refuse("the command to start is missing");
    } else if (options->server == 0) {
        refuse("--pid is missing");
    }
    double members = options->members, senders = options->all_send ? members : 1;
    if (options->rooms * members > CONNECTIONS_MAX ||
        options->rooms * members * senders > RECEIPTS_MAX)
        refuse("too many members in too many rooms");
}

void pl_options_read(struct pl_options *options, int argc, char **argv) {
    *options = (struct pl_options){
        .core = -1,
        .connections = 100,
        .kind = "echo",
        .rooms = 1,
        .members = 10,
        .in_flight = 1,
        .size = 20,
        .warmup_ns = PL_NS_PER_SECOND / 2,
        .window_ns = PL_NS_PER_SECOND,
    };
    int id;
    while ((id = getopt_long(argc, argv, "", known, NULL)) != -1) set(options, id);
    if (optind >= argc) refuse("the scenario is missing");
    options->scenario = argv[optind];
    if (optind + 1 < argc) options->command = argv + optind + 1;
    snprintf(options->tag, sizeof options->tag, "%x", (unsigned)getpid());
    check(options);
}

void pl_options_room_name(const struct pl_options *options, const char *kind, uint32_t room,
                          char name[PL_ROOM_NAME_BYTES_MAX]) {
    snprintf(name, PL_ROOM_NAME_BYTES_MAX, "%s-%s-%u", kind, options->tag, room);
}
