#include "store/vector_pages.h"

#include <sys/mman.h>
#include <unistd.h>

/* A page that is read maps those around it, and more where they came into the system's cache
 * together. */
#define PIECE_BYTES ((uintptr_t)64 * 1024)
#define PIECES_MAX 64

/* Both ends are in the one map of the store, and so is everything in between. It is mapped for
 * reading only (LMDB writes with write), so nothing is lost. */
static void give_back(struct pl_vector_pages *pages) {
    uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = pages->first / page_bytes * page_bytes;
    madvise((void *)first, pages->end - first, MADV_DONTNEED);
    *pages = (struct pl_vector_pages){0};
}

void pl_vector_pages_note(struct pl_vector_pages *pages, struct pl_slice bytes) {
    uintptr_t first = (uintptr_t)bytes.at, end = first + bytes.len;
    if (pages->pieces == 0 || first < pages->first) pages->first = first;
    if (pages->pieces == 0 || end > pages->end) pages->end = end;
    /* What lies side by side is mapped together. */
    if (pages->pieces == 0 || first / PIECE_BYTES != pages->last) pages->pieces++;
    pages->pieces += (end / PIECE_BYTES) - (first / PIECE_BYTES);
    pages->last = end / PIECE_BYTES;
    if (pages->pieces > PIECES_MAX) give_back(pages);
}
