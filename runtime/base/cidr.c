#include "base/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};

static bool is_ipv4_inside(const uint8_t bytes[16]) {
    return memcmp(bytes, mapped, sizeof mapped) == 0 || memcmp(bytes, nat64, sizeof nat64) == 0;
}

static struct pl_ip ipv4(const void *bytes) {
    struct pl_ip ip = {.len = 4};
    memcpy(ip.bytes, bytes, 4);
    return ip;
}

static struct pl_ip ipv6(const uint8_t bytes[16]) {
    if (is_ipv4_inside(bytes)) return ipv4(bytes + 12);
    struct pl_ip ip = {.len = 16};
    memcpy(ip.bytes, bytes, 16);
    return ip;
}

bool pl_ip_of(const struct sockaddr *address, struct pl_ip *out) {
    /* Copied, since whoever holds the bytes may not have aligned them. */
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        *out = ipv4(&in.sin_addr);
        return true;
    }
    if (address->sa_family != AF_INET6) return false;
    struct sockaddr_in6 in6;
    memcpy(&in6, address, sizeof in6);
    *out = ipv6(in6.sin6_addr.s6_addr);
    return true;
}

uint16_t pl_ip_port_of(const struct sockaddr *address) {
    struct sockaddr_in in;
    if (address->sa_family != AF_INET && address->sa_family != AF_INET6) return 0;
    memcpy(&in, address, sizeof in); /* both families have it at the same place */
    return ntohs(in.sin_port);
}

bool pl_ip_parse(struct pl_slice text, struct pl_ip *out) {
    char copy[PL_IP_TEXT_BYTES];
    uint8_t bytes[16];
    bool has_brackets = text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']';
    if (has_brackets) text = pl_slice(text.at + 1, text.len - 2);
    if (text.len >= sizeof copy || memchr(text.at, '\0', text.len) != NULL) return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET6, copy, bytes) == 1) {
        *out = ipv6(bytes);
        return true;
    }
    if (has_brackets || inet_pton(AF_INET, copy, bytes) != 1) return false;
    *out = ipv4(bytes);
    return true;
}

/* inet_ntop prints with sprintf, which takes longer than all else about a newcomer. */
static void put_v4(const uint8_t *at, char *out) {
    for (int i = 0; i < 4; i++) {
        if (i > 0) *out++ = '.';
        if (at[i] >= 100) *out++ = (char)('0' + at[i] / 100);
        if (at[i] >= 10) *out++ = (char)('0' + at[i] / 10 % 10);
        *out++ = (char)('0' + at[i] % 10);
    }
    *out = '\0';
}

void pl_ip_text(const struct pl_ip *ip, char out[PL_IP_TEXT_BYTES]) {
    if (ip->len == 4) {
        put_v4(ip->bytes, out);
    } else {
        inet_ntop(AF_INET6, ip->bytes, out, PL_IP_TEXT_BYTES);
    }
}

/* Up to three digits; -1 for anything else. */
static int read_bits(struct pl_slice text) {
    int bits = 0;
    if (text.len == 0 || text.len > 3) return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return -1;
        bits = bits * 10 + (text.at[i] - '0');
    }
    return bits;
}

static bool has_bits_after(const struct pl_ip *ip, unsigned bits) {
    for (unsigned i = bits; i < ip->len * 8u; i++) {
        if (ip->bytes[i / 8] >> (7 - i % 8) & 1) return true;
    }
    return false;
}

bool pl_cidr_parse(struct pl_slice text, struct pl_cidr *out) {
    const char *slash = text.len == 0 ? NULL : memchr(text.at, '/', text.len);
    struct pl_slice address =
        slash == NULL ? text : pl_slice(text.at, (size_t)(slash - text.at));
    if (address.len == 0 || !pl_ip_parse(address, &out->ip)) return false;
    out->bits = out->ip.len * 8u;
    if (slash == NULL) return true;

    int bits = read_bits(pl_slice_after(text, address.len + 1));
    /* A range of IPv4 addresses that is written in IPv6: the bits before them do not count. */
    if (out->ip.len == 4 && memchr(address.at, ':', address.len) != NULL) bits -= 96;
    if (bits < 0 || (unsigned)bits > out->bits) return false;
    out->bits = (unsigned)bits;
    return !has_bits_after(&out->ip, out->bits);
}

bool pl_cidr_contains(const struct pl_cidr *cidr, const struct pl_ip *ip) {
    if (cidr->ip.len != ip->len) return false;
    unsigned whole = cidr->bits / 8, rest = cidr->bits % 8;
    if (memcmp(cidr->ip.bytes, ip->bytes, whole) != 0) return false;
    return rest == 0 || (cidr->ip.bytes[whole] ^ ip->bytes[whole]) >> (8 - rest) == 0;
}
