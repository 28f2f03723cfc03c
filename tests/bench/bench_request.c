/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many enrolments with two signatures (P-256) are read and judged a second, and which part of
 * that are the two bare verifications? And how many items of a batch are read?
 */
#include "bench/bench.h"
#include "harness/realm_office.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS_A_TURN 16
#define BATCH 500
#define ROUNDS 8

typedef struct judged {
    office_realm *realm;
    auth_request_facts facts;
    auth_buf *document;
    EVP_PKEY_CTX *raw[2];
    uint8_t hash[32];
    uint8_t signatures[2][128];
    size_t lens[2];
} judged;

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

static double judge(void *context)
{
    judged *it = context;
    for (int i = 0; i < REQUESTS_A_TURN; i++) {
        auth_error err;
        auth_request_verdict verdict;
        auth_request *request = office_parse(auth_buf_bytes(it->document));
        must(auth_request_evaluate(request, it->realm->policy, &it->facts, OFFICE_NOW, &verdict,
                                   &err),
             &err);
        if (verdict.outcome != AUTH_REQUEST_SATISFIED)
            harness_die("%s", verdict.text);
        auth_request_free(request);
    }
    return REQUESTS_A_TURN;
}

static double verify(void *context)
{
    judged *it = context;
    for (int i = 0; i < REQUESTS_A_TURN; i++) {
        for (int s = 0; s < 2; s++) {
            if (EVP_PKEY_verify(it->raw[s], it->signatures[s], it->lens[s], it->hash,
                                sizeof it->hash) != 1)
                harness_die("EVP_PKEY_verify failed");
        }
    }
    return REQUESTS_A_TURN;
}

/* A signature by a key of OpenSSL's own, and a context that verifies it. */
static void prepare_raw(judged *it, int s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY_CTX *sign = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
    it->lens[s] = sizeof it->signatures[s];
    it->raw[s] = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
    if (sign == NULL || it->raw[s] == NULL || EVP_PKEY_sign_init(sign) != 1 ||
        EVP_PKEY_sign(sign, it->signatures[s], &it->lens[s], it->hash, sizeof it->hash) != 1 ||
        EVP_PKEY_verify_init(it->raw[s]) != 1)
        harness_die("OpenSSL does not sign");
    EVP_PKEY_CTX_free(sign);
    EVP_PKEY_free(key);
}

static void measure_single(double seconds)
{
    static const office_who signers[] = {OFFICE_CLERK, OFFICE_APPROVER, OFFICE_NOBODY};
    judged it = {.realm = office_new(AUTH_KEY_TYPE_P256), .hash = {1, 2, 3}};
    auth_request_draft draft = office_draft(it.realm, AUTH_REQUEST_KIND_ENROL);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    bench_result result = {.name = "request-judge",
                           .unit = "requests/s",
                           .against = "two EVP_PKEY_verify",
                           .bound = 0.7};
    it.document = office_sign(it.realm, auth_buf_bytes(payload), signers);
    it.facts = office_facts(it.realm);
    for (int s = 0; s < 2; s++)
        prepare_raw(&it, s);
    /* In turns, and the best of each, so that what the machine does besides slows neither alone. */
    for (int i = 0; i < ROUNDS; i++) {
        double rate = bench_rate(judge, &it, seconds / (2 * ROUNDS));
        double reference = bench_rate(verify, &it, seconds / (2 * ROUNDS));
        result.value = rate > result.value ? rate : result.value;
        result.reference_value =
            reference > result.reference_value ? reference : result.reference_value;
    }
    bench_print(&result);
    for (int s = 0; s < 2; s++)
        EVP_PKEY_CTX_free(it.raw[s]);
    auth_buf_free(it.document);
    office_free(it.realm);
}

/* A number that nobody has: nobody who was born in 1801 lives (ISO 7064 MOD 11-2 at its end). */
static void write_number(unsigned index, char out[19])
{
    static const unsigned weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0;
    (void)snprintf(out, 19, "1101051801%02u%02u%03u", index % 12 + 1, index / 12 % 28 + 1,
                   index % 999);
    for (size_t i = 0; i < 17; i++)
        sum += (unsigned)(out[i] - '0') * weights[i];
    out[17] = "10X98765432"[sum % 11];
    out[18] = '\0';
}

/* As many persons as an office enters in a day or two, each with a key of her own. */
static auth_buf *make_batch(office_realm *realm, auth_buf **csrs)
{
    static const office_who signers[] = {OFFICE_CLERK, OFFICE_APPROVER, OFFICE_NOBODY};
    auth_error err;
    auth_request_draft draft = office_draft(realm, AUTH_REQUEST_KIND_ENROL);
    auth_request_item *items = calloc(BATCH, sizeof *items);
    if (items == NULL)
        harness_die("no memory");
    for (unsigned i = 0; i < BATCH; i++) {
        char number[19];
        auth_person_rules rules = {.type = AUTH_PERSON_TYPE_CITIZEN, .today = {2026, 1, 1}};
        auth_signer *signer = raw_signer_new(AUTH_KEY_TYPE_P256);
        csrs[i] = office_csr(signer);
        auth_signer_free(signer);
        items[i] = realm->item;
        items[i].csr = auth_buf_bytes(csrs[i]);
        write_number(i, number);
        must(auth_person_number_parse(auth_bytes_from_text(number), &rules, &items[i].person, &err),
             &err);
    }
    draft.items = items;
    draft.item_count = BATCH;
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    free(items);
    return office_sign(realm, auth_buf_bytes(payload), signers);
}

static double read_batch(void *context)
{
    auth_request *request = office_parse(auth_buf_bytes(context));
    auth_request_free(request);
    return BATCH;
}

static double copy_batch(void *context)
{
    auth_bytes text = auth_buf_bytes(context);
    uint8_t *copy = malloc(text.len);
    if (copy == NULL)
        harness_die("no memory");
    memcpy(copy, text.data, text.len);
    bench_use(copy);
    free(copy);
    return BATCH;
}

static void measure_batch(double seconds)
{
    static auth_buf *csrs[BATCH];
    office_realm *realm = office_new(AUTH_KEY_TYPE_P256);
    auth_buf *document = make_batch(realm, csrs);
    bench_result result = {
        .name = "request-read-batch",
        .value = bench_rate(read_batch, document, seconds / 2),
        .unit = "items/s",
        .against = "memcpy of the document",
        .reference_value = bench_rate(copy_batch, document, seconds / 2),
    };
    bench_print(&result);
    for (size_t i = 0; i < BATCH; i++)
        auth_buf_free(csrs[i]);
    auth_buf_free(document);
    office_free(realm);
}

int main(int argc, char **argv)
{
    double seconds = bench_seconds(argc, argv);
    measure_single(seconds / 2);
    measure_batch(seconds / 2);
    return 0;
}
