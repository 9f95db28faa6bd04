#include "store/batch.h"

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
    struct pl_batch *batch = pl_alloc_zero(sizeof *batch);
    writer->refs++;
    batch->writer = writer;
    batch->seq = seq;
    batch->is_silent = true;
    pl_list_init(&batch->in_queue);
    pl_list_init(&batch->writes);
    return batch;
}

void pl_batch_destroy(struct pl_batch *batch) {
    PL_LIST_EACH(at, &batch->writes) { free(pl_container_of(at, struct pl_write, in_batch)); }
    pl_writer_unref(batch->writer);
    free(batch);
}

struct pl_write *pl_batch_add(struct pl_batch *batch, struct pl_slice key,
                              struct pl_slice value) {
    struct pl_write *write = pl_alloc(sizeof *write + key.len + value.len);
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
    free(write);
}
