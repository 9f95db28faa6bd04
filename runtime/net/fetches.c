#include "net/fetches.h"

#include "base/limits.h"
#include "net/loop.h"

#include <stdlib.h>

struct socket_watch {
    uv_poll_t poll;
    struct pl_fetches *fetches;
    curl_socket_t socket;
    int events; /* that libcurl waits for */
};

/* Tells the owners of what has ended. */
static void collect(struct pl_fetches *fetches) {
    int left;
    for (CURLMsg *message;
         (message = fetches->curl->multi_info_read(fetches->multi, &left)) != NULL;) {
        struct pl_fetch *fetch;
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;
        fetches->curl->easy_getinfo(easy, CURLINFO_PRIVATE, &fetch);
        pl_fetch_finish(fetch, result); /* which makes `message` invalid */
    }
}

static void act(struct pl_fetches *fetches, curl_socket_t socket, int events) {
    int running;
    fetches->loop->clock.now_ms = uv_now(&fetches->loop->uv);
    fetches->curl->multi_socket_action(fetches->multi, socket, events, &running);
    collect(fetches);
}

/* ---- sockets -------------------------------------------------------------------------------- */

static void on_poll(uv_poll_t *poll, int status, int events) {
    struct socket_watch *watch = pl_container_of(poll, struct socket_watch, poll);
    int what = 0;
    /* At an error libuv stops watching. What came before it is still to be read, such as the
     * answer of a server that would not have all of a body; reading and writing find the rest. */
    if (status < 0) events = watch->events;
    if (events & UV_READABLE) what |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE) what |= CURL_CSELECT_OUT;
    act(watch->fetches, watch->socket, what);
    if (status < 0 && !uv_is_closing((uv_handle_t *)poll)) {
        uv_poll_start(poll, watch->events, on_poll);
    }
}

static void on_closed(uv_handle_t *handle) {
    free(pl_container_of((uv_poll_t *)handle, struct socket_watch, poll));
}

static struct socket_watch *create_watch(struct pl_fetches *fetches, curl_socket_t socket) {
    struct socket_watch *watch = pl_alloc_zero(sizeof *watch);
    watch->fetches = fetches;
    watch->socket = socket;
    if (uv_poll_init(&fetches->loop->uv, &watch->poll, socket) != 0) {
        free(watch);
        return NULL;
    }
    fetches->curl->multi_assign(fetches->multi, socket, watch);
    return watch;
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *owner, void *known) {
    struct pl_fetches *fetches = owner;
    struct socket_watch *watch = known;
    struct pl_fetch *fetch = NULL;
    fetches->curl->easy_getinfo(easy, CURLINFO_PRIVATE, &fetch);
    if (fetch != NULL) {
        pl_fetch_note_watched(fetch, what != CURL_POLL_REMOVE && (what & CURL_POLL_IN));
    }
    if (what == CURL_POLL_REMOVE) {
        if (watch == NULL) return 0;
        fetches->curl->multi_assign(fetches->multi, socket, NULL);
        uv_close((uv_handle_t *)&watch->poll, on_closed);
        return 0;
    }
    if (watch == NULL) watch = create_watch(fetches, socket);
    if (watch == NULL) return -1;
    watch->events = 0;
    if (what & CURL_POLL_IN) watch->events |= UV_READABLE;
    if (what & CURL_POLL_OUT) watch->events |= UV_WRITABLE;
    return uv_poll_start(&watch->poll, watch->events, on_poll) == 0 ? 0 : -1;
}

/* ---- time ----------------------------------------------------------------------------------- */

static void on_timer(struct pl_timer *timer) {
    act(pl_container_of(timer, struct pl_fetches, timer), CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long delay_ms, void *owner) {
    struct pl_fetches *fetches = owner;
    (void)multi;
    if (delay_ms < 0) {
        pl_timer_stop(&fetches->loop->timers, &fetches->timer);
    } else {
        pl_timer_start(&fetches->loop->timers, &fetches->timer, (uint64_t)delay_ms);
    }
    return 0;
}

/* ---- life ----------------------------------------------------------------------------------- */

const char *pl_fetches_open(struct pl_fetches *fetches) {
    const char *why = NULL;
    if (fetches->multi != NULL) return NULL;
    const struct pl_curl *curl = pl_curl_load(&why);
    if (curl == NULL) return why;
    fetches->curl = curl;
    fetches->multi = curl->multi_init();
    if (fetches->multi == NULL) return "libcurl cannot be started";
    curl->multi_setopt(fetches->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl->multi_setopt(fetches->multi, CURLMOPT_SOCKETDATA, fetches);
    curl->multi_setopt(fetches->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl->multi_setopt(fetches->multi, CURLMOPT_TIMERDATA, fetches);
    curl->multi_setopt(fetches->multi, CURLMOPT_MAXCONNECTS, (long)PL_FETCH_IDLE_MAX);
    return NULL;
}

struct pl_fetches *pl_fetches_create(struct pl_loop *loop, struct pl_fetch_options *options) {
    struct pl_fetches *fetches = pl_alloc_zero(sizeof *fetches);
    fetches->loop = loop;
    fetches->options = *options;
    fetches->timer.on_due = on_timer;
    pl_list_init(&fetches->waiting);
    *options = (struct pl_fetch_options){0};
    return fetches;
}

void pl_fetches_destroy(struct pl_fetches *fetches) {
    if (fetches == NULL) return;
    if (fetches->multi != NULL) fetches->curl->multi_cleanup(fetches->multi);
    if (fetches->store != NULL) fetches->curl->store_free(fetches->store);
    pl_timer_stop(&fetches->loop->timers, &fetches->timer);
    pl_reach_finish(&fetches->options.reach);
    free(fetches->options.proxy);
    free(fetches->options.ca_file);
    free(fetches);
}

/* ---- turns ---------------------------------------------------------------------------------- */

static bool has_room(const struct pl_fetches *fetches, const struct pl_fetch_group *group) {
    return group == NULL || group->active < fetches->options.group_max;
}

void pl_fetches_start_waiting(struct pl_fetches *fetches) {
    PL_LIST_EACH(at, &fetches->waiting) {
        struct pl_fetch *fetch = pl_container_of(at, struct pl_fetch, in_waiting);
        if (fetches->active >= fetches->options.active_max) return;
        if (!has_room(fetches, fetch->group)) continue;
        pl_list_remove(at);
        fetches->waiting_count--;
        fetches->active++;
        if (fetch->group != NULL) fetch->group->active++;
        fetch->is_counted = true;
        pl_fetch_begin(fetch);
    }
}
