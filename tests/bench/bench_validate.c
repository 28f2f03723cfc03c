/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many certificates a second get their verdict, from DER, with a known issuer, and which part
 * of that is the bare verification of one signature (EVP_PKEY_verify with a context that is used
 * again)? The whole engine, which builds a chain of three certificates each time, for comparison.
 */
#include "bench/bench.h"
#include "bench/raw_verification.h"
#include "harness/chain.h"

typedef struct bench_case {
    auth_key_type type;
    const char *name;
    const char *whole_name;
    double bound; /* RSA verifies in a fifth of the time of the others: no bound fits it */
    int turn;
    chain c;
    auth_trust *trust;
    auth_known_issuer *issuer;
    raw_verification raw;
} bench_case;

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
    for (int i = 0; i < it->turn; i++)
        raw_verification_run(&it->raw);
    return it->turn;
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
    raw_verification_begin(&it->raw, it->type);
}

static void release(bench_case *it)
{
    auth_known_issuer_free(it->issuer);
    auth_trust_free(it->trust);
    raw_verification_end(&it->raw);
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
