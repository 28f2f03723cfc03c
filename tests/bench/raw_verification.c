/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/raw_verification.h"

#include "harness/harness.h"

static const uint8_t message[32] = {1, 2, 3};

static EVP_PKEY *new_key(auth_key_type type)
{
    if (type == AUTH_KEY_TYPE_RSA)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    if (type == AUTH_KEY_TYPE_P256)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    return EVP_PKEY_Q_keygen(NULL, NULL, type == AUTH_KEY_TYPE_SM2 ? "SM2" : "ED25519");
}

static bool sign_hash(raw_verification *it, EVP_PKEY *key)
{
    EVP_PKEY_CTX *signer = EVP_PKEY_CTX_new(key, NULL);
    it->hash = EVP_PKEY_CTX_new(key, NULL);
    bool is_signed = EVP_PKEY_sign_init(signer) == 1 &&
                     EVP_PKEY_sign(signer, it->signature.octets, &it->signature.len, message,
                                   sizeof message) == 1 &&
                     EVP_PKEY_verify_init(it->hash) == 1;
    EVP_PKEY_CTX_free(signer);
    return is_signed;
}

static bool sign_message(raw_verification *it, EVP_PKEY *key)
{
    EVP_MD_CTX *signer = EVP_MD_CTX_new();
    it->message = EVP_MD_CTX_new();
    bool is_signed = EVP_DigestSignInit(signer, NULL, NULL, NULL, key) == 1 &&
                     EVP_DigestSign(signer, it->signature.octets, &it->signature.len, message,
                                    sizeof message) == 1 &&
                     EVP_DigestVerifyInit(it->message, NULL, NULL, NULL, key) == 1;
    EVP_MD_CTX_free(signer);
    return is_signed;
}

void raw_verification_begin(raw_verification *it, auth_key_type type)
{
    EVP_PKEY *key = new_key(type);
    *it = (raw_verification){.signature.len = sizeof it->signature.octets};
    if (key == NULL ||
        !(type == AUTH_KEY_TYPE_ED25519 ? sign_message(it, key) : sign_hash(it, key)))
        harness_die("OpenSSL does not sign");
    EVP_PKEY_free(key);
}

void raw_verification_end(raw_verification *it)
{
    EVP_PKEY_CTX_free(it->hash);
    EVP_MD_CTX_free(it->message);
}

void raw_verification_run(raw_verification *it)
{
    int answer = it->message != NULL ? EVP_DigestVerify(it->message, it->signature.octets,
                                                        it->signature.len, message, sizeof message)
                                     : EVP_PKEY_verify(it->hash, it->signature.octets,
                                                       it->signature.len, message, sizeof message);
    if (answer != 1)
        harness_die("the bare verification failed");
}
