#include "wire.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define KEY_BYTES 24

static void write_upgrade(const char *key, char *out, size_t size) {
    char text[64];
    unsigned char digest[SHA_DIGEST_LENGTH], accept[32];
    int len =
        snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", KEY_BYTES, key);
    SHA1((unsigned char *)text, (size_t)len, digest);
    EVP_EncodeBlock(accept, digest, sizeof digest);
    snprintf(out, size,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
             accept);
}

size_t wire_answer(const char *bytes, size_t len, char *out, size_t size, bool *is_upgrade) {
    static const char name[] = "\r\nsec-websocket-key: ";
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    *is_upgrade = false;
    for (const char *at = bytes; at < end && !*is_upgrade; at++) {
        *is_upgrade = strncasecmp(at, name, sizeof name - 1) == 0;
        if (*is_upgrade) write_upgrade(at + sizeof name - 1, out, size);
    }
    if (!*is_upgrade) snprintf(out, size, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    return (size_t)(end - bytes) + 4;
}

bool wire_read_frame(struct frame *frame, uint8_t *bytes, size_t len) {
    if (len < 6) return false;
    size_t payload_len = bytes[1] & 127, head = 2;
    if (payload_len == 127) return false; /* the load never sends so much here */
    if (payload_len == 126) {
        payload_len = (size_t)bytes[2] << 8 | bytes[3];
        head = 4;
    }
    if (len < head + 4 + payload_len) return false;
    const uint8_t *mask = bytes + head;
    frame->opcode = bytes[0] & 15;
    frame->payload = bytes + head + 4;
    frame->payload_len = payload_len;
    frame->len = head + 4 + payload_len;
    for (size_t i = 0; i < payload_len; i++) frame->payload[i] ^= mask[i & 3];
    return true;
}

size_t wire_frame_head(uint8_t opcode, size_t len, uint8_t out[FRAME_HEAD_BYTES_MAX]) {
    out[0] = (uint8_t)(128 | opcode);
    if (len < 126) {
        out[1] = (uint8_t)len;
        return 2;
    }
    out[1] = 126;
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
    return 4;
}
