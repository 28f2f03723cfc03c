/* SPDX-License-Identifier: Apache-2.0 */
#include "key/digest.h"
#include "key/openssl.h"

#include <auth/secret.h>
#include <openssl/rand.h>
#include <stdatomic.h>
#include <string.h>

typedef struct digest_row {
    const char *name;
    size_t len;
} digest_row;

static const digest_row rows[] = {
    [DIGEST_SHA1] = {"SHA1", 20},     [DIGEST_SHA256] = {"SHA256", 32},
    [DIGEST_SHA384] = {"SHA384", 48}, [DIGEST_SHA512] = {"SHA512", 64},
    [DIGEST_SM3] = {"SM3", 32},
};

/* The longest block. */
#define BLOCK_MAX 128

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

/* The block of each of these hashes, which all go back to that of MD4. */
static size_t block_len(digest_algorithm algorithm)
{
    return algorithm == DIGEST_SHA384 || algorithm == DIGEST_SHA512 ? 128 : 64;
}

/* H(padded key || message) */
static bool hash_keyed(EVP_MD_CTX *with, const EVP_MD *md, auth_bytes padded, auth_bytes message,
                       uint8_t *out)
{
    return EVP_DigestInit_ex2(with, md, NULL) == 1 &&
           EVP_DigestUpdate(with, padded.data, padded.len) == 1 &&
           EVP_DigestUpdate(with, message.data, message.len) == 1 &&
           EVP_DigestFinal_ex(with, out, NULL) == 1;
}

static void pad(uint8_t block[BLOCK_MAX], size_t len, const uint8_t key[BLOCK_MAX], uint8_t octet)
{
    for (size_t i = 0; i < len; i++)
        block[i] = key[i] ^ octet;
}

/*
 * RFC 2104 section 2, by the two hashes that it is: OpenSSL's own takes three times as long for a
 * message of some hundred octets, since it looks its algorithms up anew each time.
 */
static bool hmac(const EVP_MD *md, digest_algorithm algorithm, auth_bytes key, auth_bytes message,
                 uint8_t *out)
{
    uint8_t whole[BLOCK_MAX] = {0};
    uint8_t padded[BLOCK_MAX];
    uint8_t inner[DIGEST_MAX];
    size_t len = block_len(algorithm);
    EVP_MD_CTX *with = EVP_MD_CTX_new();
    bool is_done = with != NULL;
    if (is_done && key.len > len)
        is_done = EVP_Digest(key.data, key.len, whole, NULL, md, NULL) == 1;
    else if (is_done && key.len > 0)
        memcpy(whole, key.data, key.len);
    pad(padded, len, whole, 0x36);
    is_done = is_done && hash_keyed(with, md, (auth_bytes){padded, len}, message, inner);
    pad(padded, len, whole, 0x5c);
    is_done = is_done && hash_keyed(with, md, (auth_bytes){padded, len},
                                    (auth_bytes){inner, digest_len(algorithm)}, out);
    EVP_MD_CTX_free(with);
    auth_secret_wipe(whole, sizeof whole);
    auth_secret_wipe(padded, sizeof padded);
    auth_secret_wipe(inner, sizeof inner);
    return is_done;
}

auth_status digest_hmac(digest_algorithm algorithm, auth_bytes key, auth_bytes message,
                        uint8_t *out, auth_error *err)
{
    const EVP_MD *md = digest_evp(algorithm);
    if (md == NULL || !hmac(md, algorithm, key, message, out))
        return openssl_failed(err, "HMAC");
    return AUTH_STATUS_OK;
}

auth_status digest_random(uint8_t *out, size_t len, auth_error *err)
{
    if (RAND_priv_bytes_ex(NULL, out, len, 0) != 1)
        return openssl_failed(err, "random octets");
    return AUTH_STATUS_OK;
}
