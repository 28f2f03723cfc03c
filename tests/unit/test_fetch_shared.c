/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does one process's answer serve the others, verified by each, and is a file that is damaged,
 * forged, half written or hammered by sixteen processes of which some are killed never more than
 * empty?
 */
#include "fetch/fetcher.h"
#include "fetch/status_cache.h"
#include "harness/child.h"
#include "harness/fetch_world.h"
#include "harness/harness.h"
#include "harness/scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SERIAL 5
#define HEADER_SIZE 64
#define SLOTS 8
#define PROCESSES 16
#define KEYS 64
#define TURNS 4000

static fetch_world world;
static char *folder;
static auth_fetch_result result;
static auth_error err;

static void begin(void)
{
    world = fetch_world_new("p256");
    folder = scratch_new();
    fetch_world_put(&world, "/good", &(fetch_world_answer){.serial = SERIAL});
    web_start(&world.server);
}

static void end(void)
{
    fetch_world_free(&world);
    scratch_free(folder);
}

static auth_fetcher *new_fetcher(void)
{
    auth_fetch_host host;
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.cache_folder = folder;
    options.cache_entries = SLOTS;
    return fetch_world_fetcher(&world, &options);
}

static void assert_found(auth_fetcher *fetcher, const auth_fetch_request *request,
                         auth_fetch_source source)
{
    assert_ok(auth_fetch_status(fetcher, request, &result, &err), &err);
    ck_assert_str_eq(auth_fetch_source_name(result.source), auth_fetch_source_name(source));
    auth_fetched_free(result.fetched);
}

/* A fetcher that knows nothing yet, as that of another process. */
static void assert_newcomer_finds(const auth_fetch_request *request, auth_fetch_source source)
{
    AUTH_AUTO(auth_fetcher) *fetcher = new_fetcher();
    assert_found(fetcher, request, source);
}

static char *cache_path(void)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/status.cache", folder);
    return path;
}

START_TEST(another_process_finds_what_one_has_fetched)
{
    begin();
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_newcomer_finds(&request, AUTH_FETCH_SOURCE_OCSP);
    AUTH_AUTO(auth_fetcher) *fetcher = new_fetcher();
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_SHARED);
    ck_assert_int_eq(result.status, AUTH_OCSP_GOOD);
    ck_assert(result.this_update == STATUS_NOW - FETCH_HOUR);
    ck_assert(result.next_update == STATUS_NOW + FETCH_HOUR);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_MEMORY);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_SHARED);
    ck_assert_uint_eq(web_hits(&world.server), 1);
    end();
}
END_TEST

START_TEST(a_staple_serves_the_others_too)
{
    begin();
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    raw_bytes staple = fetch_world_ocsp(&world, &(fetch_world_answer){.serial = SERIAL});
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.staple = RAW(staple);
    assert_newcomer_finds(&request, AUTH_FETCH_SOURCE_STAPLE);
    request.staple = (auth_bytes){NULL, 0};
    assert_newcomer_finds(&request, AUTH_FETCH_SOURCE_SHARED);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    end();
}
END_TEST

START_TEST(what_is_due_is_looked_for_among_the_others_first)
{
    begin();
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    AUTH_AUTO(auth_fetcher) *fetcher = new_fetcher();
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    fetch_world_put(&world, "/good",
                    &(fetch_world_answer){.serial = SERIAL, .this_update = STATUS_NOW - 60});
    request.max_age_seconds = 600;
    assert_newcomer_finds(&request, AUTH_FETCH_SOURCE_OCSP);
    request.max_age_seconds = 0;
    request.renew_after_seconds = 1800;
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_SHARED);
    ck_assert(result.this_update == STATUS_NOW - 60);
    ck_assert(!result.is_renewing);
    ck_assert_uint_eq(web_hits(&world.server), 2);
    end();
}
END_TEST

/* Reads the whole file and writes it anew with one octet changed. */
static void flip(size_t at)
{
    size_t len = 0;
    char *octets = harness_read_file(cache_path(), &len);
    int file = open(cache_path(), O_WRONLY);
    ck_assert_int_ge(file, 0);
    uint8_t octet = (uint8_t)octets[at] ^ 0x20;
    ck_assert_int_eq(pwrite(file, &octet, 1, (off_t)at), 1);
    (void)close(file);
    free(octets);
}

/* Where the answer's slot begins. */
static size_t find_slot(void)
{
    size_t len = 0;
    char *octets = harness_read_file(cache_path(), &len);
    size_t at = HEADER_SIZE;
    while (octets[at + 8 * 5] == 0)
        at += STATUS_SLOT_SIZE;
    free(octets);
    ck_assert_uint_lt(at, len);
    return at;
}

START_TEST(an_octet_that_changed_makes_a_slot_empty)
{
    begin();
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    /* Hash, name, thisUpdate, length, and the answer; not the claim, which is no part of it. */
    for (size_t at = 8; at < 88 + 300; at += 7) {
        assert_newcomer_finds(&request, AUTH_FETCH_SOURCE_OCSP);
        flip(find_slot() + at);
        assert_newcomer_finds(&request, AUTH_FETCH_SOURCE_OCSP);
        assert_newcomer_finds(&request, AUTH_FETCH_SOURCE_SHARED);
        ck_assert_int_eq(unlink(cache_path()), 0);
    }
    end();
}
END_TEST

static void assert_replaced(const auth_fetch_request *request)
{
    assert_newcomer_finds(request, AUTH_FETCH_SOURCE_OCSP);
    assert_newcomer_finds(request, AUTH_FETCH_SOURCE_SHARED);
}

START_TEST(a_file_of_another_form_is_replaced)
{
    begin();
    struct stat about;
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_replaced(&request);
    ck_assert_int_eq(stat(cache_path(), &about), 0);
    ck_assert_uint_eq(about.st_mode & 0777, 0600);
    ck_assert_int_eq(about.st_size, HEADER_SIZE + SLOTS * STATUS_SLOT_SIZE);
    ck_assert_int_eq(truncate(cache_path(), 0), 0);
    assert_replaced(&request);
    ck_assert_int_eq(truncate(cache_path(), HEADER_SIZE + SLOTS * STATUS_SLOT_SIZE - 1), 0);
    assert_replaced(&request);
    ck_assert_int_eq(truncate(cache_path(), HEADER_SIZE + SLOTS * STATUS_SLOT_SIZE + 1), 0);
    assert_replaced(&request);
    /* Magic, size of a slot, number of slots. */
    for (size_t at = 0; at < 24; at++) {
        flip(at);
        assert_replaced(&request);
    }
    end();
}
END_TEST

START_TEST(folders_and_files_open_to_others_are_refused)
{
    begin();
    auth_fetcher *fetcher = NULL;
    auth_fetch_options options = {.cache_folder = folder, .cache_entries = SLOTS};
    ck_assert_int_eq(chmod(folder, 0755), 0);
    assert_fails(auth_fetcher_new(&options, &fetcher, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(chmod(folder, 0700), 0);
    assert_ok(auth_fetcher_new(&options, &fetcher, &err), &err);
    auth_fetcher_free(fetcher);
    ck_assert_int_eq(chmod(cache_path(), 0604), 0);
    assert_fails(auth_fetcher_new(&options, &fetcher, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(unlink(cache_path()), 0);
    ck_assert_int_eq(symlink("/dev/null", cache_path()), 0);
    assert_fails(auth_fetcher_new(&options, &fetcher, &err), AUTH_STATUS_DENIED, &err);
    options.cache_folder = "/dev/null";
    assert_fails(auth_fetcher_new(&options, &fetcher, &err), AUTH_STATUS_DENIED, &err);
    options.cache_entries = AUTH_FETCH_MEMORY_MAX + 1;
    assert_fails(auth_fetcher_new(&options, &fetcher, &err), AUTH_STATUS_INVALID, &err);
    end();
}
END_TEST

/* Evidence that nobody verified, as only somebody who forges the file has it. */
static auth_fetched *forge(const uint8_t key[FETCH_KEY_SIZE], auth_bytes answer, auth_time when)
{
    auth_fetched *fetched = NULL;
    fetch_knowledge known = {.kind = AUTH_REVOCATION_SOURCE_OCSP,
                             .this_update = when,
                             .until = STATUS_NOW + STATUS_DAY};
    assert_ok(fetched_new(key, &known, answer, &fetched, &err), &err);
    return fetched;
}

static status_cache *open_cache(void)
{
    status_cache *cache = NULL;
    assert_ok(status_cache_open(folder, false, SLOTS, &cache, &err), &err);
    return cache;
}

/* The name of a certificate's status. */
static void key_of(auth_fetcher *fetcher, uint8_t serial, uint8_t key[FETCH_KEY_SIZE])
{
    fetch_issuer *issuer = NULL;
    assert_ok(issuers_find(fetcher->issuers, RAW(world.pki.authority_der), &issuer, &err), &err);
    assert_ok(issuer_status_key(issuer, (auth_bytes){&serial, 1}, key, &err), &err);
    issuer_free(issuer);
}

START_TEST(forged_answers_are_found_out_and_dropped)
{
    begin();
    uint8_t key[FETCH_KEY_SIZE];
    uint8_t hash[FETCH_KEY_SIZE];
    status_copy copy;
    AUTH_AUTO(auth_fetcher) *fetcher = new_fetcher();
    key_of(fetcher, SERIAL, key);
    /* A good answer about another certificate, under this one's name, with the right hash. */
    raw_bytes other = fetch_world_ocsp(&world, &(fetch_world_answer){.serial = 6});
    status_cache *cache = open_cache();
    AUTH_AUTO(auth_fetched) *forged = forge(key, RAW(other), STATUS_NOW + STATUS_DAY);
    status_cache_write(cache, forged, hash);
    ck_assert(status_cache_read(cache, key, &copy));
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED);
    ck_assert_int_eq(auth_fetch_status(fetcher, &request, &result, &err), AUTH_STATUS_NOT_FOUND);
    ck_assert(!status_cache_read(cache, key, &copy));
    /* Nor does it keep a good one out. */
    request.sources = 0;
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    ck_assert(status_cache_read(cache, key, &copy));
    status_cache_free(cache);
    end();
}
END_TEST

START_TEST(an_older_answer_does_not_displace_a_newer_one)
{
    begin();
    uint8_t key[FETCH_KEY_SIZE] = {1};
    uint8_t hash[FETCH_KEY_SIZE];
    status_copy copy;
    status_cache *cache = open_cache();
    AUTH_AUTO(auth_fetched) *older = forge(key, BYTES("older"), STATUS_NOW);
    AUTH_AUTO(auth_fetched) *newer = forge(key, BYTES("newer!"), STATUS_NOW + 1);
    status_cache_write(cache, newer, hash);
    status_cache_write(cache, older, hash);
    ck_assert(status_cache_read(cache, key, &copy));
    assert_bytes(copy.answer, BYTES("newer!"));
    status_cache_free(cache);
    end();
}
END_TEST

START_TEST(answers_that_are_too_long_or_too_many_are_left_out)
{
    begin();
    static const uint8_t large[STATUS_ANSWER_MAX + 1];
    uint8_t key[FETCH_KEY_SIZE] = {1};
    uint8_t hash[FETCH_KEY_SIZE];
    status_copy copy;
    status_cache *cache = open_cache();
    AUTH_AUTO(auth_fetched) *too_long = forge(key, (auth_bytes){large, sizeof large}, STATUS_NOW);
    AUTH_AUTO(auth_fetched) *longest =
        forge(key, (auth_bytes){large, sizeof large - 1}, STATUS_NOW);
    status_cache_write(cache, too_long, hash);
    ck_assert(!status_cache_read(cache, key, &copy));
    status_cache_write(cache, longest, hash);
    ck_assert(status_cache_read(cache, key, &copy));
    ck_assert_uint_eq(copy.answer.len, STATUS_ANSWER_MAX);
    /* One more than there are slots: the oldest goes. */
    for (uint8_t i = 1; i <= SLOTS; i++) {
        uint8_t other[FETCH_KEY_SIZE] = {i, 1};
        AUTH_AUTO(auth_fetched) *more = forge(other, BYTES("more"), STATUS_NOW + i);
        status_cache_write(cache, more, hash);
        ck_assert(status_cache_read(cache, other, &copy));
    }
    ck_assert(!status_cache_read(cache, key, &copy));
    status_cache_free(cache);
    end();
}
END_TEST

/* Writes the word that tells since when somebody writes a slot. */
static void set_claim(uint64_t claim)
{
    int file = open(cache_path(), O_WRONLY);
    for (size_t i = 0; i < SLOTS; i++)
        ck_assert_int_eq(pwrite(file, &claim, sizeof claim,
                                (off_t)(HEADER_SIZE + i * STATUS_SLOT_SIZE)),
                         8);
    (void)close(file);
}

START_TEST(a_writer_that_died_keeps_a_slot_for_a_second)
{
    begin();
    uint8_t key[FETCH_KEY_SIZE] = {1};
    uint8_t hash[FETCH_KEY_SIZE];
    status_copy copy;
    status_cache *cache = open_cache();
    AUTH_AUTO(auth_fetched) *fetched = forge(key, BYTES("answer"), STATUS_NOW);
    set_claim((uint64_t)fetch_clock_ms());
    status_cache_write(cache, fetched, hash);
    ck_assert(!status_cache_read(cache, key, &copy));
    set_claim((uint64_t)fetch_clock_ms() - 1001);
    status_cache_write(cache, fetched, hash);
    ck_assert(status_cache_read(cache, key, &copy));
    /* A time that has not come yet is nobody's. */
    set_claim(UINT64_MAX);
    key[0] = 2;
    AUTH_AUTO(auth_fetched) *other = forge(key, BYTES("answer"), STATUS_NOW);
    status_cache_write(cache, other, hash);
    ck_assert(status_cache_read(cache, key, &copy));
    status_cache_free(cache);
    end();
}
END_TEST

/* An answer that its name determines: what is read can be told from what was torn. */
static size_t pattern(uint8_t number, uint8_t turn, uint8_t out[STATUS_ANSWER_MAX])
{
    size_t len = 500 + (size_t)number * 40 + (size_t)turn * 3;
    memset(out, (uint8_t)(number * 31 + turn), len);
    out[0] = number;
    out[1] = turn;
    return len;
}

/* Ends with an exit code when anything is read that was not written as a whole. */
static void hammer(int bell, unsigned seed)
{
    status_cache *cache = NULL;
    status_copy copy;
    uint8_t octets[STATUS_ANSWER_MAX];
    uint8_t hash[FETCH_KEY_SIZE];
    harness_child_begin();
    if (status_cache_open(folder, false, SLOTS, &cache, NULL) != AUTH_STATUS_OK)
        _exit(1);
    for (unsigned i = 0; i < TURNS; i++) {
        seed = seed * 1103515245U + 12345U;
        uint8_t key[FETCH_KEY_SIZE] = {(uint8_t)(seed >> 16) % KEYS};
        uint8_t turn = (uint8_t)(seed >> 24) % 32;
        if (i == TURNS / 10 && write(bell, "b", 1) != 1)
            _exit(3);
        if (i % 2 == 0) {
            auth_fetched *fetched = NULL;
            fetch_knowledge known = {.this_update = STATUS_NOW + i};
            auth_bytes answer = {octets, pattern(key[0], turn, octets)};
            if (fetched_new(key, &known, answer, &fetched, NULL) != AUTH_STATUS_OK)
                _exit(4);
            status_cache_write(cache, fetched, hash);
            auth_fetched_free(fetched);
        } else if (status_cache_read(cache, key, &copy)) {
            size_t len = pattern(key[0], copy.answer.data[1], octets);
            if (!auth_bytes_equal(copy.answer, (auth_bytes){octets, len}))
                _exit(5);
        }
    }
    status_cache_free(cache);
    _exit(0);
}

START_TEST(sixteen_processes_hammer_it_while_some_are_killed)
{
    begin();
    int bell[2];
    char rung[PROCESSES / 4];
    pid_t children[PROCESSES];
    ck_assert_int_eq(pipe(bell), 0);
    for (unsigned i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            hammer(bell[1], i + 1);
    }
    for (size_t i = 0; i < sizeof rung; i++)
        ck_assert_int_eq(read(bell[0], &rung[i], 1), 1);
    for (unsigned i = 0; i < PROCESSES; i += 4)
        (void)kill(children[i], SIGKILL);
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_msg(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "process %u ended with %d",
                      i, WEXITSTATUS(status));
    }
    (void)close(bell[0]);
    (void)close(bell[1]);
    /* It still works. */
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_newcomer_finds(&request, AUTH_FETCH_SOURCE_OCSP);
    end();
}
END_TEST

/* Asks for everything again and again; the exit code tells when an answer is not what it must be.
 */
static void log_in(const raw_bytes *certs, size_t count, int bell)
{
    harness_child_begin();
    auth_fetcher *fetcher = new_fetcher();
    for (unsigned turn = 0; turn < 20; turn++) {
        for (size_t i = 0; i < count; i++) {
            auth_fetch_request request = fetch_world_request(&world, &certs[i]);
            request.sources =
                AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED) | AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_OCSP);
            if (auth_fetch_status(fetcher, &request, &result, &err) != AUTH_STATUS_OK)
                _exit(1);
            if (result.status != (i % 2 == 0 ? AUTH_OCSP_GOOD : AUTH_OCSP_REVOKED))
                _exit(2);
            auth_fetched_free(result.fetched);
        }
        if (turn == 2 && write(bell, "b", 1) != 1)
            _exit(3);
    }
    auth_fetcher_free(fetcher);
    _exit(0);
}

START_TEST(sixteen_processes_log_in_while_some_are_killed)
{
    raw_bytes certs[SLOTS];
    int bell[2];
    char rung[PROCESSES / 4];
    pid_t children[PROCESSES];
    begin();
    for (uint8_t i = 0; i < SLOTS; i++) {
        char path[16];
        (void)snprintf(path, sizeof path, "/c%u/", i);
        fetch_world_put(&world, path,
                        &(fetch_world_answer){.serial = (uint8_t)(10 + i),
                                              .status =
                                                  i % 2 == 0 ? AUTH_OCSP_GOOD : AUTH_OCSP_REVOKED});
        certs[i] = fetch_world_cert(&world, (uint8_t)(10 + i), path);
    }
    ck_assert_int_eq(pipe(bell), 0);
    for (unsigned i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            log_in(certs, SLOTS, bell[1]);
    }
    for (size_t i = 0; i < sizeof rung; i++)
        ck_assert_int_eq(read(bell[0], &rung[i], 1), 1);
    for (unsigned i = 0; i < PROCESSES; i += 4)
        (void)kill(children[i], SIGKILL);
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_msg(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "process %u ended with %d",
                      i, WEXITSTATUS(status));
    }
    (void)close(bell[0]);
    (void)close(bell[1]);
    end();
}
END_TEST

typedef struct attempt_context {
    auth_fetch_options options;
    auth_fetch_request request;
} attempt_context;

static auth_status attempt(void *context)
{
    attempt_context *it = context;
    auth_fetch_result found = {0};
    auth_fetcher *made = NULL;
    auth_status status = auth_fetcher_new(&it->options, &made, NULL);
    for (int i = 0; i < 2 && status == AUTH_STATUS_OK; i++) {
        status = auth_fetch_status(made, &it->request, &found, NULL);
        if (status != AUTH_STATUS_OK && found.fetched != NULL)
            status = AUTH_STATUS_INTERNAL;
        auth_fetched_free(found.fetched);
    }
    auth_fetcher_free(made);
    return status;
}

START_TEST(memory_may_run_out_anywhere)
{
    auth_fetch_host host;
    begin();
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    attempt_context context = {.options = fetch_world_options(&world, &host),
                               .request = fetch_world_request(&world, &cert)};
    context.options.cache_folder = folder;
    context.options.cache_entries = SLOTS;
    assert_newcomer_finds(&context.request, AUTH_FETCH_SOURCE_OCSP);
    context.request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED);
    ck_assert_uint_gt(harness_for_each_failure(attempt, &context), 10);
    end();
}
END_TEST

SUITE("fetch_shared", TEST(another_process_finds_what_one_has_fetched),
      TEST(a_staple_serves_the_others_too), TEST(what_is_due_is_looked_for_among_the_others_first),
      TEST(an_octet_that_changed_makes_a_slot_empty), TEST(a_file_of_another_form_is_replaced),
      TEST(folders_and_files_open_to_others_are_refused),
      TEST(forged_answers_are_found_out_and_dropped),
      TEST(an_older_answer_does_not_displace_a_newer_one),
      TEST(answers_that_are_too_long_or_too_many_are_left_out),
      TEST(a_writer_that_died_keeps_a_slot_for_a_second),
      TEST(sixteen_processes_hammer_it_while_some_are_killed),
      TEST(sixteen_processes_log_in_while_some_are_killed), TEST(memory_may_run_out_anywhere))
