/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many certificates a second are issued, from CSR DER to certificate DER with proof of
 * possession and lint, and which part of that are one bare verification and one bare signature
 * (EVP_PKEY_verify and EVP_PKEY_sign with contexts that are used again)?
 */
#include "bench/bench.h"
#include "golden/realm.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>

#define CERTIFICATE_MAX 16384

typedef struct bench_case {
    const char *algorithm;
    const char *name;
    int turn;
    realm *realm;
    auth_profile *profile;
    realm_request ask;
    auth_buf *out;
    EVP_PKEY_CTX *signing;
    EVP_PKEY_CTX *verifying;
    uint8_t signature[AUTH_SIGNATURE_MAX];
    size_t signature_len;
} bench_case;

static const uint8_t hash[32] = {1, 2, 3};

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

static double issue(void *context)
{
    bench_case *it = context;
    auth_error err;
    for (int i = 0; i < it->turn; i++) {
        auth_buf_truncate(it->out, 0);
        must(auth_issue(it->profile, it->realm->authority_issuer, it->realm->authority,
                        &it->ask.request, it->out, &err),
             &err);
    }
    return it->turn;
}

static double verify_and_sign(void *context)
{
    bench_case *it = context;
    uint8_t signature[AUTH_SIGNATURE_MAX];
    for (int i = 0; i < it->turn; i++) {
        size_t len = sizeof signature;
        if (EVP_PKEY_verify(it->verifying, it->signature, it->signature_len, hash, sizeof hash) !=
                1 ||
            EVP_PKEY_sign(it->signing, signature, &len, hash, sizeof hash) != 1)
            harness_die("OpenSSL failed");
        bench_use(signature);
    }
    return it->turn;
}

static EVP_PKEY *raw_key(const auth_signer *signer)
{
    auth_buf *pem = NULL;
    auth_error err;
    must(auth_buf_new(CERTIFICATE_MAX, &pem, &err), &err);
    must(auth_signer_export(signer, NULL, pem, &err), &err);
    auth_bytes text = auth_buf_bytes(pem);
    BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    auth_buf_free(pem);
    if (key == NULL)
        harness_die("OpenSSL does not take the key");
    return key;
}

static void prepare(bench_case *it)
{
    auth_error err;
    it->realm = realm_new(it->algorithm, REALM_NOW);
    it->profile = realm_profile("citizen-signing");
    realm_ask(it->realm, it->profile, &it->ask);
    must(auth_buf_new(CERTIFICATE_MAX, &it->out, &err), &err);
    EVP_PKEY *key = raw_key(it->realm->authority);
    it->signing = EVP_PKEY_CTX_new(key, NULL);
    it->verifying = EVP_PKEY_CTX_new(key, NULL);
    it->signature_len = sizeof it->signature;
    if (EVP_PKEY_sign_init(it->signing) != 1 || EVP_PKEY_verify_init(it->verifying) != 1 ||
        EVP_PKEY_sign(it->signing, it->signature, &it->signature_len, hash, sizeof hash) != 1)
        harness_die("OpenSSL does not sign");
    EVP_PKEY_free(key);
}

static void release(bench_case *it)
{
    EVP_PKEY_CTX_free(it->signing);
    EVP_PKEY_CTX_free(it->verifying);
    auth_buf_free(it->out);
    auth_profile_free(it->profile);
    realm_free(it->realm);
}

int main(int argc, char **argv)
{
    double seconds = bench_seconds(argc, argv);
    bench_case cases[] = {
        {.algorithm = "p256", .name = "issue-p256", .turn = 32},
        {.algorithm = "sm2", .name = "issue-sm2", .turn = 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        prepare(&cases[i]);
        bench_result result = {
            .name = cases[i].name,
            .value = bench_rate(issue, &cases[i], seconds / 4),
            .unit = "certificates/s",
            .against = "EVP_PKEY_verify and EVP_PKEY_sign",
            .reference_value = bench_rate(verify_and_sign, &cases[i], seconds / 4),
            .bound = 0.75,
        };
        bench_print(&result);
        release(&cases[i]);
    }
    return 0;
}
