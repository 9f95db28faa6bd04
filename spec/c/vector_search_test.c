/* Searching: what comes out is what a plain pass over all vectors gives, whatever the data. */
#include "check.h"
#include "vector/codes.h"
#include "vector/kernel.h"
#include "vector_desk.h"

#include <math.h>

#define VECTORS 1500 /* more than a block of a table */
#define DIMENSIONS_MAX 100
#define NEAREST_MAX 30

/* ---- the plain way -------------------------------------------------------------------------- */

struct model {
    uint32_t dimensions;
    enum pl_metric metric;
    float values[VECTORS][DIMENSIONS_MAX];
    unsigned char space[VECTORS]; /* 0: none; else namespace 'a' and so on */
    bool is_there[VECTORS];
};

static double plain_score(const struct model *model, const float *a, const float *b) {
    double product = 0, distance = 0, a_square = 0, b_square = 0;
    for (size_t i = 0; i < model->dimensions; i++) {
        product += (double)a[i] * b[i];
        distance += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        a_square += (double)a[i] * a[i];
        b_square += (double)b[i] * b[i];
    }
    if (model->metric == PL_EUCLIDEAN) return sqrt(distance);
    if (model->metric == PL_DOT_PRODUCT) return -product;
    return a_square > 0 && b_square > 0 ? product / sqrt(a_square) / sqrt(b_square) : 0;
}

static int by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The scores of all that are in the namespace (0: in any), the best first. Gives their count. */
static size_t plain_scores(const struct model *model, const float *query, unsigned char space,
                           double *out) {
    size_t count = 0;
    double sign = model->metric == PL_COSINE ? -1 : 1;
    for (size_t i = 0; i < VECTORS; i++) {
        if (!model->is_there[i] || (space != 0 && model->space[i] != space)) continue;
        out[count++] = sign * plain_score(model, query, model->values[i]);
    }
    qsort(out, count, sizeof *out, by_number);
    for (size_t i = 0; i < count; i++) out[i] *= sign;
    return count;
}

static bool is_close(double a, double b) {
    return fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b)) + 1e-12 || a == b;
}

/* ---- data ----------------------------------------------------------------------------------- */

enum kind { EVEN, CLUSTERED, ALIKE, UNEQUAL, TINY, LARGE, SPIKED, KINDS };
static const char *const kind_names[KINDS] = {"even", "clustered", "alike", "unequal",
                                              "tiny", "large",     "spiked"};

static void make_values(float *out, uint32_t dimensions, enum kind kind, uint64_t *seed) {
    double size = kind == TINY ? 1e-41 : kind == LARGE ? 1e16 : 1;
    if (kind == UNEQUAL) size = pow(10, 8 * random_unit(seed) - 4);
    for (size_t i = 0; i < dimensions; i++) {
        double value = random_unit(seed) - 0.5;
        if (kind == CLUSTERED) value = value * 0.01 + (i % 3 == 0 ? 5 : -1);
        if (kind == ALIKE) value = (double)(next_random(seed) % 2);
        out[i] = (float)(value * size);
    }
    if (kind == SPIKED) out[next_random(seed) % dimensions] *= 1e5F;
    if (next_random(seed) % 50 == 0) memset(out, 0, dimensions * sizeof *out);
}

static struct pl_slice id_of(size_t i, char out[16]) {
    return pl_slice(out, (size_t)snprintf(out, 16, "v%zu", i));
}

static size_t number_of(struct pl_slice id) {
    size_t number = 0;
    for (size_t i = 1; i < id.len; i++) number = number * 10 + (size_t)(id.at[i] - '0');
    return number;
}

static void change(struct vector_desk *desk, struct model *model, enum kind kind,
                   size_t changes, uint64_t *seed) {
    struct pl_job *puts = new_job(PL_ACT_UPSERT), *deletes = new_job(PL_ACT_DELETE);
    bool is_touched[VECTORS] = {false};
    for (size_t k = 0; k < changes; k++) {
        size_t i = next_random(seed) % VECTORS;
        char text[16], space = (char)('a' - 1 + next_random(seed) % 4);
        if (is_touched[i]) continue;
        is_touched[i] = true;
        if (model->is_there[i] && next_random(seed) % 3 == 0) {
            model->is_there[i] = false;
            add_vector(deletes, id_of(i, text), PL_SLICE(""), PL_SLICE(""), PL_SLICE(""));
            continue;
        }
        make_values(model->values[i], model->dimensions, kind, seed);
        model->is_there[i] = true;
        model->space[i] = space < 'a' ? 0 : (unsigned char)space;
        add_vector(puts, id_of(i, text), pl_slice(&space, space < 'a' ? 0 : 1),
                   floats(model->values[i], model->dimensions), PL_SLICE(""));
    }
    PL_CHECK_INT(finish_job(desk, puts), 0);
    PL_CHECK_INT(finish_job(desk, deletes), 0);
}

/* ---- comparing ------------------------------------------------------------------------------ */

static void compare(const struct model *model, const struct pl_job *job, const float *query,
                    const double *scores, size_t expected, const char *what) {
    size_t count = 0;
    bool is_seen[VECTORS] = {false};
    PL_LIST_EACH(at, &job->found) {
        const struct pl_item *item = pl_container_of(at, struct pl_item, in_job);
        size_t i = number_of(item->vector.id);
        double own = plain_score(model, query, model->values[i]);
        bool is_right = model->is_there[i] && !is_seen[i] && count < expected &&
                        is_close(item->score, own) && is_close(item->score, scores[count]);
        is_seen[i] = true;
        if (!PL_CHECK(is_right)) printf("#   %s: match %zu is %.17g\n", what, count, own);
        count++;
    }
    if (!PL_CHECK_INT(count, expected)) printf("#   %s\n", what);
}

static void query_once(struct vector_desk *desk, const struct model *model, enum kind kind,
                       uint64_t *seed) {
    static double scores[VECTORS];
    float query[DIMENSIONS_MAX];
    size_t count = 1 + next_random(seed) % NEAREST_MAX;
    unsigned char space = next_random(seed) % 2 == 0 ? 0 : (unsigned char)('a' + count % 4);
    char name[2] = {(char)space, '\0'};
    make_values(query, model->dimensions, kind, seed);
    struct pl_job *job = new_query(floats(query, model->dimensions), count,
                                   space == 0 ? NULL : name, PL_SLICE(""));
    PL_CHECK_INT(run_job(desk, job), 0);
    size_t there = plain_scores(model, query, space, scores);
    compare(model, job, query, scores, there < count ? there : count, kind_names[kind]);
    pl_job_destroy(job);
}

static void search_and_compare(const struct pl_kernel *kernel, enum pl_metric metric,
                               enum kind kind, uint64_t seed) {
    static struct model model;
    struct vector_desk desk;
    memset(&model, 0, sizeof model);
    model.metric = metric;
    model.dimensions = 1 + (uint32_t)(next_random(&seed) % DIMENSIONS_MAX);
    if (!PL_CHECK_INT(desk_open(&desk, kernel), 0)) return;
    PL_CHECK_INT(create_index(&desk, model.dimensions, metric), 0);
    for (int round = 0; round < 5; round++) {
        change(&desk, &model, kind, round == 0 ? 3 * VECTORS : VECTORS / 5, &seed);
        for (int i = 0; i < 8; i++) query_once(&desk, &model, kind, &seed);
        if (round == 2) PL_CHECK_INT(desk_reopen(&desk), 0);
    }
    desk_close(&desk);
}

static void search_all(enum pl_metric metric) {
    uint64_t seed = 0x9e3779b97f4a7c15u + metric;
    for (const struct pl_kernel *const *kernel = pl_kernels(); *kernel != NULL; kernel++) {
        for (enum kind kind = EVEN; kind < KINDS; kind++) {
            search_and_compare(*kernel, metric, kind, next_random(&seed));
        }
    }
}

static void a_search_by_cosine_is_exact(void) { search_all(PL_COSINE); }
static void a_search_by_distance_is_exact(void) { search_all(PL_EUCLIDEAN); }
static void a_search_by_product_is_exact(void) { search_all(PL_DOT_PRODUCT); }

/* ---- the parts ------------------------------------------------------------------------------ */

static void every_kernel_multiplies_alike(void) {
    enum { WIDTH = 16384, ROWS = 3 };
    static int8_t query[WIDTH], rows[ROWS * WIDTH];
    uint64_t seed = 7;
    for (size_t width = PL_KERNEL_BYTES; width <= WIDTH; width *= 2) {
        for (size_t i = 0; i < width; i++) query[i] = (int8_t)(next_random(&seed) % 255 - 127);
        for (size_t i = 0; i < ROWS * width; i++) {
            rows[i] = (int8_t)(next_random(&seed) % 255 - 127);
        }
        memset(rows, 127, width);
        memset(query, seed % 2 == 0 ? 127 : -127, width / 2);
        for (const struct pl_kernel *const *kernel = pl_kernels(); *kernel != NULL; kernel++) {
            int32_t products[ROWS];
            (*kernel)->multiply(query, rows, width, ROWS, products);
            for (size_t row = 0; row < ROWS; row++) {
                int64_t sum = 0;
                for (size_t i = 0; i < width; i++) sum += query[i] * rows[row * width + i];
                PL_CHECK_INT(products[row], sum);
            }
        }
    }
}

static void codes_are_off_by_what_they_say(void) {
    uint64_t seed = 11;
    for (int round = 0; round < 500; round++) {
        float values[DIMENSIONS_MAX];
        int8_t codes[128];
        uint32_t count = 1 + (uint32_t)(next_random(&seed) % DIMENSIONS_MAX);
        double rests = 0, square = 0;
        make_values(values, count, (enum kind)(round % KINDS), &seed);
        struct pl_codes made =
            pl_codes_make(PL_DOT_PRODUCT, floats(values, count), count, codes, 128);
        for (size_t i = 0; i < count; i++) {
            double rest = (double)values[i] - (double)made.scale * codes[i];
            rests += rest * rest;
            square += (double)values[i] * values[i];
            PL_CHECK(codes[i] >= -127);
        }
        for (size_t i = count; i < 128; i++) PL_CHECK_INT(codes[i], 0);
        PL_CHECK(sqrt(rests) <= (double)made.slip * (1 + 1e-6) + 1e-45);
        PL_CHECK(fabs((double)made.length - sqrt(square)) <= 1e-6 * sqrt(square) + 1e-45);
    }
}

static void most_vectors_are_not_read_from_the_store(void) {
    static float values[VECTORS][64];
    struct vector_desk desk;
    uint64_t seed = 5;
    if (!PL_CHECK_INT(desk_open(&desk, NULL), 0)) return;
    PL_CHECK_INT(create_index(&desk, 64, PL_COSINE), 0);
    struct pl_job *puts = new_job(PL_ACT_INSERT);
    for (size_t i = 0; i < VECTORS; i++) {
        char text[16];
        make_values(values[i], 64, EVEN, &seed);
        add_vector(puts, id_of(i, text), PL_SLICE(""), floats(values[i], 64), PL_SLICE(""));
    }
    PL_CHECK_INT(finish_job(&desk, puts), 0);
    PL_CHECK_INT(finish_job(&desk, new_query(floats(values[3], 64), 10, NULL, PL_SLICE(""))),
                 0);
    PL_CHECK(pl_indexes_read_count(desk.indexes) >= 10);
    PL_CHECK(pl_indexes_read_count(desk.indexes) < VECTORS / 10);
    desk_close(&desk);
}

int main(void) {
    PL_RUN(every_kernel_multiplies_alike);
    PL_RUN(codes_are_off_by_what_they_say);
    PL_RUN(a_search_by_cosine_is_exact);
    PL_RUN(a_search_by_distance_is_exact);
    PL_RUN(a_search_by_product_is_exact);
    PL_RUN(most_vectors_are_not_read_from_the_store);
    return pl_check_summary();
}
