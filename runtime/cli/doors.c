#include "cli/doors.h"

#include "base/log.h"
#include "cli/house.h"
#include "store/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The admin address, when there is one. */
int pl_doors_open_admin(lua_State *L, struct pl_house *house, uint16_t *port) {
    int rc = 0;
    lua_getfield(L, 1, "admin_host");
    if (lua_isstring(L, -1)) {
        *port = (uint16_t)pl_get_number(L, 1, "admin_port", 0);
        rc = pl_edge_listen(&house->admin, lua_tostring(L, -1), port);
    }
    lua_pop(L, 1);
    return rc;
}

/* The admin socket. A server without it serves all the same. */
void pl_doors_open_local(lua_State *L, struct pl_house *house) {
    lua_getfield(L, 1, "admin_folder");
    if (lua_isstring(L, -1)) {
        const char *folder = lua_tostring(L, -1);
        int rc = pl_folder_make(folder);
        if (rc == 0) rc = pl_edge_listen_local(&house->local, folder, "admin.sock");
        if (rc != 0) {
            struct pl_log_line line;
            pl_log_begin(&line, PL_LOG_WARN, "admin", PL_SLICE("there is no admin socket"));
            pl_log_add(&line, "folder", pl_slice_of(folder));
            pl_log_add(&line, "err", pl_slice_of(strerror(-rc)));
            pl_log_end(&line);
        }
    }
    lua_pop(L, 1);
}

/* At the socket that systemd has handed over, else at one of our own. `*place` names what is at
 * fault when that does not work. */
int pl_doors_open_public(struct pl_house *house, const char *address, uint16_t *port,
                         const char **place) {
    int socket = pl_systemd_take_socket(&house->systemd);
    *place = socket == -ENOENT ? "listen" : "socket";
    snprintf(house->host, sizeof house->host, "%s", address);
    if (socket == -ENOENT) return pl_edge_listen(&house->edge, address, port);
    if (socket < 0) return socket;
    return pl_edge_listen_at(&house->edge, socket, house->host, port);
}
