/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a verifier get its statuses from a real server, waiting or not, and is every server that is
 * down, slow or lying a verdict of its own and never a yes?
 */
#include "harness/harness.h"
#include "harness/login_world.h"
#include "harness/web.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENT_MS 20000
#define IMPATIENT_MS 300

typedef struct world_online {
    login_world *world;
    web server;
    auth_fetcher *fetcher;
    auth_verifier *verifier;
    auth_replay *replay;
} world_online;

static char uri[128]; /* of the certificate that is being made */

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

/* The authority names no responder, and its status is not asked for. */
static world_online go_online(bool is_allowed, uint32_t timeout_ms)
{
    auth_error err;
    char host[64];
    world_online it = {.world = login_world_new(AUTH_KEY_TYPE_P256), .server = web_open()};
    (void)snprintf(host, sizeof host, "127.0.0.1:%u", (unsigned)it.server.port);
    (void)snprintf(uri, sizeof uri, "http://%s/ocsp", host);
    login_world_certify(it.world, name_responder);
    it.world->policy.ignores_authorities = true;
    auth_fetch_host hosts[] = {{.name = is_allowed ? host : "127.0.0.1:1", .may_be_private = true}};
    auth_fetch_options fetch = {.hosts = hosts, .host_count = 1, .timeout_ms = timeout_ms};
    assert_ok(auth_fetcher_new(&fetch, &it.fetcher, &err), &err);
    assert_ok(auth_replay_open(&(auth_replay_options){.folder = NULL}, &it.replay, &err), &err);
    return it;
}

static void make_verifier(world_online *it)
{
    auth_error err;
    auth_bytes anchor = RAW(it->world->root);
    auth_verifier_options options = {
        .anchors = &anchor,
        .anchor_count = 1,
        .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
        .policy = &it->world->policy,
        .ask = auth_fetcher_ask,
        .ask_context = it->fetcher,
        .remember = auth_replay_remember,
        .remember_context = it->replay,
    };
    assert_ok(auth_verifier_new(&options, &it->verifier, &err), &err);
}

static void put_answer(world_online *it, const login_staple *answer)
{
    raw_bytes der = login_world_staple(it->world, answer);
    web_put(&it->server, "/ocsp", WEB_ANSWER,
            "200 OK\r\nContent-Type: application/ocsp-response\r\n", RAW(der));
}

static void go_offline(world_online *it)
{
    auth_verifier_free(it->verifier);
    auth_fetcher_free(it->fetcher);
    auth_replay_free(it->replay);
    web_stop(&it->server);
    login_world_free(it->world);
}

static auth_buf *respond(const world_online *it)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    login_world_challenge(CHAIN_NOW, challenge);
    return login_world_respond(it->world, &(login_response_options){.challenge = challenge});
}

static auth_login_verdict log_in(const world_online *it)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_buf *response = respond(it);
    auth_login_input input = login_world_input();
    assert_ok(auth_login_verify(it->verifier, &input, auth_buf_bytes(response), &verdict, &err),
              &err);
    auth_buf_free(response);
    return verdict;
}

/* What the responder does. */
typedef struct responder_case {
    const char *name;
    login_staple answer;
    web_manner manner;
    const char *head; /* not an answer but this */
    auth_login_reason reason;
    bool is_down;
    bool is_forbidden;
} responder_case;

static const responder_case responders[] = {
    {.name = "good", .reason = AUTH_LOGIN_REASON_OK},
    {.name = "revoked",
     .answer = {.status = AUTH_OCSP_REVOKED, .reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE},
     .reason = AUTH_LOGIN_REASON_REVOKED},
    {.name = "suspended",
     .answer = {.status = AUTH_OCSP_REVOKED, .reason = AUTH_REVOCATION_REASON_CERTIFICATE_HOLD},
     .reason = AUTH_LOGIN_REASON_SUSPENDED},
    {.name = "never issued",
     .answer = {.status = AUTH_OCSP_UNKNOWN},
     .reason = AUTH_LOGIN_REASON_NEVER_ISSUED},
    {.name = "stale",
     .answer = {.this_update = CHAIN_NOW - 7200, .next_update = CHAIN_NOW - 3600},
     .reason = AUTH_LOGIN_REASON_STATUS_STALE},
    {.name = "of the future",
     .answer = {.this_update = CHAIN_NOW + CHAIN_DAY, .next_update = CHAIN_NOW + 2 * CHAIN_DAY},
     .reason = AUTH_LOGIN_REASON_STATUS_STALE},
    {.name = "another responder",
     .answer = {.is_by_other = true},
     .reason = AUTH_LOGIN_REASON_STATUS_UNTRUSTED},
    {.name = "another certificate",
     .answer = {.serial = {(const uint8_t *)"\x34", 1}},
     .reason = AUTH_LOGIN_REASON_STATUS_UNTRUSTED},
    {.name = "down", .is_down = true, .reason = AUTH_LOGIN_REASON_STATUS_DOWN},
    {.name = "closing", .manner = WEB_CLOSE, .reason = AUTH_LOGIN_REASON_STATUS_DOWN},
    {.name = "failing",
     .head = "500 Internal Server Error\r\n",
     .reason = AUTH_LOGIN_REASON_STATUS_DOWN},
    {.name = "slow", .manner = WEB_SILENT, .reason = AUTH_LOGIN_REASON_STATUS_SLOW},
    {.name = "ten megabytes", .manner = WEB_ENDLESS, .reason = AUTH_LOGIN_REASON_STATUS_TOO_LARGE},
    {.name = "redirect to a file",
     .head = "302 Found\r\nLocation: file:///etc/passwd\r\n",
     .reason = AUTH_LOGIN_REASON_STATUS_NOT_ALLOWED},
    {.name = "a page instead",
     .head = "200 OK\r\nContent-Type: text/html\r\n",
     .reason = AUTH_LOGIN_REASON_STATUS_MALFORMED},
    {.name = "forbidden", .is_forbidden = true, .reason = AUTH_LOGIN_REASON_STATUS_NOT_ALLOWED},
};
#define RESPONDERS (sizeof responders / sizeof responders[0])

static void arrange(world_online *it, const responder_case *row)
{
    if (row->head != NULL || row->manner != WEB_ANSWER)
        web_put(&it->server, "/ocsp", row->manner, row->head == NULL ? "200 OK\r\n" : row->head,
                BYTES("<html>"));
    else
        put_answer(it, &row->answer);
    web_start(&it->server);
    if (row->is_down)
        web_stop(&it->server);
}

START_TEST(every_responder_gets_its_reason)
{
    const responder_case *row = &responders[_i];
    uint32_t timeout_ms = row->manner == WEB_SILENT ? IMPATIENT_MS : PATIENT_MS;
    world_online it = go_online(!row->is_forbidden, timeout_ms);
    make_verifier(&it);
    arrange(&it, row);
    auth_login_verdict verdict = log_in(&it);
    ck_assert_msg(verdict.reason == row->reason, "%s: %s: %s", row->name,
                  auth_login_reason_name(verdict.reason), verdict.detail);
    ck_assert_int_eq(verdict.is_accepted, row->reason == AUTH_LOGIN_REASON_OK);
    if (verdict.is_accepted) {
        ck_assert_str_eq(auth_login_source_name(verdict.source), "ocsp");
        verdict = log_in(&it);
        ck_assert_str_eq(auth_login_source_name(verdict.source), "cache");
    }
    if (row->is_down)
        it.server = web_open();
    go_offline(&it);
}
END_TEST

/* Suspended, resumed, revoked: each is seen when the last status is older than the policy allows.
 */
START_TEST(a_status_that_is_too_old_is_fetched_anew)
{
    static const struct {
        login_staple answer;
        auth_login_reason reason;
    } steps[] = {
        {{.status = AUTH_OCSP_GOOD}, AUTH_LOGIN_REASON_OK},
        {{.status = AUTH_OCSP_REVOKED, .reason = AUTH_REVOCATION_REASON_CERTIFICATE_HOLD},
         AUTH_LOGIN_REASON_SUSPENDED},
        {{.status = AUTH_OCSP_GOOD}, AUTH_LOGIN_REASON_OK},
        {{.status = AUTH_OCSP_REVOKED, .reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE},
         AUTH_LOGIN_REASON_REVOKED},
    };
    auth_error err;
    auth_login_verdict verdict;
    world_online it = go_online(true, PATIENT_MS);
    it.world->policy.mode = AUTH_LOGIN_MODE_MAX_AGE;
    it.world->policy.max_age_s = 1;
    make_verifier(&it);
    put_answer(&it, &(login_staple){.this_update = CHAIN_NOW});
    web_start(&it.server);
    auth_login_input input = login_world_input();
    auth_bytes certs[] = {RAW(it.world->holder), RAW(it.world->authority)};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        login_staple answer = steps[i].answer;
        input.now = CHAIN_NOW + 2 * (auth_time)i;
        answer.this_update = input.now;
        put_answer(&it, &answer);
        assert_ok(auth_peer_verify(it.verifier, &input, certs, 2, &verdict, &err), &err);
        ck_assert_msg(verdict.reason == steps[i].reason, "step %zu: %s: %s", i,
                      auth_login_reason_name(verdict.reason), verdict.detail);
    }
    go_offline(&it);
}
END_TEST

/* Without waiting. */

typedef struct told {
    unsigned count;
    auth_status status;
    auth_login_verdict verdict;
} told;

static void take(void *context, auth_status status, const auth_login_verdict *verdict,
                 const auth_error *err)
{
    told *it = context;
    (void)err;
    it->count++;
    it->status = status;
    it->verdict = *verdict;
}

static void step_until(const world_online *it, const told *answer, unsigned count)
{
    auth_error err;
    while (answer->count < count) {
        struct pollfd event = {.fd = auth_fetcher_descriptor(it->fetcher), .events = POLLIN};
        ck_assert_int_ge(poll(&event, 1, -1), 0);
        assert_ok(auth_fetcher_step(it->fetcher, &err), &err);
    }
}

START_TEST(a_login_need_not_wait)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_pending *pending = NULL;
    told answer = {.count = 0};
    world_online it = go_online(true, PATIENT_MS);
    make_verifier(&it);
    put_answer(&it, &(login_staple){.status = AUTH_OCSP_GOOD});
    web_start(&it.server);
    auth_login_input input = login_world_input();
    auth_buf *first = respond(&it);
    auth_buf *second = respond(&it);
    assert_fails(auth_login_begin(it.verifier, &input, auth_buf_bytes(first), take, &answer,
                                  &pending, &verdict, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    ck_assert_ptr_nonnull(pending);
    ck_assert(!verdict.is_accepted);
    step_until(&it, &answer, 1);
    ck_assert_int_eq(answer.status, AUTH_STATUS_OK);
    ck_assert_str_eq(auth_login_reason_name(answer.verdict.reason), "ok");
    /* Now the status is at hand. */
    assert_ok(auth_login_begin(it.verifier, &input, auth_buf_bytes(second), take, &answer, &pending,
                               &verdict, &err),
              &err);
    ck_assert_ptr_null(pending);
    ck_assert(verdict.is_accepted);
    assert_ok(auth_login_begin(it.verifier, &input, auth_buf_bytes(second), take, &answer, &pending,
                               &verdict, &err),
              &err);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), "replay");
    ck_assert_uint_eq(answer.count, 1);
    auth_buf_free(first);
    auth_buf_free(second);
    go_offline(&it);
}
END_TEST

typedef struct stepper {
    const world_online *online;
    told answer;
} stepper;

/* Asserts nothing: Check takes a lock for that, behind which a race would hide from its detector.
 */
static void *step(void *context)
{
    stepper *it = context;
    bool is_stepping = true;
    while (is_stepping && it->answer.count == 0) {
        struct pollfd event = {.fd = auth_fetcher_descriptor(it->online->fetcher),
                               .events = POLLIN};
        is_stepping = poll(&event, 1, -1) > 0 &&
                      auth_fetcher_step(it->online->fetcher, NULL) == AUTH_STATUS_OK;
    }
    return NULL;
}

/* Another thread may have judged, told of and freed a login before the call that began it returns.
 */
START_TEST(another_thread_may_step)
{
    auth_error err;
    auth_login_verdict verdict;
    world_online it = go_online(true, PATIENT_MS);
    it.world->policy.mode = AUTH_LOGIN_MODE_MAX_AGE;
    it.world->policy.max_age_s = 1;
    make_verifier(&it);
    put_answer(&it, &(login_staple){.this_update = CHAIN_NOW});
    web_start(&it.server);
    auth_login_input input = login_world_input();
    auth_bytes certs[] = {RAW(it.world->holder), RAW(it.world->authority)};
    for (auth_time i = 0; i < 20; i++) {
        pthread_t thread;
        auth_login_pending *pending = NULL;
        stepper steps = {.online = &it};
        input.now = CHAIN_NOW + 2 * i;
        put_answer(&it, &(login_staple){.this_update = input.now});
        ck_assert_int_eq(pthread_create(&thread, NULL, step, &steps), 0);
        assert_fails(auth_peer_begin(it.verifier, &input, certs, 2, take, &steps.answer, &pending,
                                     &verdict, &err),
                     AUTH_STATUS_UNKNOWN, &err);
        ck_assert_int_eq(pthread_join(thread, NULL), 0);
        ck_assert_str_eq(auth_login_reason_name(steps.answer.verdict.reason), "ok");
    }
    go_offline(&it);
}
END_TEST

/* Two that wait for the same status with the same challenge: one is accepted. */
START_TEST(of_two_that_wait_with_one_response_one_logs_in)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_pending *pending = NULL;
    told answers[2] = {{.count = 0}, {.count = 0}};
    world_online it = go_online(true, PATIENT_MS);
    make_verifier(&it);
    put_answer(&it, &(login_staple){.status = AUTH_OCSP_GOOD});
    web_start(&it.server);
    auth_login_input input = login_world_input();
    auth_buf *response = respond(&it);
    for (size_t i = 0; i < 2; i++)
        assert_fails(auth_login_begin(it.verifier, &input, auth_buf_bytes(response), take,
                                      &answers[i], &pending, &verdict, &err),
                     AUTH_STATUS_UNKNOWN, &err);
    step_until(&it, &answers[0], 1);
    step_until(&it, &answers[1], 1);
    ck_assert_int_eq(answers[0].verdict.is_accepted + answers[1].verdict.is_accepted, 1);
    ck_assert_uint_eq(web_hits(&it.server), 1);
    auth_buf_free(response);
    go_offline(&it);
}
END_TEST

START_TEST(a_login_that_is_cancelled_is_not_told)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_pending *pending = NULL;
    told answer = {.count = 0};
    world_online it = go_online(true, PATIENT_MS);
    make_verifier(&it);
    web_put(&it.server, "/ocsp", WEB_SILENT, "200 OK\r\n", BYTES(""));
    web_start(&it.server);
    auth_login_input input = login_world_input();
    auth_bytes certs[] = {RAW(it.world->holder), RAW(it.world->authority)};
    assert_fails(auth_peer_begin(it.verifier, &input, certs, 2, take, &answer, &pending, &verdict,
                                 &err),
                 AUTH_STATUS_UNKNOWN, &err);
    auth_login_cancel(pending);
    auth_login_cancel(NULL);
    assert_ok(auth_fetcher_step(it.fetcher, &err), &err);
    ck_assert_uint_eq(answer.count, 0);
    go_offline(&it);
}
END_TEST

START_TEST(only_a_fetcher_is_asked_without_waiting)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_pending *pending = NULL;
    told answer = {.count = 0};
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    login_world_start(world);
    auth_login_input input = login_world_input();
    auth_bytes certs[] = {RAW(world->holder), RAW(world->authority)};
    assert_fails(auth_peer_begin(world->verifier, &input, certs, 2, take, &answer, &pending,
                                 &verdict, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_null(pending);
    ck_assert_uint_eq(atomic_load(&world->asked), 0);
    login_world_free(world);
}
END_TEST

/* Two processes' verifiers, with one memory in a folder. */
START_TEST(a_replay_is_told_across_verifiers)
{
    auth_error err;
    auth_login_verdict verdict;
    char folder[] = "/tmp/auth-login-XXXXXX";
    char path[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    world_online it = go_online(true, PATIENT_MS);
    auth_replay_free(it.replay);
    assert_ok(auth_replay_open(&(auth_replay_options){.folder = folder}, &it.replay, &err), &err);
    put_answer(&it, &(login_staple){.status = AUTH_OCSP_GOOD});
    web_start(&it.server);
    make_verifier(&it);
    auth_verifier *first = it.verifier;
    auth_replay *first_replay = it.replay;
    assert_ok(auth_replay_open(&(auth_replay_options){.folder = folder}, &it.replay, &err), &err);
    make_verifier(&it);
    auth_buf *response = respond(&it);
    auth_login_input input = login_world_input();
    assert_ok(auth_login_verify(first, &input, auth_buf_bytes(response), &verdict, &err), &err);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), "ok");
    assert_ok(auth_login_verify(it.verifier, &input, auth_buf_bytes(response), &verdict, &err),
              &err);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), "replay");
    auth_buf_free(response);
    auth_verifier_free(first);
    auth_replay_free(first_replay);
    go_offline(&it);
    (void)snprintf(path, sizeof path, "%s/replay.memory", folder);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

SUITE("login_fetch", TEST_EACH(every_responder_gets_its_reason, RESPONDERS),
      TEST(a_status_that_is_too_old_is_fetched_anew), TEST(a_login_need_not_wait),
      TEST(another_thread_may_step), TEST(of_two_that_wait_with_one_response_one_logs_in),
      TEST(a_login_that_is_cancelled_is_not_told), TEST(only_a_fetcher_is_asked_without_waiting),
      TEST(a_replay_is_told_across_verifiers))
