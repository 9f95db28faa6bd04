/* Work for a thread of its own: order, groups, rest, and the end. */
#include "base/queue.h"
#include "base/slice.h"
#include "spec/c/check.h"

#include <poll.h>
#include <semaphore.h>
#include <time.h>

#define COUNT 100
#define GROUP_MAX 8
#define PATIENCE_MS 10000

struct piece {
    struct pl_list in_queue;
    int number;
    bool is_done;
};

struct bench {
    struct pl_queue queue;
    struct piece pieces[COUNT];
    sem_t may_run; /* taken for each group */
    sem_t is_taken, has_rested;
    int rests_needed;       /* 0: one is enough */
    size_t groups, largest; /* the thread's, until it has ended */
};

static void take(void *owner, struct pl_list *waiting, struct pl_list *group) {
    struct bench *bench = owner;
    size_t count = 0;
    while (!pl_list_is_empty(waiting) && count < GROUP_MAX) {
        struct pl_list *first = waiting->next;
        pl_list_remove(first);
        pl_list_push(group, first);
        count++;
    }
    bench->groups++;
    if (count > bench->largest) bench->largest = count;
    sem_post(&bench->is_taken);
}

static void run(void *owner, struct pl_list *group) {
    struct bench *bench = owner;
    sem_wait(&bench->may_run);
    PL_LIST_EACH(at, group) { pl_container_of(at, struct piece, in_queue)->is_done = true; }
}

static bool rest(void *owner) {
    struct bench *bench = owner;
    sem_post(&bench->has_rested);
    return bench->rests_needed == 0 || --bench->rests_needed == 0;
}

static const struct pl_queue_calls calls = {.take = take, .run = run, .rest = rest};

static bool wait_for(sem_t *event) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    return sem_timedwait(event, &until) == 0;
}

/* With so many groups that may run before somebody lets more. */
static void start(struct bench *bench, unsigned may_run) {
    memset(bench, 0, sizeof *bench);
    sem_init(&bench->may_run, 0, may_run);
    sem_init(&bench->is_taken, 0, 0);
    sem_init(&bench->has_rested, 0, 0);
    for (int i = 0; i < COUNT; i++) bench->pieces[i].number = i;
    PL_CHECK_INT(pl_queue_start(&bench->queue, &calls, bench), 0);
}

static void submit(struct bench *bench, int from, int to) {
    struct pl_list list;
    pl_list_init(&list);
    for (int i = from; i < to; i++) pl_list_push(&list, &bench->pieces[i].in_queue);
    pl_queue_submit(&bench->queue, &list);
    PL_CHECK(pl_list_is_empty(&list));
}

/* Checks that a list goes on at `from`, in order; gives the number after its last. */
static int check_order(struct pl_list *list, int from) {
    PL_LIST_EACH(at, list) {
        const struct piece *piece = pl_container_of(at, struct piece, in_queue);
        PL_CHECK_INT(piece->number, from++);
        PL_CHECK(piece->is_done);
    }
    return from;
}

static void all_comes_back_in_order(void) {
    struct bench bench;
    struct pl_list done;
    int next = 0;
    start(&bench, COUNT);
    for (int i = 0; i < COUNT; i += 10) submit(&bench, i, i + 10);
    while (next < COUNT) {
        struct pollfd wait = {.fd = pl_queue_fd(&bench.queue), .events = POLLIN};
        if (!PL_CHECK_INT(poll(&wait, 1, PATIENCE_MS), 1)) break;
        pl_queue_take_done(&bench.queue, &done);
        next = check_order(&done, next);
    }
    PL_CHECK_INT(next, COUNT);
    pl_queue_stop(&bench.queue);
    PL_CHECK(bench.largest <= GROUP_MAX);
}

static void the_next_group_forms_while_one_is_worked_on(void) {
    struct bench bench;
    start(&bench, 0);
    submit(&bench, 0, 1);
    PL_CHECK(wait_for(&bench.is_taken));
    for (int i = 1; i <= GROUP_MAX; i++) submit(&bench, i, i + 1);
    sem_post(&bench.may_run);
    sem_post(&bench.may_run);
    pl_queue_stop(&bench.queue);
    PL_CHECK_INT(check_order(&bench.queue.done, 0), 1 + GROUP_MAX);
    PL_CHECK_INT(bench.groups, 2);
}

static void settling_waits_for_all(void) {
    struct bench bench;
    struct pl_list done;
    start(&bench, COUNT);
    submit(&bench, 0, COUNT);
    pl_queue_settle(&bench.queue);
    pl_queue_take_done(&bench.queue, &done);
    PL_CHECK_INT(check_order(&done, 0), COUNT);
    pl_queue_settle(&bench.queue);
    pl_queue_stop(&bench.queue);
}

static bool is_readable(const struct pl_queue *queue) {
    struct pollfd wait = {.fd = pl_queue_fd(queue), .events = POLLIN};
    return poll(&wait, 1, 0) == 1;
}

static void what_has_come_back_may_be_taken_in_parts(void) {
    struct bench bench;
    struct pl_list some;
    int next = 0;
    start(&bench, COUNT);
    submit(&bench, 0, COUNT);
    pl_queue_settle(&bench.queue);
    while (next < COUNT) {
        PL_CHECK(is_readable(&bench.queue));
        pl_queue_take_some(&bench.queue, 7, &some);
        int from = next;
        next = check_order(&some, from);
        PL_CHECK_INT(next - from, COUNT - from < 7 ? COUNT - from : 7);
        if (next == from) break;
    }
    PL_CHECK(!is_readable(&bench.queue));
    pl_queue_stop(&bench.queue);
}

static void what_was_handed_over_is_done_before_the_end(void) {
    struct bench bench;
    start(&bench, COUNT);
    submit(&bench, 0, COUNT);
    pl_queue_stop(&bench.queue);
    PL_CHECK_INT(check_order(&bench.queue.done, 0), COUNT);
    PL_CHECK_INT(bench.groups, (COUNT + GROUP_MAX - 1) / GROUP_MAX);
}

static void it_rests_once_after_work_and_not_before(void) {
    struct bench bench;
    start(&bench, COUNT);
    for (int i = 0; i < 3; i++) {
        submit(&bench, i, i + 1);
        PL_CHECK(wait_for(&bench.has_rested));
    }
    pl_queue_stop(&bench.queue);
    PL_CHECK(sem_trywait(&bench.has_rested) != 0);
    PL_CHECK_INT(check_order(&bench.queue.done, 0), 3);
}

static void it_rests_again_until_it_has(void) {
    struct bench bench;
    start(&bench, COUNT);
    bench.rests_needed = 3;
    submit(&bench, 0, 1);
    for (int i = 0; i < 3; i++) PL_CHECK(wait_for(&bench.has_rested));
    pl_queue_stop(&bench.queue);
    PL_CHECK(sem_trywait(&bench.has_rested) != 0);
}

int main(void) {
    PL_RUN(all_comes_back_in_order);
    PL_RUN(the_next_group_forms_while_one_is_worked_on);
    PL_RUN(settling_waits_for_all);
    PL_RUN(what_has_come_back_may_be_taken_in_parts);
    PL_RUN(what_was_handed_over_is_done_before_the_end);
    PL_RUN(it_rests_once_after_work_and_not_before);
    PL_RUN(it_rests_again_until_it_has);
    return pl_check_summary();
}
