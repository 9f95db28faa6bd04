#include "net/fetches.h"

#include <unistd.h>

/* libcurl would read the system's 140 certificates for each connection, 15 ms in which the loop
 * stands still. So they are read once, into a store that all connections share. */
static const char *open_store(struct pl_fetches *fetches) {
    const struct pl_curl *curl = fetches->curl;
    const char *bundle = curl->version_info(CURLVERSION_NOW)->cainfo;
    const char *own = fetches->options.ca_file;
    void *store = curl->store_new();
    if (store == NULL) return "no memory for certificates";
    if (bundle == NULL || access(bundle, R_OK) != 0 || !curl->store_load_file(store, bundle)) {
        curl->store_set_default_paths(store);
    }
    if (own != NULL && !curl->store_load_file(store, own)) {
        curl->store_free(store);
        return "the certificates of --fetch-ca cannot be read";
    }
    fetches->store = store;
    return NULL;
}

static CURLcode on_tls(CURL *easy, void *tls, void *owner) {
    struct pl_fetches *fetches = owner;
    (void)easy;
    fetches->curl->tls_set1_cert_store(tls, fetches->store);
    return CURLE_OK;
}

const char *pl_fetch_set_certificates(struct pl_fetch *fetch) {
    struct pl_fetches *fetches = fetch->fetches;
    const struct pl_curl *curl = fetches->curl;
    if (curl->store_new == NULL) { /* libcurl has another TLS library */
        if (fetches->options.ca_file == NULL) return NULL;
        curl->easy_setopt(fetch->easy, CURLOPT_CAINFO, fetches->options.ca_file);
        return NULL;
    }
    const char *why = fetches->store == NULL ? open_store(fetches) : NULL;
    if (why != NULL) return why;
    curl->easy_setopt(fetch->easy, CURLOPT_CAINFO, NULL);
    curl->easy_setopt(fetch->easy, CURLOPT_CAPATH, NULL);
    curl->easy_setopt(fetch->easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    curl->easy_setopt(fetch->easy, CURLOPT_SSL_CTX_DATA, fetches);
    return NULL;
}
