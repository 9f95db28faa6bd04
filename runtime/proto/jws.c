#include "proto/jws.h"

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>

#include <string.h>

#define SECRET_BYTES_MIN 32 /* RFC 7518 3.2: as long as the hash, at least */
#define RSA_BITS_MIN 2048   /* RFC 7518 3.3 */
#define RSA_BITS_MAX 8192   /* more takes a stranger's token too long to check */
#define HALF_BYTES 32       /* of an ES256 signature: r, and s (RFC 7518 3.4) */
#define MAC_BYTES 32
#define SIGNATURE_BYTES_MAX (RSA_BITS_MAX / 8)

/* ---- keys ----------------------------------------------------------------------------------- */

static EVP_PKEY *open_key(const struct pl_jws_key *key) {
    const unsigned char *at = (const unsigned char *)key->bytes.at;
    long len = (long)key->bytes.len;
    EVP_PKEY *opened = key->kind == PL_JWS_PUBLIC ? d2i_PUBKEY(NULL, &at, len)
                                                  : d2i_AutoPrivateKey(NULL, &at, len);
    ERR_clear_error();
    return opened;
}

static bool is_p256(EVP_PKEY *key) {
    char name[64];
    size_t len = 0;
    return EVP_PKEY_get_group_name(key, name, sizeof name, &len) == 1 &&
           strcmp(name, "prime256v1") == 0;
}

static enum pl_jws_algorithm algorithm_of(EVP_PKEY *key, const char **why) {
    int bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        *why = "an RSA key must have 2048 to 8192 bits";
        return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX ? PL_JWS_RS256 : PL_JWS_NONE;
    case EVP_PKEY_EC:
        *why = "the curve of the key must be P-256";
        return is_p256(key) ? PL_JWS_ES256 : PL_JWS_NONE;
    case EVP_PKEY_ED25519: return PL_JWS_EDDSA;
    default: *why = "the key must be one of RSA, P-256 or Ed25519"; return PL_JWS_NONE;
    }
}

enum pl_jws_algorithm pl_jws_algorithm_of(const struct pl_jws_key *key, const char **why) {
    if (key->kind == PL_JWS_SECRET) {
        *why = "a secret must have at least 32 bytes";
        return key->bytes.len >= SECRET_BYTES_MIN ? PL_JWS_HS256 : PL_JWS_NONE;
    }
    EVP_PKEY *opened = open_key(key);
    *why = "the key cannot be read";
    if (opened == NULL) return PL_JWS_NONE;
    enum pl_jws_algorithm algorithm = algorithm_of(opened, why);
    EVP_PKEY_free(opened);
    ERR_clear_error();
    return algorithm;
}

/* The key, and what it is for; NULL when it is for nothing. */
static EVP_PKEY *open_useful(const struct pl_jws_key *key, enum pl_jws_algorithm *algorithm) {
    const char *why;
    EVP_PKEY *opened = open_key(key);
    if (opened == NULL) return NULL;
    *algorithm = algorithm_of(opened, &why);
    if (*algorithm != PL_JWS_NONE) return opened;
    EVP_PKEY_free(opened);
    return NULL;
}

/* Ed25519 hashes by itself. */
static const EVP_MD *digest_of(enum pl_jws_algorithm algorithm) {
    return algorithm == PL_JWS_EDDSA ? NULL : EVP_sha256();
}

/* ---- secrets -------------------------------------------------------------------------------- */

static bool authenticate(const struct pl_jws_key *key, struct pl_slice input,
                         unsigned char mac[MAC_BYTES]) {
    unsigned len = 0;
    if (key->bytes.len < SECRET_BYTES_MIN || key->bytes.len > INT32_MAX) return false;
    return HMAC(EVP_sha256(), key->bytes.at, (int)key->bytes.len,
                (const unsigned char *)input.at, input.len, mac, &len) != NULL &&
           len == MAC_BYTES;
}

/* ---- the two forms of an ES256 signature ---------------------------------------------------- */

/* r and s side by side, out of OpenSSL's DER. */
static bool flatten(struct pl_slice der, unsigned char out[2 * HALF_BYTES]) {
    const unsigned char *at = (const unsigned char *)der.at;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
    bool is_flat =
        pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, HALF_BYTES) == HALF_BYTES &&
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + HALF_BYTES, HALF_BYTES) == HALF_BYTES;
    ECDSA_SIG_free(pair);
    return is_flat;
}

/* And back. 0 when it is no such pair; the bytes are OpenSSL's to free. */
static int unflatten(struct pl_slice flat, unsigned char **der) {
    if (flat.len != 2 * HALF_BYTES) return 0;
    const unsigned char *at = (const unsigned char *)flat.at;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(at, HALF_BYTES, NULL),
           *s = BN_bin2bn(at + HALF_BYTES, HALF_BYTES, NULL);
    int len = 0;
    if (pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL; /* the pair's now */
        len = i2d_ECDSA_SIG(pair, der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return len > 0 ? len : 0;
}

/* ---- signing -------------------------------------------------------------------------------- */

static bool add_signature(enum pl_jws_algorithm algorithm, struct pl_slice made,
                          struct pl_buffer *out) {
    unsigned char flat[2 * HALF_BYTES];
    if (algorithm == PL_JWS_ES256) {
        if (!flatten(made, flat)) return false;
        made = pl_slice((const char *)flat, sizeof flat);
    }
    pl_buffer_add(out, made);
    return true;
}

bool pl_jws_sign(const struct pl_jws_key *key, struct pl_slice input, struct pl_buffer *out) {
    unsigned char made[SIGNATURE_BYTES_MAX];
    size_t len = sizeof made;
    if (key->kind == PL_JWS_PUBLIC) return false;
    if (key->kind == PL_JWS_SECRET) {
        if (!authenticate(key, input, made)) return false;
        pl_buffer_add(out, pl_slice((const char *)made, MAC_BYTES));
        return true;
    }
    enum pl_jws_algorithm algorithm;
    EVP_PKEY *opened = open_useful(key, &algorithm);
    EVP_MD_CTX *context = opened == NULL ? NULL : EVP_MD_CTX_new();
    bool is_made =
        context != NULL &&
        EVP_DigestSignInit(context, NULL, digest_of(algorithm), NULL, opened) == 1 &&
        EVP_DigestSign(context, made, &len, (const unsigned char *)input.at, input.len) == 1 &&
        add_signature(algorithm, pl_slice((const char *)made, len), out);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(opened);
    ERR_clear_error();
    return is_made;
}

/* ---- verifying ------------------------------------------------------------------------------ */

static bool verify_with(EVP_PKEY *key, enum pl_jws_algorithm algorithm, struct pl_slice input,
                        const unsigned char *signature, size_t len) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_right = context != NULL &&
                    EVP_DigestVerifyInit(context, NULL, digest_of(algorithm), NULL, key) == 1 &&
                    EVP_DigestVerify(context, signature, len, (const unsigned char *)input.at,
                                     input.len) == 1;
    EVP_MD_CTX_free(context);
    return is_right;
}

static bool verify_secret(const struct pl_jws_key *key, struct pl_slice input,
                          struct pl_slice signature) {
    unsigned char mac[MAC_BYTES];
    return authenticate(key, input, mac) && signature.len == MAC_BYTES &&
           CRYPTO_memcmp(mac, signature.at, MAC_BYTES) == 0;
}

bool pl_jws_verify(const struct pl_jws_key *key, struct pl_slice input,
                   struct pl_slice signature) {
    if (key->kind == PL_JWS_SECRET) return verify_secret(key, input, signature);
    enum pl_jws_algorithm algorithm;
    unsigned char *der = NULL;
    EVP_PKEY *opened = open_useful(key, &algorithm);
    if (opened == NULL) return false;
    const unsigned char *bytes = (const unsigned char *)signature.at;
    size_t len = signature.len;
    if (algorithm == PL_JWS_ES256) {
        len = (size_t)unflatten(signature, &der);
        bytes = der;
    }
    bool is_right = len > 0 && verify_with(opened, algorithm, input, bytes, len);
    OPENSSL_free(der);
    EVP_PKEY_free(opened);
    ERR_clear_error();
    return is_right;
}
