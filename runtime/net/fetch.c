#include "net/fetch.h"

#include "base/limits.h"
#include "net/fetches.h"
#include "net/loop.h"

#include <assert.h>
#include <stdlib.h>

/* ---- the end -------------------------------------------------------------------------------- */

/* Takes it off whatever it is on, and lets the next one have its turn. */
static void leave(struct pl_fetch *fetch) {
    struct pl_fetches *fetches = fetch->fetches;
    pl_timer_stop(&fetches->loop->timers, &fetch->limit);
    if (fetch->state == PL_FETCH_WAITING) {
        pl_list_remove(&fetch->in_waiting);
        fetches->waiting_count--;
    }
    fetch->state = PL_FETCH_ENDED; /* libcurl says good-bye to its socket below */
    if (fetch->easy != NULL) {
        fetches->curl->multi_remove_handle(fetches->multi, fetch->easy);
        fetches->curl->easy_cleanup(fetch->easy);
        fetch->easy = NULL;
    }
    pl_buffer_finish(&fetch->body);
    fetch->body_sent = 0;
    if (!fetch->is_counted) return;
    fetch->is_counted = false;
    fetches->active--;
    if (fetch->group != NULL) fetch->group->active--;
    pl_fetches_start_waiting(fetches);
}

static void end(struct pl_fetch *fetch, const char *why) {
    leave(fetch);
    fetch->events->on_end(fetch->owner, why);
}

static void add_text(struct pl_buffer *out, const char *text) {
    pl_buffer_add(out, pl_slice_of(text));
}

/* Why it has failed, as a sentence without the URL, whose query may hold secrets. */
static const char *explain(struct pl_fetch *fetch, const char *otherwise) {
    struct pl_buffer *why = &fetch->why;
    if (fetch->refused.len > 0) {
        char text[PL_IP_TEXT_BYTES];
        pl_ip_text(&fetch->refused, text);
        add_text(why, "the address ");
        add_text(why, text);
        add_text(why, " is not open to fetch (see --fetch-allow)");
    } else if (fetch->reason != NULL) {
        add_text(why, fetch->reason);
    } else {
        add_text(why, fetch->error[0] != '\0' ? fetch->error : otherwise);
    }
    pl_buffer_add_byte(why, '\0');
    return why->at;
}

void pl_fetch_finish(struct pl_fetch *fetch, CURLcode result) {
    const char *why = NULL;
    if (result != CURLE_COULDNT_CONNECT) fetch->refused.len = 0; /* another address was open */
    if (result != CURLE_OK) {
        why = explain(fetch, fetch->fetches->curl->easy_strerror(result));
    } else if (fetch->head.state != PL_HEAD_DONE) {
        why = "the server gave no answer";
    }
    end(fetch, why);
}

static void on_limit(struct pl_timer *timer) {
    struct pl_fetch *fetch = pl_container_of(timer, struct pl_fetch, limit);
    if (fetch->is_half_closed) {
        pl_fetch_end_body(fetch);
        return;
    }
    if (fetch->state == PL_FETCH_FAILING) {
        end(fetch, explain(fetch, "it failed"));
        return;
    }
    add_text(&fetch->why, fetch->state == PL_FETCH_WAITING
                              ? "its turn never came: too many are under way, and it had "
                              : "it takes longer than ");
    pl_buffer_add_number(&fetch->why, fetch->timeout_ms);
    add_text(&fetch->why, " ms");
    pl_buffer_add_byte(&fetch->why, '\0');
    end(fetch, fetch->why.at);
}

/* Ends it soon: whoever began it hears of it as of everything else. */
static void fail(struct pl_fetch *fetch, const char *why) {
    fetch->reason = why;
    fetch->state = PL_FETCH_FAILING;
    pl_timer_start(&fetch->fetches->loop->timers, &fetch->limit, 0);
}

/* ---- the beginning -------------------------------------------------------------------------- */

/* libcurl takes the URL apart, so that what the rules see is what it connects to. */
static const char *read_url(struct pl_fetch *fetch, struct pl_slice text) {
    const struct pl_curl *curl = fetch->fetches->curl;
    char *copy = pl_copy_string(text.at, text.len);
    char *port = NULL, *scheme = NULL;
    fetch->url = curl->url();
    bool is_url =
        fetch->url != NULL &&
        curl->url_set(fetch->url, CURLUPART_URL, copy, CURLU_PATH_AS_IS) == CURLUE_OK &&
        curl->url_get(fetch->url, CURLUPART_HOST, &fetch->host, 0) == CURLUE_OK &&
        curl->url_get(fetch->url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl->url_get(fetch->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    if (is_url) {
        fetch->port = (uint16_t)strtoul(port, NULL, 10);
        fetch->is_https = strcmp(scheme, "https") == 0;
    }
    curl->free(port);
    curl->free(scheme);
    free(copy);
    return is_url ? NULL : "its URL cannot be read";
}

/* As libcurl takes them: without a value it leaves out a header of its own. */
static void add_line(struct pl_fetch *fetch, const char *line) {
    struct curl_slist *longer = fetch->fetches->curl->slist_append(fetch->headers, line);
    if (longer == NULL) abort();
    fetch->headers = longer;
}

static void add_header(struct pl_fetch *fetch, struct pl_slice name, struct pl_slice value) {
    struct pl_buffer line = {0};
    pl_buffer_add(&line, name);
    /* libcurl: a header without a value is written with a semicolon. */
    pl_buffer_add_byte(&line, value.len == 0 ? ';' : ':');
    if (value.len > 0) pl_buffer_add_byte(&line, ' ');
    pl_buffer_add(&line, value);
    pl_buffer_add_byte(&line, '\0');
    add_line(fetch, line.at);
    pl_buffer_finish(&line);
}

static void add_headers(struct pl_fetch *fetch, const struct pl_fetch_request *request) {
    for (size_t i = 0; i < request->header_count; i++) {
        add_header(fetch, request->headers[i].name, request->headers[i].value);
    }
    add_line(fetch, "Expect:"); /* no waiting for "100 Continue", which few servers send */
    if (request->body_bytes == PL_FETCH_UPGRADE) add_line(fetch, "Transfer-Encoding:");
}

/* libcurl would go on sending, but in another protocol that is over as well. Not at once: it is
 * in the middle of telling us. */
void pl_fetch_note_watched(struct pl_fetch *fetch, bool is_reading) {
    bool is_over = fetch->state == PL_FETCH_ACTIVE && fetch->head.state == PL_HEAD_DONE &&
                   fetch->body_bytes == PL_FETCH_UPGRADE && !is_reading &&
                   !(fetch->paused & CURLPAUSE_RECV);
    if (!is_over || fetch->is_half_closed) return;
    fetch->is_half_closed = true;
    pl_timer_start(&fetch->fetches->loop->timers, &fetch->limit, 0);
}

void pl_fetch_lift_limit(struct pl_fetch *fetch) {
    pl_timer_stop(&fetch->fetches->loop->timers, &fetch->limit);
}

void pl_fetch_begin(struct pl_fetch *fetch) {
    const struct pl_curl *curl = fetch->fetches->curl;
    fetch->state = PL_FETCH_ACTIVE;
    fetch->easy = curl->easy_init();
    const char *why =
        fetch->easy == NULL ? "libcurl gives no handle" : pl_fetch_set_options(fetch);
    if (why == NULL && curl->multi_add_handle(fetch->fetches->multi, fetch->easy) != CURLM_OK) {
        why = "libcurl takes no more";
    }
    if (why != NULL) fail(fetch, why);
}

struct pl_fetch *pl_fetch_create(struct pl_fetches *fetches, struct pl_fetch_group *group,
                                 const struct pl_fetch_request *request,
                                 const struct pl_fetch_events *events, void *owner) {
    struct pl_fetch *fetch = pl_alloc_zero(sizeof *fetch);
    fetch->fetches = fetches;
    fetch->group = group;
    fetch->events = events;
    fetch->owner = owner;
    fetch->limit.on_due = on_limit;
    fetch->timeout_ms = request->timeout_ms;
    fetch->body_bytes = request->body_bytes;
    fetch->has_body_ended = request->body_bytes == PL_FETCH_NO_BODY;
    fetch->head.may_upgrade = request->body_bytes == PL_FETCH_UPGRADE;
    fetch->method = pl_copy_string(request->method.at, request->method.len);
    pl_list_init(&fetch->in_waiting);
    const char *why = pl_fetches_open(fetches);
    if (why == NULL) why = read_url(fetch, request->url);
    if (why == NULL && fetches->waiting_count >= fetches->options.waiting_max) {
        why = "too many are waiting already (see --fetch-waiting)";
    }
    if (why != NULL) {
        fail(fetch, why);
        return fetch;
    }
    add_headers(fetch, request);
    fetch->state = PL_FETCH_WAITING;
    pl_list_push(&fetches->waiting, &fetch->in_waiting);
    fetches->waiting_count++;
    pl_timer_start(&fetches->loop->timers, &fetch->limit, request->timeout_ms);
    pl_fetches_start_waiting(fetches);
    return fetch;
}

void pl_fetch_destroy(struct pl_fetch *fetch) {
    if (fetch == NULL) return;
    const struct pl_curl *curl = fetch->fetches->curl;
    if (fetch->state != PL_FETCH_ENDED) leave(fetch);
    if (curl != NULL) {
        curl->slist_free_all(fetch->headers);
        curl->url_cleanup(fetch->url);
        curl->free(fetch->host);
    }
    pl_fetch_head_finish(&fetch->head);
    pl_buffer_finish(&fetch->why);
    free(fetch->method);
    free(fetch);
}

/* ---- under way ------------------------------------------------------------------------------ */

/* Unpausing one direction must say again that the other one stays paused. */
static void unpause(struct pl_fetch *fetch, int direction) {
    if (!(fetch->paused & direction)) return;
    fetch->paused &= ~direction;
    fetch->fetches->curl->easy_pause(fetch->easy, fetch->paused);
}

void pl_fetch_send(struct pl_fetch *fetch, struct pl_slice piece) {
    if (fetch->state == PL_FETCH_ENDED) return;
    pl_buffer_add(&fetch->body, piece);
    if (fetch->easy != NULL) unpause(fetch, CURLPAUSE_SEND);
}

bool pl_fetch_has_room(const struct pl_fetch *fetch) {
    return fetch->body.len - fetch->body_sent < PL_FETCH_AHEAD_BYTES;
}

void pl_fetch_end_body(struct pl_fetch *fetch) {
    fetch->has_body_ended = true;
    if (fetch->easy != NULL) unpause(fetch, CURLPAUSE_SEND);
}

void pl_fetch_resume(struct pl_fetch *fetch) {
    if (fetch->easy != NULL) unpause(fetch, CURLPAUSE_RECV);
}
