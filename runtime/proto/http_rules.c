#include "proto/http_rules.h"

#include "base/url.h"
#include "proto/http_text.h"

/* What the headers say, before it is judged. */
struct facts {
    struct pl_slice host, length, coding;
    unsigned host_count, length_count, coding_count, upgrade_count;
    bool expects_continue, expects_other;
    bool says_close, says_keep_alive, says_upgrade;
};

static bool refuse(struct pl_http_refusal *refusal, int status, const char *why) {
    *refusal = (struct pl_http_refusal){status, why};
    return false;
}

/* ---- the request line ------------------------------------------------------------------------ */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* `version` as in "HTTP/1.1". */
static bool judge_version(struct pl_slice version, struct pl_http_refusal *refusal) {
    if (version.len != 8 || !pl_slice_starts_with(version, PL_SLICE("HTTP/")) ||
        !is_digit(version.at[5]) || version.at[6] != '.' || !is_digit(version.at[7])) {
        return refuse(refusal, 400, "Bad request line");
    }
    bool known = version.at[5] == '1' && (version.at[7] == '0' || version.at[7] == '1');
    return known || refuse(refusal, 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here");
}

/* Up to the next space, which is dropped from `*rest`. */
static struct pl_slice take_word(struct pl_slice *rest) {
    const char *space = rest->len == 0 ? NULL : memchr(rest->at, ' ', rest->len);
    size_t len = space == NULL ? rest->len : (size_t)(space - rest->at);
    struct pl_slice word = pl_slice(rest->at, len);
    *rest = pl_slice_after(*rest, space == NULL ? len : len + 1);
    return word;
}

bool pl_http_judge_line(struct pl_slice line, bool is_whole, size_t url_bytes_max,
                        struct pl_http_refusal *refusal) {
    struct pl_slice rest = line;
    struct pl_slice method = take_word(&rest);
    struct pl_slice target = take_word(&rest);
    if (target.len > url_bytes_max) return refuse(refusal, 414, "The URL is too long");
    if (!is_whole) return true;
    /* One space between the parts: what else separates them is read in many ways. */
    if (!pl_text_is_token(method) || target.len == 0 || memchr(target.at, '\t', target.len)) {
        return refuse(refusal, 400, "Bad request line");
    }
    if (!judge_version(rest, refusal)) return false;
    if (pl_slice_equal(method, PL_SLICE("CONNECT"))) {
        return refuse(refusal, 501, "CONNECT is not served here");
    }
    return true;
}

/* ---- headers --------------------------------------------------------------------------------- */

static bool is_name(const struct pl_http_header *header, const char *name) {
    return memcmp(header->name.at, name, header->name.len) == 0;
}

static void note_connection(struct facts *facts, struct pl_slice value) {
    struct pl_slice token;
    while (pl_text_next(&value, &token)) {
        if (pl_slice_equal_nocase(token, PL_SLICE("close"))) facts->says_close = true;
        if (pl_slice_equal_nocase(token, PL_SLICE("keep-alive"))) facts->says_keep_alive = true;
        if (pl_slice_equal_nocase(token, PL_SLICE("upgrade"))) facts->says_upgrade = true;
    }
}

static void note_expect(struct facts *facts, struct pl_slice value) {
    struct pl_slice token;
    while (pl_text_next(&value, &token)) {
        if (pl_slice_equal_nocase(token, PL_SLICE("100-continue"))) {
            facts->expects_continue = true;
        } else {
            facts->expects_other = true;
        }
    }
}

/* The length of a name decides which one it can be: most are none of these. */
static void note(struct facts *facts, const struct pl_http_header *header) {
    switch (header->name.len) {
    case 4:
        if (!is_name(header, "host")) return;
        facts->host = header->value;
        facts->host_count++;
        return;
    case 6:
        if (is_name(header, "expect")) note_expect(facts, header->value);
        return;
    case 7:
        if (is_name(header, "upgrade")) facts->upgrade_count++;
        return;
    case 10:
        if (is_name(header, "connection")) note_connection(facts, header->value);
        return;
    case 14:
        if (!is_name(header, "content-length")) return;
        facts->length = header->value;
        facts->length_count++;
        return;
    case 17:
        if (!is_name(header, "transfer-encoding")) return;
        facts->coding = header->value;
        facts->coding_count++;
        return;
    default: return;
    }
}

/* A decimal number that fits; 19 digits do. */
static bool parse_length(struct pl_slice digits, uint64_t *out) {
    uint64_t number = 0;
    if (digits.len == 0 || digits.len > 19) return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (!is_digit(digits.at[i])) return false;
        number = number * 10 + (uint64_t)(digits.at[i] - '0');
    }
    *out = number;
    return true;
}

/* Whether the last coding of a list is chunked, and it is no other one's parameter. */
static bool ends_chunked(struct pl_slice coding) {
    struct pl_slice element, last = PL_SLICE("");
    unsigned chunked_count = 0;
    while (pl_text_next(&coding, &element)) {
        last = element;
        if (pl_slice_equal_nocase(element, PL_SLICE("chunked"))) chunked_count++;
    }
    return chunked_count == 1 && pl_slice_equal_nocase(last, PL_SLICE("chunked"));
}

static bool judge_coding(const struct facts *facts, int minor_version,
                         struct pl_http_refusal *refusal) {
    if (facts->coding_count == 0) return true;
    if (minor_version == 0) {
        return refuse(refusal, 400, "HTTP/1.0 knows no Transfer-Encoding");
    }
    if (facts->coding_count > 1) return refuse(refusal, 400, "Repeated Transfer-Encoding");
    if (facts->length_count > 0) {
        return refuse(refusal, 400, "Both Content-Length and Transfer-Encoding");
    }
    if (pl_slice_equal_nocase(facts->coding, PL_SLICE("chunked"))) return true;
    if (!ends_chunked(facts->coding)) return refuse(refusal, 400, "Bad Transfer-Encoding");
    return refuse(refusal, 501, "Only the transfer coding chunked is known here");
}

static bool judge_length(const struct facts *facts, size_t body_bytes_max, uint64_t *length,
                         struct pl_http_refusal *refusal) {
    if (facts->length_count == 0) return true;
    if (facts->length_count > 1) return refuse(refusal, 400, "Repeated Content-Length");
    if (!parse_length(facts->length, length)) {
        return refuse(refusal, 400, "Bad Content-Length");
    }
    return *length <= body_bytes_max || refuse(refusal, 413, "The body is too large");
}

static bool judge_host(const struct facts *facts, int minor_version,
                       struct pl_http_refusal *refusal) {
    if (facts->host_count > 1) return refuse(refusal, 400, "Repeated Host");
    if (minor_version == 0 && facts->host.len == 0) return true;
    if (facts->host_count == 0) return refuse(refusal, 400, "Host is missing");
    return pl_host_is_valid(facts->host) || refuse(refusal, 400, "Bad Host");
}

bool pl_http_judge_head(struct pl_http_head *head, size_t body_bytes_max,
                        struct pl_http_extent *extent, struct pl_http_refusal *refusal) {
    struct facts facts = {.host = PL_SLICE("")};
    for (size_t i = 0; i < head->header_count; i++) note(&facts, &head->headers[i]);
    bool is_new = head->minor_version > 0;

    *extent = (struct pl_http_extent){0};
    if (!judge_coding(&facts, head->minor_version, refusal)) return false;
    if (!judge_length(&facts, body_bytes_max, &extent->length, refusal)) return false;
    if (!judge_host(&facts, head->minor_version, refusal)) return false;
    if (is_new && facts.expects_other) return refuse(refusal, 417, "Unknown expectation");

    extent->is_chunked = facts.coding_count > 0;
    head->host = facts.host;
    head->has_body = extent->is_chunked || extent->length > 0;
    head->keep_alive = !facts.says_close && (is_new || facts.says_keep_alive);
    /* RFC 9110 10.1.1 and 7.8: from HTTP/1.0 both are ignored. */
    head->expects_continue = is_new && facts.expects_continue && head->has_body;
    head->wants_upgrade = is_new && facts.says_upgrade && facts.upgrade_count > 0;
    return true;
}

/* ---- chunk extensions ------------------------------------------------------------------------ */

static void skip_blanks(struct pl_slice *rest) {
    while (rest->len > 0 && pl_text_is_blank(rest->at[0])) *rest = pl_slice_after(*rest, 1);
}

/* Skips blanks, `c`, and blanks again; false when there is no `c`. */
static bool skip_separator(struct pl_slice *rest, char c) {
    skip_blanks(rest);
    if (rest->len == 0 || rest->at[0] != c) return false;
    *rest = pl_slice_after(*rest, 1);
    skip_blanks(rest);
    return true;
}

static bool skip_token(struct pl_slice *rest) {
    size_t len = 0;
    while (len < rest->len && pl_text_token[(unsigned char)rest->at[len]] != 0) len++;
    *rest = pl_slice_after(*rest, len);
    return len > 0;
}

/* RFC 9110 5.6.4. */
static bool skip_quoted(struct pl_slice *rest) {
    size_t i = 1;
    while (i < rest->len && rest->at[i] != '"') i += rest->at[i] == '\\' ? 2 : 1;
    if (i >= rest->len) return false;
    *rest = pl_slice_after(*rest, i + 1);
    return true;
}

bool pl_http_are_extensions(struct pl_slice text) {
    while (text.len > 0) {
        if (!skip_separator(&text, ';') || !skip_token(&text)) return false;
        struct pl_slice rest = text;
        if (!skip_separator(&rest, '=')) continue;
        bool is_quoted = rest.len > 0 && rest.at[0] == '"';
        if (!(is_quoted ? skip_quoted(&rest) : skip_token(&rest))) return false;
        text = rest;
    }
    return true;
}
