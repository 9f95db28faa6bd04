#include "lua/fault.h"
#include "lua/host_parts.h"
#include "party/connection.h"
#include "party/exchange.h"

#define REJECTED_CODE 1011 /* RFC 6455 7.4.1: the server met a condition it did not expect */

static void count(const struct pl_task *task, bool is_ok) {
    if (task->meter == NULL) return;
    pl_histogram_add(&task->meter->durations, &pl_buckets_short,
                     pl_ticks_between(task->begun_ticks, pl_ticks_of_end()));
    if (!is_ok) task->meter->errors++;
}

void pl_host_on_drop(struct pl_task *task) {
    bool is_saved =
        task->room == NULL || pl_room_is_leaving(task->room); /* reloaded, not reset */
    struct pl_slice why = is_saved ? PL_RELOADED_REASON : pl_room_end_reason(task->room);
    if (task->exchange != NULL) pl_exchange_fail(task->exchange, why);
    if (task->kind != PL_TASK_CONNECT) return;
    pl_connection_fail(task->connection, is_saved ? PL_RELOADED_CODE : PL_FAILED_CODE, why);
}

static struct pl_slice text_or(const struct pl_fault *fault, struct pl_slice otherwise) {
    return fault->message.len > 0 ? pl_buffer_slice(&fault->message) : otherwise;
}

/* PartyKit: a before-hook that raises answers 401 with the message, an empty one included. */
static void fail_before(struct pl_exchange *exchange, const struct pl_fault *fault) {
    pl_exchange_respond_text(exchange, 401,
                             fault->has_message ? pl_buffer_slice(&fault->message)
                                                : PL_SLICE("Unauthorised"));
}

static void fail_request(struct pl_exchange *exchange, const struct pl_fault *fault) {
    int status = fault->code >= 400 && fault->code <= 599 ? fault->code : 500;
    if (exchange->state == PL_EXCHANGE_STREAMED) {
        pl_exchange_abort(exchange);
        return;
    }
    pl_exchange_respond_text(
        exchange, status, text_or(fault, PL_SLICE("Uncaught exception when making a request")));
}

static void fail_other(struct pl_exchange *exchange, const struct pl_fault *fault) {
    if (exchange->state == PL_EXCHANGE_STREAMED) {
        pl_exchange_abort(exchange);
        return;
    }
    pl_exchange_respond_text(
        exchange, 500, text_or(fault, PL_SLICE("Uncaught exception when making a request")));
}

static void fail_connect(struct pl_connection *connection, const struct pl_fault *fault) {
    struct pl_party *party = connection->room->party;
    if (party == party->server->sockets) {
        pl_connection_refuse(connection, 500,
                             text_or(fault, PL_SLICE("Uncaught exception when connecting")));
        return;
    }
    bool is_own = fault->code >= 3000 && fault->code <= 4999;
    pl_connection_reject(connection, is_own ? (uint16_t)fault->code : REJECTED_CODE,
                         text_or(fault, PL_SLICE("Uncaught exception when connecting")));
}

static void fail_start(struct pl_room *room, const struct pl_fault *fault) {
    pl_room_on_started(room, false,
                       text_or(fault, PL_SLICE("Uncaught exception when making a request")));
}

static void tell_failure(struct pl_task *task, const struct pl_fault *fault) {
    switch (task->kind) {
    case PL_TASK_START: fail_start(task->room, fault); break;
    case PL_TASK_BEFORE: fail_before(task->exchange, fault); break;
    case PL_TASK_OTHER: fail_other(task->exchange, fault); break;
    case PL_TASK_CONNECT: fail_connect(task->connection, fault); break;
    case PL_TASK_REQUEST: fail_request(task->exchange, fault); break;
    case PL_TASK_ALARM: pl_alarm_done(task->room, false); break;
    case PL_TASK_EVENT:
    case PL_TASK_OWN: break;
    }
}

/* What is left is what clients are told of an error without a message. */
static void hide(struct pl_fault *fault) {
    fault->message.len = 0;
    fault->has_message = false;
}

void pl_host_on_task_end(void *owner, struct pl_task *task, bool is_ok) {
    struct pl_host *host = owner;
    count(task, is_ok);
    if (!is_ok) {
        struct pl_fault fault;
        pl_fault_read(&fault, task->co);
        pl_fault_log(&fault, task);
        if (host->hides_errors && fault.code == 0) hide(&fault);
        tell_failure(task, &fault);
        pl_fault_finish(&fault);
    } else if (task->kind == PL_TASK_START) {
        pl_room_on_started(task->room, true, (struct pl_slice){0});
    } else if (task->kind == PL_TASK_CONNECT) {
        pl_connection_open(task->connection);
    } else if (task->kind == PL_TASK_ALARM) {
        pl_alarm_done(task->room, true);
    }
    bool is_of_room = task->kind == PL_TASK_REQUEST || task->kind == PL_TASK_OTHER;
    if (is_of_room) task->exchange->room = NULL;
}
