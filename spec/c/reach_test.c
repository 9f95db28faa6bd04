/* reach: who may be reached by default, and what rules make of it. */
#include "base/reach.h"

#include "check.h"

/* The answer for an address, or for a name that a proxy resolves (`address` NULL). `rules` are
 * words: "+10.0.0.0/8 -10.0.0.5". */
static bool allows_host(const char *rules, const char *host, const char *address,
                        uint16_t port) {
    struct pl_reach reach = {0};
    struct pl_ip ip = {0};
    for (const char *at = rules; *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (!PL_CHECK(pl_reach_add(&reach, pl_slice(at + 1, len - 1), *at == '+'))) {
            printf("#   %s\n", at);
        }
        at += len;
        at += strspn(at, " ");
    }
    if (address != NULL) PL_CHECK(pl_ip_parse(pl_slice_of(address), &ip));
    bool answer =
        pl_reach_allows(&reach, pl_slice_of(host), address == NULL ? NULL : &ip, port);
    pl_reach_finish(&reach);
    return answer;
}

static bool allows(const char *rules, const char *address) {
    return allows_host(rules, "some.example", address, 443);
}

static void the_public_network_may_be_reached(void) {
    static const char *const open[] = {"1.1.1.1",        "9.255.255.255",   "11.0.0.0",
                                       "100.63.255.255", "100.128.0.0",     "126.255.255.255",
                                       "128.0.0.0",      "169.253.255.255", "172.15.0.1",
                                       "172.32.0.1",     "192.167.0.1",     "223.255.255.255",
                                       "2600::1",        "2a00:1450::1",    "64:ff9b::1.1.1.1"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (!PL_CHECK(allows("", open[i]))) printf("#   %s\n", open[i]);
    }
}

static void other_addresses_are_refused(void) {
    static const char *const shut[] = {"127.0.0.1",
                                       "127.255.255.254",
                                       "0.0.0.0",
                                       "0.1.2.3",
                                       "10.0.0.1",
                                       "172.16.0.1",
                                       "172.31.255.254",
                                       "192.168.0.1",
                                       "169.254.169.254",
                                       "100.64.0.1",
                                       "100.100.100.200",
                                       "168.63.129.16",
                                       "192.0.0.192",
                                       "198.18.0.1",
                                       "224.0.0.1",
                                       "239.255.255.255",
                                       "255.255.255.255",
                                       "::",
                                       "::1",
                                       "::127.0.0.1",
                                       "fe80::1",
                                       "fec0::1",
                                       "fc00::1",
                                       "fd00:ec2::254",
                                       "ff02::1",
                                       "::ffff:127.0.0.1",
                                       "::ffff:10.0.0.1",
                                       "64:ff9b::10.0.0.1",
                                       "64:ff9b:1::1",
                                       "2002:7f00:1::",
                                       "2001::1",
                                       "2001:db8::1"};
    for (size_t i = 0; i < sizeof shut / sizeof *shut; i++) {
        if (!PL_CHECK(!allows("", shut[i]))) printf("#   %s\n", shut[i]);
    }
}

static void a_range_opens_and_shuts(void) {
    PL_CHECK(allows("+10.0.0.0/8", "10.1.2.3"));
    PL_CHECK(!allows("+10.0.0.0/8", "192.168.0.1"));
    PL_CHECK(!allows("-1.1.1.0/24", "1.1.1.1"));
    PL_CHECK(allows("-1.1.1.0/24", "1.1.2.1"));
    PL_CHECK(allows("+127.0.0.1", "::ffff:127.0.0.1"));
    PL_CHECK(allows("+0.0.0.0/0", "127.0.0.1"));
}

static void the_narrower_range_counts_in_any_order(void) {
    PL_CHECK(!allows("+10.0.0.0/8 -10.0.0.5", "10.0.0.5"));
    PL_CHECK(!allows("-10.0.0.5 +10.0.0.0/8", "10.0.0.5"));
    PL_CHECK(allows("-0.0.0.0/0 +10.0.0.0/8", "10.0.0.5"));
    PL_CHECK(!allows("-0.0.0.0/0 +10.0.0.0/8", "1.1.1.1"));
    PL_CHECK(!allows("+10.0.0.0/8 -10.0.0.0/8", "10.0.0.5"));
    PL_CHECK(!allows("-10.0.0.0/8 +10.0.0.0/8", "10.0.0.5"));
}

static void a_port_may_be_named(void) {
    PL_CHECK(allows_host("+127.0.0.1:8080", "localhost", "127.0.0.1", 8080));
    PL_CHECK(!allows_host("+127.0.0.1:8080", "localhost", "127.0.0.1", 8081));
    PL_CHECK(allows_host("+[::1]:8080", "localhost", "::1", 8080));
    PL_CHECK(!allows_host("+[::1]:8080", "localhost", "::1", 80));
    PL_CHECK(!allows_host("+10.0.0.0/8 -10.0.0.0/8:22", "x.example", "10.0.0.1", 22));
    PL_CHECK(allows_host("+10.0.0.0/8 -10.0.0.0/8:22", "x.example", "10.0.0.1", 80));
}

static void a_host_counts_before_any_address(void) {
    PL_CHECK(allows_host("+db.internal", "db.internal", "10.0.0.1", 5432));
    PL_CHECK(allows_host("+db.internal", "DB.internal.", "10.0.0.1", 5432));
    PL_CHECK(!allows_host("+db.internal", "my-db.internal", "10.0.0.1", 5432));
    PL_CHECK(!allows_host("+db.internal:80", "db.internal", "10.0.0.1", 5432));
    PL_CHECK(allows_host("+db.internal -10.0.0.1", "db.internal", "10.0.0.1", 80));
    PL_CHECK(!allows_host("-evil.example", "evil.example", "1.1.1.1", 80));
    PL_CHECK(allows_host("-0.0.0.0/0 -::/0 +api.example", "api.example", "2600::1", 443));
}

static void behind_a_proxy_only_names_are_known(void) {
    PL_CHECK(allows_host("", "some.example", NULL, 80));
    PL_CHECK(!allows_host("-some.example", "some.example", NULL, 80));
    PL_CHECK(allows_host("-0.0.0.0/0", "some.example", NULL, 80));
}

static void what_is_no_rule_is_refused(void) {
    static const char *const wrong[] = {"",           ":80",        "host:",    "host:0",
                                        "host:65536", "a b",        "http://a", "10.0.0.0/33",
                                        "10.0.0",     "1.2.3.4:x",  "[::1",     "a/b",
                                        "*.example",  "host:80:80", "::1:80:x", "2130706433"};
    struct pl_reach reach = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (!PL_CHECK(!pl_reach_add(&reach, pl_slice_of(wrong[i]), true))) {
            printf("#   %s\n", wrong[i]);
        }
    }
    PL_CHECK_INT((long long)reach.count, 0);
    pl_reach_finish(&reach);
}

int main(void) {
    PL_RUN(the_public_network_may_be_reached);
    PL_RUN(other_addresses_are_refused);
    PL_RUN(a_range_opens_and_shuts);
    PL_RUN(the_narrower_range_counts_in_any_order);
    PL_RUN(a_port_may_be_named);
    PL_RUN(a_host_counts_before_any_address);
    PL_RUN(behind_a_proxy_only_names_are_known);
    PL_RUN(what_is_no_rule_is_refused);
    return pl_check_summary();
}
