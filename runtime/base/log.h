/*
 * log.h -- levels, topics, one line an event, to standard error.
 *
 * A line is `topic: event key=value ...` (text), the same with a clock and colours on a
 * terminal (pretty), or one JSON object. It is built field by field and written at once.
 */
#pragma once

#include "base/buffer.h"

#include <stdint.h>

enum pl_log_level { PL_LOG_ERROR, PL_LOG_WARN, PL_LOG_INFO, PL_LOG_DEBUG };
/* Silent: only a listener hears of it. */
enum pl_log_format { PL_LOG_TEXT, PL_LOG_PRETTY, PL_LOG_JSON, PL_LOG_SILENT };

/* Applies to the whole process. The start is `info`, text. */
void pl_log_configure(enum pl_log_level level, enum pl_log_format format);

/* Hands finished lines to `write` instead of standard error; NULL ends that. */
void pl_log_divert(void (*write)(void *owner, struct pl_slice line), void *owner);

/* For a server: nobody who reads standard error is waited for any more (outlet.h). When lines have
 * to be kept, `on_kept` is called, and has pl_log_flush called now and then until it gives true. */
void pl_log_stop_waiting(void (*on_kept)(void *owner), void *owner);
bool pl_log_flush(void);

/* How many lines were lost so far, as nobody read them. */
uint64_t pl_log_lost_count(void);

/* The server ends: lines that are kept have a moment to leave. */
void pl_log_finish(void);

/* Has each line of `level` or above, and each that is written or would be but for silence, given to
 * `on_line` too, as one JSON object. There is one listener; NULL ends that. It must not log. */
void pl_log_listen(enum pl_log_level level,
                   void (*on_line)(void *owner, enum pl_log_level level,
                                   struct pl_slice object),
                   void *owner);

/* Whether anybody gets lines of `level`; spares the work of building them. */
bool pl_log_is_on(enum pl_log_level level);

struct pl_log_line {
    struct pl_buffer text,
        object; /* the line, and the same as JSON: as far as they are wanted */
    enum pl_log_level level;
    bool is_on, is_written, has_text, has_object;
};

void pl_log_begin(struct pl_log_line *line, enum pl_log_level level, const char *topic,
                  struct pl_slice event);
void pl_log_add(struct pl_log_line *line, const char *key, struct pl_slice value);
void pl_log_add_number(struct pl_log_line *line, const char *key, long long value);
/* A field whose value is already text in its final form (a number, true). */
void pl_log_add_bare(struct pl_log_line *line, const char *key, struct pl_slice value);
void pl_log_end(struct pl_log_line *line);

/* A line without fields but perhaps one. */
void pl_log(enum pl_log_level level, const char *topic, const char *event);
void pl_log_with(enum pl_log_level level, const char *topic, const char *event, const char *key,
                 struct pl_slice value);
