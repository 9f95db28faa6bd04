/*
 * cidr.h -- IP addresses, and ranges of them such as 10.0.0.0/8.
 *
 * An IPv4 address is one, however it is written: ::ffff:10.0.0.1 (RFC 4291 2.5.5.2) and
 * 64:ff9b::10.0.0.1, by which a NAT64 gateway is asked for it (RFC 6052), reach the same machine
 * and so are the same address here.
 */
#pragma once

#include "base/slice.h"

#include <stdint.h>

#define PL_IP_TEXT_BYTES 48

struct sockaddr;

struct pl_ip {
    uint8_t bytes[16];
    uint8_t len; /* 4 or 16 */
};

struct pl_cidr {
    struct pl_ip ip;
    unsigned bits; /* of the address that count */
};

/* The address of a socket; false when it is of another family. */
bool pl_ip_of(const struct sockaddr *address, struct pl_ip *out);

/* The port of a socket's address, 0 in other families. */
uint16_t pl_ip_port_of(const struct sockaddr *address);

/* "10.0.0.1", "fe80::1", "[fe80::1]"; IPv4 only as four decimal numbers. */
bool pl_ip_parse(struct pl_slice text, struct pl_ip *out);

/* Writes it as pl_ip_parse reads it, terminated. */
void pl_ip_text(const struct pl_ip *ip, char out[PL_IP_TEXT_BYTES]);

/* An address, or one with "/" and a number of bits. Bits after those must be zero, so that a
 * slip of the pen is noticed. */
bool pl_cidr_parse(struct pl_slice text, struct pl_cidr *out);

bool pl_cidr_contains(const struct pl_cidr *cidr, const struct pl_ip *ip);
