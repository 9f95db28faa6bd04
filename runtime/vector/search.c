#include "vector/search.h"

#include "base/alloc.h"
#include "vector/filter.h"
#include "vector/heap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* What rounding in floats adds to a product of two lengths at most, with room to spare. */
#define ROUNDING 4e-6F

/* So many candidates are looked at in the order of what they may be, so that most need not be; of
 * more, in the order in which they are stored. */
#define SORTED_MAX 65536

/* The query as the first pass needs it. */
struct rounded {
    struct pl_codes codes;
    int8_t *bytes;
};

static void reserve(struct pl_search *search, size_t count) {
    if (search->lowest_size >= count) return;
    free(search->lowest);
    search->lowest = pl_alloc(count * sizeof *search->lowest);
    search->lowest_size = count;
}

/* ---- what is searched ----------------------------------------------------------------------- */

/* Leaves what the filter leaves. */
static int sieve(struct pl_search *search, const struct pl_vector_txn *txn,
                 const struct pl_vector_index *index, struct pl_slice filter) {
    struct pl_vector_walk *walk;
    struct pl_vector_place place;
    struct pl_vector vector;
    struct pl_runs unsieved = search->runs;
    int rc = pl_vector_walk_begin(txn, index, true, &walk);
    if (rc != 0) return rc;
    search->runs = (struct pl_runs){0};
    for (size_t i = 0; rc == 0 && i < unsieved.count; i++) {
        const struct pl_run *run = &unsieved.at[i];
        for (uint32_t slot = run->first; rc == 0 && slot < run->first + run->count; slot++) {
            rc = pl_vector_walk_to(walk, slot, &place, &vector);
            if (rc == -ENOENT || (rc == 0 && place.slot != slot)) rc = -EIO; /* it is there */
            if (rc == 0 && pl_filter_holds(filter, vector.fields)) {
                pl_runs_add(&search->runs, slot);
            }
        }
    }
    pl_vector_walk_end(walk);
    pl_runs_finish(&unsieved);
    return rc;
}

static int choose(struct pl_search *search, const struct pl_vector_txn *txn,
                  const struct pl_vector_index *index, const struct pl_table *table,
                  const struct pl_query *query) {
    if (query->space.at == NULL) {
        pl_runs_take_all(&search->runs, table, index->count);
    } else {
        uint32_t number;
        search->runs.count = 0;
        int rc = pl_vector_space(txn, index, query->space, &number);
        if (rc != 0) return rc == -ENOENT ? 0 : rc;
        pl_runs_take_space(&search->runs, table, (uint16_t)number);
    }
    return query->filter.len == 0 ? 0 : sieve(search, txn, index, query->filter);
}

/* ---- the first pass ------------------------------------------------------------------------- */

/* What takes products of codes to bounds, the same for each slot. Nearness is the product, and for
 * distances |q|^2 - d^2 = 2 qv - |v|^2. */
struct measure {
    float scale;            /* of a product of codes */
    float of_slip;          /* what a unit of slip can add at most */
    float of_length;        /* the same of length: the query's own slip, and rounding */
    float square, rounding; /* taken off by a square of length, and how surely */
};

static struct measure measure_of(enum pl_metric metric, const struct rounded *query) {
    float q = query->codes.length, q_slip = query->codes.slip;
    float twice = metric == PL_EUCLIDEAN ? 2 : 1, square = metric == PL_EUCLIDEAN ? 1 : 0;
    return (struct measure){.scale = twice * query->codes.scale,
                            .of_slip = twice * (q + q_slip) * (1 + ROUNDING),
                            .of_length = twice * (q_slip + ROUNDING * q),
                            .square = square,
                            .rounding = square * ROUNDING};
}

/* So few neighbours go through the kernel at a time that the processor still fetches the next
 * while bounds are made of these. */
#define PIECE_SLOTS 16

struct bounds {
    float upper[PIECE_SLOTS], lower[PIECE_SLOTS]; /* how near they are at most, and at least */
};

static inline __attribute__((always_inline)) void
make_bounds(const struct measure *by, const struct pl_table_block *block, size_t at,
            size_t count, const int32_t *restrict products, struct bounds *restrict out) {
    const struct measure m = *by;
    for (size_t i = 0; i < count; i++) {
        float length = block->length[at + i], square = length * length;
        float near = m.scale * block->scale[at + i] * (float)products[i] - m.square * square;
        float doubt =
            m.of_slip * block->slip[at + i] + m.of_length * length + m.rounding * square;
        out->upper[i] = near + doubt;
        out->lower[i] = near - doubt;
    }
}

/* Leaves out of the candidates those that cannot be near enough by now. */
static void weed(struct pl_search *search, float least) {
    size_t kept = 0;
    for (size_t i = 0; i < search->match_count; i++) {
        if (search->matches[i].bound < least) continue;
        search->matches[kept++] = search->matches[i];
    }
    search->match_count = kept;
}

/* Room for more candidates: the old ones are weeded first, as most turn out to be none. */
static void make_room(struct pl_search *search, float least) {
    weed(search, least);
    if (search->match_count < search->matches_size / 2) return;
    search->matches_size = search->matches_size * 2 + 256;
    search->matches =
        pl_realloc(search->matches, search->matches_size * sizeof *search->matches);
}

static void add_match(struct pl_search *search, uint32_t slot, float upper, float least) {
    if (search->match_count == search->matches_size) make_room(search, least);
    search->matches[search->match_count++] = (struct pl_match){.slot = slot, .bound = upper};
}

static void collect(struct pl_search *search, const struct bounds *bounds, uint32_t first,
                    size_t count, struct pl_heap *lowest) {
    float least = pl_heap_floor(lowest);
    bool is_any = false;
    for (size_t i = 0; i < count; i++) is_any |= bounds->upper[i] >= least;
    if (!is_any) return;
    for (size_t i = 0; i < count; i++) {
        if (bounds->upper[i] < least) continue;
        add_match(search, first + (uint32_t)i, bounds->upper[i], least);
        if (bounds->lower[i] <= least) continue;
        pl_heap_add(lowest, bounds->lower[i]);
        least = pl_heap_floor(lowest);
    }
}

/* Makes candidates of all slots that may be as near as the nearest are at least. */
static void scan(struct pl_search *search, const struct pl_table *table,
                 const struct rounded *query, struct pl_heap *lowest) {
    int32_t products[PIECE_SLOTS];
    struct bounds bounds;
    struct measure measure = measure_of(table->metric, query);
    search->match_count = 0;
    for (size_t i = 0; i < search->runs.count; i++) {
        struct pl_run run = search->runs.at[i];
        const struct pl_table_block *block = table->blocks[run.first / PL_TABLE_BLOCK_SLOTS];
        for (uint32_t done = 0, count; done < run.count; done += count) {
            size_t at = (run.first + done) % PL_TABLE_BLOCK_SLOTS;
            count = run.count - done < PIECE_SLOTS ? run.count - done : PIECE_SLOTS;
            search->kernel->multiply(query->bytes, block->codes + at * table->width,
                                     table->width, count, products);
            /* A count that the compiler knows is worked on in lanes. */
            if (count == PIECE_SLOTS) {
                make_bounds(&measure, block, at, PIECE_SLOTS, products, &bounds);
            } else {
                make_bounds(&measure, block, at, count, products, &bounds);
            }
            collect(search, &bounds, run.first + done, count, lowest);
        }
    }
    weed(search, pl_heap_floor(lowest));
}

/* ---- the second pass ------------------------------------------------------------------------ */

static int by_bound(const void *a, const void *b) {
    const struct pl_match *x = a, *y = b;
    if (x->bound != y->bound) return x->bound > y->bound ? -1 : 1;
    return (x->slot > y->slot) - (x->slot < y->slot);
}

static int by_nearness(const void *a, const void *b) {
    const struct pl_match *x = a, *y = b;
    if (x->nearness != y->nearness) return x->nearness > y->nearness ? -1 : 1;
    return (x->slot > y->slot) - (x->slot < y->slot);
}

/* In the measure of bounds, which for distances is another: |q|^2 - d^2, a little less. */
static float least_of(const struct pl_table *table, const struct rounded *query,
                      double nearness) {
    float q = query->codes.length;
    double least = nearness;
    if (table->metric == PL_EUCLIDEAN) {
        least = (double)q * q - nearness * nearness;
        least -= ROUNDING * ((double)q * q + nearness * nearness);
    } else if (table->metric == PL_COSINE) {
        least -= ROUNDING;
    } else {
        least -= ROUNDING * fabs(nearness);
    }
    return (float)least;
}

/* Gives the candidates their true nearness. Those that turn out not to matter are skipped. */
static int look_up(struct pl_search *search, const struct pl_vector_txn *txn,
                   const struct pl_vector_index *index, const struct pl_table *table,
                   const struct pl_query *query, const struct rounded *rounded) {
    struct pl_heap best = {.at = search->lowest, .size = query->count};
    size_t kept = 0;
    search->stored_count = 0;
    if (search->match_count <= SORTED_MAX) {
        qsort(search->matches, search->match_count, sizeof *search->matches, by_bound);
    }
    for (size_t i = 0; i < search->match_count; i++) {
        struct pl_match match = search->matches[i];
        struct pl_slice values;
        if (!pl_heap_takes(&best, match.bound) && match.bound < best.at[0]) continue;
        int rc = pl_vector_values(txn, index, match.slot, &values);
        if (rc != 0) return rc;
        match.nearness =
            pl_codes_nearness(table->metric, query->values, values, table->dimensions);
        search->stored_count++;
        search->matches[kept++] = match;
        float least = least_of(table, rounded, match.nearness);
        if (pl_heap_takes(&best, least)) pl_heap_add(&best, least);
    }
    qsort(search->matches, kept, sizeof *search->matches, by_nearness);
    search->match_count = kept < query->count ? kept : query->count;
    return 0;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static int search_rounded(struct pl_search *search, const struct pl_vector_txn *txn,
                          const struct pl_vector_index *index, const struct pl_table *table,
                          const struct pl_query *query, const struct rounded *rounded) {
    reserve(search, query->count);
    struct pl_heap lowest = {.at = search->lowest, .size = query->count};
    int rc = choose(search, txn, index, table, query);
    if (rc != 0 || search->runs.count == 0) return rc;
    scan(search, table, rounded, &lowest);
    return look_up(search, txn, index, table, query, rounded);
}

int pl_search_run(struct pl_search *search, const struct pl_vector_txn *txn,
                  const struct pl_vector_index *index, const struct pl_table *table,
                  const struct pl_query *query) {
    struct rounded rounded;
    search->match_count = 0;
    search->stored_count = 0;
    if (table->slots == 0 || query->count == 0) return 0;
    if (search->kernel == NULL) search->kernel = pl_kernel_best();
    rounded.bytes = pl_alloc(table->width);
    rounded.codes = pl_codes_make(table->metric, query->values, table->dimensions,
                                  rounded.bytes, table->width);
    int rc = search_rounded(search, txn, index, table, query, &rounded);
    free(rounded.bytes);
    return rc;
}

void pl_search_finish(struct pl_search *search) {
    free(search->lowest);
    free(search->matches);
    pl_runs_finish(&search->runs);
    *search = (struct pl_search){0};
}
