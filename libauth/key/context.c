/* SPDX-License-Identifier: Apache-2.0 */
#include "key/context.h"
#include "key/sm2.h"

#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

typedef struct context {
    EVP_MD_CTX *md;     /* hashes the message; for Ed25519 it signs or verifies itself */
    EVP_PKEY_CTX *pkey; /* signs or verifies the hash; NULL for Ed25519 */
    signature_scheme scheme;
} context;

static void context_free(context *old)
{
    if (old == NULL)
        return;
    EVP_MD_CTX_free(old->md);
    EVP_PKEY_CTX_free(old->pkey);
    free(old);
}

context_pool *context_pool_new(EVP_PKEY *key, bool is_for_signing, const uint8_t *sm2_z)
{
    context_pool *made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->key = key;
    made->is_for_signing = is_for_signing;
    made->sm2_z = sm2_z;
    return made;
}

void context_pool_free(context_pool *old)
{
    if (old == NULL)
        return;
    for (context *idle = pool_take(&old->idle); idle != NULL; idle = pool_take(&old->idle))
        context_free(idle);
    EVP_PKEY_free(old->key);
    free(old);
}

static bool is_same(const signature_scheme *a, const signature_scheme *b)
{
    return a->id == b->id && a->digest == b->digest && a->salt_len == b->salt_len;
}

static bool set_pss(EVP_PKEY_CTX *pkey, const signature_scheme *scheme)
{
    const EVP_MD *md = digest_evp(scheme->digest);
    return EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_signature_md(pkey, md) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(pkey, md) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, scheme->salt_len) > 0;
}

static bool set_rsa(EVP_PKEY_CTX *pkey, const signature_scheme *scheme)
{
    if (scheme->id == SIGNATURE_RSA_PSS)
        return set_pss(pkey, scheme);
    if (EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PADDING) <= 0)
        return false;
    /* OpenSSL 3.0 allows RSA no SM3; without a digest it takes the DigestInfo from us. */
    return scheme->id == SIGNATURE_RSA_SM3 ||
           EVP_PKEY_CTX_set_signature_md(pkey, digest_evp(scheme->digest)) > 0;
}

/* Without a key it readies a used context for one more message. */
static bool restart_ed25519(context *with, bool is_for_signing, EVP_PKEY *key)
{
    if (is_for_signing)
        return EVP_DigestSignInit_ex(with->md, NULL, NULL, NULL, NULL, key, NULL) == 1;
    return EVP_DigestVerifyInit_ex(with->md, NULL, NULL, NULL, NULL, key, NULL) == 1;
}

static bool prepare_ed25519(context *made, const context_pool *pool)
{
    made->md = EVP_MD_CTX_new();
    if (made->md == NULL)
        return false;
    return restart_ed25519(made, pool->is_for_signing, pool->key);
}

static bool prepare_pkey(context *made, const context_pool *pool)
{
    made->pkey = EVP_PKEY_CTX_new_from_pkey(NULL, pool->key, NULL);
    if (made->pkey == NULL)
        return false;
    if (pool->is_for_signing)
        return EVP_PKEY_sign_init(made->pkey) > 0;
    return EVP_PKEY_verify_init(made->pkey) > 0;
}

static bool prepare(context *made, const context_pool *pool)
{
    if (made->scheme.id == SIGNATURE_ED25519)
        return prepare_ed25519(made, pool);
    const EVP_MD *md = digest_evp(made->scheme.digest);
    made->md = EVP_MD_CTX_new();
    return md != NULL && made->md != NULL && EVP_DigestInit_ex2(made->md, md, NULL) == 1 &&
           prepare_pkey(made, pool) &&
           (!signature_fits(made->scheme.id, AUTH_KEY_TYPE_RSA) ||
            set_rsa(made->pkey, &made->scheme));
}

/* A key mostly verifies one scheme, so a context for another one is made anew, not searched for. */
static auth_status take(context_pool *from, const signature_scheme *scheme, context **out,
                        auth_error *err)
{
    context *taken = pool_take(&from->idle);
    if (taken != NULL && is_same(&taken->scheme, scheme)) {
        *out = taken;
        return AUTH_STATUS_OK;
    }
    context_free(taken);
    taken = calloc(1, sizeof *taken);
    if (taken == NULL)
        return auth_error_memory(err);
    taken->scheme = *scheme;
    if (!prepare(taken, from)) {
        context_free(taken);
        return openssl_failed(err, signature_name(scheme->id));
    }
    *out = taken;
    return AUTH_STATUS_OK;
}

static void give_back(context_pool *to, context *used)
{
    if (!pool_put(&to->idle, used))
        context_free(used);
}

/* DigestInfo of SM3 without the hash (RFC 8017 section 9.2; GM/T 0006). */
static const uint8_t sm3_info[] = {0x30, 0x30, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x81, 0x1c,
                                   0xcf, 0x55, 0x01, 0x83, 0x11, 0x05, 0x00, 0x04, 0x20};

/* What is signed of a message: its hash, with the DigestInfo around it where OpenSSL has none. */
typedef struct signed_input {
    size_t len;
    uint8_t octets[sizeof sm3_info + DIGEST_MAX];
} signed_input;

static bool hash(const context_pool *pool, context *with, auth_bytes message, signed_input *out)
{
    size_t head = with->scheme.id == SIGNATURE_RSA_SM3 ? sizeof sm3_info : 0;
    memcpy(out->octets, sm3_info, head);
    out->len = head + digest_len(with->scheme.digest);
    return EVP_DigestInit_ex2(with->md, NULL, NULL) == 1 &&
           (pool->sm2_z == NULL || EVP_DigestUpdate(with->md, pool->sm2_z, SM2_Z_SIZE) == 1) &&
           EVP_DigestUpdate(with->md, message.data, message.len) == 1 &&
           EVP_DigestFinal_ex(with->md, out->octets + head, NULL) == 1;
}

static bool sign_with(const context_pool *pool, context *with, auth_bytes message,
                      auth_signature *made)
{
    made->len = sizeof made->octets;
    if (with->pkey == NULL)
        return restart_ed25519(with, true, NULL) &&
               EVP_DigestSign(with->md, made->octets, &made->len, message.data, message.len) == 1;
    signed_input input;
    return hash(pool, with, message, &input) &&
           EVP_PKEY_sign(with->pkey, made->octets, &made->len, input.octets, input.len) == 1;
}

auth_status context_sign(context_pool *pool, const signature_scheme *scheme, auth_bytes message,
                         auth_signature *out, auth_error *err)
{
    context *with = NULL;
    auth_status status = take(pool, scheme, &with, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_signature made;
    if (!sign_with(pool, with, message, &made)) {
        context_free(with);
        return openssl_failed(err, signature_name(scheme->id));
    }
    give_back(pool, with);
    out->len = made.len;
    memcpy(out->octets, made.octets, made.len);
    return AUTH_STATUS_OK;
}

/* 1: it verifies; 0 or less: it does not, or OpenSSL failed. */
static int verify_with(const context_pool *pool, context *with, auth_bytes message,
                       auth_bytes signature)
{
    if (with->pkey == NULL) {
        if (!restart_ed25519(with, false, NULL))
            return -1;
        return EVP_DigestVerify(with->md, signature.data, signature.len, message.data, message.len);
    }
    signed_input input;
    if (!hash(pool, with, message, &input))
        return -1;
    return EVP_PKEY_verify(with->pkey, signature.data, signature.len, input.octets, input.len);
}

auth_status context_verify(context_pool *pool, const signature_scheme *scheme, auth_bytes message,
                           auth_bytes signature, auth_error *err)
{
    context *with = NULL;
    auth_status status = take(pool, scheme, &with, err);
    if (status != AUTH_STATUS_OK)
        return status;
    int verified = verify_with(pool, with, message, signature);
    if (verified == 1) {
        give_back(pool, with);
        return AUTH_STATUS_OK;
    }
    context_free(with);
    /* OpenSSL says 0 or -1 of a bad signature, as it likes; only lack of memory is told apart. */
    if (openssl_lacks_memory())
        return openssl_failed(err, signature_name(scheme->id));
    (void)openssl_reason();
    return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                          "the %s signature does not verify with this key; what was signed, the "
                          "signature or the key is another one",
                          signature_name(scheme->id));
}
