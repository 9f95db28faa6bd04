#include "lua/call.h"

#include "lua/engine.h"
#include "party/outbox.h"
#include "party/room.h"
#include "party/server.h"

#include <stdlib.h>
#include <unistd.h>

#define ANSWER_AHEAD_BYTES (256 * 1024)  /* of an answer nobody has read yet */
#define MESSAGE_AHEAD_BYTES (256 * 1024) /* that the room has not taken yet */
#define TOO_SLOW_CODE 1013               /* as an edge closes slow readers */

static const struct pl_slice caller_gone = {"The caller's room was reset", 27};
static const struct pl_slice too_slow = {"The connection reads too slowly", 31};

/* ---- life ----------------------------------------------------------------------------------- */

void pl_call_ref(struct pl_call *call) { call->refs++; }

static size_t cost_of(const struct pl_call_event *event) { return sizeof *event + event->len; }

static void forget_events(struct pl_call *call) {
    for (struct pl_call_event *event; (event = pl_call_next_event(call)) != NULL;) free(event);
}

static struct pl_call_event *take_message(struct pl_call *call) {
    struct pl_call_event *message =
        pl_container_of(call->messages.next, struct pl_call_event, in_call);
    pl_list_remove(&message->in_call);
    call->message_bytes -= cost_of(message);
    return message;
}

static void forget_messages(struct pl_call *call) {
    while (!pl_list_is_empty(&call->messages)) free(take_message(call));
}

void pl_call_unref(struct pl_call *call) {
    if (--call->refs > 0) return;
    forget_events(call);
    forget_messages(call);
    pl_buffer_finish(&call->answer);
    pl_buffer_finish(&call->headers);
    pl_buffer_finish(&call->reason);
    pl_exchange_unref(call->exchange);
    if (call->for_exchange != NULL) pl_exchange_unref(call->for_exchange);
    free(call);
}

/* Whoever waits at the call waits at its exchange: one place, whatever it waits for. */
static void wake(struct pl_call *call) { pl_tasks_wake_at(call->exchange); }

/* The called room is done with it: gives up the edge's reference. (Not inlined: where somebody
 * else holds a reference gcc would warn of a use after the free.) */
__attribute__((noinline)) static void end(struct pl_call *call) {
    call->is_ended = true;
    call->connection = NULL;
    pl_list_remove(&call->in_caller);
    wake(call);
    pl_call_unref(call);
}

/* ---- the called room's side ----------------------------------------------------------------- */

static void keep_head(struct pl_call *call, const struct pl_response *head) {
    call->status = head->status;
    pl_buffer_add(&call->reason, head->reason);
    for (size_t i = 0; i < head->header_count; i++) {
        pl_buffer_add(&call->headers, head->headers[i].name);
        pl_buffer_add_byte(&call->headers, '\0');
        pl_buffer_add(&call->headers, head->headers[i].value);
        pl_buffer_add_byte(&call->headers, '\0');
    }
}

static void on_end(void *socket) { end(socket); }

static void on_respond(void *socket, const struct pl_response *response) {
    struct pl_call *call = socket;
    keep_head(call, response);
    pl_buffer_add(&call->answer, response->body);
    end(call);
}

static void on_begin(void *socket, const struct pl_response *head) {
    struct pl_call *call = socket;
    keep_head(call, head);
    wake(call);
}

static bool on_write(void *socket, struct pl_slice piece) {
    struct pl_call *call = socket;
    pl_buffer_add(&call->answer, piece);
    wake(call);
    call->is_full = call->answer.len >= ANSWER_AHEAD_BYTES;
    return !call->is_full;
}

static void on_abort(void *socket) {
    struct pl_call *call = socket;
    call->is_broken = true;
    end(call);
}

/* Rooms answer with values; files belong to URLs of no party, which stubs do not reach. */
static void on_respond_file(void *socket, const struct pl_response *head,
                            struct pl_file_part part) {
    close(part.file);
    keep_head(socket, head);
    on_abort(socket);
}

static void on_read_body(void *socket) { wake(socket); }

static struct pl_call_event *create_event(struct pl_slice bytes) {
    struct pl_call_event *event = pl_alloc_zero(sizeof *event + bytes.len);
    event->len = bytes.len;
    if (bytes.len > 0) memcpy(event->bytes, bytes.at, bytes.len);
    return event;
}

static void add_event(struct pl_call *call, struct pl_call_event *event) {
    pl_list_push(&call->events, &event->in_call);
    call->event_bytes += cost_of(event);
    wake(call);
}

static void add_close(struct pl_call *call, uint16_t code, struct pl_slice reason) {
    struct pl_call_event *event = create_event(reason);
    event->is_close = event->was_clean = true;
    event->code = code;
    add_event(call, event);
}

static void on_upgrade(void *socket, struct pl_connection *connection,
                       struct pl_slice protocol) {
    struct pl_call *call = socket;
    (void)protocol;
    call->connection = connection;
}

static void on_open(void *socket) {
    struct pl_call *call = socket;
    call->status = 101;
    wake(call);
}

static void on_refuse(void *socket, int status, struct pl_slice text) {
    struct pl_call *call = socket;
    call->status = status;
    pl_buffer_add(&call->answer, text);
    end(call);
}

/* A reader that lets more wait than a client may is closed as a client is: the room hears of it
 * when the reader does. */
static void on_send(void *socket, struct pl_message *message) {
    struct pl_call *call = socket;
    if (call->is_too_slow) return;
    if (call->event_bytes + message->bytes.len > call->exchange->server->limits.queued_bytes) {
        call->is_too_slow = true;
        forget_events(call);
        add_close(call, TOO_SLOW_CODE, too_slow);
        return;
    }
    struct pl_call_event *event = create_event(message->bytes);
    event->is_binary = message->is_binary;
    add_event(call, event);
}

/* The room closes: there is no network to shake hands over, so the caller hears it at once; the
 * room hears the end from pl_call_close. */
static void on_close(void *socket, uint16_t code, struct pl_slice reason, bool forget) {
    struct pl_call *call = socket;
    if (call->is_too_slow) return;
    if (forget) forget_events(call);
    add_close(call, code == 0 ? 1005 : code, reason);
}

static void on_pause(void *socket) { ((struct pl_call *)socket)->is_paused = true; }

static void on_resume(void *socket) {
    struct pl_call *call = socket;
    call->is_paused = false;
    wake(call);
}

static const struct pl_edge_calls edge_calls = {
    .respond = on_respond,
    .begin = on_begin,
    .write = on_write,
    .end = on_end,
    .abort = on_abort,
    .respond_file = on_respond_file,
    .read_body = on_read_body,
    .upgrade = on_upgrade,
    .open = on_open,
    .refuse = on_refuse,
    .send = on_send,
    .close = on_close,
    .pause = on_pause,
    .resume = on_resume,
};

struct pl_call *pl_call_create(struct pl_party *party, const struct pl_request_parts *parts,
                               struct pl_slice room_id, unsigned depth, struct pl_room *caller,
                               struct pl_list *calls) {
    struct pl_call *call = pl_alloc_zero(sizeof *call);
    struct pl_request *request = pl_request_create(parts);
    struct pl_exchange *exchange =
        pl_exchange_create(party->server, request, &edge_calls, call);
    call->refs = 1; /* the edge's */
    call->caller = caller;
    call->exchange = pl_exchange_ref(exchange);
    pl_list_init(&call->events);
    pl_list_init(&call->messages);
    pl_list_init(&call->in_caller);
    pl_list_init(&call->in_search);
    if (calls != NULL) pl_list_push(calls, &call->in_caller);
    exchange->party = party;
    exchange->is_from_stub = true;
    exchange->depth = depth;
    /* The id is the caller's, not one parsed from a path. */
    exchange->room_id = pl_slice(
        request->path.at + sizeof "/parties//" - 1 + pl_party_name(party).len, room_id.len);
    pl_request_unref(request);
    return call;
}

void pl_call_set_awaited(struct pl_call *call, const struct pl_task *task) {
    call->is_for_start = task->is_for_start;
    call->is_for_event = task->is_for_event;
    call->for_block = task->for_block;
    if (task->exchange != NULL) call->for_exchange = pl_exchange_ref(task->exchange);
}

/* ---- the caller's side ---------------------------------------------------------------------- */

enum act { START, BODY, BODY_END, MESSAGE, CLOSE };

/* Something the caller did that waits for a commit of its room. */
struct deferred {
    struct pl_call *call; /* a reference */
    enum act act;
    bool is_binary;
    uint16_t code;
    size_t len;
    char bytes[];
};

static void start_now(struct pl_call *call) {
    if (call->is_public) {
        pl_server_on_exchange(call->exchange->server, call->exchange);
    } else {
        pl_exchange_forward(call->exchange);
    }
}

static bool send_body_now(struct pl_call *call, struct pl_slice piece) {
    if (call->exchange->has_body_ended) return true;
    return pl_exchange_on_body(call->exchange, piece);
}

static void end_body_now(struct pl_call *call) {
    if (!call->exchange->has_body_ended) pl_exchange_on_body_end(call->exchange);
}

static void deliver_now(struct pl_call *call, struct pl_slice message, bool is_binary) {
    if (call->connection == NULL) return;
    pl_connection_on_message(call->connection, message, is_binary);
}

static void close_now(struct pl_call *call, uint16_t code, struct pl_slice reason,
                      bool was_clean) {
    struct pl_connection *connection = call->connection;
    if (connection == NULL) return;
    call->connection = NULL;
    pl_connection_on_close(connection, code, reason, was_clean);
    end(call);
}

/* Ends what the caller will never go on with. */
static void cancel(struct pl_call *call) {
    pl_list_remove(&call->in_caller);
    call->caller = NULL;
    if (call->connection != NULL) {
        close_now(call, 1006, caller_gone, false);
    } else if (call->exchange->socket != NULL) {
        call->is_broken = true;
        pl_exchange_on_gone(call->exchange);
        end(call);
    }
}

void pl_calls_cancel(struct pl_list *calls) {
    while (!pl_list_is_empty(calls)) {
        cancel(pl_container_of(calls->next, struct pl_call, in_caller));
    }
}

void pl_call_give_up(struct pl_call *call) {
    if (!call->is_ended) cancel(call);
}

static void run_deferred(void *owner, bool is_wanted) {
    struct deferred *deferred = owner;
    struct pl_call *call = deferred->call;
    struct pl_slice bytes = pl_slice(deferred->bytes, deferred->len);
    if (is_wanted) {
        switch (deferred->act) {
        case START: start_now(call); break;
        case BODY:
            if (send_body_now(call, bytes)) wake(call);
            break;
        case BODY_END: end_body_now(call); break;
        case MESSAGE: deliver_now(call, bytes, deferred->is_binary); break;
        case CLOSE: close_now(call, deferred->code, bytes, true); break;
        }
    }
    pl_call_unref(call);
    free(deferred);
}

/* Whether the caller's room waits for a commit; then the act is kept. */
static struct deferred *defer(struct pl_call *call, enum act act, struct pl_slice bytes) {
    if (call->caller == NULL || !pl_room_is_gated(call->caller)) return NULL;
    struct deferred *deferred = pl_alloc(sizeof *deferred + bytes.len);
    *deferred = (struct deferred){.call = call, .act = act, .len = bytes.len};
    if (bytes.len > 0) memcpy(deferred->bytes, bytes.at, bytes.len);
    pl_call_ref(call);
    pl_outbox_call(call->caller, run_deferred, deferred);
    return deferred;
}

void pl_call_start(struct pl_call *call) {
    if (defer(call, START, (struct pl_slice){0}) == NULL) start_now(call);
}

bool pl_call_send_body(struct pl_call *call, struct pl_slice piece) {
    return defer(call, BODY, piece) == NULL && send_body_now(call, piece);
}

void pl_call_end_body(struct pl_call *call) {
    if (defer(call, BODY_END, (struct pl_slice){0}) == NULL) end_body_now(call);
}

bool pl_call_can_say(const struct pl_call *call) {
    return call->message_bytes < MESSAGE_AHEAD_BYTES;
}

bool pl_call_say(struct pl_call *call, struct pl_slice message, bool is_binary) {
    struct pl_call_event *event = create_event(message);
    event->is_binary = is_binary;
    pl_list_push(&call->messages, &event->in_call);
    call->message_bytes += cost_of(event);
    return pl_call_can_say(call);
}

static void deliver_one(struct pl_call *call) {
    struct pl_call_event *message = take_message(call);
    struct pl_slice bytes = pl_slice(message->bytes, message->len);
    struct deferred *deferred = defer(call, MESSAGE, bytes);
    if (deferred == NULL) {
        deliver_now(call, bytes, message->is_binary);
    } else {
        deferred->is_binary = message->is_binary;
    }
    free(message);
}

bool pl_call_deliver(struct pl_call *call) {
    bool was_full = !pl_call_can_say(call);
    if (call->is_ended) forget_messages(call);
    while (!call->is_paused && !pl_list_is_empty(&call->messages)) deliver_one(call);
    if (was_full && pl_call_can_say(call)) wake(call);
    return pl_list_is_empty(&call->messages);
}

void pl_call_close(struct pl_call *call, uint16_t code, struct pl_slice reason) {
    struct deferred *deferred = defer(call, CLOSE, reason);
    if (deferred == NULL) {
        close_now(call, code, reason, true);
    } else {
        deferred->code = code;
    }
}

void pl_call_take(struct pl_call *call, struct pl_buffer *out) {
    *out = call->answer;
    call->answer = (struct pl_buffer){0};
    if (!call->is_full) return;
    call->is_full = false;
    pl_exchange_on_drained(call->exchange);
}

struct pl_call_event *pl_call_next_event(struct pl_call *call) {
    if (pl_list_is_empty(&call->events)) return NULL;
    struct pl_call_event *event =
        pl_container_of(call->events.next, struct pl_call_event, in_call);
    pl_list_remove(&event->in_call);
    call->event_bytes -= cost_of(event);
    return event;
}
