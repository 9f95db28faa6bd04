/* A client's socket for specs that run over the network of this machine. What its bytes mean is
 * written in lualib/partylua/testing/wire.lua. */
#include "base/alloc.h"
#include "lab/bind.h"
#include "lua/check.h"
#include "lua/handle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_BYTES (64 * 1024)

struct dial {
    unsigned refs;
    int fd; /* -1 when it was closed */
};

static const struct pl_handle_type type;

static void ref_dial(void *object) { ((struct dial *)object)->refs++; }

static void hang_up(struct dial *dial) {
    if (dial->fd >= 0) close(dial->fd);
    dial->fd = -1;
}

static void unref_dial(void *object) {
    struct dial *dial = object;
    if (--dial->refs > 0) return;
    hang_up(dial);
    free(dial);
}

/* Connected and non-blocking, or -1 with errno. */
static int open_socket(uint16_t port) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd < 0) return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
        fcntl(fd, F_SETFL, O_NONBLOCK) == 0) {
        return fd;
    }
    close(fd);
    return -1;
}

/* native.lab_dial(port) --> dial | nil, message, errno name: a connection to 127.0.0.1 */
static int dial_open(lua_State *L) {
    int fd = open_socket((uint16_t)luaL_checkinteger(L, 1));
    if (fd < 0) return pl_push_error(L, -errno);
    struct dial *dial = pl_alloc_zero(sizeof *dial);
    dial->fd = fd;
    pl_handle_push(L, &type, dial, NULL);
    return 1;
}

/* dial:write(bytes) --> integer: how many were taken; all when the other side is gone */
static int dial_write(lua_State *L) {
    struct dial *dial = pl_handle_check(L, 1, &type);
    struct pl_slice bytes = pl_check_slice(L, 2);
    ssize_t sent =
        dial->fd < 0 ? (ssize_t)bytes.len : send(dial->fd, bytes.at, bytes.len, MSG_NOSIGNAL);
    if (sent < 0) sent = errno == EAGAIN || errno == EINTR ? 0 : (ssize_t)bytes.len;
    lua_pushinteger(L, (lua_Integer)sent);
    return 1;
}

/* dial:read() --> bytes | nil, "wait" | nil, "end" */
static int dial_read(lua_State *L) {
    struct dial *dial = pl_handle_check(L, 1, &type);
    static char piece[PIECE_BYTES];
    ssize_t got = dial->fd < 0 ? 0 : recv(dial->fd, piece, sizeof piece, 0);
    if (got > 0) {
        lua_pushlstring(L, piece, (size_t)got);
        return 1;
    }
    bool must_wait = got < 0 && (errno == EAGAIN || errno == EINTR);
    lua_pushnil(L);
    lua_pushstring(L, must_wait ? "wait" : "end");
    return 2;
}

/* dial:close(): harmless when repeated */
static int dial_close(lua_State *L) {
    hang_up(pl_handle_check(L, 1, &type));
    return 0;
}

static const luaL_Reg methods[] = {
    {"write", dial_write}, {"read", dial_read}, {"close", dial_close}, {NULL, NULL}};

static const struct pl_handle_type type = {.name = "partylua.Dial",
                                           .place = PL_SHELF_DIAL,
                                           .methods = methods,
                                           .ref = ref_dial,
                                           .unref = unref_dial};

static const luaL_Reg functions[] = {{"lab_dial", dial_open}, {NULL, NULL}};

void pl_bind_dial(lua_State *L) {
    luaL_register(L, NULL, functions);
    pl_handle_register(L, &type);
    lua_pop(L, 1);
}
