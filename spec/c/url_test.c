/*
 * url_test.c -- targets, paths and queries; the expected ones are what Node's URL gives.
 */
#include "check.h"

#include "base/url.h"

static struct pl_buffer out;

static void adds(const char *expected, struct pl_slice of) {
    if (!PL_CHECK_SLICE(pl_buffer_slice(&out), pl_slice_of(expected))) {
        printf("#   for %.*s\n", (int)of.len, of.at);
    }
    pl_buffer_finish(&out);
}

static void paths_and_queries_are_as_a_url_parser_keeps_them(void) {
    static const struct {
        const char *target, *path, *query;
    } cases[] = {
        {"/", "/", ""},
        {"/a", "/a", ""},
        {"/a/", "/a/", ""},
        {"/a/b", "/a/b", ""},
        {"//", "//", ""},
        {"//a", "//a", ""},
        {"/a//b", "/a//b", ""},
        {"///", "///", ""},
        {"/.", "/", ""},
        {"/..", "/", ""},
        {"/./", "/", ""},
        {"/../", "/", ""},
        {"/a/.", "/a/", ""},
        {"/a/..", "/", ""},
        {"/a/./", "/a/", ""},
        {"/a/../", "/", ""},
        {"/a/./b", "/a/b", ""},
        {"/a/../b", "/b", ""},
        {"/party/a/../b", "/party/b", ""},
        {"/parties/x/../../y", "/y", ""},
        {"/a/b/../../../c", "/c", ""},
        {"/a/.../b", "/a/.../b", ""},
        {"/a/..b", "/a/..b", ""},
        {"/a/b..", "/a/b..", ""},
        {"/a/.b", "/a/.b", ""},
        {"/a/%2e", "/a/", ""},
        {"/a/%2E", "/a/", ""},
        {"/a/%2e/b", "/a/b", ""},
        {"/a/%2e%2e", "/", ""},
        {"/a/%2E%2e/b", "/b", ""},
        {"/a/.%2e/b", "/b", ""},
        {"/a/%2e./b", "/b", ""},
        {"/a/%2e%2e%2e/b", "/a/%2e%2e%2e/b", ""},
        {"/%2e%2e/%2e%2e/a", "/a", ""},
        {"/a/%2", "/a/%2", ""},
        {"/a/%2eb", "/a/%2eb", ""},
        {"/a/%2f../b", "/a/%2f../b", ""},
        {"/a%2f..%2fb", "/a%2f..%2fb", ""},
        {"/\\", "//", ""},
        {"/a\\b", "/a/b", ""},
        {"/a\\..\\b", "/b", ""},
        {"/\\\\a", "///a", ""},
        {"/a/\\../b", "/a/b", ""},
        {"/a b", "/a%20b", ""},
        {"/a\"b", "/a%22b", ""},
        {"/a<b>c", "/a%3Cb%3Ec", ""},
        {"/a`b", "/a%60b", ""},
        {"/a{b}c", "/a%7Bb%7Dc", ""},
        {"/a|b^c", "/a|b^c", ""},
        {"/a[b]c", "/a[b]c", ""},
        {"/a'b", "/a'b", ""},
        {"/\xc3\xa9", "/%C3%A9", ""},
        {"/\xe2\x82\xac/\xf0\x9f\x98\x80", "/%E2%82%AC/%F0%9F%98%80", ""},
        {"/a%41", "/a%41", ""},
        {"/a%zz", "/a%zz", ""},
        {"/%", "/%", ""},
        {"/a%", "/a%", ""},
        {"/%2", "/%2", ""},
        {"/my%20room", "/my%20room", ""},
        {"/a:b@c", "/a:b@c", ""},
        {"/c:/..", "/", ""},
        {"/C|/../a", "/a", ""},
        {"/a;b=c,d", "/a;b=c,d", ""},
        {"/~!$&()*+=", "/~!$&()*+=", ""},
        {"/party/a?", "/party/a", "?"},
        {"/a?b", "/a", "?b"},
        {"/a?b=c&d", "/a", "?b=c&d"},
        {"/a??", "/a", "??"},
        {"/a?/../b", "/a", "?/../b"},
        {"/a?\xc3\xa9", "/a", "?%C3%A9"},
        {"/a? b\"c<d>e", "/a", "?%20b%22c%3Cd%3Ee"},
        {"/a?'", "/a", "?%27"},
        {"/a?`{}|^\\[]", "/a", "?`{}|^\\[]"},
        {"/a?%zz%41%", "/a", "?%zz%41%"},
        {"/a?b#c", "/a", "?b"},
        {"/a#b?c", "/a", ""},
        {"/#", "/", ""},
        {"/?#", "/", "?"},
        {"/a/..?b", "/", "?b"},
        {"/..?", "/", "?"},
        {"/.?/.", "/", "?/."},
        {"/a/%2e%2e?%2e%2e/", "/", "?%2e%2e/"},
        {"/_pk?_pk=8f14e45f-ceea-467f-a0e6-1a2b3c4d5e6f", "/_pk",
         "?_pk=8f14e45f-ceea-467f-a0e6-1a2b3c4d5e6f"},
        {"/a/../../b/./c/.././d", "/b/d", ""},
        {"//..//a", "//a", ""},
        {"//../a", "/a", ""},
        {"/a//../b", "/a/b", ""},
        {"/a/..//b", "//b", ""},
        {"/a/../..//b", "//b", ""},
        {"/..//..//", "//", ""},
        {"/.//a", "//a", ""},
        {"/./a/./b/.", "/a/b/", ""},
        {"/%2e/%2e/", "/", ""},
        {"/a/b/c/../../../..", "/", ""},
        {"/.../..", "/", ""},
        {"/..a/..", "/", ""},
        {"/a../..", "/", ""},
        {"/%c3%a9", "/%c3%a9", ""},
        {"/%C3%A9/..", "/", ""},
        {"/\xc2\x80", "/%C2%80", ""},
        {"/ ?x", "/%20", "?x"},
        {"/a/ /b", "/a/%20/b", ""},
        {"/a?b c", "/a", "?b%20c"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pl_slice given = pl_slice_of(cases[i].target);
        struct pl_target target;
        if (!PL_CHECK(pl_target_split(given, &target))) continue;
        PL_CHECK_INT((long long)target.authority.len, 0);
        pl_url_add_path(&out, target.path);
        adds(cases[i].path, given);
        pl_url_add_query(&out, target.query);
        adds(cases[i].query, given);
    }
}

static void control_bytes_and_bytes_of_no_text_are_escaped(void) {
    pl_url_add_path(&out, PL_SLICE("/\0\x01\x1f\x7f\x80\xff"));
    adds("/%00%01%1F%7F%80%FF", PL_SLICE(""));
    pl_url_add_query(&out, PL_SLICE("?\0\x01\x1f\x7f\x80\xff"));
    adds("?%00%01%1F%7F%80%FF", PL_SLICE(""));
}

static void what_stands_before_a_path_is_left_alone(void) {
    pl_buffer_add(&out, PL_SLICE("http://a/b"));
    pl_url_add_path(&out, PL_SLICE("/../../c"));
    adds("http://a/b/c", PL_SLICE(""));
    pl_buffer_add(&out, PL_SLICE("/a"));
    pl_url_add_path(&out, PL_SLICE("/x/../.."));
    adds("/a/", PL_SLICE(""));
    pl_url_add_path(&out, PL_SLICE(""));
    adds("/", PL_SLICE(""));
    pl_url_add_query(&out, PL_SLICE(""));
    adds("", PL_SLICE(""));
}

static void absolute_targets_are_split(void) {
    static const struct {
        const char *target, *authority, *path, *query;
    } cases[] = {
        {"http://a/b?c", "a", "/b", "?c"}, {"HTTPS://a.b:1/", "a.b:1", "/", ""},
        {"ws://a", "a", "/", ""},          {"wss://[::1]:80?b", "[::1]:80", "/", "?b"},
        {"http://a#b", "a", "/", ""},      {"http://a?b/c", "a", "/", "?b/c"},
        {"http://a\\b", "a", "\\b", ""},   {"http://a//b", "a", "//b", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pl_target target;
        if (!PL_CHECK(pl_target_split(pl_slice_of(cases[i].target), &target))) continue;
        PL_CHECK_SLICE(target.authority, pl_slice_of(cases[i].authority));
        PL_CHECK_SLICE(target.path, pl_slice_of(cases[i].path));
        PL_CHECK_SLICE(target.query, pl_slice_of(cases[i].query));
    }
}

static void other_targets_are_refused(void) {
    static const char *const targets[] = {
        "",
        "*",
        "a",
        "a:80",
        "?a",
        "#a",
        "\\a",
        "http:",
        "http:/a",
        "http://",
        "http:///a",
        "http://?a",
        "http://#a",
        "ftp://a/",
        "http:\\\\a",
        "httpx://a",
        "http://a@b/",
        "http://a:b@c/",
        "http://a:65536/",
        "http://a b/",
        "http://[::1/",
        "http://a%41/",
        "http://\xc3\xa9/",
        "http://:80/",
        "file:///a",
        "https//a",
    };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct pl_target target;
        bool ok = PL_CHECK(!pl_target_split(pl_slice_of(targets[i]), &target));
        if (!ok) printf("#   for %s\n", targets[i]);
    }
}

static void hosts_are_names_or_addresses(void) {
    static const char *const good[] = {"a", "a.b:1", "127.0.0.1", "[::1]", "[::1]:0", "a:"};
    static const char *const bad[] = {"",    ":",   "a:x", "[]", "[::1]a",
                                      "a/b", "a@b", "a%b", "a\n"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        PL_CHECK(pl_host_is_valid(pl_slice_of(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        PL_CHECK(!pl_host_is_valid(pl_slice_of(bad[i])));
    }
    PL_CHECK(!pl_host_is_valid(PL_SLICE("a\0")));
}

static void values_are_found_as_a_form_is_read(void) {
    static const struct {
        const char *query, *name, *value; /* NULL when there is none */
    } cases[] = {
        {"?_pk=a", "_pk", "a"},
        {"_pk=a", "_pk", "a"},
        {"?x=1&_pk=b", "_pk", "b"},
        {"?_pk=a&_pk=b", "_pk", "a"},
        {"?_pk", "_pk", ""},
        {"?_pk=", "_pk", ""},
        {"?_pk=&_pk=b", "_pk", ""},
        {"?_PK=a", "_pk", NULL},
        {"?%5fpk=a", "_pk", "a"},
        {"?_p%6B=a", "_pk", "a"},
        {"?_pk=a%20b+c", "_pk", "a b c"},
        {"?_pk=%2B", "_pk", "+"},
        {"?_pk=a=b==", "_pk", "a=b=="},
        {"?_pk=%", "_pk", "%"},
        {"?_pk=%4", "_pk", "%4"},
        {"?_pk=%zz%41", "_pk", "%zzA"},
        {"?_pk=%C3%A9", "_pk", "\xc3\xa9"},
        {"?&&_pk=a", "_pk", "a"},
        {"?=a", "x", NULL},
        {"?=a", "", "a"},
        {"?a+b=c", "a b", "c"},
        {"?a%2Bb=c", "a+b", "c"},
        {"?a", "b", NULL},
        {"", "a", NULL},
        {"?", "a", NULL},
        {"?", "", NULL},
        {"?&", "", NULL},
        {"?=", "", ""},
        {"??a=b", "?a", "b"},
        {"?a=b#c", "a", "b#c"},
        {"?a;b=c", "b", NULL},
        {"?ab=c&a=d", "a", "d"},
        {"?x_pk=a", "_pk", NULL},
        {"?_pkx=a", "_pk", NULL},
        {"?_pk=a&", "_pk", "a"},
        {"?a&a=b", "a", ""},
        {"?\xc3\xa9=1", "\xc3\xa9", "1"},
        {"?a=\xc3\xa9", "a", "\xc3\xa9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pl_slice query = pl_slice_of(cases[i].query);
        bool found = pl_query_find(query, pl_slice_of(cases[i].name), &out);
        PL_CHECK_INT(found, cases[i].value != NULL);
        adds(cases[i].value == NULL ? "" : cases[i].value, query);
    }
    pl_buffer_add(&out, PL_SLICE("before "));
    PL_CHECK(pl_query_find(PL_SLICE("?a=b%00c"), PL_SLICE("a"), &out));
    PL_CHECK_SLICE(pl_buffer_slice(&out), PL_SLICE("before b\0c"));
    pl_buffer_finish(&out);
}

static void escapes_are_decoded_or_refused(void) {
    PL_CHECK(pl_url_add_decoded(&out, PL_SLICE("with%20space+plus%c3%A9%2F")));
    adds("with space+plus\xc3\xa9/", PL_SLICE(""));
    PL_CHECK(pl_url_add_decoded(&out, PL_SLICE("%00")));
    PL_CHECK_SLICE(pl_buffer_slice(&out), PL_SLICE("\0"));
    PL_CHECK(pl_url_add_decoded(&out, PL_SLICE("")));

    static const char *const bad[] = {"%", "a%", "a%4", "%4g", "%g4", "%%41", "ab%2", "a% 41"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        PL_CHECK(!pl_url_add_decoded(&out, pl_slice_of(bad[i])));
    }
    PL_CHECK_SLICE(pl_buffer_slice(&out), PL_SLICE("\0"));
    pl_buffer_finish(&out);
}

static void segments_follow_each_other(void) {
    struct pl_slice rest = PL_SLICE("/parties//my%20room/"), segment = PL_SLICE("");
    static const char *const expected[] = {"parties", "", "my%20room", ""};
    for (size_t i = 0; i < 4; i++) {
        PL_CHECK(pl_path_next(&rest, &segment));
        PL_CHECK_SLICE(segment, pl_slice_of(expected[i]));
    }
    PL_CHECK(!pl_path_next(&rest, &segment));
    rest = PL_SLICE("a/b");
    PL_CHECK(!pl_path_next(&rest, &segment));
}

int main(void) {
    PL_RUN(paths_and_queries_are_as_a_url_parser_keeps_them);
    PL_RUN(control_bytes_and_bytes_of_no_text_are_escaped);
    PL_RUN(what_stands_before_a_path_is_left_alone);
    PL_RUN(absolute_targets_are_split);
    PL_RUN(other_targets_are_refused);
    PL_RUN(hosts_are_names_or_addresses);
    PL_RUN(values_are_found_as_a_form_is_read);
    PL_RUN(escapes_are_decoded_or_refused);
    PL_RUN(segments_follow_each_other);
    return pl_check_summary();
}
