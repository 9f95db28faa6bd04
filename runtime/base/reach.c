#include "base/reach.h"

#include "base/alloc.h"

#include <stdlib.h>

#define HOST_BYTES_MAX 253 /* RFC 1035 2.3.4 */
#define NAME_RANK 129      /* above the most bits a range can have */

struct pl_reach_rule {
    struct pl_cidr cidr;
    char *host;    /* instead of the range; owned */
    uint16_t port; /* 0: all */
    bool is_allowed;
};

/* ---- rules ---------------------------------------------------------------------------------- */

/* The port after the last colon; -1 when there are no digits, or too many. */
static int read_port(struct pl_slice digits) {
    int port = 0;
    if (digits.len == 0 || digits.len > 5) return -1;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') return -1;
        port = port * 10 + (digits.at[i] - '0');
    }
    return port >= 1 && port <= 65535 ? port : -1;
}

/* Takes ":8080" off the end of `text`. An IPv6 address has colons of its own, so there the port
 * comes after a bracket. */
static bool split_port(struct pl_slice *text, uint16_t *out) {
    const char *colon = text->len == 0 ? NULL : memrchr(text->at, ':', text->len);
    *out = 0;
    if (colon == NULL) return true;
    struct pl_slice before = pl_slice(text->at, (size_t)(colon - text->at));
    bool is_after_bracket = before.len > 0 && before.at[before.len - 1] == ']';
    bool has_more = before.len > 0 && memchr(before.at, ':', before.len) != NULL;
    if (has_more && !is_after_bracket) return true;
    int port = read_port(pl_slice_after(*text, before.len + 1));
    if (port < 0) return false;
    *out = (uint16_t)port;
    *text = before;
    return true;
}

static struct pl_slice without_last_dot(struct pl_slice host) {
    if (host.len > 1 && host.at[host.len - 1] == '.') host.len--;
    return host;
}

/* Letters, digits, dots, hyphens and underscores; at least one letter, or it would be a number
 * that was meant to be an address. */
static bool is_name(struct pl_slice text) {
    bool has_letter = false;
    if (text.len == 0 || text.len > HOST_BYTES_MAX) return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = pl_ascii_lower(text.at[i]);
        bool is_letter = c >= 'a' && c <= 'z';
        has_letter = has_letter || is_letter;
        if (!is_letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_') {
            return false;
        }
    }
    return has_letter && text.at[0] != '.' && text.at[0] != '-';
}

bool pl_reach_add(struct pl_reach *reach, struct pl_slice text, bool is_allowed) {
    struct pl_reach_rule rule = {.is_allowed = is_allowed};
    if (!pl_cidr_parse(text, &rule.cidr)) {
        if (!split_port(&text, &rule.port)) return false;
        if (!pl_cidr_parse(text, &rule.cidr)) {
            text = without_last_dot(text);
            if (!is_name(text)) return false;
            rule.host = pl_copy_string(text.at, text.len);
        }
    }
    reach->rules = pl_realloc(reach->rules, (reach->count + 1) * sizeof rule);
    reach->rules[reach->count++] = rule;
    return true;
}

void pl_reach_finish(struct pl_reach *reach) {
    for (size_t i = 0; i < reach->count; i++) free(reach->rules[i].host);
    free(reach->rules);
    *reach = (struct pl_reach){0};
}

/* ---- answers -------------------------------------------------------------------------------- */

/* Not one machine of the public network: IANA's registries of special-purpose addresses (RFC
 * 6890 and its updates), multicast, and what clouds use inside. Tunnels that would carry an IPv4
 * address past these rules are closed as a whole. */
static const char *const special[] = {
    "0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",   "127.0.0.0/8",    "168.63.129.16",
    "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4",    "::/96",         "64:ff9b:1::/48",  "100::/64",       "2001::/23",
    "2001:db8::/32",  "2002::/16",     "3fff::/20",       "5f00::/16",      "fc00::/7",
    "fe80::/10",      "fec0::/10",     "ff00::/8",
};

#define SPECIAL_COUNT (sizeof special / sizeof *special)

bool pl_ip_is_public(const struct pl_ip *ip) {
    static struct pl_cidr ranges[SPECIAL_COUNT];
    static bool is_parsed;
    for (size_t i = 0; !is_parsed && i < SPECIAL_COUNT; i++) {
        if (!pl_cidr_parse(pl_slice_of(special[i]), &ranges[i])) abort();
    }
    is_parsed = true;
    for (size_t i = 0; i < SPECIAL_COUNT; i++) {
        if (pl_cidr_contains(&ranges[i], ip)) return false;
    }
    return true;
}

/* How specific the rule is for this destination; 0 when it does not fit. */
static unsigned rank(const struct pl_reach_rule *rule, struct pl_slice host,
                     const struct pl_ip *ip, uint16_t port) {
    if (rule->port != 0 && rule->port != port) return 0;
    unsigned ports = rule->port != 0 ? 2 : 1;
    if (rule->host != NULL) {
        bool is_same = pl_slice_equal_nocase(pl_slice_of(rule->host), host);
        return is_same ? NAME_RANK * 2 + ports : 0;
    }
    bool is_inside = ip != NULL && pl_cidr_contains(&rule->cidr, ip);
    return is_inside ? rule->cidr.bits * 2 + ports : 0;
}

bool pl_reach_allows(const struct pl_reach *reach, struct pl_slice host, const struct pl_ip *ip,
                     uint16_t port) {
    const struct pl_reach_rule *first = NULL;
    unsigned best = 0;
    host = without_last_dot(host);
    for (size_t i = 0; i < reach->count; i++) {
        const struct pl_reach_rule *rule = &reach->rules[i];
        unsigned mine = rank(rule, host, ip, port);
        if (mine < best || mine == 0) continue;
        if (mine == best && rule->is_allowed) continue;
        best = mine;
        first = rule;
    }
    if (first != NULL) return first->is_allowed;
    return ip == NULL || pl_ip_is_public(ip);
}
