/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When no responder tells, do the lists that a certificate names, full, delta and of the right
 * shard, and at last a file on this host, and is everything that is wrong with them told apart?
 */
#include "fetch/crl.h"
#include "fetch/fetcher.h"
#include "fetch/list_files.h"
#include "harness/fetch_world.h"
#include "harness/harness.h"
#include "harness/scratch.h"

#include <auth/pem.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SERIAL 5
#define HOLD AUTH_REVOCATION_REASON_CERTIFICATE_HOLD

static fetch_world world;
static raw_bytes cert;
static auth_fetch_request request;
static auth_fetch_result result;
static auth_error err;

/* A certificate that names a responder that is away, and a list. */
static void begin(const char *key)
{
    world = fetch_world_new(key);
    web_put(&world.server, "/ocsp", WEB_ANSWER, "404 Not Found\r\n", (auth_bytes){NULL, 0});
    cert = fetch_world_cert_at(&world, SERIAL, fetch_world_uri(&world, "/ocsp"),
                               fetch_world_uri(&world, "/list"));
    request = fetch_world_request(&world, &cert);
}

static void end(auth_fetcher *fetcher)
{
    auth_fetcher_free(fetcher);
    fetch_world_free(&world);
}

static auth_fetcher *new_fetcher(void)
{
    auth_fetch_host host;
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.retry_ms = 1;
    options.retry_max_ms = 1;
    return fetch_world_fetcher(&world, &options);
}

/* The millisecond is over in which nothing is asked for again. */
static void await_retry(void)
{
    int64_t begun = fetch_clock_ms();
    while (fetch_clock_ms() < begun + 2)
        (void)sched_yield();
}

static void assert_found(auth_fetcher *fetcher, auth_fetch_source source, auth_ocsp_status status)
{
    assert_ok(auth_fetch_status(fetcher, &request, &result, &err), &err);
    ck_assert_str_eq(auth_fetch_source_name(result.source), auth_fetch_source_name(source));
    ck_assert_int_eq(result.status, status);
    auth_fetched_free(result.fetched);
}

static void assert_outcome(auth_fetcher *fetcher, auth_fetch_outcome outcome, const char *text)
{
    auth_status status = auth_fetch_status(fetcher, &request, &result, &err);
    ck_assert_msg(result.outcome == outcome, "%s, not %s: %s",
                  auth_fetch_outcome_name(result.outcome), auth_fetch_outcome_name(outcome),
                  err.text);
    ck_assert_int_ne(status, AUTH_STATUS_OK);
    ck_assert_int_eq(status, err.status);
    ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
}

static const char *const key_names[] = {"p256", "p384", "rsa", "ed25519", "sm2"};

START_TEST(a_list_tells_when_the_responder_does_not)
{
    begin(key_names[_i]);
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1, .serial = 9});
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    ck_assert_int_eq(result.kind, AUTH_REVOCATION_SOURCE_CRL);
    ck_assert(result.this_update == STATUS_NOW - FETCH_HOUR);
    ck_assert(result.next_update == STATUS_NOW + FETCH_HOUR);
    assert_found(fetcher, AUTH_FETCH_SOURCE_MEMORY, AUTH_OCSP_GOOD);
    ck_assert_uint_eq(web_hits(&world.server), 2);

    /* The same list tells of another certificate, without being fetched again. */
    raw_bytes other = fetch_world_cert_at(&world, 9, NULL, fetch_world_uri(&world, "/list"));
    request = fetch_world_request(&world, &other);
    assert_ok(auth_fetch_status(fetcher, &request, &result, &err), &err);
    ck_assert_int_eq(result.status, AUTH_OCSP_REVOKED);
    ck_assert(result.revoked == STATUS_NOW - STATUS_DAY);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    const auth_evidence *evidence = auth_fetched_evidence(result.fetched);
    ck_assert_uint_eq(evidence->crl_count, 1);
    end(fetcher);
    /* Evidence outlives the fetcher. */
    AUTH_AUTO(auth_crl) *crl = NULL;
    assert_ok(auth_crl_parse(evidence->crls[0], &crl, &err), &err);
    auth_fetched_free(result.fetched);
}
END_TEST

/* Holds while the responder is away, and no longer; and the responder's word does, though older. */
START_TEST(a_list_stands_for_the_responder_until_that_is_back)
{
    const fetch_world_answer good = {.serial = SERIAL, .this_update = STATUS_NOW - 2 * FETCH_HOUR};
    const fetch_world_answer hold = {.serial = SERIAL,
                                     .status = AUTH_OCSP_REVOKED,
                                     .reason = HOLD,
                                     .this_update = STATUS_NOW - 60};
    begin("p256");
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1});
    web_start(&world.server);
    auth_fetcher *fetcher = new_fetcher();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    /* Nothing tells: what is remembered is good for another while. */
    lists_clear(&fetcher->lists);
    web_put(&world.server, "/list", WEB_ANSWER, "404 Not Found\r\n", (auth_bytes){NULL, 0});
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_MEMORY, AUTH_OCSP_GOOD);
    /* Nor can anybody be asked when too many ask. */
    await_retry();
    fetcher->search_count += AUTH_FETCH_QUEUE_MAX;
    assert_found(fetcher, AUTH_FETCH_SOURCE_MEMORY, AUTH_OCSP_GOOD);
    fetcher->search_count -= AUTH_FETCH_QUEUE_MAX;
    fetch_world_put(&world, "/ocsp", &good);
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_OCSP, AUTH_OCSP_GOOD);
    fetch_world_put(&world, "/ocsp", &hold);
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_OCSP, AUTH_OCSP_REVOKED);
    assert_found(fetcher, AUTH_FETCH_SOURCE_MEMORY, AUTH_OCSP_REVOKED);
    end(fetcher);
}
END_TEST

/* Who does not ask the responder takes the list's word for as long as the list says. */
START_TEST(without_the_responder_a_list_is_remembered)
{
    begin("p256");
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1});
    web_start(&world.server);
    auth_fetcher *fetcher = new_fetcher();
    request.sources =
        AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL) | AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_MEMORY);
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_MEMORY, AUTH_OCSP_GOOD);
    ck_assert_uint_eq(web_hits(&world.server), 1);
    end(fetcher);
}
END_TEST

/* A list that is not to be used, and how that is told. */
typedef struct bad_list {
    fetch_world_crl crl;
    bool is_foreign;
    auth_fetch_outcome outcome;
    const char *text;
} bad_list;

static const bad_list bad_lists[] = {
    {{.number = 1}, true, AUTH_FETCH_OUTCOME_LYING, "CRL: "},
    {{.number = 1, .uri = "http://other.example/list"},
     false,
     AUTH_FETCH_OUTCOME_LYING,
     "does not speak of this certificate"},
    {{.number = 1, .only_ca_certs = true},
     false,
     AUTH_FETCH_OUTCOME_LYING,
     "does not speak of this certificate"},
    {{.number = 1, .next_update = STATUS_NOW - 1}, false, AUTH_FETCH_OUTCOME_STALE, "nextUpdate"},
    {{.number = 1, .this_update = STATUS_NOW + 1}, false, AUTH_FETCH_OUTCOME_STALE, "future"},
    {{.number = 2, .base_number = 1}, false, AUTH_FETCH_OUTCOME_LYING, "delta"},
};

START_TEST(lists_that_are_not_to_be_used_are_told_apart)
{
    const bad_list *it = &bad_lists[_i];
    begin("p256");
    AUTH_AUTO(auth_signer) *foreign = raw_signer_new(AUTH_KEY_TYPE_P256);
    fetch_world_crl crl = it->crl;
    crl.signer = it->is_foreign ? foreign : NULL;
    fetch_world_put_crl(&world, "/list", &crl);
    web_start(&world.server);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *fetcher = new_fetcher();
    assert_outcome(fetcher, it->outcome, it->text);
    end(fetcher);
}
END_TEST

START_TEST(the_error_tells_of_every_source)
{
    begin("p256");
    web_put(&world.server, "/list", WEB_ANSWER, "200 OK\r\n", BYTES("hello"));
    web_start(&world.server);
    auth_fetcher *fetcher = new_fetcher();
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_REFUSED, "OCSP: 127.0.0.1: it answers 404");
    ck_assert_ptr_nonnull(strstr(err.text, "; CRL: 127.0.0.1: "));
    end(fetcher);
}
END_TEST

START_TEST(a_list_that_is_too_long_is_refused)
{
    auth_fetch_host host;
    begin("p256");
    web_put(&world.server, "/list", WEB_ENDLESS, "", (auth_bytes){NULL, 0});
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.crl_max = 100000;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_TOO_LARGE, "CRL: 127.0.0.1: ");
    end(fetcher);
}
END_TEST

START_TEST(the_list_of_the_right_shard_is_used)
{
    begin("p256");
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 1,
                                           .serial = SERIAL,
                                           .uri = fetch_world_uri(&world, "/list")});
    web_start(&world.server);
    auth_fetcher *fetcher = new_fetcher();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    end(fetcher);
}
END_TEST

START_TEST(a_delta_brings_a_list_up_to_date)
{
    begin("p256");
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 1,
                                           .delta_uri = fetch_world_uri(&world, "/delta"),
                                           .next_update = STATUS_NOW + STATUS_DAY});
    fetch_world_put_crl(&world, "/delta",
                        &(fetch_world_crl){.number = 3,
                                           .base_number = 1,
                                           .serial = SERIAL,
                                           .reason = HOLD,
                                           .this_update = STATUS_NOW - 60});
    web_start(&world.server);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *fetcher = new_fetcher();
    assert_ok(auth_fetch_status(fetcher, &request, &result, &err), &err);
    ck_assert_int_eq(result.status, AUTH_OCSP_REVOKED);
    ck_assert_int_eq(result.reason, HOLD);
    ck_assert(result.this_update == STATUS_NOW - 60);
    ck_assert_uint_eq(auth_fetched_evidence(result.fetched)->crl_count, 2);
    auth_fetched_free(result.fetched);
    ck_assert_uint_eq(web_hits(&world.server), 2);

    /* The suspension ends: only the delta is fetched again. */
    fetch_world_put_crl(&world, "/delta",
                        &(fetch_world_crl){.number = 4,
                                           .base_number = 1,
                                           .serial = SERIAL,
                                           .reason = AUTH_REVOCATION_REASON_REMOVE_FROM_CRL,
                                           .this_update = STATUS_NOW - 5});
    request.max_age_seconds = 30;
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    ck_assert_uint_eq(web_hits(&world.server), 1);
    end(fetcher);
}
END_TEST

START_TEST(a_list_that_is_too_old_for_the_delta_is_fetched_again)
{
    begin("p256");
    const char *delta = fetch_world_uri(&world, "/delta");
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1, .delta_uri = delta});
    fetch_world_put_crl(&world, "/delta", &(fetch_world_crl){.number = 2, .base_number = 1});
    web_start(&world.server);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *fetcher = new_fetcher();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    (void)web_hits(&world.server);
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 6,
                                           .delta_uri = delta,
                                           .serial = SERIAL,
                                           .this_update = STATUS_NOW - 20});
    fetch_world_put_crl(&world, "/delta",
                        &(fetch_world_crl){.number = 7,
                                           .base_number = 6,
                                           .this_update = STATUS_NOW - 10});
    request.max_age_seconds = 30;
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    ck_assert_uint_eq(web_hits(&world.server), 2);
    end(fetcher);
}
END_TEST

START_TEST(without_its_delta_a_list_is_good_as_long_as_it_says)
{
    begin("p256");
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 1,
                                           .delta_uri = fetch_world_uri(&world, "/delta")});
    web_put(&world.server, "/delta", WEB_CLOSE, "", (auth_bytes){NULL, 0});
    web_start(&world.server);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *fetcher = new_fetcher();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    request.max_age_seconds = 60;
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_DOWN, "delta CRL: ");
    ck_assert_ptr_nonnull(strstr(err.text, "older than allowed"));
    end(fetcher);
}
END_TEST

START_TEST(what_is_put_in_the_place_of_a_list_does_no_lasting_harm)
{
    begin("p256");
    const char *delta = fetch_world_uri(&world, "/delta");
    const fetch_world_crl full = {.number = 3, .delta_uri = delta};
    const fetch_world_crl other = {.number = 4, .uri = "http://other.example/list"};
    /* Signed by the authority, for another shard; and the full list where the delta is to be. */
    fetch_world_put_crl(&world, "/list", &other);
    fetch_world_put_crl(&world, "/delta", &full);
    web_start(&world.server);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *fetcher = new_fetcher();
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_LYING, "does not speak of this certificate");
    fetch_world_put_crl(&world, "/list", &full);
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    fetch_world_put_crl(&world, "/delta",
                        &(fetch_world_crl){.number = 4, .base_number = 3, .serial = SERIAL});
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    end(fetcher);
}
END_TEST

START_TEST(a_list_is_not_asked_for_every_second)
{
    auth_fetch_host host;
    begin("p256");
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1});
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    request.max_age_seconds = 60;
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_STALE, "older than allowed");
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_STALE, "older than allowed");
    ck_assert_uint_eq(web_hits(&world.server), 1);
    end(fetcher);
}
END_TEST

START_TEST(a_list_is_renewed_behind_the_scenes)
{
    begin("p256");
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1});
    web_start(&world.server);
    auth_fetcher *fetcher = new_fetcher();
    request.sources =
        AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL) | AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_MEMORY);
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 2,
                                           .serial = SERIAL,
                                           .this_update = STATUS_NOW - 1200});
    request.renew_after_seconds = 600;
    await_retry();
    do {
        assert_ok(auth_fetch_status(fetcher, &request, &result, &err), &err);
        ck_assert_int_eq(result.source, AUTH_FETCH_SOURCE_MEMORY);
        auth_fetched_free(result.fetched);
    } while (result.status != AUTH_OCSP_REVOKED);
    end(fetcher);
}
END_TEST

/* Changes an octet in the middle of every list. */
static void damage_lists(const char *folder)
{
    DIR *stream = opendir(folder);
    const struct dirent *entry = NULL;
    char path[512];
    while ((entry = readdir(stream)) != NULL) {
        if (strncmp(entry->d_name, "crl-", 4) != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        int file = open(path, O_RDWR);
        uint8_t octet = 0;
        ck_assert_int_eq(pread(file, &octet, 1, 100), 1);
        octet ^= 1;
        ck_assert_int_eq(pwrite(file, &octet, 1, 100), 1);
        (void)close(file);
    }
    (void)closedir(stream);
}

static size_t count_files(const char *folder)
{
    size_t count = 0;
    DIR *stream = opendir(folder);
    const struct dirent *entry = NULL;
    while ((entry = readdir(stream)) != NULL)
        count += entry->d_name[0] != '.';
    (void)closedir(stream);
    return count;
}

START_TEST(a_list_serves_the_other_processes_too)
{
    auth_fetch_host host;
    begin("p256");
    char *folder = scratch_new();
    const char *delta = fetch_world_uri(&world, "/delta");
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1, .delta_uri = delta});
    fetch_world_put_crl(&world, "/delta",
                        &(fetch_world_crl){.number = 2, .base_number = 1, .serial = SERIAL});
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.cache_folder = folder;
    options.cache_entries = 8;
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *first = fetch_world_fetcher(&world, &options);
    assert_found(first, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    ck_assert_uint_eq(web_hits(&world.server), 2);
    request.sources |= AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED);
    auth_fetcher *second = fetch_world_fetcher(&world, &options);
    assert_found(second, AUTH_FETCH_SOURCE_SHARED, AUTH_OCSP_REVOKED);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    /* A file that was changed is as none, and replaced. */
    damage_lists(folder);
    auth_fetcher *third = fetch_world_fetcher(&world, &options);
    assert_found(third, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    ck_assert_uint_eq(web_hits(&world.server), 2);
    auth_fetcher *fourth = fetch_world_fetcher(&world, &options);
    assert_found(fourth, AUTH_FETCH_SOURCE_SHARED, AUTH_OCSP_REVOKED);
    auth_fetcher_free(first);
    auth_fetcher_free(second);
    auth_fetcher_free(third);
    scratch_free(folder);
    end(fourth);
}
END_TEST

/* Asks about another certificate, of which nothing is remembered. */
static void ask_about(raw_bytes *other, uint8_t serial)
{
    *other = fetch_world_cert_at(&world, serial, NULL, fetch_world_uri(&world, "/list"));
    unsigned sources = request.sources;
    request = fetch_world_request(&world, other);
    request.sources = sources;
}

static const fetch_world_crl newer_list = {.number = 2,
                                           .serial = 9,
                                           .this_update = STATUS_NOW - 60};

/* What was good once is no list in the place of a newer one; what is of the future is none. */
START_TEST(an_older_list_does_not_displace_a_newer_one)
{
    raw_bytes other;
    begin("p256");
    fetch_world_put_crl(&world, "/list", &newer_list);
    web_start(&world.server);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *fetcher = new_fetcher();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1});
    request.max_age_seconds = 30;
    await_retry();
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_STALE, "older than allowed");
    (void)web_hits(&world.server);
    ask_about(&other, 9);
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    /* One of the future comes, and goes. */
    ask_about(&other, 10);
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 4,
                                           .this_update = STATUS_NOW + FETCH_HOUR / 2});
    request.max_age_seconds = 30;
    await_retry();
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_STALE, "future");
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 3, .this_update = STATUS_NOW - 5});
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    end(fetcher);
}
END_TEST

START_TEST(an_older_list_does_not_displace_a_newer_file)
{
    raw_bytes other;
    auth_fetch_host host;
    begin("p256");
    char *folder = scratch_new();
    fetch_world_put_crl(&world, "/list", &newer_list);
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.cache_folder = folder;
    options.cache_entries = 8;
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *first = fetch_world_fetcher(&world, &options);
    assert_found(first, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1});
    ask_about(&other, 9);
    auth_fetcher *second = fetch_world_fetcher(&world, &options);
    assert_found(second, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    request.sources |= AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED);
    auth_fetcher *third = fetch_world_fetcher(&world, &options);
    assert_found(third, AUTH_FETCH_SOURCE_SHARED, AUTH_OCSP_REVOKED);
    auth_fetcher_free(first);
    auth_fetcher_free(second);
    scratch_free(folder);
    end(third);
}
END_TEST

START_TEST(the_files_of_lists_stay_few)
{
    char *folder = scratch_new();
    uint8_t key[FETCH_KEY_SIZE] = {0};
    list_files *files = NULL;
    fetch_issuer *issuer = NULL;
    fetch_issuers *issuers = NULL;
    begin("p256");
    assert_ok(list_files_open(folder, false, 4096, 1 << 20, &files, &err), &err);
    assert_ok(issuers_new(&issuers, &err), &err);
    assert_ok(issuers_find(issuers, RAW(world.pki.authority_der), &issuer, &err), &err);
    raw_bytes der = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1});
    for (uint8_t i = 0; i < FETCH_LISTS + 5; i++) {
        auth_crl *crl = NULL;
        fetch_list *list = NULL;
        key[0] = i;
        ck_assert_int_eq(crl_verify(issuer, RAW(der), &crl, &err), AUTH_FETCH_OUTCOME_FOUND);
        assert_ok(list_new(key, crl, &list, &err), &err);
        list_files_write(files, list);
        list_free(list);
        ck_assert_int_eq(list_files_read(files, key, issuer, &list, &err),
                         AUTH_FETCH_OUTCOME_FOUND);
        list_free(list);
    }
    ck_assert_uint_eq(count_files(folder), FETCH_LISTS);
    list_files_free(files);
    issuer_free(issuer);
    issuers_free(issuers);
    scratch_free(folder);
    end(NULL);
}
END_TEST

/* Writes a file anew, under the name that it has. */
static void write_snapshot(const char *path, const raw_bytes *lists, size_t count, bool is_pem)
{
    char temporary[512];
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(1 << 20, &out, &err), &err);
    for (size_t i = 0; i < count; i++) {
        if (is_pem)
            assert_ok(auth_pem_encode("X509 CRL", RAW(lists[i]), out, &err), &err);
        else
            assert_ok(auth_buf_append(out, RAW(lists[i]), &err), &err);
    }
    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    auth_bytes octets = auth_buf_bytes(out);
    ck_assert_int_eq(write(file, octets.data, octets.len), (ssize_t)octets.len);
    (void)close(file);
    ck_assert_int_eq(rename(temporary, path), 0);
}

START_TEST(a_file_tells_when_nothing_else_does)
{
    auth_fetch_host host;
    char path[256];
    begin("p256");
    char *folder = scratch_new();
    (void)snprintf(path, sizeof path, "%s/snapshot.pem", folder);
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.snapshot = path;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_REFUSED,
                   "snapshot: snapshot: the file cannot be read");
    raw_bytes lists[] = {
        fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1}),
        fetch_world_crl_make(&world, &(fetch_world_crl){.number = 2, .serial = 9}),
        fetch_world_crl_make(&world, &(fetch_world_crl){.number = 3, .only_ca_certs = true}),
    };
    write_snapshot(path, lists, 3, _i == 0);
    assert_found(fetcher, AUTH_FETCH_SOURCE_SNAPSHOT, AUTH_OCSP_GOOD);
    /* It is read again when it has changed, and a delta in it counts. */
    lists[0] = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 4,
                                                               .base_number = 2,
                                                               .serial = SERIAL,
                                                               .this_update = STATUS_NOW - 60});
    write_snapshot(path, lists, 3, _i == 0);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SNAPSHOT);
    assert_found(fetcher, AUTH_FETCH_SOURCE_SNAPSHOT, AUTH_OCSP_REVOKED);
    ck_assert(result.this_update == STATUS_NOW - 60);
    scratch_free(folder);
    end(fetcher);
}
END_TEST

START_TEST(a_file_is_believed_no_more_than_a_server)
{
    auth_fetch_host host;
    char path[256];
    begin("p256");
    char *folder = scratch_new();
    (void)snprintf(path, sizeof path, "%s/snapshot.der", folder);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.snapshot = path;
    options.crl_max = 4096;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SNAPSHOT);
    AUTH_AUTO(auth_signer) *foreign = raw_signer_new(AUTH_KEY_TYPE_P256);
    raw_bytes lists[60];
    lists[0] = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1, .signer = foreign});
    write_snapshot(path, lists, 1, false);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_NO_SOURCE, "no list of the issuer");
    lists[0] = fetch_world_crl_make(&world,
                                    &(fetch_world_crl){.number = 1, .next_update = STATUS_NOW - 1});
    write_snapshot(path, lists, 1, false);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_STALE, "nextUpdate");
    /* More than four lists of the largest size. */
    for (size_t i = 0; i < 60; i++) {
        lists[i] = lists[0];
        lists[i].len = 400;
    }
    write_snapshot(path, lists, 60, false);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_TOO_LARGE, "the file has more than");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/dev/zero", path), 0);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_DOWN, "plain file");
    scratch_free(folder);
    end(fetcher);
}
END_TEST

typedef struct completion {
    int calls;
    auth_status status;
} completion;

static void complete(void *context, auth_status status, auth_fetch_result *found,
                     const auth_error *why)
{
    completion *it = context;
    (void)why;
    it->calls++;
    it->status = status;
    auth_fetched_free(found->fetched);
}

START_TEST(an_event_loop_gets_a_status_out_of_a_file)
{
    auth_fetch_host host;
    auth_fetch *search = NULL;
    char path[256];
    begin("p256");
    char *folder = scratch_new();
    (void)snprintf(path, sizeof path, "%s/snapshot.pem", folder);
    raw_bytes list = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1});
    write_snapshot(path, &list, 1, true);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.snapshot = path;
    options.has_loop = true;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    completion done = {0};
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SNAPSHOT);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &done, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    struct pollfd event = {.fd = auth_fetcher_descriptor(fetcher), .events = POLLIN};
    while (done.calls == 0) {
        ck_assert_int_eq(poll(&event, 1, -1), 1);
        assert_ok(auth_fetcher_step(fetcher, &err), &err);
    }
    ck_assert_int_eq(done.status, AUTH_STATUS_OK);
    scratch_free(folder);
    end(fetcher);
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
    char path[256];
    begin("p256");
    char *folder = scratch_new();
    (void)snprintf(path, sizeof path, "%s/snapshot.pem", folder);
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 1,
                                           .delta_uri = fetch_world_uri(&world, "/delta")});
    fetch_world_put_crl(&world, "/delta", &(fetch_world_crl){.number = 2, .base_number = 1});
    web_start(&world.server);
    raw_bytes list = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1});
    write_snapshot(path, &list, 1, true);
    attempt_context context = {.options = fetch_world_options(&world, &host), .request = request};
    context.options.snapshot = path;
    context.request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    ck_assert_uint_gt(harness_for_each_failure(attempt, &context), 10);
    context.options.cache_folder = folder;
    context.options.cache_entries = 8;
    context.request.sources |= AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED);
    ck_assert_uint_gt(harness_for_each_failure(attempt, &context), 10);
    context.request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SNAPSHOT);
    ck_assert_uint_gt(harness_for_each_failure(attempt, &context), 10);
    scratch_free(folder);
    end(NULL);
}
END_TEST

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

SUITE("fetch_crl", TEST_EACH(a_list_tells_when_the_responder_does_not, COUNT(key_names)),
      TEST(a_list_stands_for_the_responder_until_that_is_back),
      TEST(without_the_responder_a_list_is_remembered),
      TEST_EACH(lists_that_are_not_to_be_used_are_told_apart, COUNT(bad_lists)),
      TEST(the_error_tells_of_every_source), TEST(a_list_that_is_too_long_is_refused),
      TEST(the_list_of_the_right_shard_is_used), TEST(a_delta_brings_a_list_up_to_date),
      TEST(a_list_that_is_too_old_for_the_delta_is_fetched_again),
      TEST(without_its_delta_a_list_is_good_as_long_as_it_says),
      TEST(what_is_put_in_the_place_of_a_list_does_no_lasting_harm),
      TEST(a_list_serves_the_other_processes_too),
      TEST(an_older_list_does_not_displace_a_newer_one),
      TEST(an_older_list_does_not_displace_a_newer_file), TEST(the_files_of_lists_stay_few),
      TEST(a_list_is_not_asked_for_every_second), TEST(a_list_is_renewed_behind_the_scenes),
      TEST_EACH(a_file_tells_when_nothing_else_does, 2),
      TEST(a_file_is_believed_no_more_than_a_server),
      TEST(an_event_loop_gets_a_status_out_of_a_file), TEST(memory_may_run_out_anywhere))
