/* head.h -- status and headers of an HTTP/1.1 response. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_head {
    const char *start; /* borrowed: the bytes it was read from */
    size_t len;        /* with the empty line at its end */
    int status;
};

struct pl_head_value {
    const char *start; /* borrowed; without white space around it */
    size_t len;
};

/* False while the end of the head has not come; fails when it is not HTTP/1.1. */
bool pl_head_read(struct pl_head *head, const uint8_t *bytes, size_t len);

/* The value of the first header with `name`, which is given in small letters. */
bool pl_head_find(const struct pl_head *head, const char *name, struct pl_head_value *out);

/* The value of Content-Length; fails when it is missing or no number. */
size_t pl_head_content_length(const struct pl_head *head);
