/*
 * handshake_test.c -- which requests are WebSocket handshakes, and what the others get.
 */
#include "check.h"

#include "base/alloc.h"
#include "proto/handshake.h"

#include <stdlib.h>

static const struct pl_http_limits limits = {.head_bytes_max = 4096,
                                             .url_bytes_max = 1024,
                                             .header_count_max = 20,
                                             .body_bytes_max = 1000};

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define ASKS "Connection: Upgrade\r\nUpgrade: websocket\r\n"

/* Judges the request that begins with `line`; what it gives stays until the next call. */
static enum pl_handshake judge(const char *line, const char *headers,
                               struct pl_handshake_result *result) {
    static struct pl_http *http;
    char wire[1024];
    int len = snprintf(wire, sizeof wire, "%s\r\nHost: h\r\n%s\r\n", line, headers);
    size_t used = 0;
    pl_http_destroy(http);
    http = pl_http_create(&limits);
    PL_CHECK_INT(pl_http_feed(http, pl_slice(wire, (size_t)len), &used), PL_HTTP_HEAD);
    return pl_handshake_check(pl_http_head(http), result);
}

static void opens(const char *headers) {
    struct pl_handshake_result result;
    if (!PL_CHECK_INT(judge("GET /a HTTP/1.1", headers, &result), PL_HANDSHAKE_OK)) {
        printf("#   for %s\n", headers);
    }
    PL_CHECK_SLICE(result.key, PL_SLICE("dGhlIHNhbXBsZSBub25jZQ=="));
}

static void refuses(int status, const char *line, const char *headers) {
    struct pl_handshake_result result;
    bool ok = PL_CHECK_INT(judge(line, headers, &result), PL_HANDSHAKE_REFUSED) &&
              PL_CHECK_INT(result.status, status) && PL_CHECK(strlen(result.why) > 0);
    if (!ok) printf("#   for %s\n", headers);
}

static void ignores(const char *line, const char *headers) {
    struct pl_handshake_result result;
    if (!PL_CHECK_INT(judge(line, headers, &result), PL_HANDSHAKE_NONE)) {
        printf("#   for %s\n", headers);
    }
}

static void a_handshake_opens(void) {
    opens(ASKS KEY VERSION);
    opens("upgrade: WebSocket\r\nCONNECTION: keep-alive, UPGRADE\r\n" VERSION KEY);
    opens(
        "Upgrade: h2c, websocket\t\r\nConnection: x\r\nConnection: upgrade \t\r\n" KEY VERSION);
    opens("Upgrade: h2c\r\nUpgrade: websocket\r\nConnection: upgrade\r\n" KEY VERSION);
    opens(ASKS KEY VERSION "Content-Length: 0\r\n");
    opens(ASKS KEY VERSION "Sec-WebSocket-Extensions: permessage-deflate\r\nOrigin: null\r\n");
    opens(ASKS "Sec-WebSocket-Key:\t dGhlIHNhbXBsZSBub25jZQ==\t\r\n"
               "Sec-WebSocket-Version: \t13\t\r\n");
}

static void other_requests_are_ordinary(void) {
    ignores("GET / HTTP/1.1", "");
    ignores("GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: h2c\r\n");
    ignores("GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket/13\r\n" KEY VERSION);
    ignores("GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: web socket\r\n" KEY VERSION);
    ignores("GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade:\r\n" KEY VERSION);
    ignores("GET / HTTP/1.1", KEY VERSION);
    ignores("POST / HTTP/1.1", "Connection: Upgrade\r\n" KEY VERSION);
}

/* RFC 9110 7.8. */
static void http_1_0_does_not_upgrade(void) {
    ignores("GET / HTTP/1.0", ASKS KEY VERSION);
    ignores("GET / HTTP/1.0",
            "Connection: upgrade, keep-alive\r\nUpgrade: websocket\r\n" KEY VERSION);
    ignores("POST / HTTP/1.0", ASKS);
}

static void only_get_opens(void) {
    refuses(405, "POST / HTTP/1.1", ASKS KEY VERSION);
    refuses(405, "HEAD / HTTP/1.1", ASKS KEY VERSION);
    refuses(405, "OPTIONS / HTTP/1.1", ASKS);
}

static void the_connection_has_to_agree(void) {
    refuses(400, "GET / HTTP/1.1", "Upgrade: websocket\r\n" KEY VERSION);
    refuses(400, "GET / HTTP/1.1",
            "Upgrade: websocket\r\nConnection: keep-alive\r\n" KEY VERSION);
    refuses(400, "GET / HTTP/1.1",
            "Upgrade: websocket\r\nConnection: upgraded\r\n" KEY VERSION);
}

static void a_handshake_has_no_body(void) {
    refuses(400, "GET / HTTP/1.1", ASKS KEY VERSION "Content-Length: 1\r\n");
    refuses(400, "GET / HTTP/1.1", ASKS KEY VERSION "Transfer-Encoding: chunked\r\n");
}

static void only_version_13_is_spoken(void) {
    static const char *const versions[] = {"8", "0", "14", "013", "13, 8", "", "x", "1 3"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        char headers[256];
        snprintf(headers, sizeof headers, "%sSec-WebSocket-Version: %s\r\n", ASKS KEY,
                 versions[i]);
        refuses(426, "GET / HTTP/1.1", headers);
    }
    refuses(426, "GET / HTTP/1.1", ASKS KEY);
    refuses(426, "GET / HTTP/1.1", ASKS "Sec-WebSocket-Version: 8\r\n");
    refuses(400, "GET / HTTP/1.1", ASKS KEY VERSION VERSION);
}

static void a_key_is_16_bytes_in_base64(void) {
    static const char *const keys[] = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZR==", /* bits after the last byte */
        "dGhlIHNhbXBsZSBub25jZf==",
        "dGhlIHNhbXBsZSBub25jZQA=",
        "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhlIHNhbXBsZSB=b25jZQ==",
        "dGhlIHNhbXBsZSB ub25jZQ==",
        "dGhlIHNhbXBsZSB-b25jZQ==",
        "dGhlIHNhbXBsZSB_b25jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
        "\"dGhlIHNhbXBsZSBub25jZQ==\"",
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char headers[256];
        snprintf(headers, sizeof headers, "%sSec-WebSocket-Key: %s\r\n", ASKS VERSION, keys[i]);
        refuses(400, "GET / HTTP/1.1", headers);
    }
    refuses(400, "GET / HTTP/1.1", ASKS VERSION);
    refuses(400, "GET / HTTP/1.1", ASKS VERSION KEY KEY);
}

static void offers(const char *protocols, const char *all, const char *first) {
    struct pl_handshake_result result;
    char headers[512];
    snprintf(headers, sizeof headers, "%s%s", ASKS KEY VERSION, protocols);
    PL_CHECK_INT(judge("GET / HTTP/1.1", headers, &result), PL_HANDSHAKE_OK);
    PL_CHECK_SLICE(result.protocols, pl_slice_of(all));
    PL_CHECK_SLICE(pl_handshake_first_protocol(result.protocols), pl_slice_of(first));
}

static void the_first_protocol_is_found(void) {
    offers("", "", "");
    offers("Sec-WebSocket-Protocol: chat\r\n", "chat", "chat");
    offers("Sec-WebSocket-Protocol: alpha, beta\r\n", "alpha, beta", "alpha");
    offers("Sec-WebSocket-Protocol: ,\t, v1.json ,beta\r\n", ",\t, v1.json ,beta", "v1.json");
    offers(
        "Sec-WebSocket-Protocol:\r\nsec-websocket-protocol: a\r\nSec-WebSocket-Protocol: b\r\n",
        "a", "a");
    offers("Sec-WebSocket-Protocol: ,\r\n", ",", "");
    offers("Sec-WebSocket-Protocol: ,\r\nSec-WebSocket-Protocol: b\r\n", "b", "b");
    refuses(400, "GET / HTTP/1.1", ASKS KEY VERSION "Sec-WebSocket-Protocol: a b\r\n");
    refuses(400, "GET / HTTP/1.1", ASKS KEY VERSION "Sec-WebSocket-Protocol: a, b/c\r\n");
}

static void of_those_spoken_the_first_that_is_offered_is_chosen(void) {
    static const char *const cases[][3] = {
        {"a, b", "b,a", "b"}, {"a ,b", "c,a", "a"}, {"a", "b", ""},
        {"", "a", ""},        {"A", "a", ""},       {"chat.v2, chat", "chat", "chat"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        PL_CHECK_SLICE(
            pl_handshake_choose_protocol(pl_slice_of(cases[i][0]), pl_slice_of(cases[i][1])),
            pl_slice_of(cases[i][2]));
    }
}

static void accept_keys_are_as_the_rfc_says(void) {
    static const char *const pairs[][2] = {
        {"dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}, /* RFC 6455 1.3 */
        {"AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="},
        {"/////////////////////w==", "XXpj4jYzLM2yUE0C7TIgMwTQh2g="},
        {"x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="},
    };
    for (size_t round = 0; round < 2; round++) { /* the context is used again */
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
            char accept[PL_ACCEPT_KEY_BYTES + 1];
            pl_handshake_accept_key(pl_slice_of(pairs[i][0]), accept);
            PL_CHECK_TEXT(accept, pairs[i][1]);
        }
    }
}

int main(void) {
    PL_RUN(a_handshake_opens);
    PL_RUN(other_requests_are_ordinary);
    PL_RUN(http_1_0_does_not_upgrade);
    PL_RUN(only_get_opens);
    PL_RUN(the_connection_has_to_agree);
    PL_RUN(a_handshake_has_no_body);
    PL_RUN(only_version_13_is_spoken);
    PL_RUN(a_key_is_16_bytes_in_base64);
    PL_RUN(the_first_protocol_is_found);
    PL_RUN(of_those_spoken_the_first_that_is_offered_is_chosen);
    PL_RUN(accept_keys_are_as_the_rfc_says);
    return pl_check_summary();
}
