#include "party/request.h"

#include "base/alloc.h"

#include <stdlib.h>

static struct pl_slice scheme_of(const struct pl_request_parts *parts) {
    return parts->is_https ? PL_SLICE("https://") : PL_SLICE("http://");
}

static size_t bytes_of(const struct pl_request_parts *parts) {
    size_t total = parts->method.len + scheme_of(parts).len + parts->host.len +
                   parts->path.len + parts->search.len + parts->address.len +
                   parts->protocol.len;
    for (size_t i = 0; i < parts->header_count; i++) {
        total += parts->headers[i].name.len + parts->headers[i].value.len;
    }
    return total;
}

static struct pl_slice put(char **at, struct pl_slice bytes) {
    struct pl_slice copy = pl_slice(*at, bytes.len);
    if (bytes.len > 0) memcpy(*at, bytes.at, bytes.len);
    *at += bytes.len;
    return copy;
}

struct pl_request *pl_request_create(const struct pl_request_parts *parts) {
    size_t table = parts->header_count * sizeof(struct pl_request_header);
    struct pl_request *request = pl_alloc(sizeof *request + table + bytes_of(parts));
    char *at = (char *)request->headers + table;
    request->refs = 1;
    request->has_body = parts->has_body;
    request->is_websocket = parts->is_websocket;
    request->is_forwarded = parts->is_forwarded;
    request->method = put(&at, parts->method);
    request->url = put(&at, scheme_of(parts));
    request->host = put(&at, parts->host);
    request->path = put(&at, parts->path);
    request->search = put(&at, parts->search);
    request->url.len = (size_t)(at - request->url.at);
    request->address = put(&at, parts->address);
    request->protocol = put(&at, parts->protocol);
    request->header_count = parts->header_count;
    for (size_t i = 0; i < parts->header_count; i++) {
        request->headers[i].name = put(&at, parts->headers[i].name);
        request->headers[i].value = put(&at, parts->headers[i].value);
    }
    return request;
}

struct pl_request *pl_request_ref(struct pl_request *request) {
    request->refs++;
    return request;
}

void pl_request_unref(struct pl_request *request) {
    if (--request->refs == 0) free(request);
}
