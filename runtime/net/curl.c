#include "net/curl.h"

#include "base/slice.h"

#include <dlfcn.h>

#define OLDEST 0x075700 /* 7.87.0: CURLOPT_QUICK_EXIT */

static struct pl_curl curl;

/* Function pointers and those of dlsym differ in C and are the same in POSIX. */
static bool find(void *library, const char *name, void *out) {
    void *found = dlsym(library, name);
    memcpy(out, &found, sizeof found);
    return found != NULL;
}

static bool find_functions(void *library) {
#define FIND(name) \
    if (!find(library, "curl_" #name, &curl.name)) return false;
    PL_CURL_FUNCTIONS(FIND)
#undef FIND
    return true;
}

/* dlsym looks into what a library stands on, too: so this is the OpenSSL of libcurl, whatever
 * version we were built with. */
static void find_tls(void *library) {
    bool has_all = find(library, "X509_STORE_new", &curl.store_new);
    has_all = find(library, "X509_STORE_load_file", &curl.store_load_file) && has_all;
    has_all =
        find(library, "X509_STORE_set_default_paths", &curl.store_set_default_paths) && has_all;
    has_all = find(library, "X509_STORE_free", &curl.store_free) && has_all;
    has_all = find(library, "SSL_CTX_set1_cert_store", &curl.tls_set1_cert_store) && has_all;
    const char *backend = curl.version_info(CURLVERSION_NOW)->ssl_version;
    bool is_openssl = backend != NULL && strncmp(backend, "OpenSSL/", 8) == 0;
    if (!has_all || !is_openssl) curl.store_new = NULL;
}

static const char *load(void) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return "libcurl.so.4 cannot be loaded; is libcurl4 installed?";
    if (!find_functions(library)) return "this libcurl is too old";
    const curl_version_info_data *version = curl.version_info(CURLVERSION_NOW);
    if (version->version_num < OLDEST) return "libcurl is older than 7.87";
    if (!(version->features & CURL_VERSION_ASYNCHDNS)) {
        return "this libcurl would stop the server while it looks up names";
    }
    if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return "libcurl cannot be started";
    find_tls(library);
    return NULL;
}

const struct pl_curl *pl_curl_load(const char **why) {
    static bool is_tried;
    static const char *reason;
    if (!is_tried) reason = load();
    is_tried = true;
    *why = reason;
    return reason == NULL ? &curl : NULL;
}
