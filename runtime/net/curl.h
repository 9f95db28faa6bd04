/*
 * curl.h -- libcurl, loaded when the first request leaves.
 *
 * It brings some thirty libraries along, which would double the time that every start of the
 * program takes. So it is not linked: whoever needs it loads it, and calls it by this table.
 */
#pragma once

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/* What is used of it, without "curl_". */
#define PL_CURL_FUNCTIONS(X) \
    X(easy_cleanup)          \
    X(easy_getinfo)          \
    X(easy_init)             \
    X(easy_pause)            \
    X(easy_setopt)           \
    X(easy_strerror)         \
    X(free)                  \
    X(global_init)           \
    X(multi_add_handle)      \
    X(multi_assign)          \
    X(multi_cleanup)         \
    X(multi_info_read)       \
    X(multi_init)            \
    X(multi_remove_handle)   \
    X(multi_setopt)          \
    X(multi_socket_action)   \
    X(slist_append)          \
    X(slist_free_all)        \
    X(url)                   \
    X(url_cleanup)           \
    X(url_get)               \
    X(url_set)               \
    X(version_info)

/* Macros of <curl/curl.h> stand before functions of these names. */
#undef curl_easy_getinfo
#undef curl_easy_setopt
#undef curl_multi_setopt

struct pl_curl {
#define PL_CURL_FIELD(name) __typeof__(curl_##name) *name;
    PL_CURL_FUNCTIONS(PL_CURL_FIELD)
#undef PL_CURL_FIELD
    /* Of the OpenSSL that libcurl stands on; each NULL when it stands on something else. */
    void *(*store_new)(void);
    int (*store_load_file)(void *store, const char *path);
    int (*store_set_default_paths)(void *store);
    void (*store_free)(void *store);
    void (*tls_set1_cert_store)(void *tls, void *store);
};

/* The library, ready for use; NULL when it cannot be had, with the reason in `*why`. */
const struct pl_curl *pl_curl_load(const char **why);
