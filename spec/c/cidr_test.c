/* cidr: addresses in every way of writing, and ranges at each of their edges. */
#include "base/cidr.h"

#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct pl_ip ip_of(const char *text) {
    struct pl_ip ip = {0};
    PL_CHECK(pl_ip_parse(pl_slice_of(text), &ip));
    return ip;
}

static void check_text(const char *text, const char *expected) {
    char out[PL_IP_TEXT_BYTES];
    struct pl_ip ip = ip_of(text);
    pl_ip_text(&ip, out);
    PL_CHECK_TEXT(out, expected);
}

static void an_address_is_read_and_written(void) {
    check_text("10.0.0.1", "10.0.0.1");
    check_text("fe80::1", "fe80::1");
    check_text("[FE80:0:0::1]", "fe80::1");
    check_text("::", "::");
}

static void an_ipv4_address_inside_ipv6_is_that_address(void) {
    check_text("::ffff:127.0.0.1", "127.0.0.1");
    check_text("::ffff:7f00:1", "127.0.0.1");
    check_text("64:ff9b::a00:1", "10.0.0.1");
}

static void what_is_no_address_is_refused(void) {
    static const char *const wrong[] = {
        "",           "10.0.0", "10.0.0.256", "010.0.0.1", "0x7f.0.0.1",   "[::1",
        "[10.0.0.1]", "::g",    "1",          "10.0.0.1 ", "fe80::1%eth0", "10.0.0.0/8"};
    struct pl_ip ip;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (!PL_CHECK(!pl_ip_parse(pl_slice_of(wrong[i]), &ip))) printf("#   %s\n", wrong[i]);
    }
    PL_CHECK(!pl_ip_parse(pl_slice("10.0.0.1\0", 9), &ip));
}

static void a_socket_has_an_address_and_a_port(void) {
    char text[PL_IP_TEXT_BYTES];
    struct pl_ip ip;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(8080)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
    struct sockaddr local = {.sa_family = AF_UNIX};
    inet_pton(AF_INET, "192.168.1.2", &in.sin_addr);
    inet_pton(AF_INET6, "::ffff:169.254.169.254", &in6.sin6_addr);

    PL_CHECK(pl_ip_of((struct sockaddr *)&in, &ip));
    pl_ip_text(&ip, text);
    PL_CHECK_TEXT(text, "192.168.1.2");
    PL_CHECK_INT(pl_ip_port_of((struct sockaddr *)&in), 8080);
    PL_CHECK(pl_ip_of((struct sockaddr *)&in6, &ip));
    pl_ip_text(&ip, text);
    PL_CHECK_TEXT(text, "169.254.169.254");
    PL_CHECK_INT(pl_ip_port_of((struct sockaddr *)&in6), 443);
    PL_CHECK(!pl_ip_of(&local, &ip));
    PL_CHECK_INT(pl_ip_port_of(&local), 0);
}

static bool contains(const char *range, const char *address) {
    struct pl_cidr cidr = {0};
    struct pl_ip ip = ip_of(address);
    if (!PL_CHECK(pl_cidr_parse(pl_slice_of(range), &cidr))) printf("#   %s\n", range);
    return pl_cidr_contains(&cidr, &ip);
}

static void a_range_ends_where_it_should(void) {
    PL_CHECK(contains("172.16.0.0/12", "172.16.0.0"));
    PL_CHECK(contains("172.16.0.0/12", "172.31.255.255"));
    PL_CHECK(!contains("172.16.0.0/12", "172.15.255.255"));
    PL_CHECK(!contains("172.16.0.0/12", "172.32.0.0"));
    PL_CHECK(contains("fc00::/7", "fdff::1"));
    PL_CHECK(!contains("fc00::/7", "fe00::1"));
    PL_CHECK(contains("10.1.2.3", "10.1.2.3"));
    PL_CHECK(!contains("10.1.2.3", "10.1.2.2"));
    PL_CHECK(contains("::1/128", "::1"));
    PL_CHECK(!contains("::1/128", "::2"));
}

static void a_range_of_everything_is_one_of_its_family(void) {
    PL_CHECK(contains("0.0.0.0/0", "255.255.255.255"));
    PL_CHECK(!contains("0.0.0.0/0", "2600::1"));
    PL_CHECK(contains("::/0", "2600::1"));
    PL_CHECK(!contains("::/0", "10.0.0.1"));
}

static void a_range_of_ipv4_may_be_written_in_ipv6(void) {
    PL_CHECK(contains("::ffff:10.0.0.0/104", "10.255.0.1"));
    PL_CHECK(!contains("::ffff:10.0.0.0/104", "11.0.0.1"));
}

static void what_is_no_range_is_refused(void) {
    static const char *const wrong[] = {"",           "/",
                                        "10.0.0.0/",  "10.0.0.0/33",
                                        "::/129",     "10.0.0.1/8",
                                        "fe80::1/64", "10.0.0.0/-1",
                                        "10.0.0.0/a", "10.0.0.0/0008",
                                        "a/8",        "::ffff:10.0.0.0/90"};
    struct pl_cidr cidr;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (!PL_CHECK(!pl_cidr_parse(pl_slice_of(wrong[i]), &cidr)))
            printf("#   %s\n", wrong[i]);
    }
}

int main(void) {
    PL_RUN(an_address_is_read_and_written);
    PL_RUN(an_ipv4_address_inside_ipv6_is_that_address);
    PL_RUN(what_is_no_address_is_refused);
    PL_RUN(a_socket_has_an_address_and_a_port);
    PL_RUN(a_range_ends_where_it_should);
    PL_RUN(a_range_of_everything_is_one_of_its_family);
    PL_RUN(a_range_of_ipv4_may_be_written_in_ipv6);
    PL_RUN(what_is_no_range_is_refused);
    return pl_check_summary();
}
