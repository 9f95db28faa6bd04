/* Compiled with -O3 -ffast-math (bench.mk), so that sums are made in as many lanes as the
 * processor has. */
#include "nearest/plain.h"

#include <stdbool.h>

static void keep(struct plain_match *matches, size_t count, float score, size_t number) {
    size_t at = count - 1;
    while (at > 0 && matches[at - 1].score < score) {
        matches[at] = matches[at - 1];
        at--;
    }
    matches[at] = (struct plain_match){.score = score, .number = number};
}

static inline __attribute__((always_inline)) void
search(const float *vectors, size_t vector_count, size_t dimensions, const float *query,
       struct plain_match *matches, size_t count) {
    for (size_t i = 0; i < count; i++) matches[i] = (struct plain_match){.score = -1e30F};
    for (size_t i = 0; i < vector_count; i++) {
        const float *vector = vectors + i * dimensions;
        float score = 0;
        for (size_t k = 0; k < dimensions; k++) score += vector[k] * query[k];
        if (score > matches[count - 1].score) keep(matches, count, score, i);
    }
}

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) static void
search_avx2(const float *vectors, size_t vector_count, size_t dimensions, const float *query,
            struct plain_match *matches, size_t count) {
    search(vectors, vector_count, dimensions, query, matches, count);
}

void plain_search(const float *vectors, size_t vector_count, size_t dimensions,
                  const float *query, struct plain_match *matches, size_t count) {
    bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    (has_avx2 ? search_avx2 : search)(vectors, vector_count, dimensions, query, matches, count);
}

#else

void plain_search(const float *vectors, size_t vector_count, size_t dimensions,
                  const float *query, struct plain_match *matches, size_t count) {
    search(vectors, vector_count, dimensions, query, matches, count);
}

#endif
