/* SPDX-License-Identifier: Apache-2.0 */
/* What does a login get that cannot be judged, and does nothing of it count for the next one? */
#include "harness/harness.h"
#include "harness/login_world.h"

/* Nobody is asked about a certificate before its key signed. */
START_TEST(no_status_is_asked_for_before_the_signature)
{
    static const login_response_options lies[] = {
        {.signer = CHAIN_CA},
        {.audience = "https://fishing.example.cn"},
        {.now = CHAIN_NOW + CHAIN_DAY},
    };
    char challenge[AUTH_CHALLENGE_SIZE];
    auth_login_verdict verdict;
    auth_error err;
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    login_world_start(world);
    auth_login_input input = login_world_input();
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        login_response_options options = lies[i];
        login_world_challenge(CHAIN_NOW, challenge);
        options.challenge = challenge;
        auth_buf *response = login_world_respond(world, &options);
        assert_ok(auth_login_verify(world->verifier, &input, auth_buf_bytes(response), &verdict,
                                    &err),
                  &err);
        ck_assert(!verdict.is_accepted);
        ck_assert_uint_eq(atomic_load(&world->asked), 0);
        auth_buf_free(response);
    }
    login_world_free(world);
}
END_TEST

/* A refused login leaves its challenge unused: what failed for an outage may be tried again. */
START_TEST(an_outage_does_not_use_up_the_challenge)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    auth_login_verdict verdict;
    auth_error err;
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    auth_status_knowledge good = world->about_holder;
    world->about_holder = (auth_status_knowledge){.problem = AUTH_STATUS_PROBLEM_DOWN};
    login_world_start(world);
    login_world_challenge(CHAIN_NOW, challenge);
    auth_buf *response =
        login_world_respond(world, &(login_response_options){.challenge = challenge});
    auth_login_input input = login_world_input();
    assert_ok(auth_login_verify(world->verifier, &input, auth_buf_bytes(response), &verdict, &err),
              &err);
    ck_assert_int_eq(verdict.outcome, AUTH_LOGIN_OUTCOME_OUTAGE);
    world->about_holder = good;
    assert_ok(auth_login_verify(world->verifier, &input, auth_buf_bytes(response), &verdict, &err),
              &err);
    ck_assert(verdict.is_accepted);
    auth_buf_free(response);
    login_world_free(world);
}
END_TEST

/* Faults: of a callback, and of the caller. */
static auth_status break_down(void *context, const auth_status_question *question,
                              auth_status_knowledge *out, auth_error *err)
{
    (void)context;
    (void)question;
    out->state = AUTH_STATUS_STATE_GOOD; /* which counts for nothing beside a fault */
    return auth_error_set(err, AUTH_STATUS_IO, "source: broken");
}

START_TEST(a_fault_is_a_verdict_of_its_own)
{
    auth_login_verdict verdict;
    auth_error err;
    auth_verifier *verifier = NULL;
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    auth_bytes anchor = RAW(world->root);
    auth_bytes certs[] = {RAW(world->holder), RAW(world->authority)};
    auth_verifier_options options = {.anchors = &anchor,
                                     .anchor_count = 1,
                                     .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
                                     .ask = break_down};
    assert_ok(auth_verifier_new(&options, &verifier, &err), &err);
    auth_login_input input = login_world_input();
    assert_fails(auth_peer_verify(verifier, &input, certs, 2, &verdict, &err), AUTH_STATUS_IO,
                 &err);
    ck_assert(!verdict.is_accepted);
    ck_assert_int_eq(verdict.outcome, AUTH_LOGIN_OUTCOME_FAULT);
    ck_assert_str_eq(verdict.authority, "");
    ck_assert_str_eq(verdict.policy, "default");
    ck_assert_str_eq(verdict.sentence, auth_login_reason_sentence(AUTH_LOGIN_REASON_FAULT, NULL));
    auth_verifier_free(verifier);
    login_world_free(world);
}
END_TEST

START_TEST(an_input_that_cannot_be_is_refused)
{
    static const struct {
        const char *audience;
        auth_bytes challenge_key;
        auth_bytes stored;
        auth_bytes pairwise_key;
        size_t session_len;
    } rows[] = {
        {NULL, {(const uint8_t *)LOGIN_KEY, 32}, {NULL, 0}, {NULL, 0}, 0},
        {"", {(const uint8_t *)LOGIN_KEY, 32}, {NULL, 0}, {NULL, 0}, 0},
        {"a b", {(const uint8_t *)LOGIN_KEY, 32}, {NULL, 0}, {NULL, 0}, 0},
        {"a\"b", {(const uint8_t *)LOGIN_KEY, 32}, {NULL, 0}, {NULL, 0}, 0},
        {"a", {(const uint8_t *)LOGIN_KEY, 31}, {NULL, 0}, {NULL, 0}, 0},
        {"a", {(const uint8_t *)LOGIN_KEY, 32}, {(const uint8_t *)"x", 1}, {NULL, 0}, 0},
        {"a", {NULL, 0}, {NULL, 0}, {NULL, 0}, 0},
        {"a", {(const uint8_t *)LOGIN_KEY, 32}, {NULL, 0}, {(const uint8_t *)LOGIN_KEY, 31}, 0},
        {"a", {(const uint8_t *)LOGIN_KEY, 32}, {NULL, 0}, {NULL, 0}, AUTH_LOGIN_SESSION_MAX + 1},
    };
    static const uint8_t session[AUTH_LOGIN_SESSION_MAX + 1];
    auth_login_verdict verdict;
    auth_error err;
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    login_world_start(world);
    auth_login_input input = {
        .now = CHAIN_NOW,
        .audience = rows[_i].audience,
        .challenge_key = rows[_i].challenge_key,
        .stored_challenge = rows[_i].stored,
        .pairwise_key = rows[_i].pairwise_key,
        .session = {session, rows[_i].session_len},
    };
    assert_fails(auth_login_verify(world->verifier, &input, BYTES("a.b.c"), &verdict, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert(!verdict.is_accepted);
    login_world_free(world);
}
END_TEST

START_TEST(a_time_that_cannot_be_is_refused)
{
    static const auth_time times[] = {INT64_MIN, AUTH_TIME_MIN - 1, AUTH_TIME_MAX + 1, INT64_MAX};
    auth_login_verdict verdict;
    auth_error err;
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    login_world_start(world);
    auth_login_input input = login_world_input();
    auth_bytes certs[] = {RAW(world->holder), RAW(world->authority)};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        input.now = times[i];
        assert_fails(auth_peer_verify(world->verifier, &input, certs, 2, &verdict, &err),
                     AUTH_STATUS_INVALID, &err);
        ck_assert(!verdict.is_accepted);
    }
    login_world_free(world);
}
END_TEST

typedef struct memory_case {
    login_world *world;
    auth_bytes response;
} memory_case;

/* A verifier is made each time, so that nothing is remembered. */
static auth_status log_in(void *context)
{
    memory_case *it = context;
    auth_login_verdict verdict;
    auth_verifier *verifier = NULL;
    auth_bytes anchor = RAW(it->world->root);
    auth_verifier_options options = {.anchors = &anchor,
                                     .anchor_count = 1,
                                     .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
                                     .policy = &it->world->policy,
                                     .holders_max = 1,
                                     .challenges_max = 1};
    auth_login_input input = login_world_input();
    input.pairwise_key = BYTES(LOGIN_KEY);
    auth_status status = auth_verifier_new(&options, &verifier, NULL);
    if (status == AUTH_STATUS_OK) {
        status = auth_login_verify(verifier, &input, it->response, &verdict, NULL);
        if (verdict.is_accepted != (status == AUTH_STATUS_OK))
            status = AUTH_STATUS_INTERNAL;
    }
    auth_verifier_free(verifier);
    return status;
}

START_TEST(memory_that_runs_out_is_reported)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    world->policy.ignores_authorities = true;
    raw_bytes staple = login_world_staple(world, &(login_staple){.status = AUTH_OCSP_GOOD});
    login_world_challenge(CHAIN_NOW, challenge);
    login_response_options options = {.challenge = challenge, .staple = RAW(staple)};
    auth_buf *response = login_world_respond(world, &options);
    memory_case it = {.world = world, .response = auth_buf_bytes(response)};
    ck_assert_uint_gt(harness_for_each_failure(log_in, &it), 20);
    auth_buf_free(response);
    login_world_free(world);
}
END_TEST

SUITE("login_fault", TEST(no_status_is_asked_for_before_the_signature),
      TEST(an_outage_does_not_use_up_the_challenge), TEST(a_fault_is_a_verdict_of_its_own),
      TEST_EACH(an_input_that_cannot_be_is_refused, 9), TEST(a_time_that_cannot_be_is_refused),
      TEST(memory_that_runs_out_is_reported))
