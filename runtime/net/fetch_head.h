/*
 * fetch_head.h -- the head of an answer, from the lines that libcurl hands on.
 */
#pragma once

#include "base/buffer.h"

struct pl_fetch_head_parser {
    enum { PL_HEAD_STATUS, PL_HEAD_HEADERS, PL_HEAD_DONE } state;
    int status;
    struct pl_buffer reason;
    struct pl_buffer headers; /* name NUL value NUL ... */
    size_t header_count;
    bool may_upgrade;  /* 101 ends the head: what follows is another protocol */
    size_t seen_bytes; /* of all heads, interim ones and trailers included */
};

/* Takes one line with its end. NULL, or why the head is of no use. After the empty line of the
 * final head the state is PL_HEAD_DONE, and further lines (trailers) are passed over. */
const char *pl_fetch_head_feed(struct pl_fetch_head_parser *head, struct pl_slice line);
void pl_fetch_head_finish(struct pl_fetch_head_parser *head);
