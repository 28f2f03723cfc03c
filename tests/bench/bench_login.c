/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many logins a second get their verdict, from the text of the response, with a certificate
 * that the verifier knows and with one that it does not, the statuses being in a fetcher's memory;
 * and which part of that is the bare verification of the signatures, one and two. Then the same by
 * two threads against one, in real time: that figure means something on a machine with nothing else
 * to do.
 */
#include "bench/bench.h"
#include "bench/raw_verification.h"
#include "harness/login_world.h"
#include "harness/web.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* More holders than a verifier remembers that was made for one. */
#define HOLDERS 12
#define RESPONSES 64
#define REMEMBERED ((size_t)1 << 18)

typedef struct bench_case {
    auth_key_type type;
    const char *name;
    double bound; /* RSA verifies in a fifth of the time of the others: no bound fits it */
    int turn;
    login_world *world;
    web server;
    raw_bytes holders[HOLDERS];
    auth_buf *responses[RESPONSES];
    auth_fetcher *fetcher;
    auth_replay *replay;
    auth_verifier *known;
    auth_verifier *forgetful;
    raw_verification raw;
} bench_case;

static char uri[128];

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

static void name_responder(chain_cert *cert)
{
    raw_bytes value;
    der_writer writer = der_writer_on(value.octets, sizeof value.octets);
    size_t list = der_open(&writer, DER_SEQUENCE);
    size_t access = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, oid_bytes(OID_AD_OCSP));
    der_put_item(&writer, DER_CONTEXT(6), auth_bytes_from_text(uri));
    der_close(&writer, access);
    der_close(&writer, list);
    value.len = writer.len;
    chain_set(cert, OID_AUTHORITY_INFO_ACCESS, false, RAW(value));
}

static void put(bench_case *it, const char *path, const login_staple *answer)
{
    raw_bytes der = login_world_staple(it->world, answer);
    web_put(&it->server, path, WEB_ANSWER, "200 OK\r\nContent-Type: application/ocsp-response\r\n",
            RAW(der));
}

/* The authority and each holder, with a responder for each. */
static void certify(bench_case *it)
{
    (void)snprintf(uri, sizeof uri, "http://127.0.0.1:%u/ca", (unsigned)it->server.port);
    chain_cert authority = chain_plan(it->type, CHAIN_CA);
    name_responder(&authority);
    it->world->authority = chain_sign(&authority, it->type, CHAIN_CA, CHAIN_ROOT);
    put(it, "/ca", &(login_staple){.is_by_root = true});
    for (size_t i = 0; i < HOLDERS; i++) {
        char path[16];
        uint8_t serial = (uint8_t)(0x40 + i);
        chain_cert cert = chain_plan(it->type, CHAIN_LEAF);
        cert.serial = (auth_bytes){&serial, 1};
        (void)snprintf(path, sizeof path, "/%zu/", i + 100);
        (void)snprintf(uri, sizeof uri, "http://127.0.0.1:%u%s", (unsigned)it->server.port, path);
        name_responder(&cert);
        it->holders[i] = chain_sign(&cert, it->type, CHAIN_LEAF, CHAIN_CA);
        put(it, path, &(login_staple){.serial = cert.serial});
    }
}

/* Made unlike every other, so that a response may come again; remembered as in earnest. */
static auth_status remember(void *context, const uint8_t hash[AUTH_CHALLENGE_HASH_SIZE],
                            auth_time now, auth_time expires, auth_remembered *out, auth_error *err)
{
    static atomic_uint_fast64_t counter;
    uint8_t mine[AUTH_CHALLENGE_HASH_SIZE];
    uint64_t count = atomic_fetch_add(&counter, 1);
    memcpy(mine, hash, sizeof mine);
    memcpy(mine, &count, sizeof count);
    return auth_replay_remember(context, mine, now, expires, out, err);
}

static auth_verifier *verifier_new(bench_case *it, size_t holders_max)
{
    auth_error err;
    auth_verifier *out = NULL;
    auth_bytes anchor = RAW(it->world->root);
    auth_bytes authority = RAW(it->world->authority);
    auth_verifier_options options = {
        .anchors = &anchor,
        .anchor_count = 1,
        .authorities = &authority,
        .authority_count = 1,
        .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
        .ask = auth_fetcher_ask,
        .ask_context = it->fetcher,
        .remember = remember,
        .remember_context = it->replay,
        .holders_max = holders_max,
    };
    must(auth_verifier_new(&options, &out, &err), &err);
    return out;
}

static void make_responses(bench_case *it)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    for (size_t i = 0; i < RESPONSES; i++) {
        it->world->holder = it->holders[i % HOLDERS];
        login_world_challenge(CHAIN_NOW, challenge);
        it->responses[i] =
            login_world_respond(it->world, &(login_response_options){.challenge = challenge,
                                                                     .is_short = true});
    }
}

static void log_in(auth_verifier *verifier, const auth_buf *response)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_input input = login_world_input();
    must(auth_login_verify(verifier, &input, auth_buf_bytes(response), &verdict, &err), &err);
    if (verdict.reason != AUTH_LOGIN_REASON_OK)
        harness_die("%s: %s", auth_login_reason_name(verdict.reason), verdict.detail);
}

static double by_known(void *context)
{
    bench_case *it = context;
    for (int i = 0; i < it->turn; i++)
        log_in(it->known, it->responses[i % RESPONSES]);
    return it->turn;
}

/* Each holder has given way when it comes again. */
static double by_unknown(void *context)
{
    bench_case *it = context;
    for (int i = 0; i < it->turn; i++)
        log_in(it->forgetful, it->responses[i % HOLDERS]);
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
    char host[32];
    it->world = login_world_new(it->type);
    it->server = web_open();
    certify(it);
    web_start(&it->server);
    (void)snprintf(host, sizeof host, "127.0.0.1:%u", (unsigned)it->server.port);
    auth_fetch_host hosts[] = {{.name = host, .may_be_private = true}};
    auth_fetch_options options = {.hosts = hosts, .host_count = 1};
    must(auth_fetcher_new(&options, &it->fetcher, &err), &err);
    must(auth_replay_open(&(auth_replay_options){.capacity = REMEMBERED}, &it->replay, &err), &err);
    make_responses(it);
    it->known = verifier_new(it, 0);
    it->forgetful = verifier_new(it, 1);
    (void)by_known(it);
    (void)by_unknown(it);
    raw_verification_begin(&it->raw, it->type);
}

static void release(bench_case *it)
{
    auth_verifier_free(it->known);
    auth_verifier_free(it->forgetful);
    auth_fetcher_free(it->fetcher);
    auth_replay_free(it->replay);
    web_stop(&it->server);
    for (size_t i = 0; i < RESPONSES; i++)
        auth_buf_free(it->responses[i]);
    raw_verification_end(&it->raw);
    login_world_free(it->world);
}

/* Threads. */

typedef struct worker {
    bench_case *with;
    double end;
    double count;
} worker;

static double seconds_now(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        harness_die("no clock");
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *work(void *context)
{
    worker *it = context;
    while (seconds_now() < it->end)
        it->count += by_known(it->with);
    return NULL;
}

static double rate_of(bench_case *it, size_t threads, double seconds)
{
    pthread_t ids[2];
    worker workers[2];
    double count = 0;
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (worker){.with = it, .end = seconds_now() + seconds};
        if (pthread_create(&ids[i], NULL, work, &workers[i]) != 0)
            harness_die("no thread");
    }
    for (size_t i = 0; i < threads; i++) {
        (void)pthread_join(ids[i], NULL);
        count += workers[i].count;
    }
    return count / seconds;
}

/* In turns, and the best of each: another process may take a core for a while. */
static void measure_threads(bench_case *it, double seconds)
{
    double one = 0;
    double two = 0;
    for (int i = 0; i < 4; i++) {
        double rate = rate_of(it, 1, seconds / 8);
        one = rate > one ? rate : one;
        rate = rate_of(it, 2, seconds / 8);
        two = rate > two ? rate : two;
    }
    bench_print(&(bench_result){.name = "login-two-threads",
                                .value = two,
                                .unit = "logins/s",
                                .against = "one thread, in real time",
                                .reference_value = one,
                                .bound = 1.8});
}

/* Each in turns and the best of each, so that what slows the machine for a while slows all three.
 */
#define ROUNDS 6

static void keep_best(double *best, bench_turn turn, bench_case *it, double seconds)
{
    double rate = bench_rate(turn, it, seconds);
    *best = rate > *best ? rate : *best;
}

static void print(const bench_case *it, const char *what, double value, const char *against,
                  double reference)
{
    char name[64];
    (void)snprintf(name, sizeof name, "login-%s-%s", what, it->name);
    bench_print(&(bench_result){.name = name,
                                .value = value,
                                .unit = "logins/s",
                                .against = against,
                                .reference_value = reference,
                                .bound = it->bound});
}

static void measure(bench_case *it, double seconds)
{
    double raw = 0;
    double known = 0;
    double first = 0;
    prepare(it);
    for (int i = 0; i < ROUNDS; i++) {
        keep_best(&raw, raw_verify, it, seconds / 16 / ROUNDS);
        keep_best(&known, by_known, it, seconds / 16 / ROUNDS);
        keep_best(&first, by_unknown, it, seconds / 16 / ROUNDS);
    }
    print(it, "known", known, "one bare verification", raw);
    print(it, "first", first, "two bare verifications", raw / 2);
    if (it->type == AUTH_KEY_TYPE_P256)
        measure_threads(it, seconds / 4);
    release(it);
}

int main(int argc, char **argv)
{
    double seconds = bench_seconds(argc, argv);
    static bench_case cases[] = {
        {.type = AUTH_KEY_TYPE_P256, .name = "p256", .bound = 0.85, .turn = 64},
        {.type = AUTH_KEY_TYPE_SM2, .name = "sm2", .bound = 0.85, .turn = 16},
        {.type = AUTH_KEY_TYPE_ED25519, .name = "ed25519", .bound = 0.85, .turn = 64},
        {.type = AUTH_KEY_TYPE_RSA, .name = "rsa", .turn = 64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        measure(&cases[i], seconds);
    return 0;
}
