/* The options of one transfer, and what libcurl asks and tells while it runs. */
#include "net/fetches.h"

#include <sys/socket.h>
#include <unistd.h>

/* ---- connecting ----------------------------------------------------------------------------- */

/* The one place where a connection begins, with the address that the name really has. So neither
 * a name that changes its address nor a redirect gets past the rules. */
static curl_socket_t on_connect(void *owner, curlsocktype purpose, struct curl_sockaddr *to) {
    struct pl_fetch *fetch = owner;
    const struct pl_fetch_options *options = &fetch->fetches->options;
    struct pl_ip ip;
    if (purpose != CURLSOCKTYPE_IPCXN || !pl_ip_of(&to->addr, &ip)) return CURL_SOCKET_BAD;
    /* A proxy is the operator's choice; what it may reach was looked at before. */
    if (options->proxy == NULL && !pl_reach_allows(&options->reach, pl_slice_of(fetch->host),
                                                   &ip, pl_ip_port_of(&to->addr))) {
        fetch->refused = ip;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* Through a proxy we see no address, unless the URL has one. */
static bool may_ask_proxy(struct pl_fetch *fetch) {
    struct pl_slice host = pl_slice_of(fetch->host);
    struct pl_ip ip;
    bool is_address = pl_ip_parse(host, &ip);
    if (pl_reach_allows(&fetch->fetches->options.reach, host, is_address ? &ip : NULL,
                        fetch->port)) {
        return true;
    }
    if (is_address) fetch->refused = ip;
    return false;
}

/* ---- sending -------------------------------------------------------------------------------- */

static size_t on_read(char *to, size_t size, size_t count, void *owner) {
    struct pl_fetch *fetch = owner;
    size_t room = size * count, len = fetch->body.len - fetch->body_sent;
    if (len == 0) {
        if (fetch->has_body_ended) return 0;
        fetch->paused |= CURLPAUSE_SEND;
        return CURL_READFUNC_PAUSE;
    }
    if (len > room) len = room;
    memcpy(to, fetch->body.at + fetch->body_sent, len);
    fetch->body_sent += len;
    bool is_endless =
        fetch->body_bytes == PL_FETCH_STREAM || fetch->body_bytes == PL_FETCH_UPGRADE;
    if (!is_endless || fetch->body_sent < fetch->body.len) return len;
    fetch->body.len = fetch->body_sent = 0;
    fetch->has_streamed = true;
    if (!fetch->has_body_ended) fetch->events->on_sent(fetch->owner);
    return len;
}

/* An idle connection that the server has closed is noticed when the request is under way; then
 * libcurl begins again with another one. */
static int on_seek(void *owner, curl_off_t offset, int origin) {
    struct pl_fetch *fetch = owner;
    if (origin != SEEK_SET || fetch->has_streamed) return CURL_SEEKFUNC_FAIL;
    if (offset < 0 || (uint64_t)offset > fetch->body.len) return CURL_SEEKFUNC_FAIL;
    fetch->body_sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static bool wants_empty_body(const char *method) {
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
           strcmp(method, "PATCH") == 0;
}

static void set_body(struct pl_fetch *fetch) {
    const struct pl_curl *curl = fetch->fetches->curl;
    curl_off_t len = fetch->body_bytes < 0 ? -1 : fetch->body_bytes;
    if (fetch->body_bytes == PL_FETCH_NO_BODY) {
        /* RFC 9110 8.6: a POST without content says so. */
        if (!wants_empty_body(fetch->method)) return;
        len = 0;
    }
    /* Bytes of another protocol stay on a connection of their own. */
    if (fetch->body_bytes == PL_FETCH_UPGRADE) {
        curl->easy_setopt(fetch->easy, CURLOPT_FRESH_CONNECT, 1L);
        curl->easy_setopt(fetch->easy, CURLOPT_FORBID_REUSE, 1L);
    }
    curl->easy_setopt(fetch->easy, CURLOPT_UPLOAD, 1L);
    curl->easy_setopt(fetch->easy, CURLOPT_INFILESIZE_LARGE, len);
    curl->easy_setopt(fetch->easy, CURLOPT_READFUNCTION, on_read);
    curl->easy_setopt(fetch->easy, CURLOPT_READDATA, fetch);
    curl->easy_setopt(fetch->easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl->easy_setopt(fetch->easy, CURLOPT_SEEKDATA, fetch);
}

/* ---- receiving ------------------------------------------------------------------------------ */

static size_t on_header(char *line, size_t size, size_t count, void *owner) {
    struct pl_fetch *fetch = owner;
    bool was_done = fetch->head.state == PL_HEAD_DONE;
    fetch->reason = pl_fetch_head_feed(&fetch->head, pl_slice(line, size * count));
    if (fetch->reason != NULL) return 0;
    if (was_done || fetch->head.state != PL_HEAD_DONE) return size * count;
    if (fetch->head.status == 101) pl_fetch_lift_limit(fetch);
    struct pl_fetch_head head = {.status = fetch->head.status,
                                 .reason = pl_buffer_slice(&fetch->head.reason),
                                 .headers = pl_buffer_slice(&fetch->head.headers)};
    fetch->events->on_head(fetch->owner, &head);
    return size * count;
}

static size_t on_write(char *bytes, size_t size, size_t count, void *owner) {
    struct pl_fetch *fetch = owner;
    if (fetch->events->on_body(fetch->owner, pl_slice(bytes, size * count)))
        return size * count;
    fetch->paused |= CURLPAUSE_RECV;
    return CURL_WRITEFUNC_PAUSE;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void set_method(struct pl_fetch *fetch) {
    const struct pl_curl *curl = fetch->fetches->curl;
    bool is_head = strcmp(fetch->method, "HEAD") == 0;
    if (is_head) curl->easy_setopt(fetch->easy, CURLOPT_NOBODY, 1L);
    set_body(fetch);
    if (!is_head) curl->easy_setopt(fetch->easy, CURLOPT_CUSTOMREQUEST, fetch->method);
}

static void set_callbacks(struct pl_fetch *fetch) {
    const struct pl_curl *curl = fetch->fetches->curl;
    CURL *easy = fetch->easy;
    curl->easy_setopt(easy, CURLOPT_PRIVATE, fetch);
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->error);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, fetch);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
    curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_connect);
    curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch);
}

/* What libcurl would take from the environment, or do on its own, is shut off. */
static void set_manners(struct pl_fetch *fetch) {
    const struct pl_fetch_options *options = &fetch->fetches->options;
    const struct pl_curl *curl = fetch->fetches->curl;
    CURL *easy = fetch->easy;
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl->easy_setopt(easy, CURLOPT_PROXY, options->proxy == NULL ? "" : options->proxy);
    curl->easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl->easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* Else cancelling waits for the thread that looks up the name. */
    curl->easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_ms);
    /* In HTTP/2 a transfer that nobody reads would hold up the others on its connection, which
     * are other rooms'. */
    curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

const char *pl_fetch_set_options(struct pl_fetch *fetch) {
    struct pl_fetches *fetches = fetch->fetches;
    if (fetches->options.proxy != NULL && !may_ask_proxy(fetch))
        return "it is not open to fetch";
    set_manners(fetch);
    set_callbacks(fetch);
    set_method(fetch);
    fetches->curl->easy_setopt(fetch->easy, CURLOPT_CURLU, fetch->url);
    fetches->curl->easy_setopt(fetch->easy, CURLOPT_HTTPHEADER, fetch->headers);
    return fetch->is_https ? pl_fetch_set_certificates(fetch) : NULL;
}
