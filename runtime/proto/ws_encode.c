/* The sending half of ws.h: frame headers, close frames, close codes. */
#include "proto/ws.h"

#include "base/utf8.h"

size_t pl_ws_header(uint8_t out[PL_WS_HEADER_BYTES_MAX], enum pl_ws_opcode opcode, size_t len) {
    out[0] = (uint8_t)(0x80 | opcode);
    if (len < 126) {
        out[1] = (uint8_t)len;
        return 2;
    }
    size_t bytes = len <= 0xffff ? 2 : 8;
    out[1] = bytes == 2 ? 126 : 127;
    for (size_t i = bytes; i > 0; i--) {
        out[1 + i] = (uint8_t)len;
        len >>= 8;
    }
    return 2 + bytes;
}

size_t pl_ws_close_frame(uint8_t out[PL_WS_CONTROL_BYTES_MAX], uint16_t code,
                         struct pl_slice reason) {
    if (!pl_ws_is_close_code(code, false)) return pl_ws_header(out, PL_WS_CLOSE, 0);

    reason = pl_utf8_truncate(reason, PL_WS_REASON_BYTES_MAX);
    size_t len = pl_ws_header(out, PL_WS_CLOSE, 2 + reason.len);
    out[len++] = (uint8_t)(code >> 8);
    out[len++] = (uint8_t)code;
    if (reason.len > 0) memcpy(out + len, reason.at, reason.len);
    return len + reason.len;
}

bool pl_ws_is_close_code(unsigned code, bool from_peer) {
    if (code < 1000 || code > 4999) return false;
    if (code == 1004 || code == 1005 || code == 1006 || code == 1015) return false;
    return !from_peer || code < 1016 || code > 2999;
}
