/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many ledger entries a second get their place in the tree, and how many are verified, shallow,
 * against hashing their bodies alone? Times are of the wall, since half of the work is the
 * server's.
 * --full: a million entries instead of fifty thousand.
 */
#include "bench/bench.h"
#include "bench/bench_cluster.h"
#include "harness/chain.h"
#include "registry/ledger_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEW 50000
#define MANY 1000000
#define VERIFIED_BOUND 20000 /* issue of the design */

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

/* Entries as of the issue of certificates, with a body of some 400 octets, 1,000 a transaction. */
static void fill(long count)
{
    char sql[1024];
    bench_cluster_sql("INSERT INTO registry.realm VALUES (true, 'bench')");
    (void)
        snprintf(sql, sizeof sql,
                 "DO $$ BEGIN FOR k IN 0 .. %ld LOOP"
                 " INSERT INTO registry.ledger_entry (event, item, request_id, body) SELECT 32, 0,"
                 " lpad(to_hex(n), 32, '0')::uuid, convert_to("
                 "'{\"event\":\"issued\",\"at\":\"2026-01-31T23:59:59Z\",\"realm\":\"bench\","
                 "\"request\":\"' || lpad(to_hex(n), 32, '0')::uuid || '\",\"item\":0,"
                 "\"actor\":[\"010203\",\"040506\"],\"document\":\"' || repeat('ab', 32) || '\","
                 "\"certificate\":\"' || repeat('cd', 32) || '\"}', 'UTF8')"
                 " FROM generate_series(k * 1000 + 1, k * 1000 + 1000) n; COMMIT;"
                 " END LOOP; END $$",
                 count / 1000 - 1);
    bench_cluster_sql(sql);
    bench_cluster_sql("ANALYZE registry.ledger_entry");
}

static void sequence(registry_crypto *crypto, uint64_t count)
{
    auth_error err;
    registry_ledger_progress progress = {.is_more = true};
    registry_connection *ca = bench_cluster_connect(REGISTRY_ROLE_CA);
    chain made = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    auth_bytes cert = RAW(made.certs[CHAIN_LEAF]);
    registry_ledger_round round = {
        .signing = {chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF), &cert, 1},
        .realm = "bench",
        .now = CHAIN_NOW,
    };
    double began = bench_wall();
    while (progress.is_more)
        must(registry_ledger_advance(ca, crypto, &round, &progress, &err), &err);
    if (progress.tree_size != count)
        harness_die("%llu entries are in the tree", (unsigned long long)progress.tree_size);
    bench_print(&(bench_result){.name = "ledger-sequence",
                                .value = (double)count / (bench_wall() - began),
                                .unit = "entries/s",
                                .against = "540 a second, the whole country in 30 days",
                                .reference_value = 540});
    registry_connection_free(ca);
}

static double hash(registry_crypto *crypto, uint64_t count)
{
    auth_error err;
    merkle_hash out;
    char body[400];
    memset(body, 'b', sizeof body);
    double began = bench_wall();
    for (uint64_t i = 0; i < count; i++)
        must(merkle_leaf(crypto, (auth_bytes){(const uint8_t *)body, sizeof body}, &out, &err),
             &err);
    return (double)count / (bench_wall() - began);
}

static void verify(registry_crypto *crypto, uint64_t count)
{
    auth_error err;
    registry_ledger_summary summary;
    chain made = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    auth_bytes authority = RAW(made.certs[CHAIN_CA]);
    registry_ledger_examination examination = {.realm = "bench", .trust = {&authority, 1}};
    registry_reporter reporter = {.find = NULL};
    registry_connection *auditor = bench_cluster_connect(REGISTRY_ROLE_AUDITOR);
    double began = bench_wall();
    must(registry_ledger_verify(auditor, crypto, &examination, &reporter, &summary, &err), &err);
    double rate = (double)count / (bench_wall() - began);
    if (summary.entries != count || reporter.found > 0)
        harness_die("%llu entries, %llu faults", (unsigned long long)summary.entries,
                    (unsigned long long)reporter.found);
    bench_print(&(bench_result){.name = "ledger-verify",
                                .value = rate,
                                .unit = "entries/s",
                                .against = "hashing bodies of 400 octets",
                                .reference_value = hash(crypto, count),
                                .bound = 0});
    if (rate < VERIFIED_BOUND)
        fprintf(stderr, "ledger-verify: below %d entries a second\n", VERIFIED_BOUND);
    registry_connection_free(auditor);
}

int main(int argc, char **argv)
{
    auth_error err;
    registry_crypto *crypto = NULL;
    bool is_full = argc > 1 && strcmp(argv[argc - 1], "--full") == 0;
    long count = is_full ? MANY : FEW;
    (void)bench_seconds(is_full ? argc - 1 : argc, argv);
    must(registry_crypto_new(&crypto, &err), &err);
    bench_cluster_start("");
    fill(count);
    sequence(crypto, (uint64_t)count);
    verify(crypto, (uint64_t)count);
    registry_crypto_free(crypto);
    return EXIT_SUCCESS;
}
