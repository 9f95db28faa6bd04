/*
 * http_refusal_test.c -- requests that are refused, with which status, however they are cut.
 */
#include "http_feeding.h"

/* A request with these header lines and a Host. */
static void refuses_headers(int status, const char *headers) {
    char wire[1024];
    snprintf(wire, sizeof wire, "POST / HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n", headers);
    refuses(status, wire);
}

/* ---- request lines --------------------------------------------------------------------------- */

static void request_lines_have_three_parts(void) {
    static const char *const lines[] = {
        "this is not http",
        "GET /",
        "GET",
        "GET / ",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET /\tHTTP/1.1",
        "GET\t/ HTTP/1.1",
        "GET / a HTTP/1.1",
        "GET /\ta HTTP/1.1",
        "GET / HTTP/1.1\t",
        "G@T / HTTP/1.1",
        "GET / HTTP/1",
        "GET / HTTP/11",
        "GET / HTTP/1.1.1",
        "GET / HTTP/1.x",
        "GET / http/1.1",
        "GET / HTP/1.1",
        "GET / HTTPS/1.1",
        "GET / HTTP/1,1",
        "\xc3\xa9 / HTTP/1.1",
        "GET HTTP/1.1",
        "/ GET HTTP/1.1",
        ":",
        "GET / HTTP/-.1",
        "\tGET / HTTP/1.1",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char wire[128];
        snprintf(wire, sizeof wire, "%s\r\nHost: h\r\n\r\n", lines[i]);
        refuses(400, wire);
    }
}

static void targets_have_one_of_the_known_forms(void) {
    static const char *const targets[] = {"a", "?a", "#a", "http:/a", "http//a", "a:80", "-"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char wire[64];
        snprintf(wire, sizeof wire, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", targets[i]);
        refuses(400, wire);
    }
}

static void other_versions_are_not_spoken(void) {
    static const char *const versions[] = {"0.9", "1.2", "2.0", "3.0", "0.0", "9.9"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        char wire[64];
        snprintf(wire, sizeof wire, "GET / HTTP/%s\r\nHost: h\r\n\r\n", versions[i]);
        refuses(505, wire);
    }
    refuses(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

static void unknown_methods_are_not_implemented(void) {
    static const char *const methods[] = {"BREW",     "get", "GETX", "G",
                                          "DESCRIBE", "PRI", "Post"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char wire[64];
        snprintf(wire, sizeof wire, "%s / HTTP/1.1\r\nHost: h\r\n\r\n", methods[i]);
        refuses(501, wire);
    }
    refuses(501, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n");
    refuses(501, "CONNECT / HTTP/1.0\r\n\r\n");
}

static void empty_lines_before_a_request_are_counted(void) {
    refuses(400, "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void lines_end_with_cr_and_lf(void) {
    refuses(400, "GET / HTTP/1.1\nHost: h\r\n\r\n");
    refuses(400, "GET / HTTP/1.1\r\nHost: h\n\r\n");
    refuses(400, "GET / HTTP/1.1\r\nHost: h\r\n\n");
    refuses(400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\nY: b\r\n\r\n");
    refuses(400, "GET / HTTP/1.1\rHost: h\r\n\r\n");
    refuses(400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n");
    refuses(400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\r\n\r\n");
    refuses(400, "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n");
    refuses(400, "GET / HTTP/1.1\r\nHost: h\r\n\rX");
    refuses(400, "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
    refuses(400, "\r\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
}

static void headers_are_not_folded(void) {
    refuses_headers(400, "X: a\r\n b");
    refuses_headers(400, "X: a\r\n\tb");
    refuses_headers(400, "X: a\r\n ");
    refuses(400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n");
    refuses(400, "GET / HTTP/1.1\r\nHost: h\r\n \r\n\r\n");
}

static void names_are_tokens_with_a_colon_behind(void) {
    static const char *const headers[] = {"X : a",
                                          "X\t: a",
                                          ": a",
                                          "X",
                                          "X y: a",
                                          "(x): a",
                                          "x/y: a",
                                          "\xc3\xa9: a",
                                          "x\"y: a",
                                          "x@y: a",
                                          "{x}: a",
                                          "x;y: a",
                                          "Content-Length : 0",
                                          "Transfer-Encoding : chunked",
                                          "Host : other"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        refuses_headers(400, headers[i]);
    }
}

static void control_bytes_are_refused_everywhere(void) {
    for (int c = 0; c < 0x20; c++) {
        if (c == '\t' || c == '\r') continue;
        static const char pattern[] = "GET /?a HTTP/1.1\r\nHost: h\r\nX?y: b?c\r\n\r\n";
        for (size_t i = 0; i < sizeof pattern - 1; i++) {
            if (pattern[i] != '?') continue;
            char wire[sizeof pattern];
            memcpy(wire, pattern, sizeof pattern);
            wire[i] = (char)c;
            refuses_after("", 400,
                          (struct feeding){.limits = &limits,
                                           .wire = pl_slice(wire, sizeof pattern - 1)});
        }
    }
    refuses(400, "GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n");
    refuses_headers(400, "X: \x7f");
}

/* ---- headers --------------------------------------------------------------------------------- */

static void http_1_1_has_just_one_host(void) {
    refuses(400, "GET / HTTP/1.1\r\n\r\n");
    refuses(400, "GET / HTTP/1.1\r\nX: y\r\n\r\n");
    refuses(400, "GET http://a/ HTTP/1.1\r\n\r\n");
    refuses_headers(400, "Host: h");
    refuses_headers(400, "hOST: other");
    refuses(400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n");
}

static void hosts_are_names_or_addresses(void) {
    static const char *const hosts[] = {"",
                                        ":80",
                                        "a b",
                                        "a/b",
                                        "a?b",
                                        "a#b",
                                        "a@b",
                                        "a\\b",
                                        "a\"b",
                                        "<a>",
                                        "a:b",
                                        "a:1:2",
                                        "[::1",
                                        "::1",
                                        "[::1]x",
                                        "[]",
                                        "[a:g]",
                                        "a:-1",
                                        "a:65536",
                                        "a%20b",
                                        "\xc3\xa9",
                                        "a\tb",
                                        "a:999999999999999999999",
                                        "[::1%25x]",
                                        "a|b",
                                        "a^b"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char wire[128];
        snprintf(wire, sizeof wire, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);
        refuses(400, wire);
    }
}

static void lengths_are_one_number(void) {
    static const char *const headers[] = {
        "Content-Length: 1\r\nContent-Length: 1",
        "Content-Length: 1\r\nX: y\r\ncontent-length: 2",
        "Content-Length: 1, 1",
        "Content-Length: -1",
        "Content-Length: +1",
        "Content-Length: 1 1",
        "Content-Length: 0x1",
        "Content-Length: 1.0",
        "Content-Length:",
        "Content-Length: \t",
        "Content-Length: a",
        "Content-Length: \"1\"",
        "Content-Length: 1;",
        "Content-Length: 99999999999999999999",
        "Content-Length: 18446744073709551616",
        "Content-Length: 1\t1",
        "Content-Length: 1\t 1",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        refuses_headers(400, headers[i]);
    }
}

static void the_end_of_a_body_is_told_in_one_way(void) {
    refuses_headers(400, "Content-Length: 1\r\nTransfer-Encoding: chunked");
    refuses_headers(400, "Transfer-Encoding: chunked\r\nContent-Length: 1");
    refuses_headers(400, "Content-Length: 0\r\nTransfer-Encoding: chunked");
    refuses_headers(400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked");
    refuses_headers(400, "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked");
    refuses_headers(400, "Transfer-Encoding:\r\nTransfer-Encoding: chunked");
    refuses(400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    refuses(400, "POST / HTTP/1.0\r\nTransfer-Encoding: x\r\nConnection: keep-alive\r\n\r\n");
}

static void chunked_is_the_only_coding(void) {
    static const char *const bad[] = {"gzip",
                                      "chunked, gzip",
                                      "chunked, chunked",
                                      "xchunked",
                                      "chunkedx",
                                      "",
                                      ",",
                                      "identity",
                                      "chunked;x",
                                      "chunked;q=1",
                                      "\"chunked\"",
                                      "chunk ed",
                                      "chunked gzip",
                                      "\x0b chunked",
                                      "chunked,"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char header[64];
        snprintf(header, sizeof header, "Transfer-Encoding: %s", bad[i]);
        refuses_headers(400, header);
    }
    refuses_headers(501, "Transfer-Encoding: gzip, chunked");
    refuses_headers(501, "Transfer-Encoding: x;y=\"z\" ,chunked");
    refuses_headers(501, "Transfer-Encoding: , chunked");
}

static void expectations_are_known(void) {
    refuses_headers(417, "Expect: 200-ok");
    refuses_headers(417, "Expect: 100-continue, x");
    refuses_headers(417, "Expect: 100-continue\r\nExpect: y");
    refuses_headers(417, "Expect: 100-continue=1\r\nContent-Length: 1");
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static const struct pl_http_limits tight = {
    .head_bytes_max = 68, .url_bytes_max = 20, .header_count_max = 3, .body_bytes_max = 3};

static void targets_are_bounded(void) {
    refuses_within(&tight, 414, "GET /23456789012345678901 HTTP/1.1\r\nHost: h\r\n\r\n");
    refuses_within(&tight, 414,
                   "GET /234567890123456789012345678901234567890123456789012345678901"
                   "2345678901234567890 HTTP/1.1\r\nHost: h\r\n\r\n");
    refuses_within(&tight, 414, "@ /23456789012345678901");
    refuses_within(&tight, 414, "GET /23456789012345678901\r\n");
    refuses_within(&tight, 400, "GET /2345678901234567890\r\n");
    const struct pl_http_limits wide = {
        .head_bytes_max = 24, .url_bytes_max = 30, .header_count_max = 3};
    refuses_within(&wide, 431, "GET /23456789012345678901234567890123 HTTP/1.1\r\n\r\n");
}

static void heads_are_bounded(void) {
    refuses_within(&tight, 431,
                   "PUT /2345678901234567890 HTTP/1.1\r\nHost: h\r\nXy:\r\nContent-Length:3\r\n"
                   "\r\nabc");
    refuses_within(
        &tight, 431,
        "GET / HTTP/1.1\r\nHost: h\r\nX: 345678901234567890123456789012345678901234567");
    refuses_within(&tight, 431,
                   "GETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGET"
                   "GETGETGETGETGETGETGETGETGETGETGETGETGETGETGET");
    refuses_within(&tight, 431, "GET / HTTP/1.1\r\nHost: h\r\na:\r\nb:\r\nc:\r\n\r\n");
    refuses_within(&tight, 431, "GET / HTTP/1.1\r\na:\r\nb:\r\nc:\r\nHost: h\r\nX : y");
}

static void what_is_wrong_first_counts(void) {
    refuses_within(&tight, 400, "GET / HTTP/1.1\r\n a\r\nb:\r\nc:\r\nd:\r\ne:\r\nf:\r\n\r\n");
    refuses_within(&tight, 505, "GET / HTTP/1.2\r\na:\r\nb:\r\nc:\r\nd:\r\ne:\r\n\r\n");
    refuses_within(&tight, 400,
                   "GET / HTTP/1.1\r\nHost: h\r\n\x01: 345678901234567890123456789"
                   "01234567890123456789012345678901234567890");
}

static void declared_lengths_are_bounded(void) {
    refuses_within(&tight, 413, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd");
    refuses_headers(413, "Content-Length: 1001");
    refuses_headers(413, "Content-Length: 9223372036854775808\r\nExpect: 100-continue");
}

/* ---- chunked bodies -------------------------------------------------------------------------- */

#define CHUNKED "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CHUNKED_HEAD "PUT / 1.1 body host=h\n"

static void refuses_chunks(const struct pl_http_limits *bounds, int status, const char *heard,
                           const char *chunks) {
    char wire[1024], first[1024];
    snprintf(wire, sizeof wire, "%s%s", CHUNKED, chunks);
    snprintf(first, sizeof first, "%s%s", CHUNKED_HEAD, heard);
    refuses_after(first, status, (struct feeding){.limits = bounds, .wire = pl_slice_of(wire)});
}

static void chunks_are_counted(void) {
    refuses_chunks(&tight, 413, "", "4\r\nabcd\r\n0\r\n\r\n");
    refuses_chunks(&tight, 413, "body ab\n", "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n");
    refuses_chunks(&tight, 413, "", "ffffffffffffffff\r\n");
    refuses_chunks(&tight, 413, "", "7fffffffffffffff\r\nabc");
    refuses_chunks(&limits, 400, "", "10000000000000000\r\n");
    refuses_chunks(&limits, 400, "", "fffffffffffffffff\r\n");
}

static void chunk_lines_are_well_formed(void) {
    static const char *const chunks[] = {"\r\n",
                                         "x\r\n",
                                         "-1\r\na",
                                         "0x1\r\na",
                                         "+1\r\na",
                                         " 1\r\na",
                                         "1 \r\na",
                                         "1\t\r\na",
                                         "1;\r\na",
                                         "1;a=\r\na",
                                         "1;=b\r\na",
                                         "1;a=\"b\r\na",
                                         "1;a=\"\\\"\r\na",
                                         "1;a b\r\na",
                                         "1;a=b c\r\na",
                                         "1;a,b\r\na",
                                         "1\n",
                                         "1;a\n",
                                         "1\ra",
                                         "1;a=b\rc",
                                         "1;a\x01\r\na",
                                         "1;a=\"b\nc\"\r\na",
                                         "1 a\r\na",
                                         "1;\"a\"\r\n",
                                         ";a\r\n",
                                         "g\r\n",
                                         "1;a=\"b\"c\r\n",
                                         "1\x0b\r\n",
                                         "0\n\r\n"};
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        refuses_chunks(&limits, 400, "", chunks[i]);
    }
}

static void chunks_end_where_they_say(void) {
    refuses_chunks(&limits, 400, "body a\n", "1\r\nabc\r\n0\r\n\r\n");
    refuses_chunks(&limits, 400, "body a\n", "1\r\na\n0\r\n\r\n");
    refuses_chunks(&limits, 400, "body a\n", "1\r\na\rX0\r\n\r\n");
    refuses_chunks(&limits, 400, "body a\n", "1\r\na0\r\n\r\n");
    refuses_chunks(&limits, 400, "body a\n", "1\r\nab\r\n");
    refuses_chunks(&limits, 400, "body abc\n", "3\r\nabc\r\n\r\n0\r\n\r\n");
}

static void trailers_are_well_formed(void) {
    static const char *const trailers[] = {
        "X : a\r\n\r\n", " X: a\r\n\r\n",   "X: a\r\n b\r\n\r\n", "X\r\n\r\n", "X: a\n\r\n",
        "X: a\r\n\n",    "X: \x01\r\n\r\n", "X y: a\r\n\r\n",     "\n",        "\rX"};
    for (size_t i = 0; i < sizeof trailers / sizeof *trailers; i++) {
        char chunks[64];
        snprintf(chunks, sizeof chunks, "0\r\n%s", trailers[i]);
        refuses_chunks(&limits, 400, "", chunks);
    }
}

static void trailers_do_not_frame(void) {
    refuses_chunks(&limits, 400, "", "0\r\nTransfer-Encoding: chunked\r\n\r\n");
    refuses_chunks(&limits, 400, "", "0\r\nTransfer-Encoding: gzip\r\n\r\n");
}

static void extensions_and_trailers_are_bounded_together(void) {
    refuses_chunks(
        &tight, 413, "",
        "1;23456789012345678901234567890123456789012345678901234567890123456789012345"
        "6789012345678901234567890\r\na");
    refuses_chunks(&tight, 413, "body ab\n",
                   "1;a=56789012345678901234567890123456789012345678\r\na\r\n"
                   "1;a=56789012345678901234567890123456789012345678\r\nb\r\n"
                   "1;a=56789012345678901234567890123456789012345678\r\nc\r\n0\r\n\r\n");
    refuses_chunks(
        &tight, 431, "",
        "0\r\nX: 4567890123456789012345678901234567890123456789012345678901234567\r\n"
        "\r\n");
    refuses_chunks(&tight, 431, "body a\n",
                   "1;a=56789012345678901234567890123456789012345678\r\na\r\n0\r\n"
                   "X: 45678901234567890123456789012345\r\n\r\n");
}

static void nothing_follows_a_refusal(void) {
    struct feeding how = {
        .limits = &limits,
        .wire = PL_SLICE("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"
                         "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n")};
    refuses_after("GET /1 1.1 host=h\nend\n", 400, how);
}

int main(void) {
    PL_RUN(request_lines_have_three_parts);
    PL_RUN(targets_have_one_of_the_known_forms);
    PL_RUN(other_versions_are_not_spoken);
    PL_RUN(unknown_methods_are_not_implemented);
    PL_RUN(empty_lines_before_a_request_are_counted);
    PL_RUN(lines_end_with_cr_and_lf);
    PL_RUN(headers_are_not_folded);
    PL_RUN(names_are_tokens_with_a_colon_behind);
    PL_RUN(control_bytes_are_refused_everywhere);
    PL_RUN(http_1_1_has_just_one_host);
    PL_RUN(hosts_are_names_or_addresses);
    PL_RUN(lengths_are_one_number);
    PL_RUN(the_end_of_a_body_is_told_in_one_way);
    PL_RUN(chunked_is_the_only_coding);
    PL_RUN(expectations_are_known);
    PL_RUN(targets_are_bounded);
    PL_RUN(heads_are_bounded);
    PL_RUN(what_is_wrong_first_counts);
    PL_RUN(declared_lengths_are_bounded);
    PL_RUN(chunks_are_counted);
    PL_RUN(chunk_lines_are_well_formed);
    PL_RUN(chunks_end_where_they_say);
    PL_RUN(trailers_are_well_formed);
    PL_RUN(trailers_do_not_frame);
    PL_RUN(extensions_and_trailers_are_bounded_together);
    PL_RUN(nothing_follows_a_refusal);
    return pl_check_summary();
}
