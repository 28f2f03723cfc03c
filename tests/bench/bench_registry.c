/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many certificates a second go through the registry in batches, from the request to the last
 * ledger entry, and how many statuses a second are looked up? Against pgbench on the same cluster
 * in the same run: the same rows, one certificate a transaction; and the same query, prepared.
 *
 * Times are of the wall, since the work is the server's. --full also looks up among 5 million.
 */
#include "bench/bench.h"
#include "bench/bench_cluster.h"
#include "harness/data.h"
#include "harness/registry_rows.h"
#include "registry/transaction.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 500
#define SAMPLE 10000
#define CLIENTS 8
#define FEW 10000
#define MANY 5000000
/* A partition for each, so that both are there at the same time. */
#define FEW_EPOCH "012d"
#define MANY_EPOCH "012f"

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

/*
 * Certificates whose serial numbers rise from 1 to count, so that they are made in minutes and
 * pgbench can compute them; what is looked up is at random.
 */
static void fill_certificates(const char *epoch, long count)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql,
                   "SET search_path = registry; SET session_replication_role = replica;"
                   "INSERT INTO certificate (serial, authority_id, shard, item, request_id,"
                   " office_no, profile, key_hash, not_before, not_after, issued_at, der)"
                   " SELECT '\\x%s'::bytea || int8send(n) || int8send(n), 1, 0, 0,"
                   " lpad(to_hex(n), 32, '0')::uuid, 2, 'citizen-signing', int8send(n) || "
                   "int8send(n) || int8send(n) || int8send(n),"
                   " '2025-01-01Z', '2035-01-01Z', '2025-01-01Z', decode(repeat('ab', 300), 'hex')"
                   " FROM generate_series(1, %ld) n;"
                   "RESET session_replication_role; ANALYZE registry.certificate; CHECKPOINT;",
                   epoch, count);
    bench_cluster_sql(sql);
    /* As autovacuum does in time; it cannot be in a transaction. */
    bench_cluster_sql("VACUUM registry.certificate");
}

/* Serial numbers to look up. */
static uint8_t sample[SAMPLE][18];

static void take_sample(const char *epoch, uint64_t count)
{
    unsigned seed = 1;
    for (size_t i = 0; i < SAMPLE; i++) {
        uint64_t number = 1 + (uint64_t)rand_r(&seed) % count;
        sample[i][0] = 0x01;
        sample[i][1] = (uint8_t)strtoul(epoch + 2, NULL, 16);
        for (size_t k = 0; k < 8; k++) {
            sample[i][2 + k] = (uint8_t)(number >> (56 - 8 * k));
            sample[i][10 + k] = sample[i][2 + k];
        }
    }
}

/* One thread that looks up. */
typedef struct looker {
    pthread_t thread;
    registry_connection *connection;
    double seconds;
    size_t from;
    double rate;
} looker;

static void *look_up(void *context)
{
    looker *of = context;
    auth_error err;
    registry_certificate_status status;
    double begin = bench_wall();
    size_t done = 0;
    while (bench_wall() - begin < of->seconds) {
        for (int i = 0; i < 100; i++, done++) {
            auth_bytes serial = {sample[(of->from + done * 7) % SAMPLE], 18};
            must(registry_certificate_status_find(of->connection, serial, &status, &err), &err);
        }
    }
    of->rate = (double)done / (bench_wall() - begin);
    return NULL;
}

static double look_up_rate(int clients, double seconds)
{
    looker lookers[CLIENTS];
    double rate = 0;
    for (int i = 0; i < clients; i++) {
        lookers[i] = (looker){.connection = bench_cluster_connect(REGISTRY_ROLE_OCSP),
                              .seconds = seconds,
                              .from = (size_t)i * 1009};
        if (pthread_create(&lookers[i].thread, NULL, look_up, &lookers[i]) != 0)
            harness_die("no thread");
    }
    for (int i = 0; i < clients; i++) {
        (void)pthread_join(lookers[i].thread, NULL);
        registry_connection_free(lookers[i].connection);
        rate += lookers[i].rate;
    }
    return rate;
}

static double select_rate(int clients, const char *epoch, long count, double seconds)
{
    char script[512];
    (void)snprintf(
        script, sizeof script,
        "\\set n random(1, %ld)\n"
        "SELECT serial, authority_id, shard, not_before, not_after, revision, action,"
        " reason, at FROM registry.certificate_status"
        " WHERE serial = '\\x%s'::bytea || int8send(:n::bigint) || int8send(:n::bigint);\n",
        count, epoch);
    return bench_pgbench(script, clients, seconds);
}

#define TURNS 3

/* In turns, and the best of each, so that what else runs here disturbs both alike. */
static void bench_look_up(const char *name, int clients, const char *epoch, long count,
                          double seconds)
{
    double ours = 0;
    double theirs = 0;
    take_sample(epoch, (uint64_t)count);
    for (int i = 0; i < TURNS; i++) {
        double rate = look_up_rate(clients, seconds / TURNS);
        ours = rate > ours ? rate : ours;
        rate = select_rate(clients, epoch, count, seconds / TURNS < 1 ? 1 : seconds / TURNS);
        theirs = rate > theirs ? rate : theirs;
    }
    bench_print(&(bench_result){name, ours, "look-ups/s", "pgbench, prepared", theirs, 0.8});
}

/* Among few and among many, in turns: the rate is to be the same. */
static void bench_flat(double seconds)
{
    double few = 0;
    double many = 0;
    for (int i = 0; i < TURNS * 2; i++) {
        take_sample(FEW_EPOCH, FEW);
        double rate = look_up_rate(1, seconds / TURNS);
        few = rate > few ? rate : few;
        take_sample(MANY_EPOCH, MANY);
        rate = look_up_rate(1, seconds / TURNS);
        many = rate > many ? rate : many;
    }
    bench_print(&(bench_result){"status among 5 million", many, "look-ups/s",
                                "among 10 thousand, in turns", few, 0.8});
}

static const char issue_script[] =
    "\\set a random(1, 4611686018427387903)\n"
    "\\set b random(1, 4611686018427387903)\n"
    "BEGIN;\n"
    "INSERT INTO registry.request (request_id, kind, office_no, state, item_count, payload_hash,"
    " document, seal_key, created_at, expires_at) VALUES ((lpad(to_hex(:a::bigint), 16, '0') ||"
    " lpad(to_hex(:b::bigint), 16, '0'))::uuid, 1, 2, 2, 1, sha256(:a::text::bytea),"
    " decode(repeat('ab', 2400), 'hex'), 1, now(), now() + interval '1 day');\n"
    "INSERT INTO registry.request_item VALUES ((lpad(to_hex(:a::bigint), 16, '0') ||"
    " lpad(to_hex(:b::bigint), 16, '0'))::uuid, 0, sha256(:b::text::bytea), NULL);\n"
    "INSERT INTO registry.signature (request_id, place, signer_serial, officer_id, signed_at)"
    " VALUES ((lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid, 0,"
    " '\\x012c01000000000000000000000000000000', 'officer-1', now());\n"
    "INSERT INTO registry.signature (request_id, place, signer_serial, officer_id, signed_at)"
    " VALUES ((lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid, 1,"
    " '\\x012c02000000000000000000000000000000', 'officer-2', now());\n"
    "INSERT INTO registry.ledger_entry (event, request_id, office_no, body) VALUES (1,"
    " (lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid, 2,"
    " decode(repeat('ab', 300), 'hex'));\n"
    "INSERT INTO registry.citizen VALUES ((lpad(to_hex(:b::bigint), 16, '0') ||"
    " lpad(to_hex(:a::bigint), 16, '0'))::uuid, 2, sha256(:b::text::bytea), decode(repeat('ab', "
    "60),"
    " 'hex'), decode(repeat('ab', 92), 'hex'), 1, now());\n"
    "INSERT INTO registry.key_holder VALUES (sha256((:a::bigint + 1)::text::bytea),"
    " (lpad(to_hex(:b::bigint), 16, '0') || lpad(to_hex(:a::bigint), 16, '0'))::uuid, NULL);\n"
    "INSERT INTO registry.live_certificate VALUES ((lpad(to_hex(:b::bigint), 16, '0') ||"
    " lpad(to_hex(:a::bigint), 16, '0'))::uuid, 'signing', decode('012e' || "
    "lpad(to_hex(:a::bigint), 16, '0') ||"
    " lpad(to_hex(:b::bigint), 16, '0'), 'hex'), now() + interval '3 years');\n"
    "INSERT INTO registry.outcome VALUES ((lpad(to_hex(:a::bigint), 16, '0') ||"
    " lpad(to_hex(:b::bigint), 16, '0'))::uuid, 0, 0, NULL, NULL, decode('012e' ||"
    " lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'), 'hex'), now());\n"
    "INSERT INTO registry.certificate (serial, authority_id, shard, item, request_id, citizen_id,"
    " office_no, profile, key_hash, not_before, not_after, issued_at, der) VALUES (decode('012e' ||"
    " lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'), 'hex'), 1, 0, 0,"
    " (lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid, "
    "(lpad(to_hex(:b::bigint), 16, '0')"
    " || lpad(to_hex(:a::bigint), 16, '0'))::uuid, 2, 'citizen-signing', sha256((:a::bigint + "
    "1)::text::bytea),"
    " now(), now() + interval '3 years', now(), decode(repeat('ab', 1200), 'hex'));\n"
    "UPDATE registry.request SET state = 4, decided_at = now() WHERE request_id ="
    " (lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid;\n"
    "INSERT INTO registry.ledger_entry (event, item, request_id, serial, office_no, body) VALUES"
    " (33, 0, (lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))::uuid, "
    "decode('012e' ||"
    " lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'), 'hex'), 2,"
    " decode(repeat('ab', 300), 'hex'));\n"
    "COMMIT;\n";

static rows_request made[BATCH];
static uint64_t next_number;

static auth_status decide(registry_connection *connection, registry_queue_batch *batch,
                          void *context, auth_error *err)
{
    (void)connection;
    (void)context;
    for (size_t i = 0; i < batch->document_count; i++) {
        uint64_t place = rows_number(batch->documents[i].request.id) % BATCH;
        registry_decision granted = rows_grant(&made[place], i);
        auth_status status = registry_queue_decide(batch, &granted, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

static void issue_batch(registry_pool *ra, registry_pool *ca)
{
    static registry_request_new requests[BATCH];
    static registry_submitted results[BATCH];
    auth_error err;
    registry_queue_report report;
    registry_queue_work work = {.prepare = decide};
    for (size_t i = 0; i < BATCH; i++) {
        rows_make(&made[i], next_number++);
        requests[i] = made[i].request;
    }
    must(registry_request_submit(ra, requests, BATCH, results, &err), &err);
    must(registry_queue_run(ca, NULL, ROWS_NOW, &work, &report, &err), &err);
    if (report.granted != BATCH)
        harness_die("a batch came to %zu certificates", report.granted);
}

static double issue_rate(registry_pool *ra, registry_pool *ca, double seconds)
{
    double begin = bench_wall();
    double done = 0;
    do {
        issue_batch(ra, ca);
        done += BATCH;
    } while (bench_wall() - begin < seconds);
    return done / (bench_wall() - begin);
}

static void bench_issue(double seconds)
{
    registry_pool *ra = bench_cluster_pool(REGISTRY_ROLE_RA);
    registry_pool *ca = bench_cluster_pool(REGISTRY_ROLE_CA);
    double ours = 0;
    double one = 0;
    double eight = 0;
    issue_batch(ra, ca);
    for (int i = 0; i < TURNS; i++) {
        double turn = seconds / TURNS < 1 ? 1 : seconds / TURNS;
        double rate = issue_rate(ra, ca, turn);
        ours = rate > ours ? rate : ours;
        rate = bench_pgbench(issue_script, 1, turn);
        one = rate > one ? rate : one;
        rate = bench_pgbench(issue_script, CLIENTS, turn);
        eight = rate > eight ? rate : eight;
    }
    bench_print(&(bench_result){"enqueue and complete, batches of 500, 1 client", ours,
                                "certificates/s", "pgbench, one a commit, 1 client", one, 3});
    bench_print(&(bench_result){"enqueue and complete, batches of 500, 1 client", ours,
                                "certificates/s", "pgbench, one a commit, 8 clients", eight, 0});
    registry_pool_free(ra);
    registry_pool_free(ca);
}

/* What a certificate takes on the disk, with its request, ledger entries and all indexes. */
static void bench_size(void)
{
    double octets = bench_cluster_ask(
        "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid ="
        " c.relnamespace WHERE n.nspname = 'registry' AND c.relkind = 'r'");
    double certificates = bench_cluster_ask("SELECT count(*) FROM registry.certificate");
    double net = bench_cluster_ask("SELECT avg(octet_length(der)) FROM registry.certificate") +
                 bench_cluster_ask("SELECT avg(octet_length(document)) FROM registry.request");
    bench_print(&(bench_result){"disk, all tables and indexes", octets / certificates,
                                "octets/certificate", "the certificate and its document alone", net,
                                0});
}

int main(int argc, char **argv)
{
    bool is_full = argc > 1 && strcmp(argv[argc - 1], "--full") == 0;
    double seconds = bench_seconds(is_full ? argc - 1 : argc, argv);
    bench_cluster_start(rows_realm);
    bench_issue(seconds);
    bench_size();
    fill_certificates(FEW_EPOCH, FEW);
    bench_look_up("status among 10 thousand, 1 client", 1, FEW_EPOCH, FEW, seconds);
    bench_look_up("status among 10 thousand, 8 clients", CLIENTS, FEW_EPOCH, FEW, seconds);
    if (is_full) {
        fill_certificates(MANY_EPOCH, MANY);
        bench_look_up("status among 5 million, 1 client", 1, MANY_EPOCH, MANY, seconds);
        bench_look_up("status among 5 million, 8 clients", CLIENTS, MANY_EPOCH, MANY, seconds);
        bench_flat(seconds);
    }
    return EXIT_SUCCESS;
}
