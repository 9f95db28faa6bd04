#include "net/fetch_head.h"

#include "base/limits.h"

static bool is_token_byte(unsigned char c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct pl_slice name) {
    for (size_t i = 0; i < name.len; i++) {
        if (!is_token_byte((unsigned char)name.at[i])) return false;
    }
    return name.len > 0;
}

static bool is_text(struct pl_slice value) {
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) return false;
    }
    return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static struct pl_slice trim(struct pl_slice text) {
    while (text.len > 0 && is_blank(text.at[0])) text = pl_slice_after(text, 1);
    while (text.len > 0 && is_blank(text.at[text.len - 1])) text.len--;
    return text;
}

static struct pl_slice without_line_end(struct pl_slice line) {
    if (line.len > 0 && line.at[line.len - 1] == '\n') line.len--;
    if (line.len > 0 && line.at[line.len - 1] == '\r') line.len--;
    return line;
}

/* RFC 9112 4: HTTP-version SP status-code SP [ reason-phrase ] */
static const char *feed_status(struct pl_fetch_head_parser *head, struct pl_slice line) {
    const char *space = line.len == 0 ? NULL : memchr(line.at, ' ', line.len);
    if (space == NULL) return "the answer is no HTTP";
    struct pl_slice rest = pl_slice_after(line, (size_t)(space - line.at) + 1);
    if (rest.len < 3) return "the answer is no HTTP";
    head->status = 0;
    for (size_t i = 0; i < 3; i++) {
        if (rest.at[i] < '0' || rest.at[i] > '9') return "the answer is no HTTP";
        head->status = head->status * 10 + (rest.at[i] - '0');
    }
    if (head->status < 100 || head->status > 599) return "the answer's status is none of HTTP";
    head->reason.len = head->headers.len = head->header_count = 0;
    struct pl_slice reason = trim(pl_slice_after(rest, 3));
    if (is_text(reason)) pl_buffer_add(&head->reason, reason);
    head->state = PL_HEAD_HEADERS;
    return NULL;
}

static const char *end_head(struct pl_fetch_head_parser *head) {
    if (head->status == 101 && !head->may_upgrade) {
        return "the server changes to a protocol that was not asked for";
    }
    if (head->status == 101) {
        head->state = PL_HEAD_DONE;
        return NULL;
    }
    head->state = head->status < 200 ? PL_HEAD_STATUS : PL_HEAD_DONE; /* 1xx: more follows */
    return NULL;
}

/* RFC 9112 5.2: a line that begins with a blank goes on with the value before it. */
static const char *feed_fold(struct pl_fetch_head_parser *head, struct pl_slice line) {
    struct pl_slice more = trim(line);
    if (head->header_count == 0 || !is_text(more)) return "the answer has a broken header";
    head->headers.len--; /* the NUL */
    pl_buffer_add_byte(&head->headers, ' ');
    pl_buffer_add(&head->headers, more);
    pl_buffer_add_byte(&head->headers, '\0');
    return NULL;
}

static const char *feed_header(struct pl_fetch_head_parser *head, struct pl_slice line) {
    const char *colon = memchr(line.at, ':', line.len);
    if (colon == NULL) return "the answer has a broken header";
    struct pl_slice name = pl_slice(line.at, (size_t)(colon - line.at));
    struct pl_slice value = trim(pl_slice_after(line, name.len + 1));
    if (!is_token(name) || !is_text(value)) return "the answer has a broken header";
    if (++head->header_count > PL_FETCH_HEADERS_MAX) return "the answer has too many headers";
    for (size_t i = 0; i < name.len; i++) {
        pl_buffer_add_byte(&head->headers, pl_ascii_lower(name.at[i]));
    }
    pl_buffer_add_byte(&head->headers, '\0');
    pl_buffer_add(&head->headers, value);
    pl_buffer_add_byte(&head->headers, '\0');
    return NULL;
}

const char *pl_fetch_head_feed(struct pl_fetch_head_parser *head, struct pl_slice line) {
    head->seen_bytes += line.len;
    if (head->seen_bytes > PL_FETCH_HEAD_BYTES_MAX) return "the answer's head is too large";
    line = without_line_end(line);
    switch (head->state) {
    case PL_HEAD_STATUS: return feed_status(head, line);
    case PL_HEAD_DONE: return NULL;
    case PL_HEAD_HEADERS: break;
    }
    if (line.len == 0) return end_head(head);
    return is_blank(line.at[0]) ? feed_fold(head, line) : feed_header(head, line);
}

void pl_fetch_head_finish(struct pl_fetch_head_parser *head) {
    pl_buffer_finish(&head->reason);
    pl_buffer_finish(&head->headers);
}
