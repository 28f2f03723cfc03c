/* SPDX-License-Identifier: Apache-2.0 */
#include "key/signer.h"
#include "key/pkcs8.h"

#include <auth/pem.h>
#include <stdlib.h>

/* A PEM file of the longest key, encrypted, is a twentieth of it. */
#define EXPORT_MAX ((size_t)64 * 1024)

auth_status signer_new(const signer_kind *kind, auth_public_key *key, void *state,
                       auth_signer **out, auth_error *err)
{
    auth_signer *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->kind = kind;
    made->key = key;
    made->state = state;
    *out = made;
    return AUTH_STATUS_OK;
}

void signer_abandon(auth_signer *signer) { free(signer); }

void auth_signer_free(auth_signer *signer)
{
    if (signer == NULL)
        return;
    signer->kind->free(signer->state);
    auth_public_key_free(signer->key);
    free(signer);
}

const auth_public_key *auth_signer_public_key(const auth_signer *signer) { return signer->key; }

auth_bytes auth_signer_algorithm(const auth_signer *signer)
{
    return signature_algorithm(signature_of_type(signer->key->type).id);
}

auth_status auth_signer_sign(const auth_signer *signer, auth_bytes message, auth_signature *out,
                             auth_error *err)
{
    return signer->kind->sign(signer, message, out, err);
}

auth_status auth_signer_sign_pss(const auth_signer *signer, auth_bytes message, auth_signature *out,
                                 auth_error *err)
{
    if (signer->key->type != AUTH_KEY_TYPE_RSA)
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "signer: RSASSA-PSS is for RSA keys (RFC 8017 8.1), and this key is "
                              "of type %s; sign by its own algorithm",
                              auth_key_type_name(signer->key->type));
    if (signer->kind->sign_pss == NULL)
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "signer: a key in another process signs there by PKCS#1 v1.5 alone; "
                              "use one in a file or in a token");
    return signer->kind->sign_pss(signer, message, out, err);
}

auth_status signer_prove(const auth_signer *signer, auth_error *err)
{
    auth_bytes probe = auth_bytes_from_text("libauth: do these halves belong together?");
    auth_signature signature = {.len = 0};
    auth_error why;
    auth_status status = auth_signer_sign(signer, probe, &signature, &why);
    if (status == AUTH_STATUS_OK)
        status = auth_public_key_verify(signer->key, auth_signer_algorithm(signer), probe,
                                        (auth_bytes){signature.octets, signature.len}, &why);
    if (status == AUTH_STATUS_OK)
        return status;
    if (status == AUTH_STATUS_MEMORY || status == AUTH_STATUS_UNAVAILABLE)
        return auth_error_set(err, status, "%s", why.text);
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "private key: it does not belong to the public key beside it, what it "
                          "signs does not verify (RFC 5958 section 2); take another copy of the "
                          "key");
}

static auth_status append_private(const auth_signer *signer, const auth_secret *passphrase,
                                  auth_buf *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *plain = NULL;
    AUTH_AUTO(auth_buf) *encrypted = NULL;
    auth_status status = auth_buf_new(EXPORT_MAX, &plain, err);
    if (status == AUTH_STATUS_OK)
        status = signer->kind->export_key(signer, plain, err);
    if (status == AUTH_STATUS_OK && passphrase == NULL)
        return auth_pem_encode(PKCS8_LABEL, auth_buf_bytes(plain), out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(EXPORT_MAX, &encrypted, err);
    if (status == AUTH_STATUS_OK)
        status =
            pkcs8_encrypt(auth_buf_bytes(plain), auth_secret_bytes(passphrase), encrypted, err);
    if (status == AUTH_STATUS_OK)
        status = auth_pem_encode(PKCS8_ENCRYPTED_LABEL, auth_buf_bytes(encrypted), out, err);
    return status;
}

auth_status auth_signer_export(const auth_signer *signer, const auth_secret *passphrase,
                               auth_buf *out, auth_error *err)
{
    if (signer->kind->export_key == NULL) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "private key: it is in a token or in another process and cannot "
                              "leave it; export it there, or use it where it is");
    }
    return append_private(signer, passphrase, out, err);
}

typedef struct callback_state {
    auth_sign_call *sign;
    void (*release)(void *context);
    void *context;
} callback_state;

static auth_status callback_sign(const auth_signer *signer, auth_bytes message, auth_signature *out,
                                 auth_error *err)
{
    const callback_state *state = signer->state;
    auth_signature made = {.len = 0};
    auth_status status = state->sign(state->context, message, &made, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (made.len == 0 || made.len > sizeof made.octets) {
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              "signer: the signature from outside has %zu octets; it must have 1 "
                              "to %d",
                              made.len, AUTH_SIGNATURE_MAX);
    }
    *out = made;
    return AUTH_STATUS_OK;
}

static void callback_free(void *state)
{
    callback_state *old = state;
    if (old->release != NULL)
        old->release(old->context);
    free(old);
}

static const signer_kind callback_kind = {
    .sign = callback_sign,
    .free = callback_free,
};

auth_status auth_signer_from_callback(const auth_public_key *key, auth_sign_call *sign,
                                      void (*release)(void *context), void *context,
                                      auth_signer **out, auth_error *err)
{
    AUTH_AUTO(auth_public_key) *copy = NULL;
    auth_status status = auth_public_key_parse(auth_public_key_spki(key), &copy, err);
    if (status != AUTH_STATUS_OK)
        return status;
    callback_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return auth_error_memory(err);
    *state = (callback_state){.sign = sign, .release = release, .context = context};
    status = signer_new(&callback_kind, copy, state, out, err);
    if (status != AUTH_STATUS_OK) {
        free(state);
        return status;
    }
    (void)AUTH_TAKE(copy);
    return AUTH_STATUS_OK;
}
