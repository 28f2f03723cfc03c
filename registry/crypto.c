/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define HKDF_MAX ((size_t)255 * REGISTRY_HASH_SIZE)

struct registry_crypto {
    EVP_MD *sha256;
    EVP_CIPHER *gcm;
    EVP_MAC *hmac;
    EVP_MD_CTX *hash_context;
    EVP_CIPHER_CTX *cipher_context;
    EVP_MAC_CTX *mac_context;
};

static auth_status failed(auth_error *err, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);
    ERR_clear_error();
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
        return auth_error_memory(err);
    return auth_error_set(err, AUTH_STATUS_CRYPTO,
                          "%s: OpenSSL failed: %s; look at its providers (openssl list -providers)",
                          what, reason == NULL ? "no reason given" : reason);
}

static auth_status too_long(auth_error *err, size_t len)
{
    return auth_error_set(err, AUTH_STATUS_LIMIT,
                          "AES-256-GCM: %zu octets; the most in one call are %zu, so take less",
                          len, REGISTRY_CRYPTO_MAX);
}

/* Once: given with each key, OpenSSL would look for the digest by its name each time. */
static bool set_digest(EVP_MAC_CTX *context)
{
    char name[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(context, parameters) == 1;
}

static bool prepare(registry_crypto *it)
{
    it->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    it->gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    it->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    it->hash_context = EVP_MD_CTX_new();
    it->cipher_context = EVP_CIPHER_CTX_new();
    it->mac_context = it->hmac == NULL ? NULL : EVP_MAC_CTX_new(it->hmac);
    return it->sha256 != NULL && it->gcm != NULL && it->hash_context != NULL &&
           it->cipher_context != NULL && it->mac_context != NULL && set_digest(it->mac_context);
}

auth_status registry_crypto_new(registry_crypto **out, auth_error *err)
{
    AUTH_AUTO(registry_crypto) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    if (!prepare(made))
        return failed(err, "registry");
    *out = AUTH_TAKE(made);
    return AUTH_STATUS_OK;
}

void registry_crypto_free(registry_crypto *crypto)
{
    if (crypto == NULL)
        return;
    EVP_MAC_CTX_free(crypto->mac_context);
    EVP_CIPHER_CTX_free(crypto->cipher_context);
    EVP_MD_CTX_free(crypto->hash_context);
    EVP_MAC_free(crypto->hmac);
    EVP_CIPHER_free(crypto->gcm);
    EVP_MD_free(crypto->sha256);
    free(crypto);
}

auth_status registry_sha256(registry_crypto *crypto, const auth_bytes *parts, size_t count,
                            uint8_t out[REGISTRY_HASH_SIZE], auth_error *err)
{
    EVP_MD_CTX *context = crypto->hash_context;
    bool is_done = EVP_DigestInit_ex2(context, crypto->sha256, NULL) == 1;
    for (size_t i = 0; i < count && is_done; i++)
        is_done = EVP_DigestUpdate(context, parts[i].data, parts[i].len) == 1;
    if (!is_done || EVP_DigestFinal_ex(context, out, NULL) != 1)
        return failed(err, "SHA-256");
    return AUTH_STATUS_OK;
}

auth_status registry_hmac_sha256(registry_crypto *crypto, auth_bytes key, const auth_bytes *parts,
                                 size_t count, uint8_t out[REGISTRY_HASH_SIZE], auth_error *err)
{
    EVP_MAC_CTX *context = crypto->mac_context;
    size_t written = 0;
    bool is_done = key.len > 0 && EVP_MAC_init(context, key.data, key.len, NULL) == 1;
    for (size_t i = 0; i < count && is_done; i++)
        is_done = EVP_MAC_update(context, parts[i].data, parts[i].len) == 1;
    is_done = is_done && EVP_MAC_final(context, out, &written, REGISTRY_HASH_SIZE) == 1;
    /* OpenSSL has no call that empties a MAC's context: another key in it does. */
    static const uint8_t no_key[REGISTRY_KEY_SIZE] = {0};
    is_done = EVP_MAC_init(context, no_key, sizeof no_key, NULL) == 1 && is_done;
    return is_done ? AUTH_STATUS_OK : failed(err, "HMAC-SHA-256");
}

/* T(i) = HMAC(PRK, T(i - 1) || info || i), RFC 5869 2.3. */
static auth_status expand(registry_crypto *crypto, const uint8_t *extracted, auth_bytes info,
                          uint8_t *out, size_t len, auth_error *err)
{
    uint8_t block[REGISTRY_HASH_SIZE];
    size_t before = 0;
    auth_status status = AUTH_STATUS_OK;
    for (uint8_t number = 1; len > 0 && status == AUTH_STATUS_OK; number++) {
        const auth_bytes parts[] = {{block, before}, info, {&number, 1}};
        status = registry_hmac_sha256(crypto, (auth_bytes){extracted, REGISTRY_HASH_SIZE}, parts, 3,
                                      block, err);
        before = sizeof block;
        size_t taken = len < before ? len : before;
        if (status == AUTH_STATUS_OK)
            memcpy(out, block, taken);
        out += taken;
        len -= taken;
    }
    auth_secret_wipe(block, sizeof block);
    return status;
}

auth_status registry_hkdf_sha256(registry_crypto *crypto, auth_bytes key, auth_bytes salt,
                                 auth_bytes info, uint8_t *out, size_t len, auth_error *err)
{
    static const uint8_t zeros[REGISTRY_HASH_SIZE] = {0};
    uint8_t extracted[REGISTRY_HASH_SIZE];
    if (len > HKDF_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "HKDF-SHA-256: %zu octets; the most are %zu (RFC 5869 2.3)", len,
                              HKDF_MAX);
    }
    if (salt.len == 0)
        salt = (auth_bytes){zeros, sizeof zeros};
    auth_status status = registry_hmac_sha256(crypto, salt, &key, 1, extracted, err);
    if (status == AUTH_STATUS_OK)
        status = expand(crypto, extracted, info, out, len, err);
    auth_secret_wipe(extracted, sizeof extracted);
    return status;
}

/* Puts octets through the cipher; out NULL: they are associated data. */
static bool update(EVP_CIPHER_CTX *context, auth_bytes in, uint8_t *out)
{
    int written = 0;
    return in.len == 0 || EVP_CipherUpdate(context, out, &written, in.data, (int)in.len) == 1;
}

auth_status registry_gcm_seal(registry_crypto *crypto, const uint8_t key[REGISTRY_KEY_SIZE],
                              const uint8_t nonce[REGISTRY_NONCE_SIZE], auth_bytes associated,
                              auth_bytes plain, uint8_t *out, auth_error *err)
{
    if (plain.len > REGISTRY_CRYPTO_MAX || associated.len > REGISTRY_CRYPTO_MAX)
        return too_long(err, plain.len);
    EVP_CIPHER_CTX *context = crypto->cipher_context;
    int written = 0;
    uint8_t *tag = out + plain.len;
    bool is_done = EVP_CipherInit_ex2(context, crypto->gcm, key, nonce, 1, NULL) == 1 &&
                   update(context, associated, NULL) && update(context, plain, out) &&
                   EVP_CipherFinal_ex(context, tag, &written) == 1 &&
                   EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, REGISTRY_TAG_SIZE, tag) == 1;
    EVP_CIPHER_CTX_reset(context);
    return is_done ? AUTH_STATUS_OK : failed(err, "AES-256-GCM");
}

/* Tells whether the tag fits; *is_ready is false when OpenSSL failed before it came to that. */
static bool open_text(registry_crypto *crypto, const uint8_t *key, const uint8_t *nonce,
                      auth_bytes associated, auth_bytes text, const uint8_t *tag, uint8_t *out,
                      bool *is_ready)
{
    EVP_CIPHER_CTX *context = crypto->cipher_context;
    uint8_t copy[REGISTRY_TAG_SIZE];
    uint8_t nothing[REGISTRY_TAG_SIZE]; /* GCM's end writes no octets, but asks where to */
    int written = 0;
    memcpy(copy, tag, sizeof copy);
    *is_ready = EVP_CipherInit_ex2(context, crypto->gcm, key, nonce, 0, NULL) == 1 &&
                update(context, associated, NULL) && update(context, text, out) &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, sizeof copy, copy) == 1;
    bool fits = *is_ready && EVP_CipherFinal_ex(context, nothing, &written) == 1;
    EVP_CIPHER_CTX_reset(context);
    return fits;
}

auth_status registry_gcm_open(registry_crypto *crypto, const uint8_t key[REGISTRY_KEY_SIZE],
                              const uint8_t nonce[REGISTRY_NONCE_SIZE], auth_bytes associated,
                              auth_bytes sealed, uint8_t *out, auth_error *err)
{
    if (sealed.len < REGISTRY_TAG_SIZE) {
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "sealed value: %zu octets are too few for its tag (SP 800-38D); "
                              "restore it from a back-up",
                              sealed.len);
    }
    if (sealed.len > REGISTRY_CRYPTO_MAX || associated.len > REGISTRY_CRYPTO_MAX)
        return too_long(err, sealed.len);
    auth_bytes text = {sealed.data, sealed.len - REGISTRY_TAG_SIZE};
    bool is_ready = false;
    if (open_text(crypto, key, nonce, associated, text, sealed.data + text.len, out, &is_ready))
        return AUTH_STATUS_OK;
    auth_secret_wipe(out, text.len);
    if (!is_ready)
        return failed(err, "AES-256-GCM");
    ERR_clear_error();
    return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                          "sealed value: its tag does not fit (SP 800-38D): it was changed, or it "
                          "belongs to another row, column, office or key; look at the row's "
                          "history and the key file");
}

auth_status registry_random(uint8_t *out, size_t len, auth_error *err)
{
    if (RAND_priv_bytes_ex(NULL, out, len, 0) != 1)
        return failed(err, "random octets");
    return AUTH_STATUS_OK;
}
