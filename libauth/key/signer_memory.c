/* SPDX-License-Identifier: Apache-2.0 */
/* Signers whose key is in this process: generated, or read from PKCS#8. */
#include "key/pkcs8.h"
#include "key/signer.h"

#include <auth/pem.h>
#include <openssl/x509.h>
#include <string.h>

/* A file of the longest key, encrypted and with text before it, is far shorter. */
#define PKCS8_MAX ((size_t)64 * 1024)

static auth_status memory_sign(const auth_signer *signer, auth_bytes message, auth_signature *out,
                               auth_error *err)
{
    signature_scheme scheme = signature_of_type(signer->key->type);
    return context_sign(signer->state, &scheme, message, out, err);
}

static auth_status memory_sign_pss(const auth_signer *signer, auth_bytes message,
                                   auth_signature *out, auth_error *err)
{
    signature_scheme scheme = {SIGNATURE_RSA_PSS, DIGEST_SHA256, SIGNATURE_PSS_SALT_LEN};
    return context_sign(signer->state, &scheme, message, out, err);
}

static auth_status memory_export(const auth_signer *signer, auth_buf *out, auth_error *err)
{
    const context_pool *signers = signer->state;
    return pkcs8_write(signers->key, out, err);
}

static void memory_free(void *state) { context_pool_free(state); }

static const signer_kind memory_kind = {
    .sign = memory_sign,
    .sign_pss = memory_sign_pss,
    .export_key = memory_export,
    .free = memory_free,
};

static auth_status public_half(EVP_PKEY *evp, auth_public_key **out, auth_error *err)
{
    unsigned char *spki = NULL;
    int len = i2d_PUBKEY(evp, &spki);
    if (len <= 0)
        return openssl_failed(err, "public key");
    auth_status status = auth_public_key_parse((auth_bytes){spki, (size_t)len}, out, err);
    OPENSSL_free(spki);
    return status;
}

auth_status signer_from_evp(EVP_PKEY *evp, auth_signer **out, auth_error *err)
{
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = public_half(evp, &key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const uint8_t *z = key->type == AUTH_KEY_TYPE_SM2 ? key->sm2_z : NULL;
    context_pool *signers = context_pool_new(evp, true, z);
    if (signers == NULL)
        return auth_error_memory(err);
    status = signer_new(&memory_kind, key, signers, out, err);
    if (status != AUTH_STATUS_OK) {
        signers->key = NULL; /* still the caller's */
        context_pool_free(signers);
        return status;
    }
    (void)AUTH_TAKE(key);
    return AUTH_STATUS_OK;
}

static EVP_PKEY *generate(auth_key_type type, unsigned bits)
{
    switch (type) {
    case AUTH_KEY_TYPE_P256:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    case AUTH_KEY_TYPE_P384:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    case AUTH_KEY_TYPE_RSA:
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
    case AUTH_KEY_TYPE_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case AUTH_KEY_TYPE_SM2:
        return EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    default:
        return NULL;
    }
}

auth_status signer_check_size(auth_key_type type, unsigned bits, auth_error *err)
{
    if (auth_key_type_name(type)[0] == '\0') {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED, "there is no key type of number %d",
                              (int)type);
    }
    bool is_good =
        type == AUTH_KEY_TYPE_RSA ? bits == 2048 || bits == 3072 || bits == 4096 : bits == 0;
    if (!is_good) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "a key of type %s and %u bits; RSA has 2048, 3072 or 4096, the "
                              "others have one size, asked for as 0",
                              auth_key_type_name(type), bits);
    }
    return AUTH_STATUS_OK;
}

auth_status auth_signer_generate(auth_key_type type, unsigned bits, auth_signer **out,
                                 auth_error *err)
{
    auth_status status = signer_check_size(type, bits, err);
    if (status != AUTH_STATUS_OK)
        return status;
    EVP_PKEY *evp = generate(type, bits);
    if (evp == NULL)
        return openssl_failed(err, "a new key");
    status = signer_from_evp(evp, out, err);
    if (status != AUTH_STATUS_OK)
        EVP_PKEY_free(evp);
    return status;
}

/* The public key that PKCS#8 may carry must be the one that OpenSSL made of the private key. */
static auth_status check_halves(const auth_signer *signer, auth_bytes public_bits, auth_error *err)
{
    auth_bytes made = spki_key_bits(auth_public_key_spki(signer->key));
    if (public_bits.len > 0 && !auth_bytes_equal(public_bits, made)) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "private key: the public key beside it is another one (RFC 5958 "
                              "section 2); take another copy of the key");
    }
    return signer_prove(signer, err);
}

static auth_status parse_plain(auth_bytes der, auth_signer **out, auth_error *err)
{
    EVP_PKEY *evp = NULL;
    auth_bytes public_bits;
    AUTH_AUTO(auth_signer) *made = NULL;
    auth_status status = pkcs8_read(der, &evp, &public_bits, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = signer_from_evp(evp, &made, err);
    if (status != AUTH_STATUS_OK) {
        EVP_PKEY_free(evp);
        auth_error_context(err, "private key");
        return status;
    }
    status = check_halves(made, public_bits, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

static auth_status parse_der(const char *name, auth_bytes der, auth_passphrase_ask *ask,
                             void *context, auth_signer **out, auth_error *err)
{
    if (!pkcs8_is_encrypted(der))
        return parse_plain(der, out, err);
    auth_status status = pkcs8_check_encrypted(der, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (ask == NULL) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "private key: it is encrypted; give its passphrase");
    }
    AUTH_AUTO(auth_secret) *passphrase = NULL;
    AUTH_AUTO(auth_secret) *plain = NULL;
    status = ask(context, name, &passphrase, err);
    if (status == AUTH_STATUS_OK)
        status = pkcs8_decrypt(der, auth_secret_bytes(passphrase), &plain, err);
    if (status == AUTH_STATUS_OK)
        status = parse_plain(auth_secret_bytes(plain), out, err);
    return status;
}

/* Finds the private key among the objects of a PEM text; "EC PARAMETERS" may stand before it. */
static auth_status find_in_pem(auth_bytes text, auth_buf *der, auth_error *err)
{
    static const char tail[] = "PRIVATE KEY";
    char label[AUTH_PEM_LABEL_SIZE];
    for (;;) {
        auth_buf_truncate(der, 0);
        auth_status status = auth_pem_next(&text, label, der, err);
        if (status == AUTH_STATUS_NOT_FOUND) {
            return auth_error_set(err, AUTH_STATUS_MALFORMED,
                                  "private key: neither DER nor PEM with a private key in it (RFC "
                                  "7468 section 10); name the file that holds the key");
        }
        if (status != AUTH_STATUS_OK)
            return status;
        size_t len = strlen(label);
        if (len >= sizeof tail - 1 && strcmp(label + len - (sizeof tail - 1), tail) == 0)
            break;
    }
    if (strcmp(label, PKCS8_LABEL) == 0 || strcmp(label, PKCS8_ENCRYPTED_LABEL) == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "private key: '%s' is not PKCS#8 (RFC 7468 section 10); convert it with "
                          "'openssl pkcs8 -topk8'",
                          label);
}

auth_status signer_parse_named(const char *name, auth_bytes pkcs8, auth_passphrase_ask *ask,
                               void *context, auth_signer **out, auth_error *err)
{
    if (pkcs8.len > PKCS8_MAX) {
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "private key: more than 64 KiB; name the file that holds the key");
    }
    if (pkcs8.len > 0 && pkcs8.data[0] == 0x30)
        return parse_der(name, pkcs8, ask, context, out, err);
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_status status = auth_buf_new(PKCS8_MAX, &der, err);
    if (status == AUTH_STATUS_OK)
        status = find_in_pem(pkcs8, der, err);
    if (status == AUTH_STATUS_OK)
        status = parse_der(name, auth_buf_bytes(der), ask, context, out, err);
    return status;
}

auth_status auth_signer_parse(auth_bytes pkcs8, auth_passphrase_ask *ask, void *context,
                              auth_signer **out, auth_error *err)
{
    return signer_parse_named("the private key", pkcs8, ask, context, out, err);
}
