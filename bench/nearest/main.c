/*
 * main.c -- how fast the nearest vectors are found, beside a plain pass over all of them.
 *
 *     nearest [--vectors N] [--dimensions N] [--queries N] [--folder PATH]
 *
 * A process of its own fills an index; then it is opened anew, as after a start. Memory is looked
 * at when queries of each kind have run. Then both search for the same vectors, in turns, in one
 * thread: a query through the index, which reads from a store on disk what it has to know exactly,
 * and a pass over the same float32s in memory.
 */
#include "load/clock.h"
#include "nearest/plain.h"
#include "nearest/vectors.h"
#include "store/store.h"
#include "vector/indexes.h"
#include "vector/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOP 10
#define BATCH 1000
#define TIMES_FASTER 3.0
#define MEMORY_MB 60.0
#define MEMORY_QUERIES 100

struct options {
    size_t vectors, dimensions, queries;
    const char *folder;
};

static void fail(const char *what) {
    fprintf(stderr, "nearest: %s\n", what);
    exit(1);
}

static size_t number_of(const char *text) {
    long number = text == NULL ? 0 : atol(text);
    if (number <= 0) fail("a number above 0 expected");
    return (size_t)number;
}

static struct options read_options(char **argv) {
    struct options options = {.vectors = 100000, .dimensions = 384, .queries = 200};
    options.folder = "build/bench/vectors";
    for (argv++; *argv != NULL; argv += 2) {
        if (strcmp(argv[0], "--vectors") == 0) options.vectors = number_of(argv[1]);
        else if (strcmp(argv[0], "--dimensions") == 0) options.dimensions = number_of(argv[1]);
        else if (strcmp(argv[0], "--queries") == 0) options.queries = number_of(argv[1]);
        else if (strcmp(argv[0], "--folder") == 0 && argv[1] != NULL) options.folder = argv[1];
        else fail("--vectors, --dimensions, --queries and --folder are what there is");
    }
    return options;
}

/* ---- the index ------------------------------------------------------------------------------ */

static struct pl_store *open_store(const char *folder) {
    struct pl_store_options options = {0};
    struct pl_store *store;
    struct pl_buffer why = {0};
    if (pl_store_open(folder, &options, &store, &why) != 0) {
        fprintf(stderr, "nearest: %.*s\n", (int)why.len, why.at);
        exit(1);
    }
    return store;
}

static void run(struct pl_indexes *indexes, struct pl_job *job) {
    pl_indexes_run_one(indexes, job);
    if (job->result != 0) fail(job->why.len > 0 ? job->why.at : strerror(-job->result));
}

#define FIELD_BYTES 12

/* The field n of a vector, as filters see it (vector/filter.h). */
static struct pl_slice make_field(double number, char out[FIELD_BYTES]) {
    memcpy(out, "\0\1nn", 4);
    memcpy(out + 4, &number, sizeof number);
    return pl_slice(out, FIELD_BYTES);
}

/* The condition that n is some number. */
static struct pl_slice make_filter(double number, char out[FIELD_BYTES + 3]) {
    memcpy(out, "\0\1ni\0\1n", 7);
    memcpy(out + 7, &number, sizeof number);
    return pl_slice(out, FIELD_BYTES + 3);
}

/* Every hundredth vector is in the namespace "few", and has n = 0. */
static void fill(struct pl_indexes *indexes, const struct mixture *mixture,
                 const struct options *options) {
    float *values = malloc(options->dimensions * sizeof *values);
    struct pl_job *create = pl_job_create(PL_ACT_CREATE, PL_SLICE("bench"));
    create->index.dimensions = (uint32_t)options->dimensions;
    run(indexes, create);
    pl_job_destroy(create);
    for (size_t from = 0; from < options->vectors; from += BATCH) {
        struct pl_job *job = pl_job_create(PL_ACT_INSERT, PL_SLICE("bench"));
        for (size_t i = from; i < from + BATCH && i < options->vectors; i++) {
            char id[24], field[FIELD_BYTES];
            struct pl_vector vector = {
                .id = pl_slice(id, (size_t)snprintf(id, sizeof id, "%zu", i)),
                .fields = make_field((double)(i % 100), field),
                .space = i % 100 == 0 ? PL_SLICE("few") : (struct pl_slice){0},
                .values = pl_slice((char *)values, options->dimensions * sizeof *values)};
            mixture_make(mixture, i, values);
            pl_job_add(job, &vector);
        }
        run(indexes, job);
        pl_job_destroy(job);
    }
    free(values);
}

static struct pl_job *make_query(const float *values, size_t dimensions, const char *space) {
    struct pl_job *job = pl_job_create(PL_ACT_QUERY, PL_SLICE("bench"));
    struct pl_vector asked = {.values = pl_slice((const char *)values, dimensions * 4),
                              .space = pl_slice_of(space)};
    job->count = TOP;
    job->is_spaced = space != NULL;
    pl_job_add(job, &asked);
    return job;
}

/* As the index has it: on huge pages, where the system gives them. */
static void *allocate_large(size_t bytes) {
    size_t page_bytes = (size_t)2 * 1024 * 1024;
    bytes = (bytes + page_bytes - 1) / page_bytes * page_bytes;
    void *memory = aligned_alloc(page_bytes, bytes);
    if (memory == NULL) fail("there is not enough memory");
    madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

/* ---- measuring ------------------------------------------------------------------------------ */

static double ms_since(uint64_t start_ns) { return (double)(pl_clock_ns() - start_ns) / 1e6; }

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *numbers, size_t count) {
    qsort(numbers, count, sizeof *numbers, by_size);
    return numbers[count / 2];
}

/* A figure of /proc/self/status, in megabytes. */
static double memory_mb(const char *name) {
    char line[256];
    double mb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL) fail("there is no /proc");
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) mb = atof(line + strlen(name)) * 1024 / 1e6;
    }
    fclose(status);
    return mb;
}

struct figures {
    double *index_ms, *plain_ms, *ratios, *few_ms, *filter_ms;
    size_t found, wanted, read;
};

static size_t count_common(const struct pl_job *job, const struct plain_match *matches) {
    size_t common = 0;
    PL_LIST_EACH(at, &job->found) {
        const struct pl_item *item = pl_container_of(at, struct pl_item, in_job);
        char id[24] = {0};
        memcpy(id, item->vector.id.at, item->vector.id.len);
        for (size_t i = 0; i < TOP; i++) common += matches[i].number == strtoul(id, NULL, 10);
    }
    return common;
}

/* Runs a query and gives it back with how long it took. */
static double time_query(struct pl_indexes *indexes, struct pl_job *job) {
    uint64_t start = pl_clock_ns();
    run(indexes, job);
    return ms_since(start);
}

static double time_query_of_few(struct pl_indexes *indexes, const float *query, size_t size) {
    struct pl_job *job = make_query(query, size, "few");
    double ms = time_query(indexes, job);
    pl_job_destroy(job);
    return ms;
}

static double time_query_with_filter(struct pl_indexes *indexes, const float *query,
                                     size_t size) {
    char filter[FIELD_BYTES + 3];
    struct pl_job *job = make_query(query, size, NULL);
    pl_buffer_add(&job->filter, make_filter(0, filter));
    double ms = time_query(indexes, job);
    pl_job_destroy(job);
    return ms;
}

static void measure(struct pl_indexes *indexes, const struct options *options,
                    const float *vectors, const float *query, size_t round,
                    struct figures *figures) {
    struct plain_match matches[TOP];
    struct pl_job *job = make_query(query, options->dimensions, NULL);
    figures->index_ms[round] = time_query(indexes, job);
    figures->read += pl_indexes_read_count(indexes);
    uint64_t start = pl_clock_ns();
    plain_search(vectors, options->vectors, options->dimensions, query, matches, TOP);
    figures->plain_ms[round] = ms_since(start);
    figures->ratios[round] = figures->plain_ms[round] / figures->index_ms[round];
    figures->found += count_common(job, matches);
    figures->wanted += TOP;
    pl_job_destroy(job);
    figures->few_ms[round] = time_query_of_few(indexes, query, options->dimensions);
    figures->filter_ms[round] = time_query_with_filter(indexes, query, options->dimensions);
}

static void print_row(const char *name, const char *figure, const char *bound,
                      bool is_reached) {
    printf("%-36s %14s   %s%s\n", name, figure, bound,
           bound[0] == '\0' ? ""
           : is_reached     ? "  reached"
                            : "  NOT REACHED");
}

static void report(struct figures *figures, size_t queries) {
    char text[64];
    double ratio = median(figures->ratios, queries);
    double recall = (double)figures->found / (double)figures->wanted;
    snprintf(text, sizeof text, "%.2f ms", median(figures->plain_ms, queries));
    print_row("plain pass over float32s", text, "", true);
    snprintf(text, sizeof text, "%.2f ms", median(figures->index_ms, queries));
    print_row("query of the index, top 10", text, "", true);
    snprintf(text, sizeof text, "%.2f", ratio);
    print_row("times faster", text, ">= 3", ratio >= TIMES_FASTER);
    snprintf(text, sizeof text, "%.3f", recall);
    print_row("recall", text, "= 1.000", figures->found == figures->wanted);
    snprintf(text, sizeof text, "%.1f", (double)figures->read / (double)queries);
    print_row("vectors read from the store", text, "", true);
    snprintf(text, sizeof text, "%.3f ms", median(figures->few_ms, queries));
    print_row("query of a namespace with 1 %", text, "", true);
    snprintf(text, sizeof text, "%.2f ms", median(figures->filter_ms, queries));
    print_row("query with a filter that leaves 1 %", text, "", true);
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* The first query reads the index. Then everything has been used that a process needs which
 * searches, and of the file pages from all over have been looked at. */
static void open_index(struct pl_indexes *indexes, const struct options *options,
                       const struct mixture *mixture) {
    char text[64];
    size_t size = options->dimensions;
    float *query = malloc(size * sizeof *query);
    double resident_mb = 0;
    for (size_t i = 0; i < MEMORY_QUERIES; i++) {
        mixture_make(mixture, options->vectors + i, query);
        struct pl_job *job = make_query(query, size, NULL);
        snprintf(text, sizeof text, "%.0f ms", time_query(indexes, job));
        if (i == 0) print_row("first query, which reads the index", text, "", true);
        pl_job_destroy(job);
        if (i % 10 == 0) time_query_with_filter(indexes, query, size);
        double mb = memory_mb("VmRSS:");
        if (mb > resident_mb) resident_mb = mb;
    }
    snprintf(text, sizeof text, "%.1f MB", resident_mb);
    print_row("memory of the whole process", text, "< 60", resident_mb < MEMORY_MB);
    snprintf(text, sizeof text, "%.1f MB", memory_mb("RssAnon:"));
    print_row("  of it its own", text, "", true);
    free(query);
}

static void search(struct pl_indexes *indexes, const struct options *options,
                   const struct mixture *mixture) {
    size_t size = options->dimensions, queries = options->queries;
    float *vectors = allocate_large(options->vectors * size * sizeof *vectors);
    float *query = malloc(size * sizeof *query);
    struct figures figures = {.index_ms = malloc(queries * sizeof(double)),
                              .plain_ms = malloc(queries * sizeof(double)),
                              .ratios = malloc(queries * sizeof(double)),
                              .few_ms = malloc(queries * sizeof(double)),
                              .filter_ms = malloc(queries * sizeof(double))};
    for (size_t i = 0; i < options->vectors; i++) mixture_make(mixture, i, vectors + i * size);
    for (size_t round = 0; round < queries; round++) {
        mixture_make(mixture, options->vectors + 1 + round, query);
        measure(indexes, options, vectors, query, round, &figures);
    }
    report(&figures, queries);
    free(vectors);
    free(query);
    free(figures.index_ms);
    free(figures.plain_ms);
    free(figures.ratios);
    free(figures.few_ms);
    free(figures.filter_ms);
}

static void fill_index(const struct options *options, const struct mixture *mixture) {
    char text[64];
    struct pl_indexes_options defaults = {0};
    struct pl_store *store = open_store(options->folder);
    struct pl_indexes *indexes = pl_indexes_create(store, &defaults);
    uint64_t start = pl_clock_ns();
    fill(indexes, mixture, options);
    double seconds = ms_since(start) / 1e3;
    snprintf(text, sizeof text, "%.0f /s", (double)options->vectors / seconds);
    print_row("inserted and durable, by 1000", text, "", true);
    pl_indexes_destroy(indexes);
    pl_store_close(store);
}

/* What it takes to fill an index is no memory of whoever searches it. */
static void fill_apart(const struct options *options, const struct mixture *mixture) {
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) fail("cannot fork");
    if (child == 0) {
        fill_index(options, mixture);
        exit(0);
    }
    if (waitpid(child, &status, 0) < 0 || status != 0) fail("the index could not be filled");
}

int main(int argc, char **argv) {
    struct options options = read_options(argv);
    struct mixture mixture = mixture_create(options.dimensions);
    struct pl_indexes_options defaults = {0};
    (void)argc;
    printf("%zu vectors of %zu dimensions, %zu queries\n\n", options.vectors,
           options.dimensions, options.queries);
    fill_apart(&options, &mixture);
    struct pl_store *store = open_store(options.folder);
    struct pl_indexes *indexes = pl_indexes_create(store, &defaults);
    open_index(indexes, &options, &mixture);
    search(indexes, &options, &mixture);
    pl_indexes_destroy(indexes);
    pl_store_close(store);
    mixture_destroy(&mixture);
    return 0;
}
