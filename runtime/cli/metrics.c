#include "cli/metrics.h"

#include "cli/house.h"
#include "edge/socket.h"
#include "party/connection.h"
#include "party/room.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- the format ----------------------------------------------------------------------------- */

static void add(struct pl_buffer *out, const char *text) {
    pl_buffer_add(out, pl_slice_of(text));
}

static void begin(struct pl_buffer *out, const char *name, const char *type, const char *help) {
    add(out, "# HELP ");
    add(out, name);
    add(out, " ");
    add(out, help);
    add(out, "\n# TYPE ");
    add(out, name);
    add(out, " ");
    add(out, type);
    add(out, "\n");
}

/* A label's value: names of parties come from people. */
static void add_label_value(struct pl_buffer *out, struct pl_slice value) {
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '\n') {
            add(out, "\\n");
            continue;
        }
        if (value.at[i] == '"' || value.at[i] == '\\') pl_buffer_add_byte(out, '\\');
        pl_buffer_add_byte(out, value.at[i]);
    }
}

struct label {
    const char *name; /* NULL: none */
    struct pl_slice value;
};

static void add_labels(struct pl_buffer *out, const struct label *labels, size_t count) {
    bool is_first = true;
    for (size_t i = 0; i < count; i++) {
        if (labels[i].name == NULL) continue;
        add(out, is_first ? "{" : ",");
        is_first = false;
        add(out, labels[i].name);
        add(out, "=\"");
        add_label_value(out, labels[i].value);
        add(out, "\"");
    }
    if (!is_first) add(out, "}");
}

static void add_sample(struct pl_buffer *out, const char *name, const struct label *labels,
                       size_t count, double value) {
    char text[40];
    snprintf(text, sizeof text, " %.15g\n", value);
    add(out, name);
    add_labels(out, labels, count);
    add(out, text);
}

static void add_one(struct pl_buffer *out, const char *name, const char *type, const char *help,
                    double value) {
    begin(out, name, type, help);
    add_sample(out, name, NULL, 0, value);
}

/* The samples of one histogram; at most two labels of its own. */
static void add_histogram(struct pl_buffer *out, const char *name, struct label first,
                          struct label second, const struct pl_histogram *histogram,
                          const struct pl_buckets *buckets) {
    char part[96], bound[32];
    struct label labels[3] = {first, second, {"le", {0}}};
    double count = 0;
    snprintf(part, sizeof part, "%s_bucket", name);
    for (size_t i = 0; i <= buckets->count; i++) {
        count += (double)histogram->counts[i];
        if (i < buckets->count) snprintf(bound, sizeof bound, "%g", buckets->seconds[i]);
        else snprintf(bound, sizeof bound, "+Inf");
        labels[2].value = pl_slice_of(bound);
        add_sample(out, part, labels, 3, count);
    }
    snprintf(part, sizeof part, "%s_sum", name);
    add_sample(out, part, labels, 2, pl_histogram_sum(histogram));
    snprintf(part, sizeof part, "%s_count", name);
    add_sample(out, part, labels, 2, count);
}

static void add_plain_histogram(struct pl_buffer *out, const char *name, const char *help,
                                const struct pl_histogram *histogram) {
    begin(out, name, "histogram", help);
    add_histogram(out, name, (struct label){0}, (struct label){0}, histogram,
                  &pl_buckets_short);
}

/* ---- parties -------------------------------------------------------------------------------- */

#define EACH_PARTY(party, server)                     \
    for (size_t at_ = 0, once_ = 1; once_; once_ = 0) \
        for (struct pl_party * party; (party = pl_map_next(&(server)->parties, &at_)) != NULL;)

static struct label party_label(const struct pl_party *party) {
    return (struct label){"party", pl_party_name(party)};
}

static void add_pair(struct pl_buffer *out, const char *name, const struct pl_party *party,
                     const char *label, const char *value, double number) {
    struct label labels[2] = {party_label(party), {label, pl_slice_of(value)}};
    add_sample(out, name, labels, 2, number);
}

static void add_rooms(struct pl_buffer *out, const struct pl_server *server) {
    const char *name = "partylua_rooms";
    begin(out, name, "gauge", "Rooms in memory.");
    EACH_PARTY(party, server) {
        double asleep = (double)party->meter.asleep_count;
        add_pair(out, name, party, "state", "awake", (double)party->rooms.count - asleep);
        add_pair(out, name, party, "state", "hibernating", asleep);
    }
}

static void add_counter(struct pl_buffer *out, const struct pl_server *server, const char *name,
                        const char *type, const char *help,
                        double (*value_of)(const struct pl_party *party)) {
    begin(out, name, type, help);
    EACH_PARTY(party, server) {
        struct label label = party_label(party);
        add_sample(out, name, &label, 1, value_of(party));
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
    begin(out, name, "counter",
          is_sent ? "Messages sent to connections." : "Messages that connections have sent.");
    EACH_PARTY(party, server) {
        const uint64_t *count = is_sent ? party->meter.sent : party->meter.received;
        add_pair(out, name, party, "kind", "text", (double)count[0]);
        add_pair(out, name, party, "kind", "binary", (double)count[1]);
    }
}

static void add_closed(struct pl_buffer *out, const struct pl_server *server) {
    const char *name = "partylua_connections_closed_total";
    char text[8];
    begin(out, name, "counter", "Connections that have ended, by code.");
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
    begin(out, name, "gauge", "Output that waits for connections to take it.");
    EACH_PARTY(party, &house->server) {
        struct label label = party_label(party);
        add_sample(out, name, &label, 1, queued_bytes_of(&house->edge, party));
    }
}

static void add_hooks(struct pl_buffer *out, const struct pl_server *server) {
    const char *name = "partylua_hook_duration_seconds";
    begin(out, name, "histogram", "From the beginning of a hook to its end, waits included.");
    EACH_PARTY(party, server) {
        for (size_t i = 0; i < PL_HOOK_COUNT; i++) {
            const struct pl_hook_meter *meter = &party->meter.hooks[i];
            if (pl_histogram_count(&meter->durations) == 0) continue;
            struct label hook = {"hook", pl_slice_of(pl_hook_names[i])};
            add_histogram(out, name, party_label(party), hook, &meter->durations,
                          &pl_buckets_short);
        }
    }
    name = "partylua_hook_errors_total";
    begin(out, name, "counter", "Hooks that have failed.");
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
    begin(out, name, "histogram", "From the head of a request to the end of its answer.");
    for (size_t method = 0; method < PL_METHODS; method++) {
        for (int code = 0; code < 600; code++) {
            const struct pl_histogram *histogram = server->requests.by_status[method][code];
            if (histogram == NULL) continue;
            snprintf(status, sizeof status, "%d", code);
            add_histogram(
                out, name, (struct label){"method", pl_slice_of(pl_method_names[method])},
                (struct label){"status", pl_slice_of(status)}, histogram, &pl_buckets_long);
        }
    }
}

/* ---- the store and the process -------------------------------------------------------------- */

static void add_storage(struct pl_buffer *out, const struct pl_house *house) {
    static const char *const ops[PL_STORAGE_OPS] = {"get", "list", "commit"};
    const char *name = "partylua_storage_operation_duration_seconds";
    struct pl_store_totals totals = {0};
    begin(out, name, "histogram",
          "How long storage takes; commit: from the end of a hook's turn to the disk.");
    for (size_t i = 0; i < PL_STORAGE_OPS; i++) {
        struct label op = {"op", pl_slice_of(ops[i])};
        add_histogram(out, name, op, (struct label){0}, &house->server.storage_times[i],
                      &pl_buckets_short);
    }
    pl_store_measure_all(house->store, &totals);
    add_one(out, "partylua_storage_used_bytes", "gauge",
            "Bytes of the data file that have been used.", (double)totals.used_bytes);
    add_one(out, "partylua_alarms_pending", "gauge", "Alarms that are set.",
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
    add_one(out, "process_cpu_seconds_total", "counter", "Processor time, user and system.",
            cpu_seconds());
    add_one(out, "process_resident_memory_bytes", "gauge", "Memory that is in use.",
            resident_bytes());
    add_one(out, "process_open_fds", "gauge", "Open files and sockets.", count_files());
    add_one(out, "process_max_fds", "gauge", "How many there may be.", (double)files.rlim_cur);
    add_one(out, "process_start_time_seconds", "gauge", "When serving began, since 1970.",
            (double)house->started_wall_ms / 1000);
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
                        "How late a timer was that runs once a second.", &house->loop_lag);
    add_one(out, "partylua_lua_memory_bytes", "gauge", "Memory of the Lua state.", lua_bytes);
    add_process(out, house);
}
