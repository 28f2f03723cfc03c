/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many General JSON documents of 2 KiB with two signatures a second are read and verified, and
 * which part of that are the two bare verifications (EVP_PKEY_verify on a ready hash with a context
 * that is used again)?
 */
#include "bench/bench.h"
#include "harness/jws_signer.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define SIGNERS 2
#define PAYLOAD_LEN 2048
#define ROUNDS 8

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

typedef struct bench_case {
    auth_key_type type;
    const char *name;
    double bound;
    int turn;
    jws_signer signers[SIGNERS];
    auth_buf *text;
    EVP_PKEY_CTX *raw;
    uint8_t hash[32];
    uint8_t signature[AUTH_SIGNATURE_MAX];
    size_t signature_len;
} bench_case;

static double read_and_verify(void *context)
{
    static const auth_jws_rules rules = {.type = JWS_TYPE};
    const bench_case *it = context;
    auth_error err;
    for (int i = 0; i < it->turn; i++) {
        auth_jws *jws = NULL;
        must(auth_jws_parse(auth_buf_bytes(it->text), &rules, &jws, &err), &err);
        for (size_t n = 0; n < SIGNERS; n++)
            must(auth_jws_verify(jws, n, auth_signer_public_key(it->signers[n].signer), &err),
                 &err);
        auth_jws_free(jws);
    }
    return it->turn;
}

static double verify_bare(void *context)
{
    const bench_case *it = context;
    for (int i = 0; i < it->turn * SIGNERS; i++) {
        if (EVP_PKEY_verify(it->raw, it->signature, it->signature_len, it->hash, sizeof it->hash) !=
            1)
            harness_die("EVP_PKEY_verify failed");
    }
    return it->turn;
}

static EVP_PKEY *raw_key(const auth_signer *signer)
{
    auth_buf *pem = NULL;
    auth_error err;
    must(auth_buf_new(65536, &pem, &err), &err);
    must(auth_signer_export(signer, NULL, pem, &err), &err);
    auth_bytes text = auth_buf_bytes(pem);
    BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    auth_buf_free(pem);
    return key;
}

static void prepare_raw(bench_case *it)
{
    EVP_PKEY *key = raw_key(it->signers[0].signer);
    EVP_PKEY_CTX *signing = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
    it->raw = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
    it->signature_len = sizeof it->signature;
    if (signing == NULL || it->raw == NULL || EVP_PKEY_sign_init(signing) != 1 ||
        EVP_PKEY_sign(signing, it->signature, &it->signature_len, it->hash, sizeof it->hash) != 1 ||
        EVP_PKEY_verify_init(it->raw) != 1)
        harness_die("OpenSSL does not take the key");
    EVP_PKEY_CTX_free(signing);
    EVP_PKEY_free(key);
}

static void prepare(bench_case *it)
{
    uint8_t payload[PAYLOAD_LEN];
    auth_error err;
    auth_jws *first = NULL;
    memset(payload, 'x', sizeof payload);
    for (size_t i = 0; i < SIGNERS; i++)
        jws_signer_open(&it->signers[i], NULL, it->type);
    auth_jws_signing signing = jws_signing(&it->signers[0]);
    must(auth_buf_new(AUTH_JWS_MAX, &it->text, &err), &err);
    must(auth_jws_sign((auth_bytes){payload, sizeof payload}, &signing, it->text, &err), &err);
    must(auth_jws_parse(auth_buf_bytes(it->text), &(auth_jws_rules){.type = JWS_TYPE}, &first,
                        &err),
         &err);
    auth_buf_truncate(it->text, 0);
    signing = jws_signing(&it->signers[1]);
    must(auth_jws_add(first, &signing, it->text, &err), &err);
    auth_jws_free(first);
    prepare_raw(it);
}

static void release(bench_case *it)
{
    EVP_PKEY_CTX_free(it->raw);
    auth_buf_free(it->text);
    for (size_t i = 0; i < SIGNERS; i++)
        jws_signer_close(&it->signers[i]);
}

/*
 * Measures both in turns and keeps the best of each, so that what the machine does besides slows
 * neither alone.
 */
static void measure(bench_case *it, double seconds)
{
    bench_result result = {.name = it->name,
                           .unit = "documents/s",
                           .against = "2 EVP_PKEY_verify",
                           .bound = it->bound};
    for (int i = 0; i < ROUNDS; i++) {
        double rate = bench_rate(read_and_verify, it, seconds / (2 * ROUNDS));
        double reference = bench_rate(verify_bare, it, seconds / (2 * ROUNDS));
        if (rate > result.value)
            result.value = rate;
        if (reference > result.reference_value)
            result.reference_value = reference;
    }
    bench_print(&result);
}

int main(int argc, char **argv)
{
    double seconds = bench_seconds(argc, argv);
    static bench_case cases[] = {
        {.type = AUTH_KEY_TYPE_P256, .name = "jws-verify-es256", .bound = 0.5, .turn = 32},
        {.type = AUTH_KEY_TYPE_SM2, .name = "jws-verify-sm2", .bound = 0.5, .turn = 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        prepare(&cases[i]);
        measure(&cases[i], seconds / 2);
        release(&cases[i]);
    }
    return 0;
}
