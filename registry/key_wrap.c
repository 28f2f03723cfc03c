/* SPDX-License-Identifier: Apache-2.0 */
#include "key_wrap.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 128
#define MESSAGE_SIZE (NAME_SIZE + REGISTRY_KEY_SIZE)

/* What is signed names its purpose, so that no other signature is ever made over it. */
static auth_bytes message_of(const key_text *key, const uint8_t *salt, uint8_t out[MESSAGE_SIZE])
{
    int len = snprintf((char *)out, NAME_SIZE, "auth master key wrap 1\n%s\n%u\n", key->realm,
                       key->generation);
    memcpy(out + len, salt, REGISTRY_KEY_SIZE);
    return (auth_bytes){out, (size_t)len + REGISTRY_KEY_SIZE};
}

static auth_status check_token(const auth_signer *token, auth_error *err)
{
    if (token == NULL) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "master key: it is encrypted to a key in a token; name the token");
    }
    if (auth_public_key_type(auth_signer_public_key(token)) != AUTH_KEY_TYPE_RSA) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "master key: the token's key is not RSA, whose signatures alone are "
                              "the same each time (RFC 8017 8.2.1); name an RSA key");
    }
    return AUTH_STATUS_OK;
}

static auth_status wrapping_key(registry_crypto *crypto, const auth_signer *token,
                                const key_text *key, const uint8_t *salt,
                                uint8_t out[REGISTRY_KEY_SIZE], auth_error *err)
{
    uint8_t room[MESSAGE_SIZE];
    auth_bytes message = message_of(key, salt, room);
    auth_signature signature = {.len = 0};
    auth_status status = auth_signer_sign(token, message, &signature, err);
    if (status == AUTH_STATUS_OK)
        status =
            registry_hkdf_sha256(crypto, (auth_bytes){signature.octets, signature.len},
                                 (auth_bytes){salt, REGISTRY_KEY_SIZE},
                                 auth_bytes_from_text("auth wrap"), out, REGISTRY_KEY_SIZE, err);
    auth_secret_wipe(&signature, sizeof signature);
    return status;
}

/* Salt, nonce and the sealed key, one after the other. */
#define NONCE_AT REGISTRY_KEY_SIZE
#define SEALED_AT (NONCE_AT + REGISTRY_NONCE_SIZE)

static auth_status wrap_with(registry_crypto *crypto, const uint8_t *wrapping, key_text *key,
                             auth_error *err)
{
    auth_status status =
        registry_gcm_seal(crypto, wrapping, key->wrapped + NONCE_AT, (auth_bytes){NULL, 0},
                          (auth_bytes){key->key, sizeof key->key}, key->wrapped + SEALED_AT, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_secret_wipe(key->key, sizeof key->key);
    key->is_wrapped = true;
    return AUTH_STATUS_OK;
}

auth_status key_wrap(registry_crypto *crypto, const auth_signer *token, key_text *key,
                     auth_error *err)
{
    uint8_t first[REGISTRY_KEY_SIZE] = {0};
    uint8_t second[REGISTRY_KEY_SIZE] = {0};
    auth_status status = check_token(token, err);
    if (status == AUTH_STATUS_OK)
        status = registry_random(key->wrapped, SEALED_AT, err);
    if (status == AUTH_STATUS_OK)
        status = wrapping_key(crypto, token, key, key->wrapped, first, err);
    if (status == AUTH_STATUS_OK)
        status = wrapping_key(crypto, token, key, key->wrapped, second, err);
    if (status == AUTH_STATUS_OK && memcmp(first, second, sizeof first) != 0)
        status = auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                                "master key: the token's key signs otherwise the second time, so "
                                "what it encrypts would never open; name an RSA key that signs by "
                                "PKCS#1 v1.5");
    if (status == AUTH_STATUS_OK)
        status = wrap_with(crypto, first, key, err);
    auth_secret_wipe(first, sizeof first);
    auth_secret_wipe(second, sizeof second);
    return status;
}

auth_status key_unwrap(registry_crypto *crypto, const auth_signer *token, key_text *key,
                       auth_error *err)
{
    uint8_t wrapping[REGISTRY_KEY_SIZE];
    auth_status status = check_token(token, err);
    if (status == AUTH_STATUS_OK)
        status = wrapping_key(crypto, token, key, key->wrapped, wrapping, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status =
        registry_gcm_open(crypto, wrapping, key->wrapped + NONCE_AT, (auth_bytes){NULL, 0},
                          (auth_bytes){key->wrapped + SEALED_AT, sizeof key->wrapped - SEALED_AT},
                          key->key, err);
    auth_secret_wipe(wrapping, sizeof wrapping);
    if (status == AUTH_STATUS_UNTRUSTED)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "master key: it does not open with this key of the token; name the "
                              "one that it was made with");
    return status;
}
