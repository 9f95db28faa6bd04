/*
 * list.h -- intrusive doubly linked lists.
 *
 * A list is a ring through its head; an element is a `struct pl_list` inside its object. An
 * element that is in no list points at itself, so removing it twice is harmless.
 */
#pragma once

#include "base/alloc.h"

#include <stdbool.h>

struct pl_list {
    struct pl_list *next, *prev;
};

static inline void pl_list_init(struct pl_list *list) { list->next = list->prev = list; }

static inline bool pl_list_is_empty(const struct pl_list *list) { return list->next == list; }

/* Adds `element`, which must be in no list, at the end of the ring that `head` heads. */
static inline void pl_list_push(struct pl_list *head, struct pl_list *element) {
    element->prev = head->prev;
    element->next = head;
    head->prev->next = element;
    head->prev = element;
}

static inline void pl_list_remove(struct pl_list *element) {
    element->prev->next = element->next;
    element->next->prev = element->prev;
    pl_list_init(element);
}

/* Moves all elements of `from` to the empty list `to`. */
static inline void pl_list_move(struct pl_list *to, struct pl_list *from) {
    pl_list_init(to);
    if (pl_list_is_empty(from)) return;
    *to = *from;
    to->next->prev = to->prev->next = to;
    pl_list_init(from);
}

/* Moves so many elements at most, the first ones, to the end of `to`. Those in the middle are not
 * written to: they may lie in the cache of another core. */
static inline void pl_list_move_some(struct pl_list *to, struct pl_list *from, size_t count) {
    struct pl_list *first = from->next, *last = from;
    while (count-- > 0 && last->next != from) last = last->next;
    if (last == from) return;
    from->next = last->next;
    from->next->prev = from;
    first->prev = to->prev;
    first->prev->next = first;
    last->next = to;
    to->prev = last;
}

/* Walks a list whose elements may be removed (but not their successors) in the body. */
#define PL_LIST_EACH(at, head)                                                   \
    for (struct pl_list *at = (head)->next, *at##_next = at->next; at != (head); \
         at = at##_next, at##_next = at->next)
