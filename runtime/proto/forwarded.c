#include "proto/forwarded.h"

#include "base/alloc.h"
#include "proto/http_text.h"

#include <stdlib.h>

bool pl_proxies_add(struct pl_proxies *proxies, struct pl_slice text) {
    struct pl_cidr range;
    if (!pl_cidr_parse(text, &range)) return false;
    proxies->ranges = pl_realloc(proxies->ranges, (proxies->count + 1) * sizeof range);
    proxies->ranges[proxies->count++] = range;
    return true;
}

void pl_proxies_finish(struct pl_proxies *proxies) {
    free(proxies->ranges);
    *proxies = (struct pl_proxies){0};
}

bool pl_proxies_contain(const struct pl_proxies *proxies, const struct pl_ip *ip) {
    for (size_t i = 0; i < proxies->count; i++) {
        if (pl_cidr_contains(&proxies->ranges[i], ip)) return true;
    }
    return false;
}

/* An element of the list: an address, which some proxies give a port ("10.0.0.1:80",
 * "[fe80::1]:80"). */
static bool read_address(struct pl_slice text, struct pl_ip *out) {
    if (text.len == 0) return false;
    if (pl_ip_parse(text, out)) return true;
    const char *colon = memrchr(text.at, ':', text.len);
    if (colon == NULL) return false;
    struct pl_slice before = pl_slice(text.at, (size_t)(colon - text.at));
    bool is_ipv6 = memchr(before.at, ':', before.len) != NULL;
    return (!is_ipv6 || before.at[0] == '[') && pl_ip_parse(before, out);
}

/* Takes the last element off a comma-separated list, without blanks. */
static struct pl_slice take_last(struct pl_slice *list) {
    const char *comma = list->len == 0 ? NULL : memrchr(list->at, ',', list->len);
    size_t before = comma == NULL ? 0 : (size_t)(comma - list->at);
    struct pl_slice last = comma == NULL ? *list : pl_slice(comma + 1, list->len - before - 1);
    list->len = before;
    return pl_text_trim(last);
}

/* Whether the client has been found in this header: one address that is not trusted, or something
 * nobody can read, before which nothing counts. */
static bool read_list(const struct pl_proxies *proxies, struct pl_slice list,
                      struct pl_ip *client) {
    while (list.len > 0) {
        struct pl_slice text = take_last(&list);
        if (text.len == 0) continue;
        if (!read_address(text, client)) return true;
        if (!pl_proxies_contain(proxies, client)) return true;
    }
    return false;
}

void pl_forwarded_read(const struct pl_proxies *proxies, const struct pl_ip *peer,
                       const struct pl_http_head *head, struct pl_forwarded *out) {
    struct pl_slice scheme = {0};
    bool is_found = false;
    *out = (struct pl_forwarded){.client = *peer};
    for (size_t i = head->header_count; i-- > 0;) { /* repeated headers are one list */
        const struct pl_http_header *header = &head->headers[i];
        struct pl_slice value = header->value;
        if (!is_found && pl_slice_equal(header->name, PL_SLICE("x-forwarded-for"))) {
            is_found = read_list(proxies, value, &out->client);
        } else if (scheme.len == 0 &&
                   pl_slice_equal(header->name, PL_SLICE("x-forwarded-proto"))) {
            scheme = take_last(&value);
        }
    }
    out->is_https = pl_slice_equal_nocase(scheme, PL_SLICE("https"));
}
