/*
 * limits.h -- every bound on one page, with its unit in its name and its answer beside it.
 *
 * Those of `struct pl_limits` are options of the server; the macros are fixed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct pl_limits {
    size_t message_bytes;       /* one incoming WebSocket message: 1009 */
    size_t queued_bytes;        /* output waiting for one slow reader: 1013 */
    size_t head_bytes;          /* request line and headers: 431 */
    size_t header_count;        /* 431 */
    size_t url_bytes;           /* 414 */
    size_t body_bytes;          /* request body: 413 */
    uint64_t header_timeout_ms; /* from the first byte of a head to its end: 408 */
    uint64_t body_timeout_ms;   /* between two pieces of a body: 408 */
    uint64_t idle_timeout_ms;   /* between two requests, or while no output is taken: closed */
    uint64_t
        ping_interval_ms; /* silence before a ping; the same again before giving up; 0: off */
    uint64_t close_timeout_ms;  /* for the peer's part of the closing handshake */
    uint64_t room_idle_ms;      /* an empty room leaves memory */
    uint64_t hibernate_idle_ms; /* a hibernating room is dropped, its connections stay */
    uint64_t block_timeout_ms;  /* blockConcurrencyWhile: the room is reset; 0: no bound */
    size_t connections; /* sockets of the whole server: 503; 0: as many as files allow */
    size_t connections_per_address; /* 503; 0: no bound */
    size_t room_events;      /* waiting for one room: 503, or its senders are read no further */
    size_t room_event_bytes; /* the same for the bytes of their messages */
    size_t room_tasks;       /* hooks of one room that wait at the same time; more queue up */
    size_t fetch_active;     /* outgoing requests of the whole server; more wait */
    size_t fetch_room_active;          /* those of one room; more wait */
    size_t fetch_waiting;              /* those that wait: an error */
    uint64_t fetch_timeout_ms;         /* an outgoing request in all: an error */
    uint64_t fetch_connect_timeout_ms; /* until it is connected: an error */
    size_t vectorize_memory_bytes;     /* of indexes that are searched: an error */
    size_t vectorize_vectors;          /* of one index: an error */
};

#ifdef PL_STRESS /* small, so that rare paths are walked daily */
#define PL_READ_BYTES 512
#define PL_BLOCK_SMALL_BYTES 96
#define PL_BLOCK_LARGE_BYTES 1024
#define PL_CORK_BYTES_MAX 1024
#define PL_SHARE_BYTES_MIN 256
#define PL_DIRECT_BYTES_MIN 512
#define PL_FETCH_AHEAD_BYTES 1024
#define PL_JOURNAL_BYTES_MIN (64 * 1024)
#define PL_JOURNAL_BYTES_MAX (256 * 1024)
#define PL_HELD_BYTES_MAX (256 * 1024)
#else
#define PL_READ_BYTES (256 * 1024) /* the loop's read buffer */
#define PL_BLOCK_SMALL_BYTES 2048  /* first output block of a connection */
#define PL_BLOCK_LARGE_BYTES (64 * 1024)
#define PL_CORK_BYTES_MAX (64 * 1024) /* output past this is written at once */
#define PL_SHARE_BYTES_MIN 4096       /* a broadcast from this size on is shared, not copied */
#define PL_DIRECT_BYTES_MIN (16 * 1024)   /* a message from this size on is written uncopied */
#define PL_FETCH_AHEAD_BYTES (256 * 1024) /* of a body that waits to be sent, or to be read */
/* Between two checkpoints of the store: records at first and at most, and room that cannot be used
 * again yet. What has to be made durable at once, and what a start after a crash has to do again. */
#define PL_JOURNAL_BYTES_MIN (1024 * 1024)
#define PL_JOURNAL_BYTES_MAX (16 * 1024 * 1024)
#define PL_HELD_BYTES_MAX (16 * 1024 * 1024)
#endif

#define PL_TAGS_MAX 10 /* of a connection, its id included */
#define PL_TAG_BYTES_MAX 256
/* Of a room's changes and effects that wait for the disk: further events wait then. */
#define PL_PENDING_BYTES_MAX (16 * 1024 * 1024)
#define PL_BODY_AHEAD_BYTES (256 * 1024) /* of a request body read before anyone asks for it */

/* Of the log, while nobody reads it: further lines are lost, and counted. */
#define PL_LOG_KEPT_BYTES_MAX ((size_t)256 * 1024)

/* Of the admin doors. */
#define PL_ADMIN_SOCKETS_MAX 64 /* at each: 503 */
#define PL_ADMIN_BODY_BYTES_MAX ((size_t)1024 * 1024 * 1024)

/* Of outgoing requests. What an answer holds beyond these bounds is an error, but for the bytes
 * of bodies, which wait at the other side. */
#define PL_FETCH_HEAD_BYTES_MAX (128 * 1024)
#define PL_FETCH_HEADERS_MAX 256         /* of a request, too */
#define PL_FETCH_PIECE_BYTES (64 * 1024) /* of a decompressed body, at a time */
#define PL_FETCH_IDLE_MAX 64             /* connections that are kept for the next request */

struct pl_limits pl_limits_default(void);
