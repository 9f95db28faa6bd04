#include "store/vector_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#define READS_MAX 256 /* each maps 64 KiB at most: the kernel's fault-around */

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
    if (pages->reads == 0 || first < pages->first) pages->first = first;
    if (pages->reads == 0 || end > pages->end) pages->end = end;
    if (++pages->reads >= READS_MAX) give_back(pages);
}
