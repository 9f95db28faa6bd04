/* What a client of a WebSocket puts on the wire (RFC 6455 4.1 and 5.3). */
#include "base/buffer.h"
#include "base/random.h"
#include "lua/bind.h"
#include "lua/check.h"
#include "proto/handshake.h"
#include "proto/ws.h"
#include "proto/ws_frame.h"

#include <string.h>

#define MASK_BYTES 4

/* native.ws_accept(key) --> string: what a server answers to this key */
static int ws_accept(lua_State *L) {
    char accept[PL_ACCEPT_KEY_BYTES + 1];
    pl_handshake_accept_key(pl_check_slice(L, 1), accept);
    lua_pushlstring(L, accept, PL_ACCEPT_KEY_BYTES);
    return 1;
}

/* native.ws_frame(opcode, payload [, mask]) --> string: a whole frame, masked, by chance if left
 * out */
static int ws_frame(lua_State *L) {
    int opcode = (int)luaL_checkinteger(L, 1);
    struct pl_slice payload = pl_check_slice(L, 2);
    uint8_t header[PL_WS_HEADER_BYTES_MAX], mask[MASK_BYTES];
    struct pl_buffer frame = {0};
    struct pl_slice given = lua_isnoneornil(L, 3) ? (struct pl_slice){0} : pl_check_slice(L, 3);
    luaL_argcheck(L, opcode >= 0 && opcode <= 15, 1, "an opcode from 0 to 15");
    luaL_argcheck(L, given.len == 0 || given.len == sizeof mask, 3, "a mask of four bytes");
    size_t header_len = pl_ws_header(header, (enum pl_ws_opcode)opcode, payload.len);
    header[1] |= 0x80;
    if (given.len > 0) memcpy(mask, given.at, sizeof mask);
    else pl_random_bytes((char *)mask, sizeof mask);
    pl_buffer_add(&frame, pl_slice((const char *)header, header_len));
    pl_buffer_add(&frame, pl_slice((const char *)mask, sizeof mask));
    if (payload.len > 0) {
        char *to = pl_buffer_reserve(&frame, payload.len);
        pl_ws_unmask(to, payload.at, payload.len, mask, 0); /* the same both ways */
        frame.len += payload.len;
    }
    pl_push_slice(L, pl_buffer_slice(&frame));
    pl_buffer_finish(&frame);
    return 1;
}

/* native.ws_is_code(code) --> boolean: whether a peer may close with it */
static int ws_is_code(lua_State *L) {
    lua_Integer code = luaL_checkinteger(L, 1);
    lua_pushboolean(L, code > 0 && pl_ws_is_close_code((unsigned)code, true));
    return 1;
}

static const luaL_Reg functions[] = {
    {"ws_accept", ws_accept}, {"ws_frame", ws_frame}, {"ws_is_code", ws_is_code}, {NULL, NULL}};

void pl_bind_ws(lua_State *L) { luaL_register(L, NULL, functions); }
