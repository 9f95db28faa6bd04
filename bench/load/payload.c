/* payload.c -- see payload.h. */
#include "load/payload.h"

#include "load/random.h"

#include <string.h>

#define PLACES 4096u /* where in the pattern a content may begin */
#define SENDER_DIGITS 4
#define ROOM_DIGITS 4
#define SEQUENCE_DIGITS 6

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static uint8_t values[256]; /* of the digits; 255 for any other byte */
static uint8_t pattern[PLACES + PL_PAYLOAD_BYTES_MAX];

void pl_payload_init(bool is_text) {
    memset(values, 255, sizeof values);
    for (uint8_t value = 0; value < 64; value++) values[(uint8_t)digits[value]] = value;
    uint64_t random = 0xa0761d6478bd642full;
    for (size_t i = 0; i < sizeof pattern; i++) {
        uint64_t word = pl_random_next(&random) >> 32;
        pattern[i] = is_text ? (uint8_t)(' ' + word % 95) : (uint8_t)word;
    }
}

static void write_number(uint8_t *bytes, int count, uint64_t number) {
    for (int i = count - 1; i >= 0; i--, number >>= 6) bytes[i] = (uint8_t)digits[number & 63];
}

static bool read_number(const uint8_t *bytes, int count, uint64_t *out) {
    uint64_t number = 0;
    for (int i = 0; i < count; i++) {
        if (values[bytes[i]] == 255) return false;
        number = number << 6 | values[bytes[i]];
    }
    *out = number;
    return true;
}

static const uint8_t *content_of(const struct pl_payload *payload) {
    uint64_t mixed = (payload->sequence + 1) * 0x9e3779b97f4a7c15ull;
    mixed ^= (uint64_t)(payload->sender + 1) * 0xbf58476d1ce4e5b9ull;
    return pattern + (mixed >> 40) % PLACES;
}

void pl_payload_write(const struct pl_payload *payload, uint8_t *bytes, size_t len) {
    write_number(bytes, SENDER_DIGITS, payload->sender);
    write_number(bytes + SENDER_DIGITS, ROOM_DIGITS, payload->room);
    write_number(bytes + SENDER_DIGITS + ROOM_DIGITS, SEQUENCE_DIGITS, payload->sequence);
    memcpy(bytes + PL_PAYLOAD_BYTES_MIN, content_of(payload), len - PL_PAYLOAD_BYTES_MIN);
}

bool pl_payload_read(struct pl_payload *out, const uint8_t *bytes, size_t len) {
    uint64_t sender, room;
    if (len < PL_PAYLOAD_BYTES_MIN || len > PL_PAYLOAD_BYTES_MAX) return false;
    if (!read_number(bytes, SENDER_DIGITS, &sender)) return false;
    if (!read_number(bytes + SENDER_DIGITS, ROOM_DIGITS, &room)) return false;
    if (!read_number(bytes + SENDER_DIGITS + ROOM_DIGITS, SEQUENCE_DIGITS, &out->sequence))
        return false;
    out->sender = (uint32_t)sender;
    out->room = (uint32_t)room;
    return memcmp(bytes + PL_PAYLOAD_BYTES_MIN, content_of(out), len - PL_PAYLOAD_BYTES_MIN) ==
           0;
}
