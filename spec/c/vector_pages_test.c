/* pages: what is read of a large index does not stay in the memory of the process. */
#include "check.h"
#include "vector_desk.h"

#include <stdlib.h>

#define DIMENSIONS 256
#define VECTORS 16000 /* 16 MiB of values, and more of metadata */
#define METADATA_BYTES 1000
#define BATCH 1000
#define MAPPED_MAX_BYTES ((size_t)12 * 1024 * 1024)

/* Pages of files in memory, be they on a disk or in a file system of memory. */
static size_t mapped_bytes(void) {
    char line[256];
    size_t bytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (!PL_CHECK(status != NULL)) return 0;
    while (fgets(line, sizeof line, status) != NULL) {
        bool is_file = strncmp(line, "RssFile:", 8) == 0;
        if (is_file || strncmp(line, "RssShmem:", 9) == 0) {
            bytes += (size_t)atol(strchr(line, ':') + 1) * 1024;
        }
    }
    fclose(status);
    return bytes;
}

static void make_values(uint64_t *seed, float values[DIMENSIONS]) {
    for (size_t i = 0; i < DIMENSIONS; i++) values[i] = (float)random_unit(seed) - 0.5F;
}

static void fill(struct vector_desk *desk) {
    static char metadata[METADATA_BYTES];
    uint64_t seed = 1;
    PL_CHECK_INT(create_index(desk, DIMENSIONS, PL_COSINE), 0);
    for (size_t from = 0; from < VECTORS; from += BATCH) {
        struct pl_job *job = new_job(PL_ACT_INSERT);
        for (size_t i = from; i < from + BATCH; i++) {
            float values[DIMENSIONS];
            char id[24];
            make_values(&seed, values);
            struct pl_vector vector = {
                .id = pl_slice(id, (size_t)snprintf(id, sizeof id, "%zu", i)),
                .metadata = pl_slice(metadata, sizeof metadata),
                .values = floats(values, DIMENSIONS)};
            pl_job_add(job, &vector);
        }
        PL_CHECK_INT(finish_job(desk, job), 0);
    }
}

/* Every field that a vector does not have is null. */
static struct pl_slice filter_of_all(void) { return PL_SLICE("\0\1xi\0\1z"); }

static void search(struct vector_desk *desk, uint64_t seed, struct pl_slice filter) {
    float values[DIMENSIONS];
    make_values(&seed, values);
    struct pl_job *job = new_query(floats(values, DIMENSIONS), 20, NULL, filter);
    job->wants_values = job->wants_metadata = true;
    size_t found = 0;
    PL_CHECK_INT(run_job(desk, job), 0);
    PL_LIST_EACH(at, &job->found) found++;
    PL_CHECK_INT(found, 20);
    pl_job_destroy(job);
}

static void check_mapped(size_t before, const char *what) {
    size_t now = mapped_bytes();
    if (PL_CHECK(now <= before + MAPPED_MAX_BYTES)) return;
    printf("#   %s: %zu bytes more than before\n", what, now - before);
}

static void what_is_read_is_given_back(void) {
    struct vector_desk desk;
    if (!PL_CHECK_INT(desk_open(&desk, NULL), 0)) return;
    fill(&desk);
    if (PL_CHECK_INT(desk_reopen(&desk), 0)) {
        size_t before = mapped_bytes();
        search(&desk, 2, (struct pl_slice){0});
        check_mapped(before, "after the index was read");
        for (uint64_t seed = 3; seed < 60; seed++) search(&desk, seed, (struct pl_slice){0});
        check_mapped(before, "after many searches");
        search(&desk, 60, filter_of_all());
        check_mapped(before, "after a filter has looked at all metadata");
    }
    desk_close(&desk);
}

int main(void) {
    PL_RUN(what_is_read_is_given_back);
    return pl_check_summary();
}
