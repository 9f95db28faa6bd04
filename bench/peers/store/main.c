/*
 * main.c -- a server that stores each message and sends it back when it is durable.
 *
 *     store log|sqlite PORT FOLDER
 *
 * What partylua's storage is measured beside: one epoll loop, one thread that commits in groups,
 * and a back-end that is as good as it can be. There are no rooms, no Lua and no reads: each
 * connection has one key.
 */
#include "group.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 65536 /* by file descriptor */
#define INPUT_BYTES 65536
#define EVENTS_AT_ONCE 256

struct connection {
    uint32_t generation; /* of the file descriptor: a late answer goes to nobody else */
    bool is_websocket;
    size_t len;
    uint8_t *input;
};

static struct connection connections[CONNECTIONS_MAX];
static struct write *submitted_first, *submitted_last; /* of this turn */
static int epoll;

_Noreturn void fail(const char *what) {
    fprintf(stderr, "store: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(int file) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = file};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event) != 0) fail("epoll_ctl");
}

static void end(int file) {
    struct connection *connection = &connections[file];
    free(connection->input);
    *connection = (struct connection){.generation = connection->generation + 1};
    close(file);
}

static void send_frame(int file, uint8_t opcode, const uint8_t *bytes, size_t len) {
    uint8_t out[FRAME_HEAD_BYTES_MAX + INPUT_BYTES];
    size_t head = wire_frame_head(opcode, len, out);
    memcpy(out + head, bytes, len);
    if (send(file, out, head + len, MSG_NOSIGNAL) < 0) return; /* its end will be read */
}

static void submit(int file, const struct frame *frame) {
    struct write *write = malloc(sizeof *write + frame->payload_len);
    *write = (struct write){.connection = (uint32_t)file,
                            .generation = connections[file].generation,
                            .key = (uint32_t)file,
                            .len = frame->payload_len};
    memcpy(write->bytes, frame->payload, frame->payload_len);
    if (submitted_first == NULL) submitted_first = write;
    else submitted_last->next = write;
    submitted_last = write;
}

/* False when the connection is over. */
static bool use_frame(int file, const struct frame *frame) {
    if (frame->opcode == 1 || frame->opcode == 2) submit(file, frame);
    if (frame->opcode == 9) send_frame(file, 10, frame->payload, frame->payload_len);
    if (frame->opcode != 8) return true;
    send_frame(file, 8, frame->payload, frame->payload_len);
    return false;
}

/* How many bytes were used; more than there are when the connection is over. */
static size_t use(int file, struct connection *connection) {
    size_t used = 0;
    struct frame frame;
    while (!connection->is_websocket) {
        char answer[256];
        size_t head = wire_answer((char *)connection->input + used, connection->len - used,
                                  answer, sizeof answer, &connection->is_websocket);
        if (head == 0) return used;
        used += head;
        if (send(file, answer, strlen(answer), MSG_NOSIGNAL) < 0) return INPUT_BYTES + 1;
    }
    while (wire_read_frame(&frame, connection->input + used, connection->len - used)) {
        used += frame.len;
        if (!use_frame(file, &frame)) return INPUT_BYTES + 1;
    }
    return used;
}

static void on_readable(int file) {
    struct connection *connection = &connections[file];
    if (connection->input == NULL) connection->input = malloc(INPUT_BYTES);
    ssize_t got = recv(file, connection->input + connection->len, INPUT_BYTES - connection->len,
                       MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        end(file);
        return;
    }
    connection->len += (size_t)got;
    size_t used = use(file, connection);
    if (used > connection->len || (used == 0 && connection->len == INPUT_BYTES)) {
        end(file);
        return;
    }
    memmove(connection->input, connection->input + used, connection->len - used);
    connection->len -= used;
}

static void on_committed(void) {
    for (struct write *write = group_take_done(), *next; write != NULL; write = next) {
        next = write->next;
        if (connections[write->connection].generation == write->generation)
            send_frame((int)write->connection, 1, write->bytes, write->len);
        free(write);
    }
}

static void on_connection(int listener) {
    int file = accept4(listener, NULL, NULL, SOCK_CLOEXEC), yes = 1;
    if (file < 0) return;
    if (file >= CONNECTIONS_MAX) fail("too many connections");
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    watch(file);
}

static int start_listening(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(file, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    if (listen(file, 1024) != 0) fail("listen");
    return file;
}

static const struct backend *choose(const char *name) {
    if (strcmp(name, log_backend.name) == 0) return &log_backend;
    if (strcmp(name, sqlite_backend.name) == 0) return &sqlite_backend;
    errno = EINVAL;
    fail(name);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: store log|sqlite PORT FOLDER\n");
        return 2;
    }
    const struct backend *backend = choose(argv[1]);
    backend->open(argv[3]);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    int committed = group_start(backend);
    int listener = start_listening((uint16_t)atoi(argv[2]));
    watch(committed);
    watch(listener);
    for (;;) {
        struct epoll_event events[EVENTS_AT_ONCE];
        int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, -1);
        for (int i = 0; i < count; i++) {
            int file = events[i].data.fd;
            if (file == committed) on_committed();
            else if (file == listener) on_connection(listener);
            else on_readable(file);
        }
        if (submitted_first != NULL) group_submit(submitted_first, submitted_last);
        submitted_first = submitted_last = NULL;
    }
}
