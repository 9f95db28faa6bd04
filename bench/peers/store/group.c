#include "group.h"

#include <pthread.h>
#include <sys/eventfd.h>

struct list {
    struct write *first, *last;
};

static const struct backend *backend_of_thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_work = PTHREAD_COND_INITIALIZER;
static struct list waiting, done;
static int event;

static void append(struct list *list, struct write *first, struct write *last) {
    if (list->first == NULL) list->first = first;
    else list->last->next = first;
    list->last = last;
}

static void *run(void *unused) {
    pthread_mutex_lock(&lock);
    for (;;) {
        while (waiting.first == NULL) pthread_cond_wait(&has_work, &lock);
        struct list group = waiting;
        waiting = (struct list){0};
        pthread_mutex_unlock(&lock);
        backend_of_thread->commit(group.first);
        pthread_mutex_lock(&lock);
        append(&done, group.first, group.last);
        eventfd_write(event, 1);
    }
    return unused;
}

int group_start(const struct backend *backend) {
    pthread_t thread;
    backend_of_thread = backend;
    event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (event < 0 || pthread_create(&thread, NULL, run, NULL) != 0) fail("starting a thread");
    return event;
}

void group_submit(struct write *first, struct write *last) {
    pthread_mutex_lock(&lock);
    append(&waiting, first, last);
    pthread_cond_signal(&has_work);
    pthread_mutex_unlock(&lock);
}

struct write *group_take_done(void) {
    eventfd_t count;
    eventfd_read(event, &count);
    pthread_mutex_lock(&lock);
    struct write *first = done.first;
    done = (struct list){0};
    pthread_mutex_unlock(&lock);
    return first;
}
