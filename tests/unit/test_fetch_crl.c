/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When no responder tells, do the lists that a certificate names, full, delta and of the right
 * shard, and is everything that is wrong with them told apart?
 */
#include "fetch_crl_kit.h"

#include <stdio.h>

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
      TEST(a_list_is_not_asked_for_every_second), TEST(a_list_is_renewed_behind_the_scenes))
