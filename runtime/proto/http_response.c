#include "proto/http.h"

#include "proto/http_text.h"

#include <stdio.h>
#include <time.h>

const char *pl_http_reason(int status) {
    switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 102: return "Processing";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 208: return "Already Reported";
    case 226: return "IM Used";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 305: return "Use Proxy";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 418: return "I'm a Teapot";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 506: return "Variant Also Negotiates";
    case 507: return "Insufficient Storage";
    case 508: return "Loop Detected";
    case 511: return "Network Authentication Required";
    default: return "";
    }
}

/* What is put below beside the reason and the date: at most 9 + 20 + 1 + 2 for the status line,
 * 6 + 2 for the date, 28 for the framing and 28 for the connection. */
#define FIXED_BYTES_MAX 128

static char *put(char *at, struct pl_slice bytes) {
    memcpy(at, bytes.at, bytes.len);
    return at + bytes.len;
}

static char *put_number(char *at, uint64_t number) {
    char digits[20];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return put(at, pl_slice(digits + first, sizeof digits - first));
}

static char *put_framing(char *at, enum pl_http_framing framing, uint64_t content_length) {
    switch (framing) {
    case PL_HTTP_LENGTH:
        at = put(at, PL_SLICE("Content-Length: "));
        at = put_number(at, content_length);
        return put(at, PL_SLICE("\r\n"));
    case PL_HTTP_CHUNKED: return put(at, PL_SLICE("Transfer-Encoding: chunked\r\n"));
    case PL_HTTP_CLOSE:
    case PL_HTTP_BARE: break;
    }
    return at;
}

static char *put_date(char *at, struct pl_slice date) {
    if (date.len == 0) return at;
    at = put(at, PL_SLICE("Date: "));
    at = put(at, date);
    return put(at, PL_SLICE("\r\n"));
}

/* A phrase of the application's that is none would split the head. */
static bool is_reason(struct pl_slice reason) {
    return pl_text_find_control(reason) == reason.len;
}

void pl_http_begin_head(struct pl_buffer *out, int status, struct pl_slice reason,
                        struct pl_slice date, enum pl_http_framing framing,
                        uint64_t content_length, bool keep_alive, int minor_version) {
    if (!is_reason(reason)) reason = pl_slice_of(pl_http_reason(status));
    char *at = pl_buffer_reserve(out, FIXED_BYTES_MAX + reason.len + date.len);
    /* What was said in HTTP/1.0 is answered in HTTP/1.1: RFC 9112 2.3. */
    at = put(at, PL_SLICE("HTTP/1.1 "));
    at = put_number(at, (uint64_t)status);
    *at++ = ' ';
    if (reason.len > 0) at = put(at, reason);
    at = put(at, PL_SLICE("\r\n"));
    at = put_date(at, date);
    at = put_framing(at, framing, content_length);
    if (status >= 200) { /* else the answer itself is still to come */
        bool closes = !keep_alive || framing == PL_HTTP_CLOSE;
        if (status == 426) { /* RFC 9110 7.8: whoever sends Upgrade names it here too */
            at = put(at, closes ? PL_SLICE("Connection: close, Upgrade\r\n")
                                : PL_SLICE("Connection: Upgrade\r\n"));
        } else if (closes) {
            at = put(at, PL_SLICE("Connection: close\r\n"));
        } else if (minor_version == 0) {
            at = put(at, PL_SLICE("Connection: keep-alive\r\n"));
        }
    }
    out->len = (size_t)(at - out->at);
}

static bool is_ours(struct pl_slice name) {
    switch (name.len) {
    case 4: return pl_slice_equal_nocase(name, PL_SLICE("date"));
    case 10: return pl_slice_equal_nocase(name, PL_SLICE("connection"));
    case 14: return pl_slice_equal_nocase(name, PL_SLICE("content-length"));
    case 17: return pl_slice_equal_nocase(name, PL_SLICE("transfer-encoding"));
    default: return false;
    }
}

/* Other control bytes are of no use in a value, but harmless to its framing. */
static bool is_value(struct pl_slice value) {
    for (;;) {
        size_t at = pl_text_find_control(value);
        if (at == value.len) return true;
        char c = value.at[at];
        if (c == '\r' || c == '\n' || c == '\0') return false;
        value = pl_slice_after(value, at + 1);
    }
}

bool pl_http_add_header(struct pl_buffer *out, struct pl_slice name, struct pl_slice value) {
    if (!pl_text_is_token(name) || !is_value(value)) return false;
    if (is_ours(name)) return true;
    char *at = put(pl_buffer_reserve(out, name.len + value.len + 4), name);
    at = put(at, PL_SLICE(": "));
    if (value.len > 0) at = put(at, value);
    at = put(at, PL_SLICE("\r\n"));
    out->len = (size_t)(at - out->at);
    return true;
}

void pl_http_end_head(struct pl_buffer *out) { pl_buffer_add(out, PL_SLICE("\r\n")); }

void pl_http_add_chunk_head(struct pl_buffer *out, size_t len) {
    static const char hex[] = "0123456789abcdef";
    char digits[16 + 2];
    size_t first = sizeof digits - 2;
    memcpy(digits + first, "\r\n", 2);
    do {
        digits[--first] = hex[len & 15];
        len >>= 4;
    } while (len != 0);
    pl_buffer_add(out, pl_slice(digits + first, sizeof digits - first));
}

void pl_http_date(char out[30], int64_t unix_seconds) {
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const int64_t last = 253402300799; /* of the year 9999, which four digits hold */
    time_t when = unix_seconds < 0 ? 0 : (time_t)(unix_seconds > last ? last : unix_seconds);
    struct tm utc;
    gmtime_r(&when, &utc);
    snprintf(out, 30, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", days + utc.tm_wday * 3,
             (unsigned)utc.tm_mday % 100, months + utc.tm_mon * 3,
             (unsigned)(utc.tm_year + 1900) % 10000, (unsigned)utc.tm_hour % 100,
             (unsigned)utc.tm_min % 100, (unsigned)utc.tm_sec % 100);
}
