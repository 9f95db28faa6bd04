#include "proto/handshake.h"

#include "proto/http_text.h"

#include <assert.h>
#include <openssl/evp.h>

#define KEY_BYTES 24 /* 16 bytes in base64 */
#define SHA1_BYTES 20

/* The headers a handshake is made of. */
struct offer {
    struct pl_slice key, version, protocols;
    unsigned key_count, version_count;
    bool names_websocket;
};

static void note_upgrade(struct offer *offer, struct pl_slice value) {
    struct pl_slice token;
    while (pl_text_next(&value, &token)) {
        if (pl_slice_equal_nocase(token, PL_SLICE("websocket"))) offer->names_websocket = true;
    }
}

static void note(struct offer *offer, const struct pl_http_header *header) {
    if (pl_slice_equal(header->name, PL_SLICE("upgrade"))) note_upgrade(offer, header->value);
    if (!pl_slice_starts_with(header->name, PL_SLICE("sec-websocket-"))) return;
    struct pl_slice what = pl_slice_after(header->name, PL_SLICE("sec-websocket-").len);
    if (pl_slice_equal(what, PL_SLICE("key"))) {
        offer->key = header->value;
        offer->key_count++;
    } else if (pl_slice_equal(what, PL_SLICE("version"))) {
        offer->version = header->value;
        offer->version_count++;
    } else if (pl_slice_equal(what, PL_SLICE("protocol"))) {
        bool has_one = pl_handshake_first_protocol(offer->protocols).len > 0;
        if (!has_one) offer->protocols = header->value;
    }
}

static int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Whether this is base64 of 16 bytes, as RFC 6455 4.1 asks: 22 digits, of which the last holds
 * four bits that are zero, and the padding. */
static bool is_key(struct pl_slice key) {
    if (key.len != KEY_BYTES || key.at[22] != '=' || key.at[23] != '=') return false;
    for (size_t i = 0; i < 22; i++) {
        if (base64_value(key.at[i]) < 0) return false;
    }
    return (base64_value(key.at[21]) & 15) == 0;
}

static bool are_tokens(struct pl_slice list) {
    struct pl_slice token;
    while (pl_text_next(&list, &token)) {
        if (!pl_text_is_token(token)) return false;
    }
    return true;
}

static enum pl_handshake refuse(struct pl_handshake_result *out, int status, const char *why) {
    out->status = status;
    out->why = why;
    return PL_HANDSHAKE_REFUSED;
}

enum pl_handshake pl_handshake_check(const struct pl_http_head *head,
                                     struct pl_handshake_result *out) {
    *out = (struct pl_handshake_result){.key = PL_SLICE("")};
    /* RFC 9110 7.8: from HTTP/1.0, Upgrade is ignored. */
    if (head->minor_version == 0) return PL_HANDSHAKE_NONE;

    struct offer offer = {.key = PL_SLICE("")};
    for (size_t i = 0; i < head->header_count; i++) note(&offer, &head->headers[i]);
    if (!offer.names_websocket) return PL_HANDSHAKE_NONE;

    if (!pl_slice_equal(head->method, PL_SLICE("GET"))) {
        return refuse(out, 405, "A WebSocket handshake is a GET");
    }
    if (!head->wants_upgrade) return refuse(out, 400, "Connection does not name upgrade");
    if (head->has_body) return refuse(out, 400, "A WebSocket handshake has no body");
    if (offer.version_count > 1) return refuse(out, 400, "Repeated Sec-WebSocket-Version");
    if (!pl_slice_equal(offer.version, PL_SLICE("13"))) {
        return refuse(out, 426, "Only version 13 of WebSocket is spoken here");
    }
    if (offer.key_count > 1) return refuse(out, 400, "Repeated Sec-WebSocket-Key");
    if (!is_key(offer.key)) return refuse(out, 400, "Missing or bad Sec-WebSocket-Key");
    if (!are_tokens(offer.protocols)) return refuse(out, 400, "Bad Sec-WebSocket-Protocol");

    out->key = offer.key;
    out->protocols = offer.protocols;
    return PL_HANDSHAKE_OK;
}

void pl_handshake_accept_key(struct pl_slice key, char out[PL_ACCEPT_KEY_BYTES + 1]) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    static EVP_MD *sha1; /* looked up once: a fetch costs more than the hash */
    static EVP_MD_CTX *context;
    unsigned char hash[SHA1_BYTES];
    if (sha1 == NULL) {
        sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
        context = EVP_MD_CTX_new();
    }
    bool ok = EVP_DigestInit_ex2(context, sha1, NULL) == 1 &&
              EVP_DigestUpdate(context, key.at, key.len) == 1 &&
              EVP_DigestUpdate(context, guid, sizeof guid - 1) == 1 &&
              EVP_DigestFinal_ex(context, hash, NULL) == 1;
    assert(ok); /* only a libcrypto built without SHA-1 gets here */
    (void)ok;
    EVP_EncodeBlock((unsigned char *)out, hash, SHA1_BYTES);
}

struct pl_slice pl_handshake_first_protocol(struct pl_slice protocols) {
    struct pl_slice first;
    return pl_text_next(&protocols, &first) ? first : PL_SLICE("");
}

static bool is_listed(struct pl_slice list, struct pl_slice name) {
    struct pl_slice each;
    while (pl_text_next(&list, &each)) {
        if (pl_slice_equal(each, name)) return true;
    }
    return false;
}

struct pl_slice pl_handshake_choose_protocol(struct pl_slice offered, struct pl_slice spoken) {
    struct pl_slice name;
    while (pl_text_next(&spoken, &name)) {
        if (is_listed(offered, name)) return name;
    }
    return PL_SLICE("");
}
