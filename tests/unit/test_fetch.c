/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the status of a certificate come from where it is to come from, verified, fresh and asked
 * for once?
 */
#include "fetch_kit.h"

#include <stdio.h>
#include <stdlib.h>

START_TEST(a_status_is_asked_for_once_and_then_remembered)
{
    begin();
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    ck_assert_int_eq(result.status, AUTH_OCSP_GOOD);
    ck_assert_int_eq(result.kind, AUTH_REVOCATION_SOURCE_OCSP);
    ck_assert(result.this_update == STATUS_NOW - FETCH_HOUR);
    ck_assert(result.next_update == STATUS_NOW + FETCH_HOUR);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_MEMORY);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_MEMORY);
    ck_assert_uint_eq(web_hits(&world.server), 1);
    end(fetcher);
}
END_TEST

static const char *const key_names[] = {"p256", "p384", "rsa", "ed25519", "sm2"};

START_TEST(every_type_of_key_is_verified_and_its_evidence_validates)
{
    world = fetch_world_new(key_names[_i]);
    fetch_world_put(&world, "/revoked",
                    &(fetch_world_answer){.serial = SERIAL,
                                          .status = AUTH_OCSP_REVOKED,
                                          .reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE});
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/revoked");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_ok(auth_fetch_status(fetcher, &request, &result, &err), &err);
    ck_assert_int_eq(result.status, AUTH_OCSP_REVOKED);
    ck_assert_int_eq(result.reason, AUTH_REVOCATION_REASON_KEY_COMPROMISE);
    ck_assert(result.revoked == STATUS_NOW - 2 * FETCH_HOUR);
    const auth_evidence *evidence = auth_fetched_evidence(result.fetched);
    auth_ocsp_answer answer;
    auth_ocsp_expectation expected = {.serial = BYTES("\x05"), .now = STATUS_NOW};
    assert_ok(auth_ocsp_check(evidence->ocsp[0], world.pki.issuer, &expected, &answer, &err), &err);
    /* Evidence outlives the fetcher. */
    end(fetcher);
    ck_assert_uint_gt(evidence->ocsp[0].len, 0);
    auth_fetched_free(result.fetched);
}
END_TEST

START_TEST(an_answer_without_end_is_good_within_an_age)
{
    begin();
    fetch_world_put(&world, "/good", &(fetch_world_answer){.serial = SERIAL, .next_update = -1});
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.max_age_seconds = 3600;
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    ck_assert(result.next_update == 0);
    end(fetcher);
}
END_TEST

START_TEST(a_long_address_is_asked_by_post)
{
    char path[256];
    begin();
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    (void)snprintf(path, sizeof path, "/good/%0150d", 0);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, path);
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    end(fetcher);
}
END_TEST

START_TEST(only_the_sources_that_are_named_are_asked)
{
    begin();
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_MEMORY);
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_NO_SOURCE);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_OCSP);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    ck_assert_uint_eq(web_hits(&world.server), 2);
    end(fetcher);
}
END_TEST

START_TEST(a_staple_is_used_verified_and_no_newer_knowledge_forgotten)
{
    begin();
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    raw_bytes staple = fetch_world_ocsp(&world, GOOD(SERIAL));
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.staple = RAW(staple);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_STAPLE);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_STAPLE);
    ck_assert_uint_eq(web_hits(&world.server), 0);

    /* The certificate is suspended, and this process comes to know it. */
    fetch_world_put(&world, "/good",
                    &(fetch_world_answer){.serial = SERIAL,
                                          .status = AUTH_OCSP_REVOKED,
                                          .reason = AUTH_REVOCATION_REASON_CERTIFICATE_HOLD,
                                          .this_update = STATUS_NOW - 60});
    request.staple = (auth_bytes){NULL, 0};
    request.max_age_seconds = 600;
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    ck_assert_int_eq(result.status, AUTH_OCSP_REVOKED);

    /* The staple from before does not help any more, not even one not seen yet. */
    raw_bytes other =
        fetch_world_ocsp(&world,
                         &(fetch_world_answer){.serial = SERIAL, .this_update = STATUS_NOW - 120});
    request.max_age_seconds = 0;
    request.staple = RAW(staple);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_MEMORY);
    ck_assert_int_eq(result.status, AUTH_OCSP_REVOKED);
    request.staple = RAW(other);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_MEMORY);
    ck_assert_int_eq(result.status, AUTH_OCSP_REVOKED);

    /* One from after the resumption does. */
    other = fetch_world_ocsp(&world, &(fetch_world_answer){.serial = SERIAL,
                                                           .this_update = STATUS_NOW - 30});
    request.staple = RAW(other);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_STAPLE);
    ck_assert_int_eq(result.status, AUTH_OCSP_GOOD);
    end(fetcher);
}
END_TEST

START_TEST(a_bad_staple_is_as_none_and_told_of)
{
    begin();
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    raw_bytes staple = fetch_world_ocsp(&world, GOOD(6));
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.staple = RAW(staple);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_STAPLE);
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_LYING);
    ck_assert_ptr_nonnull(strstr(err.text, "staple: "));
    request.sources = 0;
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    end(fetcher);
}
END_TEST

START_TEST(a_final_revocation_stays_whatever_comes)
{
    begin();
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    raw_bytes revoked =
        fetch_world_ocsp(&world,
                         &(fetch_world_answer){.serial = SERIAL, .status = AUTH_OCSP_REVOKED});
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.staple = RAW(revoked);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_STAPLE);
    raw_bytes good = fetch_world_ocsp(&world, &(fetch_world_answer){.serial = SERIAL,
                                                                    .this_update = STATUS_NOW - 1});
    request.staple = RAW(good);
    request.max_age_seconds = 10;
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_MEMORY);
    ck_assert_int_eq(result.status, AUTH_OCSP_REVOKED);
    end(fetcher);
}
END_TEST

START_TEST(what_cannot_be_read_is_refused)
{
    begin();
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.certificate = BYTES("\x30\x00");
    assert_fails(auth_fetch_status(fetcher, &request, &result, &err), AUTH_STATUS_MALFORMED, &err);
    ck_assert_int_eq(result.outcome, AUTH_FETCH_OUTCOME_FAULT);
    request = fetch_world_request(&world, &cert);
    request.issuer = BYTES("\x30\x00");
    assert_fails(auth_fetch_status(fetcher, &request, &result, &err), AUTH_STATUS_MALFORMED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "issuer"));
    static uint8_t large[AUTH_CERTIFICATE_MAX + 1];
    request = fetch_world_request(&world, &cert);
    request.certificate = (auth_bytes){large, sizeof large};
    assert_fails(auth_fetch_status(fetcher, &request, &result, &err), AUTH_STATUS_LIMIT, &err);
    end(fetcher);
}
END_TEST

static const auth_fetch_options bad_options[] = {
    {.timeout_ms = AUTH_FETCH_TIMEOUT_MAX_MS + 1},
    {.connect_timeout_ms = AUTH_FETCH_TIMEOUT_MAX_MS + 1},
    {.concurrency = AUTH_FETCH_CONCURRENCY_MAX + 1},
    {.host_concurrency = AUTH_FETCH_CONCURRENCY_MAX + 1},
    {.ocsp_max = AUTH_OCSP_RESPONSE_MAX + 1},
    {.memory_entries = AUTH_FETCH_MEMORY_MAX + 1},
    {.cache_entries = AUTH_FETCH_MEMORY_MAX + 1},
    {.crl_max = AUTH_CRL_MAX + 1},
};

START_TEST(options_beyond_their_bounds_are_refused)
{
    auth_fetcher *fetcher = NULL;
    assert_fails(auth_fetcher_new(&bad_options[_i], &fetcher, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_null(fetcher);
}
END_TEST

static const char *const bad_hosts[] = {
    "",    "a b",       "http://a",         "a:0",         "a:65536", "a:", "[::1",
    "a/b", "*.example", "[fe80::1%25eth0]", "\xe4\xbd\xa0"};

START_TEST(hosts_that_are_none_are_refused)
{
    auth_fetcher *fetcher = NULL;
    auth_fetch_host host = {.name = bad_hosts[_i]};
    auth_fetch_options options = {.hosts = &host, .host_count = 1};
    assert_fails(auth_fetcher_new(&options, &fetcher, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "host 1"));
}
END_TEST

typedef struct attempt_context {
    auth_fetch_options options;
    auth_fetch_request request;
} attempt_context;

/* All of it, from nothing to a status from the network and one from memory. */
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
    web_start(&world.server);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    attempt_context context = {.options = fetch_world_options(&world, &host),
                               .request = fetch_world_request(&world, &cert)};
    ck_assert_uint_gt(harness_for_each_failure(attempt, &context), 10);
    end(NULL);
}
END_TEST

START_TEST(names_are_those_of_the_tables)
{
    ck_assert_str_eq(auth_fetch_outcome_name(AUTH_FETCH_OUTCOME_SLOW), "slow");
    ck_assert_str_eq(auth_fetch_outcome_name((auth_fetch_outcome)99), "fault");
    ck_assert_str_eq(auth_fetch_source_name(AUTH_FETCH_SOURCE_MEMORY), "memory");
    ck_assert_str_eq(auth_fetch_source_name((auth_fetch_source)99), "none");
    ck_assert_ptr_nonnull(strstr(auth_fetch_outcome_remedy(AUTH_FETCH_OUTCOME_SLOW), "later"));
}
END_TEST

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

SUITE("fetch", TEST(a_status_is_asked_for_once_and_then_remembered),
      TEST_EACH(every_type_of_key_is_verified_and_its_evidence_validates, COUNT(key_names)),
      TEST(an_answer_without_end_is_good_within_an_age), TEST(a_long_address_is_asked_by_post),
      TEST(only_the_sources_that_are_named_are_asked),
      TEST(a_staple_is_used_verified_and_no_newer_knowledge_forgotten),
      TEST(a_bad_staple_is_as_none_and_told_of), TEST(a_final_revocation_stays_whatever_comes),
      TEST(what_cannot_be_read_is_refused),
      TEST_EACH(options_beyond_their_bounds_are_refused, COUNT(bad_options)),
      TEST_EACH(hosts_that_are_none_are_refused, COUNT(bad_hosts)),
      TEST(memory_may_run_out_anywhere), TEST(names_are_those_of_the_tables))
