#include "nearest/vectors.h"

#include "load/random.h"

#include <math.h>
#include <stdlib.h>

#define NOISE 0.05F

/* About normal: the sum of four even numbers. */
static float random_normal(uint64_t *state) {
    uint64_t word = pl_random_next(state);
    float sum = 0;
    for (int i = 0; i < 4; i++) sum += (float)((word >> (16 * i)) & 0xffff) / 65536.0F;
    return (sum - 2) * 1.732F;
}

struct mixture mixture_create(size_t dimensions) {
    struct mixture mixture = {.dimensions = dimensions};
    uint64_t state = 0x9e3779b97f4a7c15u;
    mixture.directions = malloc(LATENT * dimensions * sizeof(float));
    if (mixture.directions == NULL) abort();
    for (size_t i = 0; i < LATENT * dimensions; i++) {
        mixture.directions[i] = random_normal(&state);
    }
    return mixture;
}

void mixture_destroy(struct mixture *mixture) { free(mixture->directions); }

void mixture_make(const struct mixture *mixture, uint64_t number, float *out) {
    size_t dimensions = mixture->dimensions;
    uint64_t state = (number + 1) * 0xd1342543de82ef95u;
    float square = 0;
    for (int i = 0; i < 8; i++) pl_random_next(&state);
    for (size_t k = 0; k < dimensions; k++) out[k] = 0;
    for (size_t i = 0; i < LATENT; i++) {
        const float *direction = mixture->directions + i * dimensions;
        float weight = random_normal(&state) / sqrtf(LATENT);
        for (size_t k = 0; k < dimensions; k++) out[k] += weight * direction[k];
    }
    for (size_t k = 0; k < dimensions; k++) {
        out[k] += NOISE * random_normal(&state);
        square += out[k] * out[k];
    }
    for (size_t k = 0; k < dimensions; k++) out[k] /= sqrtf(square);
}
