#include "store/batch.h"

#include "base/pool.h"

#include <stdlib.h>

struct pl_writer *pl_writer_create(struct pl_slice name) {
    struct pl_writer *writer = pl_alloc(sizeof *writer + name.len);
    *writer = (struct pl_writer){.refs = 1, .name_len = name.len};
    memcpy(writer->name, name.at, name.len);
    return writer;
}

void pl_writer_unref(struct pl_writer *writer) {
    if (--writer->refs == 0) free(writer);
}

struct pl_batch *pl_batch_create(struct pl_writer *writer, uint64_t seq) {
    struct pl_batch *batch = pl_pool_take(sizeof *batch);
    *batch = (struct pl_batch){.writer = writer, .seq = seq, .is_silent = true};
    writer->refs++;
    pl_list_init(&batch->in_queue);
    pl_list_init(&batch->writes);
    return batch;
}

static size_t size_of(const struct pl_write *write) {
    return sizeof *write + write->key.len + write->value.len;
}

void pl_batch_destroy(struct pl_batch *batch) {
    PL_LIST_EACH(at, &batch->writes) {
        struct pl_write *write = pl_container_of(at, struct pl_write, in_batch);
        pl_pool_give(write, size_of(write));
    }
    pl_writer_unref(batch->writer);
    pl_pool_give(batch, sizeof *batch);
}

struct pl_write *pl_batch_add(struct pl_batch *batch, struct pl_slice key,
                              struct pl_slice value) {
    struct pl_write *write = pl_pool_take(sizeof *write + key.len + value.len);
    *write = (struct pl_write){.seq = batch->seq, .key = {write->bytes, key.len}};
    if (key.len > 0) memcpy(write->bytes, key.at, key.len);
    if (value.at != NULL) {
        write->value = pl_slice(write->bytes + key.len, value.len);
        memcpy(write->bytes + key.len, value.at, value.len);
    }
    pl_list_init(&write->in_batch);
    pl_list_push(&batch->writes, &write->in_batch);
    batch->bytes += key.len + value.len;
    return write;
}

void pl_batch_drop(struct pl_batch *batch, struct pl_write *write) {
    pl_list_remove(&write->in_batch);
    batch->bytes -= write->key.len + write->value.len;
    pl_pool_give(write, size_of(write));
}
