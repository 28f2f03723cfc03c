/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many OCSP requests a second become signed answers, from DER to DER, and which part of that
 * is the bare signature (EVP_PKEY_sign with a context that is used again)?
 */
#include "bench/bench.h"
#include "harness/raw_cert.h"

#include <auth/ocsp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#define NOW ((auth_time)1767225600)
#define TURN_FAST 64
#define TURN_SLOW 8
#define ROUNDS 8

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

typedef struct bench_case {
    const char *key;
    const char *name;
    double bound;
    int turn;
    auth_signer *signer;
    auth_ocsp_issuer *issuer;
    auth_ocsp_responder *responder;
    auth_buf *request;
    auth_buf *answer;
    EVP_PKEY_CTX *raw;
} bench_case;

static double respond(void *context)
{
    bench_case *it = context;
    auth_error err;
    auth_ocsp_statement statement = {.status = AUTH_OCSP_GOOD,
                                     .this_update = NOW - 60,
                                     .next_update = NOW + 3600};
    auth_ocsp_answer_options options = {.produced_at = NOW};
    for (int i = 0; i < it->turn; i++) {
        auth_ocsp_request *request = NULL;
        auth_buf_truncate(it->answer, 0);
        must(auth_ocsp_request_parse(auth_buf_bytes(it->request), &request, &err), &err);
        if (!auth_ocsp_issuer_matches(it->issuer, auth_ocsp_request_cert_id(request, 0)))
            harness_die("the request is about another issuer");
        must(auth_ocsp_respond(it->responder, request, &statement, &options, it->answer, &err),
             &err);
        auth_ocsp_request_free(request);
    }
    return it->turn;
}

static double sign(void *context)
{
    bench_case *it = context;
    static const uint8_t hash[32] = {1, 2, 3};
    uint8_t signature[AUTH_SIGNATURE_MAX];
    for (int i = 0; i < it->turn; i++) {
        size_t len = sizeof signature;
        if (EVP_PKEY_sign(it->raw, signature, &len, hash, sizeof hash) != 1)
            harness_die("EVP_PKEY_sign failed");
        bench_use(signature);
    }
    return it->turn;
}

static EVP_PKEY_CTX *raw_context(const auth_signer *signer)
{
    auth_buf *pem = NULL;
    auth_error err;
    must(auth_buf_new(65536, &pem, &err), &err);
    must(auth_signer_export(signer, NULL, pem, &err), &err);
    auth_bytes text = auth_buf_bytes(pem);
    BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_PKEY_CTX *context = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
    if (context == NULL || EVP_PKEY_sign_init(context) != 1)
        harness_die("OpenSSL does not take the key");
    BIO_free(bio);
    EVP_PKEY_free(key);
    auth_buf_free(pem);
    return context;
}

static void prepare(bench_case *it)
{
    auth_error err;
    raw_bytes authority = raw_authority_extensions();
    raw_bytes delegate = raw_responder_extensions();
    raw_cert root = {"A", "A", 1, NOW - 86400, NOW + 86400, RAW(authority)};
    raw_cert leaf = {"A", "R", 2, NOW - 86400, NOW + 86400, RAW(delegate)};
    it->signer = raw_signer_load(it->key);
    auth_signer *ca = raw_signer_new(auth_public_key_type(auth_signer_public_key(it->signer)));
    raw_bytes root_der = raw_cert_make(&root, auth_signer_public_key(ca), ca);
    raw_bytes leaf_der = raw_cert_make(&leaf, auth_signer_public_key(it->signer), ca);
    must(auth_ocsp_issuer_new(RAW(root_der), &it->issuer, &err), &err);
    must(auth_ocsp_responder_new(RAW(leaf_der), it->issuer, it->signer, &it->responder, &err),
         &err);
    auth_signer_free(ca);
    must(auth_buf_new(AUTH_OCSP_REQUEST_MAX, &it->request, &err), &err);
    must(auth_buf_new(AUTH_OCSP_RESPONSE_MAX, &it->answer, &err), &err);
    must(auth_ocsp_request_encode(it->issuer, BYTES("\x01\x07\x23\x34\x45\x56\x67\x78\x09\x10"),
                                  AUTH_OCSP_HASH_SHA1, BYTES("0123456789abcdef0123456789abcdef"),
                                  it->request, &err),
         &err);
    it->raw = raw_context(it->signer);
}

static void release(bench_case *it)
{
    EVP_PKEY_CTX_free(it->raw);
    auth_buf_free(it->answer);
    auth_buf_free(it->request);
    auth_ocsp_responder_free(it->responder);
    auth_ocsp_issuer_free(it->issuer);
    auth_signer_free(it->signer);
}

/*
 * Measures both in turns and keeps the best of each, so that what the machine does besides slows
 * neither alone.
 */
static void measure(bench_case *it, double seconds)
{
    bench_result result = {.name = it->name,
                           .unit = "answers/s",
                           .against = "EVP_PKEY_sign",
                           .bound = it->bound};
    for (int i = 0; i < ROUNDS; i++) {
        double rate = bench_rate(respond, it, seconds / (2 * ROUNDS));
        double reference = bench_rate(sign, it, seconds / (2 * ROUNDS));
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
    bench_case cases[] = {
        {.key = "p256", .name = "ocsp-respond-p256", .bound = 0.8, .turn = TURN_FAST},
        {.key = "sm2", .name = "ocsp-respond-sm2", .bound = 0.95, .turn = TURN_SLOW},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        prepare(&cases[i]);
        measure(&cases[i], seconds / 2);
        release(&cases[i]);
    }
    return 0;
}
