#include "vector/filter.h"

#include "base/endian.h"

enum value_kind {
    IS_NULL = 'z',
    IS_TRUE = 't',
    IS_FALSE = 'f',
    IS_NUMBER = 'n',
    IS_STRING = 's',
    IS_LIST = 'l',
};

enum operator{
    IS_ONE_OF = 'i',
    IS_NONE_OF = 'o',
    IS_BELOW = '<',
    IS_AT_MOST = '{',
    IS_ABOVE = '>',
    IS_AT_LEAST = '}',
};

struct value {
    enum value_kind kind;
    double number;
    struct pl_slice text;
};

/* ---- reading -------------------------------------------------------------------------------- */

static bool take(struct pl_slice *from, size_t len, struct pl_slice *out) {
    if (from->len < len) return false;
    *out = pl_slice(from->at, len);
    *from = pl_slice_after(*from, len);
    return true;
}

static bool take_count(struct pl_slice *from, size_t *out) {
    struct pl_slice bytes;
    if (!take(from, 2, &bytes)) return false;
    *out = (size_t)(unsigned char)bytes.at[0] << 8 | (unsigned char)bytes.at[1];
    return true;
}

static bool take_path(struct pl_slice *from, struct pl_slice *out) {
    size_t len;
    return take_count(from, &len) && take(from, len, out);
}

static bool take_value(struct pl_slice *from, struct value *out) {
    struct pl_slice bytes;
    if (!take(from, 1, &bytes)) return false;
    *out = (struct value){.kind = (enum value_kind)bytes.at[0]};
    switch (out->kind) {
    case IS_NULL:
    case IS_TRUE:
    case IS_FALSE:
    case IS_LIST: return true;
    case IS_NUMBER:
        if (!take(from, sizeof out->number, &bytes)) return false;
        memcpy(&out->number, bytes.at, sizeof out->number);
        return true;
    case IS_STRING:
        return take(from, 4, &bytes) && take(from, pl_get_u32(bytes.at), &out->text);
    }
    return false;
}

/* The value at a path; null when there is none. */
static struct value value_at(struct pl_slice fields, struct pl_slice path) {
    struct pl_slice name;
    struct value value;
    while (take_path(&fields, &name) && take_value(&fields, &value)) {
        if (pl_slice_equal(name, path)) return value;
    }
    return (struct value){.kind = IS_NULL};
}

/* ---- comparing ------------------------------------------------------------------------------ */

static bool is_equal(const struct value *a, const struct value *b) {
    if (a->kind != b->kind || a->kind == IS_LIST) return false;
    if (a->kind == IS_NUMBER) return a->number == b->number;
    return a->kind != IS_STRING || pl_slice_equal(a->text, b->text);
}

/* Of two numbers, or two strings, which have an order. */
static bool compare(const struct value *a, const struct value *b, int *order) {
    if (a->kind != b->kind) return false;
    if (a->kind == IS_NUMBER) {
        *order = (a->number > b->number) - (a->number < b->number);
        return true;
    }
    *order = a->kind == IS_STRING ? pl_slice_compare(a->text, b->text) : 0;
    return a->kind == IS_STRING;
}

static bool is_in_order(enum operator op, const struct value *found,
                        const struct value *wanted) {
    int order;
    if (!compare(found, wanted, &order)) return false;
    switch (op) {
    case IS_BELOW: return order < 0;
    case IS_AT_MOST: return order <= 0;
    case IS_ABOVE: return order > 0;
    case IS_AT_LEAST: return order >= 0;
    case IS_ONE_OF:
    case IS_NONE_OF: break;
    }
    return false;
}

/* Takes a condition from the front; whether it is sound and holds. */
static bool take_condition(struct pl_slice *conditions, struct pl_slice fields) {
    struct pl_slice path, bytes;
    struct value wanted;
    size_t count;
    if (!take_path(conditions, &path) || !take(conditions, 1, &bytes)) return false;
    enum operator op =(enum operator) bytes.at[0];
    if (!take_count(conditions, &count)) return false;
    struct value found = value_at(fields, path);
    bool is_among = false, is_ordered = count > 0;
    for (size_t i = 0; i < count; i++) {
        if (!take_value(conditions, &wanted)) return false;
        is_among = is_among || is_equal(&found, &wanted);
        is_ordered = is_ordered && is_in_order(op, &found, &wanted);
    }
    return op == IS_ONE_OF ? is_among : op == IS_NONE_OF ? !is_among : is_ordered;
}

bool pl_filter_holds(struct pl_slice conditions, struct pl_slice fields) {
    while (conditions.len > 0) {
        if (!take_condition(&conditions, fields)) return false;
    }
    return true;
}
