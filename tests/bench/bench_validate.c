/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many certificates a second get their verdict, from DER, with a known issuer, and which part
 * of that is the bare verification of one signature (EVP_PKEY_verify with a context that is used
 * again)? The whole engine, which builds a chain of three certificates each time, for comparison.
 */
#include "bench/bench.h"
#include "harness/chain.h"

#include <openssl/evp.h>

typedef struct bench_case {
    auth_key_type type;
    const char *name;
    const char *whole_name;
    double bound; /* RSA verifies in a fifth of the time of the others: no bound fits it */
    int turn;
    chain c;
    auth_trust *trust;
    auth_known_issuer *issuer;
    EVP_PKEY_CTX *raw;
    EVP_MD_CTX *raw_message; /* Ed25519 verifies whole messages only */
    auth_signature signature;
} bench_case;

static const uint8_t message[32] = {1, 2, 3};

static const auth_validation login = {.now = CHAIN_NOW, .purpose = AUTH_PURPOSE_CITIZEN_LOGIN};

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

static void must_be_valid(const auth_verdict *verdict)
{
    if (verdict->reason != AUTH_VERDICT_REASON_OK)
        harness_die("%s: %s", auth_verdict_reason_name(verdict->reason), verdict->detail);
}

static double by_known_issuer(void *context)
{
    bench_case *it = context;
    auth_error err;
    auth_verdict verdict;
    for (int i = 0; i < it->turn; i++) {
        must(auth_known_issuer_validate(it->issuer, &login, RAW(it->c.certs[CHAIN_LEAF]), NULL,
                                        &verdict, &err),
             &err);
        must_be_valid(&verdict);
    }
    return it->turn;
}

static double by_whole_engine(void *context)
{
    bench_case *it = context;
    auth_error err;
    auth_verdict verdict;
    auth_bytes authority = RAW(it->c.certs[CHAIN_CA]);
    auth_evidence evidence = {.intermediates = &authority, .intermediate_count = 1};
    for (int i = 0; i < it->turn; i++) {
        must(auth_validate(it->trust, &login, RAW(it->c.certs[CHAIN_LEAF]), &evidence, &verdict,
                           &err),
             &err);
        must_be_valid(&verdict);
    }
    return it->turn;
}

static double raw_verify(void *context)
{
    bench_case *it = context;
    for (int i = 0; i < it->turn; i++) {
        int answer = it->raw_message != NULL
                         ? EVP_DigestVerify(it->raw_message, it->signature.octets,
                                            it->signature.len, message, sizeof message)
                         : EVP_PKEY_verify(it->raw, it->signature.octets, it->signature.len,
                                           message, sizeof message);
        if (answer != 1)
            harness_die("the bare verification failed");
    }
    return it->turn;
}

static EVP_PKEY *new_key(auth_key_type type)
{
    if (type == AUTH_KEY_TYPE_RSA)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    if (type == AUTH_KEY_TYPE_P256)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    return EVP_PKEY_Q_keygen(NULL, NULL, type == AUTH_KEY_TYPE_SM2 ? "SM2" : "ED25519");
}

static bool sign_hash(bench_case *it, EVP_PKEY *key)
{
    EVP_PKEY_CTX *signer = EVP_PKEY_CTX_new(key, NULL);
    it->raw = EVP_PKEY_CTX_new(key, NULL);
    bool is_signed = EVP_PKEY_sign_init(signer) == 1 &&
                     EVP_PKEY_sign(signer, it->signature.octets, &it->signature.len, message,
                                   sizeof message) == 1 &&
                     EVP_PKEY_verify_init(it->raw) == 1;
    EVP_PKEY_CTX_free(signer);
    return is_signed;
}

static bool sign_message(bench_case *it, EVP_PKEY *key)
{
    EVP_MD_CTX *signer = EVP_MD_CTX_new();
    it->raw_message = EVP_MD_CTX_new();
    bool is_signed = EVP_DigestSignInit(signer, NULL, NULL, NULL, key) == 1 &&
                     EVP_DigestSign(signer, it->signature.octets, &it->signature.len, message,
                                    sizeof message) == 1 &&
                     EVP_DigestVerifyInit(it->raw_message, NULL, NULL, NULL, key) == 1;
    EVP_MD_CTX_free(signer);
    return is_signed;
}

/* Signs with a key of OpenSSL's own, and prepares to verify that. */
static void prepare_raw(bench_case *it)
{
    EVP_PKEY *key = new_key(it->type);
    it->signature.len = sizeof it->signature.octets;
    if (key == NULL ||
        !(it->type == AUTH_KEY_TYPE_ED25519 ? sign_message(it, key) : sign_hash(it, key)))
        harness_die("OpenSSL does not sign");
    EVP_PKEY_free(key);
}

static void prepare(bench_case *it)
{
    auth_error err;
    auth_verdict verdict;
    it->c = chain_make(it->type, CHAIN_ROOT, NULL);
    auth_bytes anchor = RAW(it->c.certs[CHAIN_ROOT]);
    must(auth_trust_new(&anchor, 1, NULL, 0, &it->trust, &err), &err);
    must(auth_known_issuer_new(it->trust, &login, RAW(it->c.certs[CHAIN_CA]), NULL, &it->issuer,
                               &verdict, &err),
         &err);
    must_be_valid(&verdict);
    prepare_raw(it);
}

static void release(bench_case *it)
{
    auth_known_issuer_free(it->issuer);
    auth_trust_free(it->trust);
    EVP_PKEY_CTX_free(it->raw);
    EVP_MD_CTX_free(it->raw_message);
}

int main(int argc, char **argv)
{
    double seconds = bench_seconds(argc, argv);
    static bench_case cases[] = {
        {.type = AUTH_KEY_TYPE_P256,
         .name = "validate-known-issuer-p256",
         .whole_name = "validate-whole-p256",
         .bound = 0.7,
         .turn = 64},
        {.type = AUTH_KEY_TYPE_SM2,
         .name = "validate-known-issuer-sm2",
         .whole_name = "validate-whole-sm2",
         .bound = 0.7,
         .turn = 16},
        {.type = AUTH_KEY_TYPE_ED25519,
         .name = "validate-known-issuer-ed25519",
         .whole_name = "validate-whole-ed25519",
         .bound = 0.7,
         .turn = 64},
        {.type = AUTH_KEY_TYPE_RSA,
         .name = "validate-known-issuer-rsa",
         .whole_name = "validate-whole-rsa",
         .turn = 64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        prepare(&cases[i]);
        bench_result result = {
            .name = cases[i].name,
            .value = bench_rate(by_known_issuer, &cases[i], seconds / 8),
            .unit = "verdicts/s",
            .against = "one bare verification",
            .reference_value = bench_rate(raw_verify, &cases[i], seconds / 8),
            .bound = cases[i].bound,
        };
        bench_print(&result);
        result.name = cases[i].whole_name;
        result.value = bench_rate(by_whole_engine, &cases[i], seconds / 8);
        result.bound = 0;
        bench_print(&result);
        release(&cases[i]);
    }
    return 0;
}
