#include "vector/heap.h"

static void sift_up(float *at, size_t i, float number) {
    while (i > 0 && at[(i - 1) / 2] > number) {
        at[i] = at[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    at[i] = number;
}

static void sift_down(float *at, size_t count, float number) {
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= count) break;
        if (child + 1 < count && at[child + 1] < at[child]) child++;
        if (at[child] >= number) break;
        at[i] = at[child];
        i = child;
    }
    at[i] = number;
}

void pl_heap_add(struct pl_heap *heap, float number) {
    if (heap->count < heap->size) {
        sift_up(heap->at, heap->count, number);
        heap->count++;
    } else {
        sift_down(heap->at, heap->count, number);
    }
}
