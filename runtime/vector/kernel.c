#include "vector/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* ---- anywhere ------------------------------------------------------------------------------- */

static void multiply_portably(const int8_t *query, const int8_t *rows, size_t width,
                              size_t count, int32_t *out) {
    for (size_t i = 0; i < count; i++, rows += width) {
        int32_t sum = 0;
        for (size_t k = 0; k < width; k++) sum += query[k] * rows[k];
        out[i] = sum;
    }
}

static const struct pl_kernel portable = {.name = "portable", .multiply = multiply_portably};

#if defined(__x86_64__)

/* ---- AVX2 ----------------------------------------------------------------------------------- */

/* One factor has to be without a sign, so that moves to the other. Pairs of products stay below
 * 2^15, as no code is -128. */
__attribute__((target("avx2"))) static inline __m256i multiply_32(const int8_t *a,
                                                                  const int8_t *b) {
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)a);
    __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)b);
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(x), _mm256_sign_epi8(y, x));
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

__attribute__((target("avx2"))) static inline int32_t add_up(__m256i sums) {
    __m128i four =
        _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(2, 3, 0, 1)));
    return _mm_cvtsi128_si32(four);
}

__attribute__((target("avx2"))) static void multiply_avx2(const int8_t *query,
                                                          const int8_t *rows, size_t width,
                                                          size_t count, int32_t *out) {
    for (size_t i = 0; i < count; i++, rows += width) {
        __m256i even = _mm256_setzero_si256(), odd = even;
        size_t k = 0;
        for (; k + 64 <= width; k += 64) {
            even = _mm256_add_epi32(even, multiply_32(query + k, rows + k));
            odd = _mm256_add_epi32(odd, multiply_32(query + k + 32, rows + k + 32));
        }
        if (k < width) even = _mm256_add_epi32(even, multiply_32(query + k, rows + k));
        out[i] = add_up(_mm256_add_epi32(even, odd));
    }
}

static const struct pl_kernel avx2 = {.name = "avx2", .multiply = multiply_avx2};

const struct pl_kernel *const *pl_kernels(void) {
    static const struct pl_kernel *const all[] = {&portable, &avx2, NULL};
    static const struct pl_kernel *const few[] = {&portable, NULL};
    return __builtin_cpu_supports("avx2") ? all : few;
}

#else

const struct pl_kernel *const *pl_kernels(void) {
    static const struct pl_kernel *const all[] = {&portable, NULL};
    return all;
}

#endif

const struct pl_kernel *pl_kernel_best(void) {
    const struct pl_kernel *const *kernel = pl_kernels();
    while (kernel[1] != NULL) kernel++;
    return *kernel;
}
