/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long does a status take that is at hand: in the memory of the process, and in the cache that
 * the processes of the host share? The bound of the latter is 5 us. What does the first reading
 * cost, that checks the signature, and do two threads get twice as much done?
 */
#include "bench/bench.h"
#include "harness/fetch_world.h"
#include "harness/scratch.h"

#include <auth/replay.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define CERTS 120         /* one octet of a serial number */
#define BOUND_RATE 200000 /* a second: 5 us each */
#define RUNS 5
#define THREAD_TURNS 1000

static fetch_world world;
static raw_bytes certs[CERTS];
static raw_bytes answers[CERTS];
static char *folder;

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

static auth_fetcher *new_fetcher(void)
{
    auth_error err;
    auth_fetcher *fetcher = NULL;
    auth_fetch_options options = {.cache_folder = folder};
    must(auth_fetcher_new(&options, &fetcher, &err), &err);
    return fetcher;
}

typedef struct bench_case {
    auth_fetcher *fetcher;
    auth_fetch_source source;
} bench_case;

static void ask(auth_fetcher *fetcher, size_t index, auth_bytes staple, auth_fetch_source source)
{
    auth_error err;
    auth_fetch_result result;
    auth_fetch_request request = fetch_world_request(&world, &certs[index]);
    request.staple = staple;
    request.sources = AUTH_FETCH_FROM(source);
    must(auth_fetch_status(fetcher, &request, &result, &err), &err);
    if (result.source != source)
        harness_die("it comes from %s", auth_fetch_source_name(result.source));
    auth_fetched_free(result.fetched);
}

static double ask_all(void *context)
{
    const bench_case *it = context;
    for (size_t i = 0; i < CERTS; i++)
        ask(it->fetcher, i, (auth_bytes){NULL, 0}, it->source);
    return CERTS;
}

/* A fetcher that has verified nothing. */
static double ask_first(void *context)
{
    bench_case fresh = {new_fetcher(), AUTH_FETCH_SOURCE_SHARED};
    (void)context;
    double done = ask_all(&fresh);
    auth_fetcher_free(fresh.fetcher);
    return done;
}

/* The bare check of an answer's two signatures, certificate and answer, as the reference. */
static double check_all(void *context)
{
    auth_error err;
    auth_ocsp_answer said;
    (void)context;
    for (size_t i = 0; i < CERTS; i++) {
        uint8_t serial = (uint8_t)(i + 1);
        auth_ocsp_expectation expected = {.serial = {&serial, 1}, .now = STATUS_NOW};
        must(auth_ocsp_check(RAW(answers[i]), world.pki.issuer, &expected, &said, &err), &err);
        bench_use(&said);
    }
    return CERTS;
}

static double use_nonces(void *context)
{
    static uint64_t number;
    auth_error err;
    for (size_t i = 0; i < CERTS; i++) {
        /* A second for every thousand, so that the memory never fills. */
        auth_time now = STATUS_NOW + (auth_time)(number / 1000);
        number++;
        must(auth_replay_check(context, (auth_bytes){(const uint8_t *)&number, sizeof number},
                               now + 1, now, &err),
             &err);
    }
    return CERTS;
}

typedef struct bench_thread {
    bench_case *it;
    double seconds; /* of this thread on a processor */
    double done;
} bench_thread;

static double thread_seconds(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *run_thread(void *context)
{
    bench_thread *thread = context;
    double begun = thread_seconds();
    for (int i = 0; i < THREAD_TURNS; i++)
        thread->done += ask_all(thread->it);
    thread->seconds = thread_seconds() - begun;
    return NULL;
}

/*
 * What so many threads get done together when each has a processor: what they take from each other,
 * locks and lines of the cache, counts, and what other processes take does not.
 */
static double rate_of(bench_case *it, int count)
{
    double rate = 0;
    pthread_t threads[2];
    bench_thread states[2] = {{.it = it}, {.it = it}};
    for (int i = 0; i < count; i++) {
        if (pthread_create(&threads[i], NULL, run_thread, &states[i]) != 0)
            harness_die("there is no thread");
    }
    for (int i = 0; i < count; i++) {
        (void)pthread_join(threads[i], NULL);
        rate += states[i].done / states[i].seconds;
    }
    return rate;
}

static void measure_threads(bench_case *it)
{
    bench_result result = {.name = "fetch-memory-2-threads",
                           .unit = "statuses/s",
                           .against = "1 thread",
                           .bound = 1.8};
    for (int i = 0; i < RUNS; i++) {
        double one = rate_of(it, 1);
        double two = rate_of(it, 2);
        result.reference_value = one > result.reference_value ? one : result.reference_value;
        result.value = two > result.value ? two : result.value;
    }
    bench_print(&result);
}

static void prepare(void)
{
    world = (fetch_world){.pki = status_pki_new("p256")};
    folder = scratch_new();
    for (size_t i = 0; i < CERTS; i++) {
        uint8_t serial = (uint8_t)(i + 1);
        certs[i] = fetch_world_cert_at(&world, serial, "http://ocsp.example.cn/status", NULL);
        answers[i] = fetch_world_ocsp(&world, &(fetch_world_answer){.serial = serial});
    }
}

int main(int argc, char **argv)
{
    auth_error err;
    double seconds = bench_seconds(argc, argv) / 4;
    prepare();
    bench_case memory = {new_fetcher(), AUTH_FETCH_SOURCE_MEMORY};
    for (size_t i = 0; i < CERTS; i++)
        ask(memory.fetcher, i, RAW(answers[i]), AUTH_FETCH_SOURCE_STAPLE);
    bench_case shared = {new_fetcher(), AUTH_FETCH_SOURCE_SHARED};
    bench_print(&(bench_result){.name = "fetch-shared",
                                .value = bench_rate(ask_all, &shared, seconds),
                                .unit = "statuses/s",
                                .against = "5 us each",
                                .reference_value = BOUND_RATE,
                                .bound = 1});
    bench_print(&(bench_result){.name = "fetch-memory",
                                .value = bench_rate(ask_all, &memory, seconds),
                                .unit = "statuses/s",
                                .against = "5 us each",
                                .reference_value = BOUND_RATE});
    bench_print(&(bench_result){.name = "fetch-shared-first",
                                .value = bench_rate(ask_first, NULL, seconds),
                                .unit = "statuses/s",
                                .against = "auth_ocsp_check",
                                .reference_value = bench_rate(check_all, NULL, seconds / 2)});
    auth_replay *replay = NULL;
    auth_replay_options options = {.folder = folder};
    must(auth_replay_open(&options, &replay, &err), &err);
    bench_print(&(bench_result){.name = "replay-check",
                                .value = bench_rate(use_nonces, replay, seconds / 2),
                                .unit = "nonces/s",
                                .against = "5 us each",
                                .reference_value = BOUND_RATE});
    measure_threads(&memory);
    auth_replay_free(replay);
    auth_fetcher_free(shared.fetcher);
    auth_fetcher_free(memory.fetcher);
    status_pki_free(&world.pki);
    scratch_free(folder);
    return 0;
}
