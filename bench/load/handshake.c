/* handshake.c -- see handshake.h. */
#include "load/handshake.h"

#include "load/fail.h"
#include "load/head.h"
#include "load/random.h"
#include "load/sha1.h"

#include <stdio.h>
#include <string.h>

#define KEY_BYTES 24 /* 16 random bytes in base64 */
#define REQUEST_BYTES_MAX 512

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

static void encode_base64(const uint8_t *bytes, size_t len, char *out) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < len; at += 3) {
        size_t left = len - at;
        uint32_t word = (uint32_t)bytes[at] << 16;
        if (left > 1) word |= (uint32_t)bytes[at + 1] << 8;
        if (left > 2) word |= bytes[at + 2];
        *out++ = digits[word >> 18];
        *out++ = digits[word >> 12 & 63];
        *out++ = left > 1 ? digits[word >> 6 & 63] : '=';
        *out++ = left > 2 ? digits[word & 63] : '=';
    }
    *out = '\0';
}

void pl_handshake_request(struct pl_handshake *handshake, struct pl_bytes *output,
                          const char *path, uint16_t port) {
    static uint64_t random = 0x9e3779b97f4a7c15ull;
    uint64_t nonce[2] = {pl_random_next(&random), pl_random_next(&random)};
    char key[KEY_BYTES + sizeof guid];
    encode_base64((const uint8_t *)nonce, sizeof nonce, key);

    char request[REQUEST_BYTES_MAX];
    int len = snprintf(request, sizeof request,
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                       "Sec-WebSocket-Version: 13\r\n\r\n",
                       path, port, key);
    if (len < 0 || (size_t)len >= sizeof request) pl_fail("the path %s is too long", path);
    pl_bytes_append(output, request, (size_t)len);

    uint8_t digest[PL_SHA1_BYTES];
    memcpy(key + KEY_BYTES, guid, sizeof guid);
    pl_sha1(key, KEY_BYTES + sizeof guid - 1, digest);
    encode_base64(digest, sizeof digest, handshake->accept);
}

size_t pl_handshake_check(const struct pl_handshake *handshake, const uint8_t *bytes,
                          size_t len) {
    struct pl_head head;
    struct pl_head_value accept;
    if (!pl_head_read(&head, bytes, len)) return 0;
    if (head.status != 101) pl_fail("the handshake was answered with %d", head.status);
    if (!pl_head_find(&head, "sec-websocket-accept", &accept) ||
        accept.len != PL_ACCEPT_BYTES ||
        memcmp(accept.start, handshake->accept, PL_ACCEPT_BYTES) != 0)
        pl_fail("the handshake was answered with a wrong accept key");
    return head.len;
}
