/* forwarded: whose word counts, in every way in which proxies write it down. */
#include "proto/forwarded.h"

#include "check.h"

static struct pl_proxies proxies;

static const char *client_of(const struct pl_http_header *headers, size_t count) {
    static char text[PL_IP_TEXT_BYTES];
    struct pl_http_head head = {.headers = headers, .header_count = count};
    struct pl_forwarded forwarded;
    struct pl_ip peer;
    PL_CHECK(pl_ip_parse(PL_SLICE("10.0.0.1"), &peer));
    pl_forwarded_read(&proxies, &peer, &head, &forwarded);
    pl_ip_text(&forwarded.client, text);
    return text;
}

static void check_list(const char *list, const char *client) {
    struct pl_http_header header = {PL_SLICE("x-forwarded-for"), pl_slice_of(list)};
    PL_CHECK_TEXT(client_of(&header, 1), client);
}

static void the_last_address_that_is_no_proxy_is_the_client(void) {
    check_list("192.0.2.7", "192.0.2.7");
    check_list("6.6.6.6,192.0.2.7", "192.0.2.7");
    check_list("6.6.6.6 , 192.0.2.7 , 10.0.0.9", "192.0.2.7");
    check_list("10.0.0.8, 10.0.0.9", "10.0.0.8");
    check_list("::ffff:10.0.0.9", "10.0.0.9");
}

static void ports_and_brackets_are_read(void) {
    check_list("192.0.2.7:80", "192.0.2.7");
    check_list("[2001:db8::1]", "2001:db8::1");
    check_list("[2001:db8::1]:80", "2001:db8::1");
}

static void what_nobody_can_read_hides_all_before_it(void) {
    static const char *const wrong[] = {"",    ",",       " ,\t, ", "unknown",   "_hidden",
                                        "1.2", ":80",     "[::1",   "::1:no",    "[]:80",
                                        "::g", "a:b:c:d", "-",      "999.0.0.1", "192.0.2.7/8"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) check_list(wrong[i], "10.0.0.1");
    check_list("192.0.2.7, unknown, 10.0.0.9", "10.0.0.9");
    check_list("192.0.2.7, unknown", "10.0.0.1");
}

static void repeated_headers_are_one_list(void) {
    struct pl_http_header headers[] = {
        {PL_SLICE("x-forwarded-for"), PL_SLICE("6.6.6.6, 192.0.2.7")},
        {PL_SLICE("accept"), PL_SLICE("1.1.1.1")},
        {PL_SLICE("x-forwarded-for"), PL_SLICE("10.0.0.9")},
    };
    PL_CHECK_TEXT(client_of(headers, 3), "192.0.2.7");
}

static void check_scheme(const char *value, bool is_https) {
    struct pl_http_header header = {PL_SLICE("x-forwarded-proto"), pl_slice_of(value)};
    struct pl_http_head head = {.headers = &header, .header_count = 1};
    struct pl_forwarded forwarded;
    struct pl_ip peer = {.len = 4};
    pl_forwarded_read(&proxies, &peer, &head, &forwarded);
    PL_CHECK_INT(forwarded.is_https, is_https);
}

static void the_scheme_is_the_last_one_named(void) {
    check_scheme("https", true);
    check_scheme("HTTPS", true);
    check_scheme("http, https", true);
    check_scheme("https, http", false);
    check_scheme("", false);
    check_scheme("httpsx", false);
}

int main(void) {
    PL_CHECK(pl_proxies_add(&proxies, PL_SLICE("10.0.0.0/8")));
    PL_CHECK(!pl_proxies_add(&proxies, PL_SLICE("10.0.0.1/8")));
    PL_RUN(the_last_address_that_is_no_proxy_is_the_client);
    PL_RUN(ports_and_brackets_are_read);
    PL_RUN(what_nobody_can_read_hides_all_before_it);
    PL_RUN(repeated_headers_are_one_list);
    PL_RUN(the_scheme_is_the_last_one_named);
    pl_proxies_finish(&proxies);
    return pl_check_summary();
}
