/*
 * store_rooms.h -- two rooms that are written to in steps, and what they hold after each.
 *
 * A step writes to both rooms, in one group: entries short and long, a delete, now and then a clear
 * and an alarm. Which step was the last is an entry of each, so whatever is found must be, to the
 * byte, what these rooms hold after that step.
 */
#pragma once

#include "base/alloc.h"
#include "store/commit.h"
#include "store/store.h"
#include "store/vectors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOMS 2
#define KEYS 5

struct rooms {
    struct pl_store *store;
    struct pl_commits *commits;
    struct pl_writer *writers[ROOMS];
};

/* What a room holds. */
struct holding {
    int step;
    int written[KEYS]; /* the step that wrote the key; 0: it is not there */
    int64_t due_ms;
};

static inline struct pl_store_options rooms_options(bool is_read_only) {
    return (struct pl_store_options){
        .map_bytes = 1 << 26, .is_served = !is_read_only, .is_read_only = is_read_only};
}

static inline int rooms_open(struct rooms *rooms, const char *folder, bool is_read_only) {
    struct pl_store_options options = rooms_options(is_read_only);
    struct pl_buffer text = {0};
    *rooms = (struct rooms){0};
    int rc = pl_store_open(folder, &options, &rooms->store, &text);
    text.len = 0;
    for (int i = 0; rc == 0 && i < ROOMS; i++) {
        char id[2] = {(char)('a' + i), 0};
        text.len = 0;
        pl_room_name_add(&text, PL_SLICE("main"), pl_slice_of(id));
        rooms->writers[i] = pl_writer_create(pl_buffer_slice(&text));
    }
    pl_buffer_finish(&text);
    if (rc == 0 && !is_read_only) rc = pl_commits_start(rooms->store, &rooms->commits);
    return rc;
}

static inline void rooms_close(struct rooms *rooms) {
    pl_commits_stop(rooms->commits);
    pl_store_close(rooms->store);
    for (int i = 0; i < ROOMS; i++) {
        if (rooms->writers[i] != NULL) pl_writer_unref(rooms->writers[i]);
    }
}

/* ---- writing -------------------------------------------------------------------------------- */

static inline size_t value_len(int step, int room) {
    return step % 6 == 5 ? 9000 : (size_t)(step * 137 + room * 11) % 900;
}

static inline struct pl_slice value_of(int step, int room, char bytes[9000]) {
    memset(bytes, 'a' + (step + room) % 26, 9000);
    return pl_slice(bytes, value_len(step, room));
}

static inline struct pl_slice key_of(int number, char text[600]) {
    memset(text, 'k', 600);
    text[0] = (char)('0' + number);
    return pl_slice(text, number == 4 ? 600 : 2); /* the last one is longer than LMDB's own */
}

static inline bool step_clears(int step) { return step % 7 == 0; }
static inline bool step_has_alarm(int step) { return step % 3 == 1; }
static inline int64_t step_due_ms(int step) { return step % 2 == 0 ? 0 : 1000 + step; }

static inline struct pl_batch *batch_of_step(struct rooms *rooms, int room, int step) {
    char text[600], bytes[9000], number[16];
    struct pl_batch *batch = pl_batch_create(rooms->writers[room], (uint64_t)step);
    snprintf(number, sizeof number, "%d", step);
    batch->clears = step_clears(step);
    pl_batch_add(batch, PL_SLICE("step"), pl_slice_of(number));
    pl_batch_add(batch, key_of(step % KEYS, text), value_of(step, room, bytes));
    if (step % 4 == 0) {
        pl_batch_add(batch, key_of((step + 2) % KEYS, text), (struct pl_slice){0});
    }
    batch->has_alarm = step_has_alarm(step);
    batch->alarm =
        (struct pl_stored_alarm){.due_ms = step_due_ms(step), .attempt_ms = step_due_ms(step)};
    return batch;
}

/* Takes a step in both rooms: 0, or what the first that has failed came back with. */
static inline int rooms_step(struct rooms *rooms, int step) {
    struct pl_list group;
    int rc = 0;
    pl_list_init(&group);
    for (int i = 0; i < ROOMS; i++) {
        pl_list_push(&group, &batch_of_step(rooms, i, step)->in_queue);
    }
    pl_commits_submit(rooms->commits, &group);
    pl_commits_settle(rooms->commits);
    pl_commits_take_done(rooms->commits, &group);
    PL_LIST_EACH(at, &group) {
        struct pl_batch *batch = pl_container_of(at, struct pl_batch, in_queue);
        if (rc == 0) rc = batch->result;
        pl_list_remove(at);
        pl_batch_destroy(batch);
    }
    pl_store_refresh(rooms->store);
    return rc;
}

/* ---- beside the rooms ----------------------------------------------------------------------- */

/* Makes an index of vectors, which is written without a record: 0 or a negative errno. */
static inline int rooms_make_index(struct rooms *rooms, int number) {
    struct pl_vector_index index = {.dimensions = 3};
    struct pl_vector_txn txn;
    snprintf(index.name, sizeof index.name, "index %d", number);
    int rc = pl_vectors_begin(rooms->store, true, &txn);
    if (rc != 0) return rc;
    return pl_vectors_end(&txn, pl_vector_index_create(&txn, &index));
}

static inline bool rooms_has_index(struct rooms *rooms, int number) {
    struct pl_vector_index index;
    struct pl_vector_txn txn;
    char name[32];
    snprintf(name, sizeof name, "index %d", number);
    if (pl_vectors_begin(rooms->store, false, &txn) != 0) return false;
    int rc = pl_vector_index_find(&txn, pl_slice_of(name), &index);
    pl_vectors_end(&txn, -ECANCELED);
    return rc == 0;
}

/* ---- looking -------------------------------------------------------------------------------- */

static inline struct holding holding_after(int last) {
    struct holding holding = {0};
    for (int step = 1; step <= last; step++) {
        if (step_clears(step)) memset(holding.written, 0, sizeof holding.written);
        holding.step = step;
        holding.written[step % KEYS] = step;
        if (step % 4 == 0) holding.written[(step + 2) % KEYS] = 0;
        if (step_has_alarm(step)) holding.due_ms = step_due_ms(step);
    }
    return holding;
}

/* The step that a room is at; -1 when it cannot be read. */
static inline int rooms_at(struct rooms *rooms, int room, struct pl_room_record *record) {
    const struct pl_writer *writer = rooms->writers[room];
    struct pl_slice value;
    char number[16] = "";
    int rc = pl_store_find_room(rooms->store, pl_slice(writer->name, writer->name_len), record);
    if (rc == -ENOENT) return 0;
    if (rc == 0) rc = pl_store_get(rooms->store, record->number, PL_SLICE("step"), &value);
    if (rc != 0 || value.len >= sizeof number) return -1;
    memcpy(number, value.at, value.len);
    return atoi(number);
}

static inline bool is_held(struct rooms *rooms, int room, const struct holding *holding,
                           const struct pl_room_record *record) {
    struct pl_room_size size;
    size_t entries = 1;
    for (int i = 0; i < KEYS; i++) {
        char text[600], bytes[9000];
        struct pl_slice found;
        int rc = pl_store_get(rooms->store, record->number, key_of(i, text), &found);
        if (rc != (holding->written[i] == 0 ? -ENOENT : 0)) return false;
        if (rc != 0) continue;
        if (!pl_slice_equal(found, value_of(holding->written[i], room, bytes))) return false;
        entries++;
    }
    if (pl_store_measure(rooms->store, record->number, &size) != 0) return false;
    return size.entries == entries && record->alarm.due_ms == holding->due_ms;
}

/* One row for each alarm that is held. */
static inline bool has_alarms(struct rooms *rooms, const struct holding *holding) {
    struct pl_alarm_row row = {0};
    int count = 0, rc;
    while ((rc = pl_store_next_alarm(rooms->store, &row)) == 0) count++;
    return rc == -ENOENT && count == (holding->due_ms == 0 ? 0 : ROOMS);
}

/* The step that the rooms are at; -1 with a sentence, when they are not what they are to be. */
static inline int rooms_look(struct rooms *rooms) {
    struct pl_room_record record = {0};
    struct holding holding = {0};
    for (int i = 0; i < ROOMS; i++) {
        int step = rooms_at(rooms, i, &record);
        if (i == 0) holding = holding_after(step < 0 ? 0 : step);
        if (step < 0 || step != holding.step) {
            printf("# room %d is at step %d, and the first at %d\n", i, step, holding.step);
            return -1;
        }
        if (step > 0 && !is_held(rooms, i, &holding, &record)) {
            printf("# room %d is not what it was at step %d\n", i, step);
            return -1;
        }
    }
    if (has_alarms(rooms, &holding)) return holding.step;
    printf("# the alarms are not those of step %d\n", holding.step);
    return -1;
}
