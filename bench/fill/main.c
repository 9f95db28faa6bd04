/*
 * main.c -- fills a store as a million rooms would have done.
 *
 *     fill FOLDER COUNT HEX [DUE_MS]
 *
 * Rooms 0 to COUNT - 1 of the party main each hold one entry, `value`, whose bytes are given in
 * hexadecimal digits; with DUE_MS each also has an alarm, due at that time.
 */
#include "store/commit.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCHES_AT_ONCE 4096

static struct pl_slice read_hex(const char *digits) {
    size_t len = strlen(digits) / 2;
    char *bytes = pl_alloc(len + 1);
    for (size_t i = 0; i < len; i++) {
        unsigned byte;
        if (sscanf(digits + i * 2, "%2x", &byte) != 1) exit(2);
        bytes[i] = (char)byte;
    }
    return pl_slice(bytes, len);
}

static struct pl_batch *make_room(unsigned long number, struct pl_slice value, int64_t due_ms) {
    char id[24];
    struct pl_buffer name = {0};
    int len = snprintf(id, sizeof id, "%lu", number);
    pl_room_name_add(&name, PL_SLICE("main"), pl_slice(id, (size_t)len));
    struct pl_writer *writer = pl_writer_create(pl_buffer_slice(&name));
    struct pl_batch *batch = pl_batch_create(writer, 1);
    pl_batch_add(batch, PL_SLICE("value"), value);
    batch->has_alarm = due_ms != 0;
    batch->alarm = (struct pl_stored_alarm){.due_ms = due_ms, .attempt_ms = due_ms};
    pl_writer_unref(writer);
    pl_buffer_finish(&name);
    return batch;
}

static void commit(struct pl_commits *commits, struct pl_list *batches) {
    struct pl_list done;
    pl_commits_submit(commits, batches);
    pl_commits_settle(commits);
    pl_commits_take_done(commits, &done);
    while (!pl_list_is_empty(&done)) {
        struct pl_batch *batch = pl_container_of(done.next, struct pl_batch, in_queue);
        pl_list_remove(&batch->in_queue);
        if (batch->result != 0) exit(1);
        pl_batch_destroy(batch);
    }
}

static void fill(struct pl_commits *commits, unsigned long count, struct pl_slice value,
                 int64_t due_ms) {
    struct pl_list batches;
    pl_list_init(&batches);
    for (unsigned long i = 0; i < count; i++) {
        struct pl_batch *batch = make_room(i, value, due_ms);
        pl_list_push(&batches, &batch->in_queue);
        if (i % BATCHES_AT_ONCE == BATCHES_AT_ONCE - 1) commit(commits, &batches);
    }
    commit(commits, &batches);
}

int main(int argc, char **argv) {
    struct pl_store *store;
    struct pl_commits *commits;
    struct pl_buffer why = {0};
    if (argc < 4) {
        fprintf(stderr, "usage: fill FOLDER COUNT HEX [DUE_MS]\n");
        return 2;
    }
    struct pl_store_options options = {.is_volatile = true};
    if (pl_store_open(argv[1], &options, &store, &why) != 0) {
        fprintf(stderr, "fill: %.*s\n", (int)why.len, why.at);
        return 1;
    }
    if (pl_commits_start(store, &commits) != 0) return 1;
    struct pl_slice value = read_hex(argv[3]);
    fill(commits, strtoul(argv[2], NULL, 10), value, argc > 4 ? atoll(argv[4]) : 0);
    pl_commits_stop(commits);
    pl_store_close(store);
    free((char *)value.at);
    return 0;
}
