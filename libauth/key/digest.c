/* SPDX-License-Identifier: Apache-2.0 */
#include "key/digest.h"
#include "key/openssl.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdatomic.h>

typedef struct digest_row {
    const char *name;
    size_t len;
} digest_row;

static const digest_row rows[] = {
    [DIGEST_SHA1] = {"SHA1", 20},     [DIGEST_SHA256] = {"SHA256", 32},
    [DIGEST_SHA384] = {"SHA384", 48}, [DIGEST_SHA512] = {"SHA512", 64},
    [DIGEST_SM3] = {"SM3", 32},
};

#define DIGEST_COUNT (sizeof rows / sizeof rows[0])

/* Filled once, never emptied: fetching takes longer than hashing a certificate. */
static _Atomic(EVP_MD *) fetched[DIGEST_COUNT];

size_t digest_len(digest_algorithm algorithm) { return rows[algorithm].len; }

const char *digest_name(digest_algorithm algorithm) { return rows[algorithm].name; }

const EVP_MD *digest_evp(digest_algorithm algorithm)
{
    EVP_MD *md = atomic_load_explicit(&fetched[algorithm], memory_order_acquire);
    if (md != NULL)
        return md;
    md = EVP_MD_fetch(NULL, rows[algorithm].name, NULL);
    EVP_MD *first = NULL;
    if (md != NULL && !atomic_compare_exchange_strong(&fetched[algorithm], &first, md)) {
        /* Another thread was quicker. */
        EVP_MD_free(md);
        return first;
    }
    return md;
}

auth_status digest(digest_algorithm algorithm, auth_bytes message, uint8_t *out, auth_error *err)
{
    const EVP_MD *md = digest_evp(algorithm);
    if (md == NULL || EVP_Digest(message.data, message.len, out, NULL, md, NULL) != 1)
        return openssl_failed(err, rows[algorithm].name);
    return AUTH_STATUS_OK;
}

auth_status digest_hmac(digest_algorithm algorithm, auth_bytes key, auth_bytes message,
                        uint8_t *out, auth_error *err)
{
    /* OpenSSL takes a key that is NULL for "as before". */
    static const uint8_t no_key[1] = {0};
    const EVP_MD *md = digest_evp(algorithm);
    if (key.len > INT32_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "HMAC: a key of %zu octets; hash it first (RFC 2104 section 3)",
                              key.len);
    }
    if (md == NULL || HMAC(md, key.len == 0 ? no_key : key.data, (int)key.len, message.data,
                           message.len, out, NULL) == NULL)
        return openssl_failed(err, "HMAC");
    return AUTH_STATUS_OK;
}

auth_status digest_random(uint8_t *out, size_t len, auth_error *err)
{
    if (RAND_priv_bytes_ex(NULL, out, len, 0) != 1)
        return openssl_failed(err, "random octets");
    return AUTH_STATUS_OK;
}
