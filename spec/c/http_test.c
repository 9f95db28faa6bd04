/*
 * http_test.c -- requests that are served, heads that are written.
 *
 * Every wire is fed whole, cut in two everywhere and byte by byte; what is reported must not
 * change. What is refused stands in http_refusal_test.c.
 */
#include "http_feeding.h"

static void a_request_is_a_head_and_an_end(void) {
    hears("GET /parties/main/room?_pk=a HTTP/1.1\r\nHost: example.com:1999\r\n\r\n",
          "GET /parties/main/room?_pk=a 1.1 host=example.com:1999\n"
          "host: example.com:1999\n"
          "end\n");
}

static void names_are_lower_case_and_values_trimmed(void) {
    hears("GET / HTTP/1.1\r\nHOST:a\r\nX-Two: \t b\tc \t\r\nx-empty:\r\nX-Blank:  \t \r\n"
          "X!#$%&'*+-.^_`|~1: \xc3\xa9\xff:,\"\r\n\r\n",
          "GET / 1.1 host=a\nhost: a\nx-two: b\tc\nx-empty: \nx-blank: \n"
          "x!#$%&'*+-.^_`|~1: \xc3\xa9\xff:,\"\nend\n");
}

static void repeated_headers_stay_in_order(void) {
    hears("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\nx: 3\r\n\r\n",
          "GET / 1.1 host=a\nhost: a\nx: 1\ny: 2\nx: 3\nend\n");
}

static void targets_are_kept_as_sent(void) {
    static const char *const targets[] = {
        "/", "//a//b",    "/a/../b?c=%41&d", "/%zz\\<>\"{}", "/a?b?c#d",
        "*", "/\xc3\xa9", "http://a:1/b",    "HTTPS://a"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char wire[128], expected[128];
        snprintf(wire, sizeof wire, "OPTIONS %s HTTP/1.1\r\nHost: h\r\n\r\n", targets[i]);
        snprintf(expected, sizeof expected, "OPTIONS %s 1.1 host=h\nhost: h\nend\n",
                 targets[i]);
        hears(wire, expected);
    }
}

static void the_usual_methods_are_known(void) {
    static const char *const methods[] = {"GET",    "HEAD",    "POST",  "PUT",
                                          "DELETE", "OPTIONS", "PATCH", "TRACE"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char wire[64], expected[64];
        snprintf(wire, sizeof wire, "%s / HTTP/1.1\r\nHost: h\r\n\r\n", methods[i]);
        snprintf(expected, sizeof expected, "%s / 1.1 host=h\nhost: h\nend\n", methods[i]);
        hears(wire, expected);
    }
}

static void a_body_has_its_declared_length(void) {
    hears("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
          "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
          "GET /c HTTP/1.1\r\nHost: h\r\ncontent-length: 004 \t\r\n\r\n\r\n\r\n",
          "POST /a 1.1 body host=h\nhost: h\ncontent-length: 5\nbody hello\nend\n"
          "POST /b 1.1 host=h\nhost: h\ncontent-length: 0\nend\n"
          "GET /c 1.1 body host=h\nhost: h\ncontent-length: 004\nbody \r\n\r\n\nend\n");
}

#define CHUNKED "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CHUNKED_HEAD "POST / 1.1 body host=h\nhost: h\ntransfer-encoding: chunked\n"

static void chunks_become_one_body(void) {
    hears(CHUNKED "5\r\nhello\r\n00A\r\n, chunked \r\n1\r\n\n\r\n0\r\n\r\n" CHUNKED "0\r\n\r\n"
                  "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
          CHUNKED_HEAD "body hello, chunked \n\nend\n" CHUNKED_HEAD "end\n"
                       "GET / 1.1 host=h\nhost: h\nend\n");
}

static void chunk_extensions_and_trailers_are_left_out(void) {
    hears(CHUNKED "3;a\r\nabc\r\n3;name=value;q=\"x;\\\"y\" ; z = 1\r\ndef\r\n0;last\r\n"
                  "X-Sum: 1\r\nExpires: never\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
          CHUNKED_HEAD "body abcdef\nend\nGET / 1.1 host=h\nhost: h\nend\n");
}

static void trailers_change_nothing_of_the_next_request(void) {
    hears(CHUNKED "0\r\nConnection: close\r\nUpgrade: websocket\r\nHost: other\r\n"
                  "Content-Length: 5\r\n\r\n"
                  "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
          CHUNKED_HEAD "end\nGET / 1.1 host=h\nhost: h\nend\n");
}

static void the_name_of_the_coding_has_no_case(void) {
    hears("POST / HTTP/1.1\r\nHost: h\r\nTRANSFER-ENCODING:\tChunKed \t\r\n\r\n1\r\na\r\n"
          "0\r\n\r\n",
          "POST / 1.1 body host=h\nhost: h\ntransfer-encoding: ChunKed\nbody a\nend\n");
}

static void pipelined_requests_are_told_one_by_one(void) {
    hears("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
          "\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\nGET /4",
          "GET /1 1.1 host=h\nhost: h\nend\nGET /2 1.1 host=h\nhost: h\nend\n"
          "GET /3 1.1 host=h\nhost: h\nend\nhalf a head\n");
}

/* RFC 9112 2.2. */
static void empty_lines_before_a_request_are_skipped(void) {
    hears("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n\r\n\r\n",
          "GET / 1.1 host=h\nhost: h\nend\n");
}

static void connection_decides_what_follows(void) {
    static const struct {
        const char *version, *connection, *expected;
    } cases[] = {
        {"1.1", "keep-alive", "1.1"},
        {"1.1", "close", "1.1 close"},
        {"1.1", "Close\t", "1.1 close"},
        {"1.1", "keep-alive, CLOSE", "1.1 close"},
        {"1.1", ",, x ,close , ", "1.1 close"},
        {"1.1", "closed", "1.1"},
        {"1.1", "x close", "1.1"},
        {"1.1", "", "1.1"},
        {"1.0", "", "1.0 close"},
        {"1.0", "Keep-Alive\t", "1.0"},
        {"1.0", "keep-alive, close", "1.0 close"},
        {"1.0", "upgrade, keep-alive", "1.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wire[128], expected[128];
        snprintf(wire, sizeof wire, "GET / HTTP/%s\r\nHost: h\r\nX: y\r\nConnection:%s\r\n\r\n",
                 cases[i].version, cases[i].connection);
        snprintf(expected, sizeof expected, "GET / %s host=h\nend\n", cases[i].expected);
        hears_tersely(wire, expected);
    }
    hears_tersely("GET / HTTP/1.1\r\nHost: h\r\nConnection: x\r\nConnection: close\r\n\r\n",
                  "GET / 1.1 close host=h\nend\n");
}

static void http_1_0_needs_no_host(void) {
    hears("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\nHost:\r\n\r\n"
          "POST / HTTP/1.0\r\nHost: h\r\nContent-Length: 2\r\n\r\nab",
          "GET / 1.0 close host=\nend\nGET / 1.0 close host=\nhost: \nend\n"
          "POST / 1.0 close body host=h\nhost: h\ncontent-length: 2\nbody ab\nend\n");
}

static void hosts_of_all_forms_are_taken(void) {
    static const char *const hosts[] = {
        "a",        "example.com",   "127.0.0.1:80", "[::1]", "[::ffff:7f00:1]:65535",
        "a_b-c.d~", "xn--bcher-kva", "a:",           "1",     "A.B:00080"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char wire[128], expected[128];
        snprintf(wire, sizeof wire, "GET / HTTP/1.1\r\nHost: %s\t\r\n\r\n", hosts[i]);
        snprintf(expected, sizeof expected, "GET / 1.1 host=%s\nend\n", hosts[i]);
        hears_tersely(wire, expected);
    }
}

static void a_client_may_ask_before_it_sends(void) {
    hears_tersely(
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\na"
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n"
        "GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n"
        "POST / HTTP/1.0\r\nExpect: 200-ok\r\nConnection: keep-alive\r\n\r\n"
        "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
        "POST / 1.1 body continue host=h\nbody a\nend\n"
        "POST / 1.1 body continue host=h\nend\n"
        "GET / 1.1 host=h\nend\n"
        "POST / 1.0 host=\nend\n"
        "POST / 1.0 close body host=\nbody a\nend\n");
}

static void an_upgrade_is_wanted_by_both_headers_in_http_1_1(void) {
    static const struct {
        const char *version, *headers, *expected;
    } cases[] = {
        {"1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "1.1 upgrade"},
        {"1.1", "Connection: keep-alive, upgrade\t\r\nUpgrade: websocket\t \r\n",
         "1.1 upgrade"},
        {"1.1", "Upgrade: a, b\r\nConnection: x\r\nConnection: UPGRADE\r\n", "1.1 upgrade"},
        {"1.1", "Upgrade: h2c\r\nConnection: upgrade, close\r\n", "1.1 close upgrade"},
        {"1.1", "Upgrade: websocket\r\n", "1.1"},
        {"1.1", "Connection: Upgrade\r\n", "1.1"},
        {"1.1", "Connection: upgraded\r\nUpgrade: websocket\r\n", "1.1"},
        {"1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "1.0 close"},
        {"1.0", "Connection: Upgrade, keep-alive\r\nUpgrade: websocket\r\n", "1.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wire[256], expected[256];
        snprintf(wire, sizeof wire,
                 "GET / HTTP/%s\r\nHost: h\r\n%s\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
                 cases[i].version, cases[i].headers);
        snprintf(expected, sizeof expected, "GET / %s host=h\nend\nGET /2 1.1 host=h\nend\n",
                 cases[i].expected);
        hears_tersely(wire, expected);
    }
}

/* Whoever goes on feeding has refused the upgrade: the body is one, and so is the next request. */
static void a_refused_upgrade_is_an_ordinary_request(void) {
    hears_tersely("POST /1 HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                  "Content-Length: 4\r\n\r\n\x81\x80 1"
                  "PUT /2 HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                  "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n",
                  "POST /1 1.1 body upgrade host=h\nbody \x81\x80 1\nend\n"
                  "PUT /2 1.1 body upgrade host=h\nbody abc\nend\n"
                  "GET /3 1.1 host=h\nend\n");
}

static void what_follows_an_upgrade_is_left_alone(void) {
    struct pl_slice wire = PL_SLICE("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\n"
                                    "Upgrade: websocket\r\n\r\n\x81\x80");
    struct pl_http *http = pl_http_create(&limits);
    size_t used = 0;
    PL_CHECK_INT(pl_http_feed(http, wire, &used), PL_HTTP_HEAD);
    PL_CHECK_INT((long long)used, (long long)wire.len - 2);
    PL_CHECK(pl_http_head(http)->wants_upgrade);
    pl_http_destroy(http);
}

static void bounds_are_reached_without_harm(void) {
    const struct pl_http_limits tight = {
        .head_bytes_max = 68, .url_bytes_max = 20, .header_count_max = 3, .body_bytes_max = 3};
    hears_within(
        &tight,
        "PUT /2345678901234567890 HTTP/1.1\r\nHost: h\r\nX:\r\nContent-Length:3\r\n\r\nabc",
        "PUT /2345678901234567890 1.1 body host=h\nhost: h\nx: \ncontent-length: 3\n"
        "body abc\nend\n");
    hears_within(&tight,
                 "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "0000000000000001\r\na\r\n1;x\r\nb\r\n1\r\nc\r\n0\r\nX-Long: "
                 "234567890123456789012345678901234567890123456789012345\r\n\r\n",
                 "PUT / 1.1 body host=h\nhost: h\ntransfer-encoding: chunked\nbody abc\nend\n");
}

static void a_head_stays_until_the_request_has_ended(void) {
    struct pl_slice wire =
        PL_SLICE("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
    struct pl_http *http = pl_http_create(&limits);
    size_t used = 0;
    PL_CHECK_INT(pl_http_feed(http, wire, &used), PL_HTTP_HEAD);
    pl_http_rest(http); /* not now: nothing is given back */
    PL_CHECK_INT(pl_http_feed(http, pl_slice(wire.at + used, 1), &used), PL_HTTP_BODY);
    PL_CHECK_INT(pl_http_feed(http, PL_SLICE("b"), &used), PL_HTTP_BODY);
    PL_CHECK_INT(pl_http_feed(http, PL_SLICE(""), &used), PL_HTTP_END);
    PL_CHECK_SLICE(pl_http_head(http)->target, PL_SLICE("/a"));
    PL_CHECK_SLICE(pl_http_head(http)->headers[1].value, PL_SLICE("2"));
    PL_CHECK_INT(pl_http_feed(http, PL_SLICE(""), &used), PL_HTTP_MORE);
    pl_http_rest(http);
    PL_CHECK(!pl_http_is_mid_head(http));
    PL_CHECK_INT(pl_http_feed(http, PL_SLICE("G"), &used), PL_HTTP_MORE);
    PL_CHECK(pl_http_is_mid_head(http));
    pl_http_destroy(http);
}

static void destroying_nothing_is_fine(void) { pl_http_destroy(NULL); }

/* ---- responses ------------------------------------------------------------------------------- */

static struct pl_buffer out;

static void writes(const char *expected) {
    PL_CHECK_SLICE(pl_buffer_slice(&out), pl_slice_of(expected));
    pl_buffer_finish(&out);
}

static void a_head_is_written_with_its_framing(void) {
    struct pl_slice date = PL_SLICE("Sun, 06 Nov 1994 08:49:37 GMT"), none = PL_SLICE("");
    pl_http_begin_head(&out, 200, PL_SLICE("OK"), date, PL_HTTP_LENGTH, 12, true, 1);
    PL_CHECK(pl_http_add_header(&out, PL_SLICE("content-type"), PL_SLICE("text/plain")));
    PL_CHECK(pl_http_add_header(&out, PL_SLICE("X-Empty"), none));
    pl_http_end_head(&out);
    writes("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 12\r\n"
           "content-type: text/plain\r\nX-Empty: \r\n\r\n");

    pl_http_begin_head(&out, 299, none, none, PL_HTTP_CHUNKED, 0, false, 1);
    writes("HTTP/1.1 299 \r\nTransfer-Encoding: chunked\r\nConnection: close\r\n");
    pl_http_begin_head(&out, 404, PL_SLICE("Not here"), none, PL_HTTP_LENGTH, UINT64_MAX, true,
                       0);
    writes("HTTP/1.1 404 Not here\r\nContent-Length: 18446744073709551615\r\n"
           "Connection: keep-alive\r\n");
    pl_http_begin_head(&out, 200, PL_SLICE("OK"), none, PL_HTTP_CLOSE, 0, true, 0);
    writes("HTTP/1.1 200 OK\r\nConnection: close\r\n");
    pl_http_begin_head(&out, 204, PL_SLICE("No Content"), none, PL_HTTP_BARE, 0, true, 1);
    writes("HTTP/1.1 204 No Content\r\n");
    pl_http_begin_head(&out, 100, PL_SLICE("Continue"), none, PL_HTTP_BARE, 0, false, 1);
    writes("HTTP/1.1 100 Continue\r\n");
}

static void headers_that_would_break_the_head_are_refused(void) {
    static const struct {
        struct pl_slice name, value;
    } bad[] = {
        {{"a", 1}, {"b\r\nc: d", 7}},
        {{"a", 1}, {"b\nc", 3}},
        {{"a", 1}, {"b\rc", 3}},
        {{"a", 1}, {"b\0c", 3}},
        {{"a", 1}, {"\n", 1}},
        {{"", 0}, {"b", 1}},
        {{"a b", 3}, {"c", 1}},
        {{"a:", 2}, {"c", 1}},
        {{"a\r", 2}, {"c", 1}},
        {{"a\0", 2}, {"c", 1}},
        {{"\xc3\xa9", 2}, {"c", 1}},
        {{"a", 1}, {"a long value with its line end far from the start\n", 50}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        PL_CHECK(!pl_http_add_header(&out, bad[i].name, bad[i].value));
    }
    writes("");
}

static void headers_of_the_framing_are_ours(void) {
    static const char *const names[] = {"content-length", "Transfer-Encoding", "CONNECTION",
                                        "Date"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        PL_CHECK(pl_http_add_header(&out, pl_slice_of(names[i]), PL_SLICE("x")));
    }
    writes("");
    PL_CHECK(pl_http_add_header(&out, PL_SLICE("Set-Cookie"), PL_SLICE("\xc3\xa9\t\x7f\x01")));
    writes("Set-Cookie: \xc3\xa9\t\x7f\x01\r\n");
}

static void a_phrase_that_would_break_the_head_is_replaced(void) {
    pl_http_begin_head(&out, 200, PL_SLICE("Fine\r\nX: y"), PL_SLICE(""), PL_HTTP_BARE, 0, true,
                       1);
    writes("HTTP/1.1 200 OK\r\n");
    pl_http_begin_head(&out, 599, PL_SLICE("\n"), PL_SLICE(""), PL_HTTP_BARE, 0, true, 1);
    writes("HTTP/1.1 599 \r\n");
}

static void chunk_sizes_are_hexadecimal(void) {
    static const size_t sizes[] = {1, 10, 255, 4096, SIZE_MAX};
    for (size_t i = 0; i < 5; i++) pl_http_add_chunk_head(&out, sizes[i]);
    writes("1\r\na\r\nff\r\n1000\r\nffffffffffffffff\r\n");
}

static void dates_are_in_the_one_format(void) {
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {951782399, "Mon, 28 Feb 2000 23:59:59 GMT"},
        {951868799, "Tue, 29 Feb 2000 23:59:59 GMT"},
        {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
        {253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {-1, "Thu, 01 Jan 1970 00:00:00 GMT"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char date[30];
        pl_http_date(date, cases[i].seconds);
        PL_CHECK_TEXT(date, cases[i].text);
    }
}

static void statuses_have_their_phrases(void) {
    PL_CHECK_TEXT(pl_http_reason(200), "OK");
    PL_CHECK_TEXT(pl_http_reason(404), "Not Found");
    PL_CHECK_TEXT(pl_http_reason(431), "Request Header Fields Too Large");
    PL_CHECK_TEXT(pl_http_reason(101), "Switching Protocols");
    PL_CHECK_TEXT(pl_http_reason(299), "");
    PL_CHECK_TEXT(pl_http_reason(-1), "");
}

int main(void) {
    PL_RUN(a_request_is_a_head_and_an_end);
    PL_RUN(names_are_lower_case_and_values_trimmed);
    PL_RUN(repeated_headers_stay_in_order);
    PL_RUN(targets_are_kept_as_sent);
    PL_RUN(the_usual_methods_are_known);
    PL_RUN(a_body_has_its_declared_length);
    PL_RUN(chunks_become_one_body);
    PL_RUN(chunk_extensions_and_trailers_are_left_out);
    PL_RUN(trailers_change_nothing_of_the_next_request);
    PL_RUN(the_name_of_the_coding_has_no_case);
    PL_RUN(pipelined_requests_are_told_one_by_one);
    PL_RUN(empty_lines_before_a_request_are_skipped);
    PL_RUN(connection_decides_what_follows);
    PL_RUN(http_1_0_needs_no_host);
    PL_RUN(hosts_of_all_forms_are_taken);
    PL_RUN(a_client_may_ask_before_it_sends);
    PL_RUN(an_upgrade_is_wanted_by_both_headers_in_http_1_1);
    PL_RUN(a_refused_upgrade_is_an_ordinary_request);
    PL_RUN(what_follows_an_upgrade_is_left_alone);
    PL_RUN(bounds_are_reached_without_harm);
    PL_RUN(a_head_stays_until_the_request_has_ended);
    PL_RUN(destroying_nothing_is_fine);
    PL_RUN(a_head_is_written_with_its_framing);
    PL_RUN(headers_that_would_break_the_head_are_refused);
    PL_RUN(headers_of_the_framing_are_ours);
    PL_RUN(a_phrase_that_would_break_the_head_is_replaced);
    PL_RUN(chunk_sizes_are_hexadecimal);
    PL_RUN(dates_are_in_the_one_format);
    PL_RUN(statuses_have_their_phrases);
    return pl_check_summary();
}
