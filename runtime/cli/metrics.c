#include "cli/metrics.h"

#include "base/log.h"
#include "base/metric.h"
#include "cli/house.h"
#include "edge/socket.h"
#include "party/connection.h"
#include "party/room.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- parties -------------------------------------------------------------------------------- */

#define EACH_PARTY(party, server)                     \
    for (size_t at_ = 0, once_ = 1; once_; once_ = 0) \
        for (struct pl_party * party; (party = pl_map_next(&(server)->parties, &at_)) != NULL;)

static struct pl_label party_label(const struct pl_party *party) {
    return (struct pl_label){"party", pl_party_name(party)};
}

static void add_pair(struct pl_buffer *out, const char *name, const struct pl_party *party,
                     const char *label, const char *value, double number) {
    struct pl_label labels[2] = {party_label(party), {label, pl_slice_of(value)}};
    pl_metric_add(out, name, labels, 2, number);
}

static void add_rooms(struct pl_buffer *out, const struct pl_server *server) {
    const char *name = "partylua_rooms";
    pl_metric_begin(out, name, "gauge", "Rooms in memory.");
    EACH_PARTY(party, server) {
        double asleep = (double)party->meter.asleep_count;
        add_pair(out, name, party, "state", "awake", (double)party->rooms.count - asleep);
        add_pair(out, name, party, "state", "hibernating", asleep);
    }
}

static void add_counter(struct pl_buffer *out, const struct pl_server *server, const char *name,
                        const char *type, const char *help,
                        double (*value_of)(const struct pl_party *party)) {
    pl_metric_begin(out, name, type, help);
    EACH_PARTY(party, server) {
        struct pl_label label = party_label(party);
        pl_metric_add(out, name, &label, 1, value_of(party));
    }
}

static double starts_of(const struct pl_party *party) {
    return (double)party->meter.room_starts;
}

static double connections_of(const struct pl_party *party) {
    return (double)party->meter.connection_count;
}

static double slow_of(const struct pl_party *party) {
    return (double)party->meter.slow_readers;
}

static void add_messages(struct pl_buffer *out, const struct pl_server *server, bool is_sent) {
    const char *name =
        is_sent ? "partylua_messages_sent_total" : "partylua_messages_received_total";
    pl_metric_begin(out, name, "counter",
                    is_sent ? "Messages sent to connections."
                            : "Messages that connections have sent.");
    EACH_PARTY(party, server) {
        const uint64_t *count = is_sent ? party->meter.sent : party->meter.received;
        add_pair(out, name, party, "kind", "text", (double)count[0]);
        add_pair(out, name, party, "kind", "binary", (double)count[1]);
    }
}

static void add_closed(struct pl_buffer *out, const struct pl_server *server) {
    const char *name = "partylua_connections_closed_total";
    char text[8];
    pl_metric_begin(out, name, "counter", "Connections that have ended, by code.");
    EACH_PARTY(party, server) {
        for (size_t i = 0; i < PL_CLOSED_CODES; i++) {
            double count = (double)party->meter.closed[i];
            if (count > 0) add_pair(out, name, party, "code", pl_closed_name(i, text), count);
        }
    }
}

/* Of the sockets that have become connections of the party. */
static double queued_bytes_of(const struct pl_edge *edge, const struct pl_party *party) {
    double bytes = 0;
    PL_LIST_EACH(at, &edge->sockets) {
        const struct pl_socket *socket = pl_container_of(at, struct pl_socket, in_edge);
        if (socket->connection == NULL || socket->connection->room->party != party) continue;
        bytes += (double)socket->stream.queued_bytes;
    }
    return bytes;
}

static void add_queues(struct pl_buffer *out, const struct pl_house *house) {
    const char *name = "partylua_send_queue_bytes";
    pl_metric_begin(out, name, "gauge", "Output that waits for connections to take it.");
    EACH_PARTY(party, &house->server) {
        struct pl_label label = party_label(party);
        pl_metric_add(out, name, &label, 1, queued_bytes_of(&house->edge, party));
    }
}

static void add_hooks(struct pl_buffer *out, const struct pl_server *server) {
    const char *name = "partylua_hook_duration_seconds";
    pl_metric_begin(out, name, "histogram",
                    "From the beginning of a hook to its end, waits included.");
    EACH_PARTY(party, server) {
        for (size_t i = 0; i < PL_HOOK_COUNT; i++) {
            const struct pl_hook_meter *meter = &party->meter.hooks[i];
            if (pl_histogram_count(&meter->durations) == 0) continue;
            struct pl_label hook = {"hook", pl_slice_of(pl_hook_names[i])};
            pl_metric_add_histogram(out, name, party_label(party), hook, &meter->durations,
                                    &pl_buckets_short);
        }
    }
    name = "partylua_hook_errors_total";
    pl_metric_begin(out, name, "counter", "Hooks that have failed.");
    EACH_PARTY(party, server) {
        for (size_t i = 0; i < PL_HOOK_COUNT; i++) {
            add_pair(out, name, party, "hook", pl_hook_names[i],
                     (double)party->meter.hooks[i].errors);
        }
    }
}

static void add_requests(struct pl_buffer *out, const struct pl_server *server) {
    const char *name = "partylua_http_request_duration_seconds";
    char status[8];
    pl_metric_begin(out, name, "histogram",
                    "From the head of a request to the end of its answer.");
    for (size_t method = 0; method < PL_METHODS; method++) {
        for (int code = 0; code < 600; code++) {
            const struct pl_histogram *histogram = server->requests.by_status[method][code];
            if (histogram == NULL) continue;
            snprintf(status, sizeof status, "%d", code);
            pl_metric_add_histogram(
                out, name, (struct pl_label){"method", pl_slice_of(pl_method_names[method])},
                (struct pl_label){"status", pl_slice_of(status)}, histogram, &pl_buckets_long);
        }
    }
}

/* ---- the store and the process -------------------------------------------------------------- */

static void add_storage(struct pl_buffer *out, const struct pl_house *house) {
    static const char *const ops[PL_STORAGE_OPS] = {"get", "list", "commit"};
    const char *name = "partylua_storage_operation_duration_seconds";
    struct pl_store_totals totals = {0};
    pl_metric_begin(
        out, name, "histogram",
        "How long storage takes; commit: from the end of a hook's turn to the disk.");
    for (size_t i = 0; i < PL_STORAGE_OPS; i++) {
        struct pl_label op = {"op", pl_slice_of(ops[i])};
        pl_metric_add_histogram(out, name, op, (struct pl_label){0},
                                &house->server.storage_times[i], &pl_buckets_short);
    }
    pl_store_measure_all(house->store, &totals);
    pl_metric_add_one(out, "partylua_storage_used_bytes", "gauge",
                      "Bytes of the data file that have been used.", (double)totals.used_bytes);
    pl_metric_add_one(out, "partylua_alarms_pending", "gauge", "Alarms that are set.",
                      (double)totals.alarms);
}

static double count_files(void) {
    DIR *folder = opendir("/proc/self/fd");
    double count = 0;
    if (folder == NULL) return 0;
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count - 3; /* ".", "..", and the folder's own */
}

static double resident_bytes(void) {
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) return 0;
    if (fscanf(file, "%lu %lu", &pages, &resident) != 2) resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double cpu_seconds(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void add_process(struct pl_buffer *out, const struct pl_house *house) {
    struct rlimit files = {0};
    getrlimit(RLIMIT_NOFILE, &files);
    pl_metric_add_one(out, "process_cpu_seconds_total", "counter",
                      "Processor time, user and system.", cpu_seconds());
    pl_metric_add_one(out, "process_resident_memory_bytes", "gauge", "Memory that is in use.",
                      resident_bytes());
    pl_metric_add_one(out, "process_open_fds", "gauge", "Open files and sockets.",
                      count_files());
    pl_metric_add_one(out, "process_max_fds", "gauge", "How many there may be.",
                      (double)files.rlim_cur);
    pl_metric_add_one(out, "process_start_time_seconds", "gauge",
                      "When serving began, since 1970.",
                      (double)house->look.started_wall_ms / 1000);
}

static void add_plain_histogram(struct pl_buffer *out, const char *name, const char *help,
                                const struct pl_histogram *histogram) {
    pl_metric_begin(out, name, "histogram", help);
    pl_metric_add_histogram(out, name, (struct pl_label){0}, (struct pl_label){0}, histogram,
                            &pl_buckets_short);
}

void pl_metrics_add(struct pl_buffer *out, struct pl_house *house, double lua_bytes) {
    const struct pl_server *server = &house->server;
    add_rooms(out, server);
    add_counter(out, server, "partylua_room_starts_total", "counter",
                "Rooms that were started, or woken.", starts_of);
    add_counter(out, server, "partylua_connections", "gauge", "Open connections.",
                connections_of);
    add_closed(out, server);
    add_messages(out, server, false);
    add_messages(out, server, true);
    add_queues(out, house);
    add_counter(out, server, "partylua_slow_consumers_total", "counter",
                "Connections that were closed since they did not read.", slow_of);
    add_hooks(out, server);
    add_requests(out, server);
    add_storage(out, house);
    add_plain_histogram(out, "partylua_alarm_lag_seconds", "How late alarms were run.",
                        &server->alarm_lag);
    add_plain_histogram(out, "partylua_event_loop_lag_seconds",
                        "How late a timer was that runs once a second.", &house->look.loop_lag);
    pl_metric_add_one(out, "partylua_lua_memory_bytes", "gauge", "Memory of the Lua state.",
                      lua_bytes);
    pl_metric_add_one(out, "partylua_log_lost_lines_total", "counter",
                      "Lines of the log that were lost, as nobody read them.",
                      (double)pl_log_lost_count());
    add_process(out, house);
}
