/* head.c -- see head.h. */
#define _GNU_SOURCE /* memmem */
#include "load/head.h"

#include "load/fail.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define STATUS_LINE_BYTES_MIN 12 /* HTTP/1.1 200 */
#define BODY_BYTES_MAX (1u << 20)

bool pl_head_read(struct pl_head *head, const uint8_t *bytes, size_t len) {
    const char *text = (const char *)bytes;
    const char *end = memmem(text, len, "\r\n\r\n", 4);
    if (end == NULL) return false;
    if (end - text < STATUS_LINE_BYTES_MIN || memcmp(text, "HTTP/1.1 ", 9) != 0 ||
        !isdigit((unsigned char)text[9]) || !isdigit((unsigned char)text[10]) ||
        !isdigit((unsigned char)text[11]))
        pl_fail("the server does not answer with HTTP/1.1");
    head->start = text;
    head->len = (size_t)(end - text) + 4;
    head->status = (text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0');
    return true;
}

static struct pl_head_value trimmed(const char *start, const char *end) {
    while (start < end && (*start == ' ' || *start == '\t')) start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t')) end--;
    return (struct pl_head_value){start, (size_t)(end - start)};
}

bool pl_head_find(const struct pl_head *head, const char *name, struct pl_head_value *out) {
    size_t name_len = strlen(name);
    const char *end = head->start + head->len - 2; /* the empty line */
    const char *line = (const char *)memchr(head->start, '\n', head->len) + 1;
    while (line < end) {
        const char *line_end = memmem(line, (size_t)(end - line), "\r\n", 2);
        if (line_end == NULL) return false;
        if ((size_t)(line_end - line) > name_len && line[name_len] == ':' &&
            strncasecmp(line, name, name_len) == 0) {
            *out = trimmed(line + name_len + 1, line_end);
            return true;
        }
        line = line_end + 2;
    }
    return false;
}

size_t pl_head_content_length(const struct pl_head *head) {
    struct pl_head_value value;
    size_t length = 0;
    if (!pl_head_find(head, "content-length", &value) || value.len == 0 || value.len > 8)
        pl_fail("an answer has no usable Content-Length");
    for (size_t i = 0; i < value.len; i++) {
        if (!isdigit((unsigned char)value.start[i])) pl_fail("a Content-Length is no number");
        length = length * 10 + (size_t)(value.start[i] - '0');
    }
    if (length > BODY_BYTES_MAX) pl_fail("a Content-Length of %zu", length);
    return length;
}
