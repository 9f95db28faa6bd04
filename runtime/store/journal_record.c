#include "store/journal_record.h"

#include "base/endian.h"

#include <errno.h>

enum { CLEARS = 1, HAS_ALARM = 2 };
#define NO_VALUE UINT64_MAX /* in place of its length: the key is deleted */

static struct pl_batch *batch_at(struct pl_list *at) {
    return pl_container_of(at, struct pl_batch, in_queue);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void add_number(struct pl_buffer *out, uint64_t number) {
    pl_put_u64(pl_buffer_reserve(out, 8), number);
    out->len += 8;
}

static void add_bytes(struct pl_buffer *out, struct pl_slice bytes) {
    add_number(out, bytes.at == NULL ? NO_VALUE : bytes.len);
    pl_buffer_add(out, bytes);
}

static size_t count_list(const struct pl_list *list) {
    size_t count = 0;
    for (const struct pl_list *at = list->next; at != list; at = at->next) count++;
    return count;
}

static void add_batch(struct pl_buffer *out, const struct pl_batch *batch) {
    add_number(out, (batch->clears ? CLEARS : 0) | (batch->has_alarm ? HAS_ALARM : 0));
    add_number(out, batch->seq);
    add_bytes(out, pl_slice(batch->writer->name, batch->writer->name_len));
    add_number(out, (uint64_t)batch->alarm.due_ms);
    add_number(out, (uint64_t)batch->alarm.attempt_ms);
    add_number(out, batch->alarm.retries);
    add_number(out, count_list(&batch->writes));
    PL_LIST_EACH(at, &batch->writes) {
        const struct pl_write *write = pl_container_of(at, struct pl_write, in_batch);
        add_bytes(out, write->key);
        add_bytes(out, write->value);
    }
}

void pl_journal_record_add(struct pl_buffer *out, uint64_t txn, int64_t now_ms,
                           const struct pl_list *group) {
    uint64_t count = 0;
    add_number(out, txn);
    add_number(out, (uint64_t)now_ms);
    size_t count_at = out->len;
    add_number(out, 0);
    PL_LIST_EACH(at, group) {
        if (batch_at(at)->result != 0) continue;
        add_batch(out, batch_at(at));
        count++;
    }
    pl_put_u64(out->at + count_at, count);
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool take_number(struct pl_slice *from, uint64_t *out) {
    if (from->len < 8) return false;
    *out = pl_get_u64(from->at);
    *from = pl_slice_after(*from, 8);
    return true;
}

/* `out->at` is NULL where there is no value. */
static bool take_bytes(struct pl_slice *from, struct pl_slice *out) {
    uint64_t len;
    *out = (struct pl_slice){0};
    if (!take_number(from, &len)) return false;
    if (len == NO_VALUE) return true;
    if (len > from->len) return false;
    *out = pl_slice(from->at, (size_t)len);
    *from = pl_slice_after(*from, (size_t)len);
    return true;
}

static bool take_alarm(struct pl_slice *from, struct pl_stored_alarm *out) {
    uint64_t due, attempt, retries;
    if (!take_number(from, &due) || !take_number(from, &attempt)) return false;
    if (!take_number(from, &retries)) return false;
    *out = (struct pl_stored_alarm){(int64_t)due, (int64_t)attempt, (uint32_t)retries};
    return true;
}

static bool take_writes(struct pl_slice *from, struct pl_batch *batch) {
    uint64_t count;
    if (!take_number(from, &count)) return false;
    for (uint64_t i = 0; i < count; i++) {
        struct pl_slice key, value;
        if (!take_bytes(from, &key) || key.at == NULL || !take_bytes(from, &value))
            return false;
        pl_batch_add(batch, key, value);
    }
    return true;
}

static bool take_batch(struct pl_slice *from, struct pl_list *batches) {
    uint64_t flags, seq;
    struct pl_slice name;
    if (!take_number(from, &flags) || !take_number(from, &seq)) return false;
    if (!take_bytes(from, &name) || name.at == NULL) return false;
    struct pl_writer *writer = pl_writer_create(name);
    struct pl_batch *batch = pl_batch_create(writer, seq);
    pl_writer_unref(writer);
    pl_list_push(batches, &batch->in_queue);
    batch->clears = (flags & CLEARS) != 0;
    batch->has_alarm = (flags & HAS_ALARM) != 0;
    return take_alarm(from, &batch->alarm) && take_writes(from, batch);
}

int pl_journal_record_read(struct pl_slice bytes, struct pl_journal_record *out) {
    uint64_t now_ms, count;
    pl_list_init(&out->batches);
    bool is_sound = take_number(&bytes, &out->txn) && take_number(&bytes, &now_ms) &&
                    take_number(&bytes, &count);
    for (uint64_t i = 0; is_sound && i < count; i++) {
        is_sound = take_batch(&bytes, &out->batches);
    }
    if (is_sound) out->now_ms = (int64_t)now_ms;
    return is_sound && bytes.len == 0 ? 0 : -EBADMSG;
}

void pl_journal_record_finish(struct pl_journal_record *record) {
    PL_LIST_EACH(at, &record->batches) {
        pl_list_remove(at);
        pl_batch_destroy(batch_at(at));
    }
}
