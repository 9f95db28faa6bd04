#include "base/log.h"

#include "base/outlet.h"
#include "base/quote.h"

#include <stdio.h>
#include <time.h>

#define END_MS 1000 /* for a reader that may come back, at the end */

static enum pl_log_level max_level = PL_LOG_INFO;
static enum pl_log_format format = PL_LOG_TEXT;

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *const level_colours[] = {"\033[31m", "\033[33m", "", "\033[2m"};

static struct {
    void (*on_line)(void *owner, enum pl_log_level level, struct pl_slice object);
    void *owner;
    enum pl_log_level level;
} listener;

static bool is_heard(enum pl_log_level level) {
    return listener.on_line != NULL && (level <= listener.level || level <= max_level);
}

void pl_log_listen(enum pl_log_level level,
                   void (*on_line)(void *owner, enum pl_log_level level,
                                   struct pl_slice object),
                   void *owner) {
    listener.on_line = on_line;
    listener.owner = owner;
    listener.level = level;
}

static void (*divert)(void *owner, struct pl_slice line);
static void *divert_owner;

void pl_log_divert(void (*write)(void *owner, struct pl_slice line), void *owner) {
    divert = write;
    divert_owner = owner;
}

static uint64_t lost_count, told_count; /* of lines, in all, and that somebody was told of */
static void (*on_kept)(void *owner);
static void *on_kept_owner;

void pl_log_stop_waiting(void (*call)(void *owner), void *owner) {
    pl_outlet_stop_waiting();
    on_kept = call;
    on_kept_owner = owner;
}

void pl_log_finish(void) {
    on_kept = NULL;
    if (pl_outlet_flush_within(END_MS)) pl_log_flush();
}

uint64_t pl_log_lost_count(void) { return lost_count; }

void pl_log_configure(enum pl_log_level level, enum pl_log_format new_format) {
    max_level = level;
    format = new_format;
}

bool pl_log_is_on(enum pl_log_level level) { return level <= max_level || is_heard(level); }

static void add_text(struct pl_buffer *out, const char *text) {
    pl_buffer_add(out, pl_slice_of(text));
}

/* Bare when it is one plain word, so that lines grep well; else quoted as JSON does. */
static void add_value(struct pl_buffer *out, struct pl_slice value) {
    bool plain = value.len > 0;
    for (size_t i = 0; plain && i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        plain = c > 0x20 && c != 0x7f && c != '"' && c != '=' && c != '\\';
    }
    if (plain) {
        pl_buffer_add(out, value);
    } else {
        pl_quote_add(out, value);
    }
}

static void add_time(struct pl_buffer *out, bool is_pretty) {
    struct timespec now;
    struct tm parts;
    char text[48];
    clock_gettime(CLOCK_REALTIME, &now);
    if (is_pretty) {
        localtime_r(&now.tv_sec, &parts);
        strftime(text, sizeof text, "%H:%M:%S  ", &parts);
    } else {
        char seconds[32];
        gmtime_r(&now.tv_sec, &parts);
        strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
        snprintf(text, sizeof text, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
    }
    add_text(out, text);
}

static void begin_object(struct pl_buffer *out, enum pl_log_level level, const char *topic,
                         struct pl_slice event) {
    add_text(out, "{\"ts\":\"");
    add_time(out, false);
    add_text(out, "\",\"level\":\"");
    add_text(out, level_names[level]);
    add_text(out, "\",\"topic\":\"");
    add_text(out, topic);
    add_text(out, "\",\"msg\":");
    pl_quote_add(out, event);
}

static void begin_text(struct pl_buffer *out, enum pl_log_level level, const char *topic,
                       struct pl_slice event) {
    add_time(out, format == PL_LOG_PRETTY);
    if (format == PL_LOG_PRETTY) {
        add_text(out, level_colours[level]);
    } else {
        pl_buffer_add_byte(out, ' ');
        add_text(out, level_names[level]);
        pl_buffer_add_byte(out, ' ');
    }
    add_text(out, topic);
    add_text(out, ": ");
    for (size_t i = 0; i < event.len; i++) {
        pl_buffer_add_byte(out, (unsigned char)event.at[i] < 0x20 ? ' ' : event.at[i]);
    }
}

void pl_log_begin(struct pl_log_line *line, enum pl_log_level level, const char *topic,
                  struct pl_slice event) {
    bool is_written = level <= max_level && format != PL_LOG_SILENT;
    *line = (struct pl_log_line){
        .level = level,
        .is_on = pl_log_is_on(level),
        .has_text = is_written && format != PL_LOG_JSON,
        .is_written = is_written,
        .has_object = (is_written && format == PL_LOG_JSON) || is_heard(level),
    };
    if (line->has_text) begin_text(&line->text, level, topic, event);
    if (line->has_object) begin_object(&line->object, level, topic, event);
}

static void add_object_key(struct pl_log_line *line, const char *key) {
    pl_buffer_add_byte(&line->object, ',');
    pl_quote_add(&line->object, pl_slice_of(key));
    pl_buffer_add_byte(&line->object, ':');
}

static void add_text_key(struct pl_log_line *line, const char *key) {
    pl_buffer_add_byte(&line->text, ' ');
    add_value(&line->text, pl_slice_of(key));
    pl_buffer_add_byte(&line->text, '=');
}

void pl_log_add(struct pl_log_line *line, const char *key, struct pl_slice value) {
    if (line->has_object) {
        add_object_key(line, key);
        pl_quote_add(&line->object, value);
    }
    if (line->has_text) {
        add_text_key(line, key);
        add_value(&line->text, value);
    }
}

void pl_log_add_bare(struct pl_log_line *line, const char *key, struct pl_slice value) {
    if (line->has_object) {
        add_object_key(line, key);
        pl_buffer_add(&line->object, value);
    }
    if (line->has_text) {
        add_text_key(line, key);
        pl_buffer_add(&line->text, value);
    }
}

void pl_log_add_number(struct pl_log_line *line, const char *key, long long value) {
    char text[24];
    int len = snprintf(text, sizeof text, "%lld", value);
    pl_log_add_bare(line, key, pl_slice(text, (size_t)len));
}

/* An error, as it is to be read by whoever reads anything. */
static void tell_lost(void) {
    struct pl_log_line line;
    uint64_t count = lost_count - told_count;
    told_count = lost_count;
    pl_log_begin(&line, PL_LOG_ERROR, "log", PL_SLICE("lines were lost, as nobody read them"));
    pl_log_add_number(&line, "count", (long long)count);
    pl_log_end(&line);
}

bool pl_log_flush(void) {
    if (!pl_outlet_flush()) return false;
    if (lost_count > told_count) tell_lost();
    return !pl_outlet_is_behind();
}

/* Once lines are lost, they all are until those that are kept have left: the gap is told of where
 * it is. */
static void put_out(struct pl_slice line) {
    bool is_in_gap = lost_count > told_count && !pl_log_flush();
    if (is_in_gap || !pl_outlet_write(line)) lost_count++;
    if (on_kept != NULL && pl_outlet_is_behind()) on_kept(on_kept_owner);
}

static void put(struct pl_slice line) {
    if (divert != NULL) divert(divert_owner, line);
    else put_out(line);
}

void pl_log_end(struct pl_log_line *line) {
    if (line->has_text) {
        if (format == PL_LOG_PRETTY) add_text(&line->text, "\033[0m");
        pl_buffer_add_byte(&line->text, '\n');
        put(pl_buffer_slice(&line->text));
    }
    if (line->has_object) {
        pl_buffer_add(&line->object, PL_SLICE("}\n"));
        if (line->is_written && !line->has_text) put(pl_buffer_slice(&line->object));
        struct pl_slice object = pl_slice(line->object.at, line->object.len - 1);
        if (is_heard(line->level)) listener.on_line(listener.owner, line->level, object);
    }
    pl_buffer_finish(&line->text);
    pl_buffer_finish(&line->object);
}

void pl_log(enum pl_log_level level, const char *topic, const char *event) {
    struct pl_log_line line;
    pl_log_begin(&line, level, topic, pl_slice_of(event));
    pl_log_end(&line);
}

void pl_log_with(enum pl_log_level level, const char *topic, const char *event, const char *key,
                 struct pl_slice value) {
    struct pl_log_line line;
    pl_log_begin(&line, level, topic, pl_slice_of(event));
    pl_log_add(&line, key, value);
    pl_log_end(&line);
}
