#include "lua/cycle.h"

#include "lua/call.h"
#include "lua/engine.h"
#include "lua/host.h"
#include "party/exchange.h"
#include "party/room.h"
#include "party/server.h"

/* What a task, or a call, keeps from going on until it has ended. */
static bool holds_up(const struct pl_room *room, bool is_for_start, bool is_for_event,
                     uint64_t block) {
    return (is_for_start && room->state == PL_ROOM_STARTING) ||
           (is_for_event && room->is_serial) || (block != 0 && block == room->block);
}

static bool task_holds_up(const struct pl_room *room, const struct pl_task *task) {
    return holds_up(room, task->is_for_start, task->is_for_event, task->for_block);
}

static bool has_begun(const struct pl_call *call) {
    return call->exchange->state != PL_EXCHANGE_OPEN || call->exchange->room != NULL ||
           call->connection != NULL;
}

static struct pl_room *target_of(const struct pl_call *call) {
    return pl_map_find(&call->exchange->party->rooms, call->exchange->room_id);
}

/* ---- the search: from the room that is called, along what it waits for ----------------------- */

struct search {
    struct pl_list found; /* of pl_call.in_search: still to be looked at */
    uint64_t number;
};

static void add(struct search *search, struct pl_call *call) {
    if (call->search == search->number) return;
    call->search = search->number;
    pl_list_push(&search->found, &call->in_search);
}

/* The calls that keep the room from answering. */
static void add_what_holds_up(struct search *search, struct pl_room *room) {
    if (pl_host_calls_of(room) == NULL) return;
    PL_LIST_EACH(at, pl_host_calls_of(room)) {
        struct pl_call *call = pl_container_of(at, struct pl_call, in_caller);
        if (holds_up(room, call->is_for_start, call->is_for_event, call->for_block)) {
            add(search, call);
        }
    }
}

/* The calls that the room has made to answer this one. */
static void add_what_serves(struct search *search, struct pl_room *room,
                            const struct pl_exchange *exchange) {
    if (pl_host_calls_of(room) == NULL) return;
    PL_LIST_EACH(at, pl_host_calls_of(room)) {
        struct pl_call *call = pl_container_of(at, struct pl_call, in_caller);
        if (call->for_exchange == exchange) add(search, call);
    }
}

/* Whether the call waits for the task; else adds what it waits for. */
static bool leads_to(struct search *search, const struct pl_call *call,
                     const struct pl_task *task) {
    struct pl_room *room = target_of(call);
    if (room == NULL || call->is_ended) return false;
    bool is_begun = has_begun(call);
    if (room == task->room &&
        (task_holds_up(room, task) || (is_begun && call->exchange == task->exchange))) {
        return true;
    }
    if (pl_room_is_held_up(room)) add_what_holds_up(search, room);
    if (is_begun) add_what_serves(search, room, call->exchange);
    return false;
}

bool pl_call_would_wait_for_itself(const struct pl_task *task, struct pl_room *target) {
    static uint64_t last_search;
    struct search search = {.number = ++last_search};
    bool is_found = false;
    if (task->room == NULL || !pl_room_is_held_up(target)) return false;
    if (target == task->room && task_holds_up(target, task)) return true;
    pl_list_init(&search.found);
    add_what_holds_up(&search, target);
    while (!pl_list_is_empty(&search.found)) {
        struct pl_call *call = pl_container_of(search.found.next, struct pl_call, in_search);
        pl_list_remove(&call->in_search);
        is_found = is_found || leads_to(&search, call, task);
    }
    return is_found;
}
