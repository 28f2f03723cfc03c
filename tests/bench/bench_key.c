/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many messages a second are signed and verified with each type of key, hashing included, and
 * what is that against the bare EVP call on a ready hash with a context that is used again? And how
 * many public keys are read, against OpenSSL's decoder?
 */
#include "bench/bench.h"
#include "harness/data.h"

#include <auth/key.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#define BOUND 0.95
#define HASH_MAX 48

/* As long as the to-be-signed part of a small certificate. */
static const uint8_t message[400] = {1, 2, 3};

typedef struct bench_case {
    auth_key_type type;
    unsigned bits;
    const char *name;
    size_t hash_len; /* 0: Ed25519, which hashes by itself */
    int turn;
    auth_signer *signer;
    auth_signature signature;
    EVP_PKEY *evp;
    EVP_PKEY_CTX *raw_sign;
    EVP_PKEY_CTX *raw_verify;
    EVP_MD_CTX *raw_sign_message;
    EVP_MD_CTX *raw_verify_message;
    uint8_t hash[HASH_MAX];
    uint8_t raw_signature[AUTH_SIGNATURE_MAX];
    size_t raw_signature_len;
} bench_case;

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

static void must_be(bool is_good, const char *what)
{
    if (!is_good)
        harness_die("%s failed", what);
}

static double sign(void *context)
{
    bench_case *it = context;
    auth_error err;
    for (int i = 0; i < it->turn; i++)
        must(auth_signer_sign(it->signer, (auth_bytes){message, sizeof message}, &it->signature,
                              &err),
             &err);
    return it->turn;
}

static double raw_sign(void *context)
{
    bench_case *it = context;
    for (int i = 0; i < it->turn; i++) {
        it->raw_signature_len = sizeof it->raw_signature;
        if (it->hash_len == 0)
            must_be(EVP_DigestSignInit(it->raw_sign_message, NULL, NULL, NULL, NULL) == 1 &&
                        EVP_DigestSign(it->raw_sign_message, it->raw_signature,
                                       &it->raw_signature_len, message, sizeof message) == 1,
                    "EVP_DigestSign");
        else
            must_be(EVP_PKEY_sign(it->raw_sign, it->raw_signature, &it->raw_signature_len, it->hash,
                                  it->hash_len) == 1,
                    "EVP_PKEY_sign");
        bench_use(it->raw_signature);
    }
    return it->turn;
}

static double verify(void *context)
{
    bench_case *it = context;
    auth_error err;
    const auth_public_key *key = auth_signer_public_key(it->signer);
    for (int i = 0; i < it->turn; i++)
        must(auth_public_key_verify(key, auth_signer_algorithm(it->signer),
                                    (auth_bytes){message, sizeof message},
                                    (auth_bytes){it->signature.octets, it->signature.len}, &err),
             &err);
    return it->turn;
}

static double raw_verify(void *context)
{
    bench_case *it = context;
    for (int i = 0; i < it->turn; i++) {
        if (it->hash_len == 0)
            must_be(EVP_DigestVerifyInit(it->raw_verify_message, NULL, NULL, NULL, NULL) == 1 &&
                        EVP_DigestVerify(it->raw_verify_message, it->raw_signature,
                                         it->raw_signature_len, message, sizeof message) == 1,
                    "EVP_DigestVerify");
        else
            must_be(EVP_PKEY_verify(it->raw_verify, it->raw_signature, it->raw_signature_len,
                                    it->hash, it->hash_len) == 1,
                    "EVP_PKEY_verify");
    }
    return it->turn;
}

static double parse(void *context)
{
    bench_case *it = context;
    auth_error err;
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(it->signer));
    for (int i = 0; i < it->turn; i++) {
        auth_public_key *key = NULL;
        must(auth_public_key_parse(spki, &key, &err), &err);
        auth_public_key_free(key);
    }
    return it->turn;
}

static double raw_parse(void *context)
{
    bench_case *it = context;
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(it->signer));
    for (int i = 0; i < it->turn; i++) {
        const unsigned char *at = spki.data;
        EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.len);
        must_be(key != NULL, "d2i_PUBKEY");
        EVP_PKEY_free(key);
    }
    return it->turn;
}

static double check_strength(void *context)
{
    bench_case *it = context;
    auth_error err;
    for (int i = 0; i < it->turn; i++)
        must(auth_public_key_check_strength(auth_signer_public_key(it->signer), NULL, NULL, &err),
             &err);
    return it->turn;
}

static EVP_PKEY *export_key(const auth_signer *signer)
{
    auth_buf *pem = NULL;
    auth_error err;
    must(auth_buf_new(65536, &pem, &err), &err);
    must(auth_signer_export(signer, NULL, pem, &err), &err);
    BIO *bio = BIO_new_mem_buf(auth_buf_bytes(pem).data, (int)auth_buf_bytes(pem).len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    must_be(key != NULL, "PEM_read_bio_PrivateKey");
    BIO_free(bio);
    auth_buf_free(pem);
    return key;
}

static void prepare_raw(bench_case *it)
{
    bool is_rsa = it->type == AUTH_KEY_TYPE_RSA;
    /* Like a hash: a number with many zeros is verified faster. */
    must_be(RAND_bytes(it->hash, sizeof it->hash) == 1, "RAND_bytes");
    it->evp = export_key(it->signer);
    if (it->hash_len == 0) {
        it->raw_sign_message = EVP_MD_CTX_new();
        it->raw_verify_message = EVP_MD_CTX_new();
        must_be(EVP_DigestSignInit(it->raw_sign_message, NULL, NULL, NULL, it->evp) == 1 &&
                    EVP_DigestVerifyInit(it->raw_verify_message, NULL, NULL, NULL, it->evp) == 1,
                "EVP_DigestSignInit");
        return;
    }
    it->raw_sign = EVP_PKEY_CTX_new(it->evp, NULL);
    it->raw_verify = EVP_PKEY_CTX_new(it->evp, NULL);
    must_be(EVP_PKEY_sign_init(it->raw_sign) == 1 && EVP_PKEY_verify_init(it->raw_verify) == 1,
            "EVP_PKEY_sign_init");
    if (is_rsa)
        must_be(EVP_PKEY_CTX_set_rsa_padding(it->raw_sign, RSA_PKCS1_PADDING) > 0 &&
                    EVP_PKEY_CTX_set_signature_md(it->raw_sign, EVP_sha256()) > 0 &&
                    EVP_PKEY_CTX_set_rsa_padding(it->raw_verify, RSA_PKCS1_PADDING) > 0 &&
                    EVP_PKEY_CTX_set_signature_md(it->raw_verify, EVP_sha256()) > 0,
                "EVP_PKEY_CTX_set_rsa_padding");
}

static void release(bench_case *it)
{
    EVP_PKEY_CTX_free(it->raw_sign);
    EVP_PKEY_CTX_free(it->raw_verify);
    EVP_MD_CTX_free(it->raw_sign_message);
    EVP_MD_CTX_free(it->raw_verify_message);
    EVP_PKEY_free(it->evp);
    auth_signer_free(it->signer);
}

/* The two are measured in turn, several times, so that both meet the machine in the same moods. */
static void compare(bench_case *it, const char *what, bench_turn turn, bench_turn reference,
                    const char *against, double bound, double seconds)
{
    const int rounds = 4;
    char name[64];
    double best = 0;
    double best_reference = 0;
    for (int i = 0; i < rounds; i++) {
        double reference_rate = bench_rate(reference, it, seconds / rounds);
        double rate = bench_rate(turn, it, seconds / rounds);
        best = rate > best ? rate : best;
        best_reference = reference_rate > best_reference ? reference_rate : best_reference;
    }
    (void)snprintf(name, sizeof name, "key_%s_%s", what, it->name);
    bench_print(&(bench_result){.name = name,
                                .value = best,
                                .unit = "1/s",
                                .against = against,
                                .reference_value = best_reference,
                                .bound = bound});
}

int main(int argc, char **argv)
{
    static bench_case cases[] = {
        {.type = AUTH_KEY_TYPE_P256, .name = "p256", .hash_len = 32, .turn = 32},
        {.type = AUTH_KEY_TYPE_P384, .name = "p384", .hash_len = 48, .turn = 4},
        {.type = AUTH_KEY_TYPE_RSA, .bits = 2048, .name = "rsa2048", .hash_len = 32, .turn = 8},
        {.type = AUTH_KEY_TYPE_ED25519, .name = "ed25519", .hash_len = 0, .turn = 32},
        {.type = AUTH_KEY_TYPE_SM2, .name = "sm2", .hash_len = 32, .turn = 8},
    };
    double seconds = bench_seconds(argc, argv);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auth_error err;
        bench_case *it = &cases[i];
        must(auth_signer_generate(it->type, it->bits, &it->signer, &err), &err);
        prepare_raw(it);
        compare(it, "sign", sign, raw_sign, "EVP_PKEY_sign", BOUND, seconds);
        compare(it, "verify", verify, raw_verify, "EVP_PKEY_verify", BOUND, seconds);
        compare(it, "parse", parse, raw_parse, "d2i_PUBKEY", 0, seconds);
        if (it->type == AUTH_KEY_TYPE_RSA)
            compare(it, "strength", check_strength, raw_verify, "EVP_PKEY_verify", 0, seconds);
        release(it);
    }
    return 0;
}
