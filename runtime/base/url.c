#include "base/url.h"

/* What a byte is good for. */
enum {
    ESCAPE_PATH = 1,  /* a URL parser escapes it in a path (WHATWG URL 1.3) */
    ESCAPE_QUERY = 2, /* the same for a query of a special scheme */
    HOST_NAME = 4,    /* may stand in a name (RFC 3986 3.2.2, without escapes) */
    HOST_ADDRESS = 8, /* may stand in an address in brackets */
    BACKSLASH = 16,
    DOT = 32, /* a segment of dots may begin with it */
};

#define ESCAPE (ESCAPE_PATH | ESCAPE_QUERY)
#define HOST (HOST_NAME | HOST_ADDRESS)

static const unsigned char classes[256] = {
    [0 ... 0x1f] = ESCAPE,
    [' '] = ESCAPE,
    ['!'] = HOST_NAME,
    ['"'] = ESCAPE,
    ['#'] = ESCAPE,
    ['$'] = HOST_NAME,
    ['%'] = DOT,
    ['&'] = HOST_NAME,
    ['\''] = ESCAPE_QUERY | HOST_NAME,
    ['('] = HOST_NAME,
    [')'] = HOST_NAME,
    ['*'] = HOST_NAME,
    ['+'] = HOST_NAME,
    [','] = HOST_NAME,
    ['-'] = HOST_NAME,
    ['.'] = HOST | DOT,
    ['0' ... '9'] = HOST,
    [':'] = HOST_ADDRESS,
    [';'] = HOST_NAME,
    ['<'] = ESCAPE,
    ['='] = HOST_NAME,
    ['>'] = ESCAPE,
    ['?'] = ESCAPE_PATH,
    ['A' ... 'F'] = HOST,
    ['G' ... 'Z'] = HOST_NAME,
    ['\\'] = BACKSLASH,
    ['_'] = HOST_NAME,
    ['`'] = ESCAPE_PATH,
    ['a' ... 'f'] = HOST,
    ['g' ... 'z'] = HOST_NAME,
    ['{'] = ESCAPE_PATH,
    ['}'] = ESCAPE_PATH,
    ['~'] = HOST_NAME,
    [0x7f ... 0xff] = ESCAPE,
};

static bool is(char c, unsigned what) { return (classes[(unsigned char)c] & what) != 0; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static int hex_value(char digit) {
    if (is_digit(digit)) return digit - '0';
    digit = pl_ascii_lower(digit);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The index of the first `a`, or the length of `text`. */
static size_t find(struct pl_slice text, char a) {
    const char *at = text.len == 0 ? NULL : memchr(text.at, a, text.len);
    return at == NULL ? text.len : (size_t)(at - text.at);
}

/* The same for the first slash of either kind. */
static size_t find_slash(struct pl_slice text) {
    size_t i = 0;
    while (i < text.len && text.at[i] != '/' && text.at[i] != '\\') i++;
    return i;
}

static void add_escaped(struct pl_buffer *out, struct pl_slice text, unsigned part) {
    static const char digits[] = "0123456789ABCDEF";
    if (text.len == 0) return;
    char *room = pl_buffer_reserve(out, text.len * 3);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (is((char)byte, part)) {
            *room++ = '%';
            *room++ = digits[byte >> 4];
            *room++ = digits[byte & 15];
        } else {
            *room++ = (char)byte;
        }
    }
    out->len = (size_t)(room - out->at);
}

/* ---- request targets ------------------------------------------------------------------------ */

static bool is_port(struct pl_slice text) {
    unsigned long port = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.at[i])) return false;
        port = port * 10 + (unsigned long)(text.at[i] - '0');
        if (port > 65535) return false;
    }
    return true;
}

/* How many bytes at the start of `text` are a host; 0 when they are none. */
static size_t host_len(struct pl_slice text) {
    size_t i = 0;
    if (text.len == 0 || text.at[0] != '[') {
        while (i < text.len && is(text.at[i], HOST_NAME)) i++;
        return i;
    }
    for (i = 1; i < text.len && is(text.at[i], HOST_ADDRESS);) i++;
    return i > 2 && i < text.len && text.at[i] == ']' ? i + 1 : 0;
}

bool pl_host_is_valid(struct pl_slice host) {
    size_t len = host_len(host);
    if (len == 0) return false;
    struct pl_slice port = pl_slice_after(host, len);
    return port.len == 0 || (port.at[0] == ':' && is_port(pl_slice_after(port, 1)));
}

/* Moves `*target` past a scheme we serve and its two slashes. */
static bool skip_scheme(struct pl_slice *target) {
    static const struct pl_slice schemes[] = {
        {"http://", 7}, {"https://", 8}, {"ws://", 5}, {"wss://", 6}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (target->len < schemes[i].len) continue;
        if (!pl_slice_equal_nocase(pl_slice(target->at, schemes[i].len), schemes[i])) continue;
        *target = pl_slice_after(*target, schemes[i].len);
        return true;
    }
    return false;
}

static size_t authority_len(struct pl_slice text) {
    return find(pl_slice(text.at, find_slash(text)), '?');
}

bool pl_target_split(struct pl_slice target, struct pl_target *out) {
    *out = (struct pl_target){.authority = PL_SLICE("")};
    target.len = find(target, '#');
    if (target.len == 0) return false;
    if (target.at[0] != '/') {
        if (!skip_scheme(&target)) return false;
        out->authority = pl_slice(target.at, authority_len(target));
        if (!pl_host_is_valid(out->authority)) return false;
        target = pl_slice_after(target, out->authority.len);
    }
    size_t path_len = find(target, '?');
    out->path = path_len == 0 ? PL_SLICE("/") : pl_slice(target.at, path_len);
    out->query = pl_slice_after(target, path_len);
    return true;
}

/* ---- path and query -------------------------------------------------------------------------- */

/* How many dots a segment of dots and nothing else stands for, %2e counting as one; 0 for any
 * other segment. More than two are an ordinary name. */
static unsigned dots_of(struct pl_slice segment) {
    unsigned dots = 0;
    for (size_t i = 0; i < segment.len; dots++) {
        if (segment.at[i] == '.') {
            i++;
        } else if (segment.len - i >= 3 && memcmp(segment.at + i, "%2", 2) == 0 &&
                   pl_ascii_lower(segment.at[i + 2]) == 'e') {
            i += 3;
        } else {
            return 0;
        }
        if (dots == 2) return 0;
    }
    return dots;
}

/* Removes the last segment of the path that starts at `base`, if it has one. */
static void drop_segment(struct pl_buffer *out, size_t base) {
    while (out->len > base && out->at[--out->len] != '/') {
    }
}

static bool has_dots_first(struct pl_slice path) {
    for (size_t i = 1; i < path.len; i++) {
        if (path.at[i - 1] == '/' && is(path.at[i], DOT)) return true;
    }
    return false;
}

/* Whether a path is as a URL parser keeps it: nothing to escape, no other slashes, and no segment
 * that might be one of dots. */
static bool is_plain_path(struct pl_slice path) {
    unsigned seen = 0;
    if (path.len == 0 || path.at[0] != '/') return false;
    for (size_t i = 0; i < path.len; i++) seen |= classes[(unsigned char)path.at[i]];
    if ((seen & (ESCAPE_PATH | BACKSLASH)) != 0) return false;
    return (seen & DOT) == 0 || !has_dots_first(path);
}

void pl_url_add_path(struct pl_buffer *out, struct pl_slice path) {
    if (is_plain_path(path)) {
        pl_buffer_add(out, path);
        return;
    }
    size_t base = out->len;
    do {
        if (path.len > 0) path = pl_slice_after(path, 1); /* its slash */
        struct pl_slice segment = pl_slice(path.at, find_slash(path));
        path = pl_slice_after(path, segment.len);
        unsigned dots = dots_of(segment);
        if (dots == 2) drop_segment(out, base);
        if (dots == 0) {
            pl_buffer_add_byte(out, '/');
            add_escaped(out, segment, ESCAPE_PATH);
        } else if (path.len == 0) { /* a last "." or ".." leaves a directory */
            pl_buffer_add_byte(out, '/');
        }
    } while (path.len > 0);
}

void pl_url_add_query(struct pl_buffer *out, struct pl_slice query) {
    if (query.len == 0) return;
    pl_buffer_add_byte(out, '?');
    add_escaped(out, pl_slice_after(query, 1), ESCAPE_QUERY);
}

/* ---- decoding -------------------------------------------------------------------------------- */

/* The byte of an escape that `text` starts with, or -1. */
static int escape_value(struct pl_slice text) {
    if (text.len < 3 || text.at[0] != '%') return -1;
    int high = hex_value(text.at[1]), low = hex_value(text.at[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool pl_url_add_decoded(struct pl_buffer *out, struct pl_slice text) {
    if (text.len == 0) return true;
    char *room = pl_buffer_reserve(out, text.len);
    while (text.len > 0) {
        int byte = escape_value(text);
        if (byte < 0 && text.at[0] == '%') return false;
        *room++ = byte < 0 ? text.at[0] : (char)byte;
        text = pl_slice_after(text, byte < 0 ? 1 : 3);
    }
    out->len = (size_t)(room - out->at);
    return true;
}

/* Takes the next byte of a name or value of a form, in which a malformed escape stands for
 * itself. */
static char take_form_byte(struct pl_slice *text) {
    int byte = escape_value(*text);
    char plain = text->at[0] == '+' ? ' ' : text->at[0];
    *text = pl_slice_after(*text, byte < 0 ? 1 : 3);
    return byte < 0 ? plain : (char)byte;
}

static bool is_form_of(struct pl_slice encoded, struct pl_slice text) {
    size_t i = 0;
    while (encoded.len > 0 && i < text.len) {
        if (take_form_byte(&encoded) != text.at[i++]) return false;
    }
    return encoded.len == 0 && i == text.len;
}

bool pl_query_find(struct pl_slice query, struct pl_slice name, struct pl_buffer *out) {
    if (query.len > 0 && query.at[0] == '?') query = pl_slice_after(query, 1);
    while (query.len > 0) {
        struct pl_slice pair = pl_slice(query.at, find(query, '&'));
        query = pl_slice_after(query, pair.len < query.len ? pair.len + 1 : pair.len);
        struct pl_slice key = pl_slice(pair.at, find(pair, '='));
        if (pair.len == 0 || !is_form_of(key, name)) continue;
        struct pl_slice value = pl_slice_after(pair, key.len);
        if (value.len > 0) value = pl_slice_after(value, 1);
        while (value.len > 0) pl_buffer_add_byte(out, take_form_byte(&value));
        return true;
    }
    return false;
}

bool pl_path_next(struct pl_slice *rest, struct pl_slice *segment) {
    if (rest->len == 0 || rest->at[0] != '/') return false;
    *rest = pl_slice_after(*rest, 1);
    *segment = pl_slice(rest->at, find(*rest, '/'));
    *rest = pl_slice_after(*rest, segment->len);
    return true;
}
