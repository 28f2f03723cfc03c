/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the status of a certificate come from where it is to come from, verified, fresh and asked
 * for once, and is everything that servers do wrong told apart?
 */
#include "harness/fetch_world.h"
#include "harness/harness.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GOOD(number) (&(fetch_world_answer){.serial = (number)})
#define SERIAL 5
#define THREADS 8

static fetch_world world;
static auth_fetch_result result;
static auth_error err;

static void begin(void)
{
    world = fetch_world_new("p256");
    fetch_world_put(&world, "/good", GOOD(SERIAL));
}

static void end(auth_fetcher *fetcher)
{
    auth_fetcher_free(fetcher);
    fetch_world_free(&world);
}

static void assert_found(auth_fetcher *fetcher, const auth_fetch_request *request,
                         auth_fetch_source source)
{
    assert_ok(auth_fetch_status(fetcher, request, &result, &err), &err);
    ck_assert_int_eq(result.outcome, AUTH_FETCH_OUTCOME_FOUND);
    ck_assert_str_eq(auth_fetch_source_name(result.source), auth_fetch_source_name(source));
    const auth_evidence *evidence = auth_fetched_evidence(result.fetched);
    ck_assert_uint_eq(evidence->ocsp_count + evidence->crl_count, 1);
    auth_fetched_free(result.fetched);
}

static void assert_outcome(auth_fetcher *fetcher, const auth_fetch_request *request,
                           auth_fetch_outcome outcome)
{
    auth_status status = auth_fetch_status(fetcher, request, &result, &err);
    ck_assert_msg(result.outcome == outcome, "%s, not %s: %s",
                  auth_fetch_outcome_name(result.outcome), auth_fetch_outcome_name(outcome),
                  err.text);
    ck_assert_int_eq(status, err.status);
    ck_assert_int_ne(status, AUTH_STATUS_OK);
    ck_assert_ptr_null(result.fetched);
    ck_assert_msg(strlen(err.text) > 10, "%s", err.text);
}

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

/* What a server does, and how it is told. */
typedef struct misdeed {
    const char *name;
    web_manner manner;
    const char *head;
    const char *body; /* NULL: a good answer */
    auth_fetch_outcome outcome;
} misdeed;

static const misdeed misdeeds[] = {
    {"closes", WEB_CLOSE, "", "", AUTH_FETCH_OUTCOME_DOWN},
    {"is silent", WEB_SILENT, "", "", AUTH_FETCH_OUTCOME_SLOW},
    {"sends ten million octets", WEB_ENDLESS, "", "", AUTH_FETCH_OUTCOME_TOO_LARGE},
    {"sends no HTTP", WEB_RAW, "", "hello, this is no HTTP at all\r\n",
     AUTH_FETCH_OUTCOME_MALFORMED},
    {"sends text", WEB_ANSWER, "200 OK\r\n", "hello", AUTH_FETCH_OUTCOME_MALFORMED},
    {"sends nothing", WEB_ANSWER, "200 OK\r\n", "", AUTH_FETCH_OUTCOME_MALFORMED},
    {"fails", WEB_ANSWER, "500 Internal Server Error\r\n", "", AUTH_FETCH_OUTCOME_DOWN},
    {"is busy", WEB_ANSWER, "429 Too Many Requests\r\n", "", AUTH_FETCH_OUTCOME_DOWN},
    {"has nothing", WEB_ANSWER, "404 Not Found\r\n", NULL, AUTH_FETCH_OUTCOME_REFUSED},
    {"sends to a file", WEB_ANSWER, "302 Found\r\nLocation: file:///etc/passwd\r\n", NULL,
     AUTH_FETCH_OUTCOME_REFUSED},
    {"sends elsewhere", WEB_ANSWER, "301 Moved Permanently\r\nLocation: /good\r\n", NULL,
     AUTH_FETCH_OUTCOME_REFUSED},
    {"is unauthorized", WEB_ANSWER, "200 OK\r\n", "\x30\x03\x0a\x01\x06",
     AUTH_FETCH_OUTCOME_REFUSED},
    {"says try later", WEB_ANSWER, "200 OK\r\n", "\x30\x03\x0a\x01\x03", AUTH_FETCH_OUTCOME_DOWN},
    {"compresses", WEB_ANSWER, "200 OK\r\nContent-Encoding: gzip\r\n", "\x1f\x8b\x08",
     AUTH_FETCH_OUTCOME_MALFORMED},
};

START_TEST(what_servers_do_wrong_is_told_apart)
{
    auth_fetch_host host;
    const misdeed *it = &misdeeds[_i];
    begin();
    raw_bytes good = fetch_world_ocsp(&world, GOOD(SERIAL));
    web_put(&world.server, "/wrong", it->manner, it->head,
            it->body == NULL ? RAW(good) : auth_bytes_from_text(it->body));
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    if (it->outcome == AUTH_FETCH_OUTCOME_SLOW)
        options.timeout_ms = 50;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/wrong");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_outcome(fetcher, &request, it->outcome);
    ck_assert_ptr_nonnull(strstr(err.text, "127.0.0.1"));
    /* A misdeed is remembered as such: the next question is not sent. */
    (void)web_hits(&world.server);
    assert_outcome(fetcher, &request, it->outcome);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    end(fetcher);
}
END_TEST

START_TEST(a_header_without_end_is_refused)
{
    begin();
    static uint8_t head[WEB_BODY_MAX];
    int len = snprintf((char *)head, sizeof head, "HTTP/1.1 200 OK\r\n");
    while ((size_t)len + 64 < sizeof head)
        len += snprintf((char *)head + len, sizeof head - (size_t)len, "X-More: 0123456789\r\n");
    web_put(&world.server, "/long", WEB_RAW, "", (auth_bytes){head, (size_t)len});
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/long");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_TOO_LARGE);
    end(fetcher);
}
END_TEST

START_TEST(nobody_listening_is_down_and_left_alone)
{
    begin();
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    (void)close(world.server.listener);
    world.server.listener = -1;
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_DOWN);
    ck_assert_ptr_nonnull(strstr(err.text, "cannot be reached"));
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_DOWN);
    ck_assert_ptr_nonnull(strstr(err.text, "left alone"));
    end(fetcher);
}
END_TEST

/* An answer by somebody else, about something else, or of another time. */
typedef struct lie {
    const char *name;
    fetch_world_answer answer;
    bool is_foreign;    /* signed by a responder of another authority */
    bool lacks_nocheck; /* its certificate lacks ocsp-nocheck */
    bool is_altered;
    uint32_t max_age;
    auth_time now;
    auth_fetch_outcome outcome;
} lie;

static const lie lies[] = {
    {"about another certificate", {.serial = 6}, .outcome = AUTH_FETCH_OUTCOME_LYING},
    {"by a foreign responder",
     {.serial = SERIAL},
     .is_foreign = true,
     .outcome = AUTH_FETCH_OUTCOME_LYING},
    {"by one that may be revoked",
     {.serial = SERIAL},
     .lacks_nocheck = true,
     .outcome = AUTH_FETCH_OUTCOME_LYING},
    {"altered", {.serial = SERIAL}, .is_altered = true, .outcome = AUTH_FETCH_OUTCOME_LYING},
    {"expired",
     {.serial = SERIAL, .next_update = STATUS_NOW - 2000},
     .outcome = AUTH_FETCH_OUTCOME_STALE},
    {"of the future",
     {.serial = SERIAL, .this_update = STATUS_NOW + 2000},
     .outcome = AUTH_FETCH_OUTCOME_STALE},
    {"older than allowed",
     {.serial = SERIAL},
     .max_age = 3599,
     .outcome = AUTH_FETCH_OUTCOME_STALE},
    {"without an end", {.serial = SERIAL, .next_update = -1}, .outcome = AUTH_FETCH_OUTCOME_STALE},
    {"of yesterday by our clock",
     {.serial = SERIAL},
     .now = STATUS_NOW + STATUS_DAY,
     .outcome = AUTH_FETCH_OUTCOME_STALE},
    {"of tomorrow by our clock",
     {.serial = SERIAL},
     .now = STATUS_NOW - STATUS_DAY,
     .outcome = AUTH_FETCH_OUTCOME_STALE},
};

/* Lets another certificate answer: one of another authority, or one without ocsp-nocheck. */
static void replace_delegate(const lie *it)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    status_delegate change = {0};
    status_pki other = {0};
    if (it->is_foreign) {
        other.authority = raw_signer_new(AUTH_KEY_TYPE_P256);
        change.signer = other.authority;
    } else {
        raw_put_extension(&writer, OID_EXTENDED_KEY_USAGE, false,
                          BYTES("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09"));
        change.extensions = der_written(&writer);
    }
    world.pki.delegate_der = status_delegate_make(&world.pki, &change);
    auth_signer_free(other.authority);
}

START_TEST(lies_and_old_answers_are_told_apart_and_not_kept)
{
    const lie *it = &lies[_i];
    begin();
    if (it->is_foreign || it->lacks_nocheck)
        replace_delegate(it);
    raw_bytes der = fetch_world_ocsp(&world, &it->answer);
    if (it->is_altered)
        der.octets[der.len / 5] ^= 1;
    web_put(&world.server, "/lie", WEB_ANSWER, "200 OK\r\n", RAW(der));
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/lie");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.max_age_seconds = it->max_age;
    request.now = it->now == 0 ? STATUS_NOW : it->now;
    if (it->is_altered) {
        /* Which octet was hit decides whether it can still be read. */
        ck_assert_int_ne(auth_fetch_status(fetcher, &request, &result, &err), AUTH_STATUS_OK);
    } else {
        assert_outcome(fetcher, &request, it->outcome);
    }
    end(fetcher);
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

/* Addresses that are not asked, whatever a certificate says. */
static const char *const forbidden[] = {
    "http://127.0.0.1:1/good",
    "http://127.0.0.1/good",
    "https://127.0.0.1/good",
    "http://user@127.0.0.1:%u/good",
    "http://user:word@127.0.0.1:%u/good",
    "http://127.0.0.1:%u\\@evil.example/",
    "http://127.0.0.1:%u#@evil.example/",
    "http://127.0.0.1:%u?@evil.example/",
    "http://127.1:%u/good",
    "http://2130706433:%u/good",
    "http://0x7f000001:%u/good",
    "http://127.0.0.1.:%u/good",
    "http://localhost:%u/good",
    "http://[::1]:%u/good",
    "http://[::ffff:127.0.0.1]:%u/good",
    "http://127.0.0.1:0%u/good",
    "http://127.0.0.1:99999/good",
    "http://127.0.0.1:%u/a b",
    "http://127.0.0.1:%u/\r\nX: y",
    "http:///good",
    "http://evil.example/",
};

START_TEST(no_host_is_asked_that_is_not_allowed)
{
    char uri[256];
    begin();
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
/* The formats are the table's above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(uri, sizeof uri, forbidden[_i], world.server.port);
#pragma GCC diagnostic pop
    raw_bytes cert = fetch_world_cert_at(&world, SERIAL, uri, NULL);
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_NOT_ALLOWED);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    end(fetcher);
}
END_TEST

START_TEST(other_schemes_are_as_no_address)
{
    begin();
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert_at(&world, SERIAL, "file:///etc/passwd", NULL);
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_NO_SOURCE);
    end(fetcher);
}
END_TEST

START_TEST(a_private_address_is_asked_only_when_it_is_meant)
{
    auth_fetch_host host;
    begin();
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    host.may_be_private = false;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_NOT_ALLOWED);
    ck_assert_ptr_nonnull(strstr(err.text, "not public"));
    ck_assert_uint_eq(web_hits(&world.server), 0);
    end(fetcher);
}
END_TEST

START_TEST(proxies_of_the_environment_are_not_asked)
{
    begin();
    ck_assert_int_eq(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
    ck_assert_int_eq(setenv("all_proxy", "http://127.0.0.1:1", 1), 0);
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
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

typedef struct asker {
    auth_fetcher *fetcher;
    auth_fetch_request request;
    auth_fetch_result result;
    auth_status status;
} asker;

static void *ask(void *context)
{
    asker *it = context;
    it->status = auth_fetch_status(it->fetcher, &it->request, &it->result, NULL);
    return NULL;
}

START_TEST(many_who_ask_wait_for_one_transfer)
{
    begin();
    raw_bytes good = fetch_world_ocsp(&world, GOOD(SERIAL));
    web_put(&world.server, "/gated", WEB_GATED, "200 OK\r\n", RAW(good));
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/gated");
    pthread_t threads[THREADS];
    asker askers[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        askers[i] = (asker){.fetcher = fetcher, .request = fetch_world_request(&world, &cert)};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
    web_await(&world.server, 1);
    web_release(&world.server, 1);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_int_eq(askers[i].status, AUTH_STATUS_OK);
        ck_assert_int_eq(askers[i].result.status, AUTH_OCSP_GOOD);
        auth_fetched_free(askers[i].result.fetched);
    }
    ck_assert_uint_eq(web_hits(&world.server), 0);
    end(fetcher);
}
END_TEST

/* Waits until what is fetched behind the scenes is there. */
static void await_newer(auth_fetcher *fetcher, const auth_fetch_request *request, auth_time newer)
{
    do {
        assert_found(fetcher, request, AUTH_FETCH_SOURCE_MEMORY);
    } while (result.this_update != newer);
}

START_TEST(what_is_due_is_given_and_renewed_behind_the_scenes)
{
    begin();
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.renew_after_seconds = 1800;
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    ck_assert(!result.is_renewing);
    web_await(&world.server, 1);
    fetch_world_put(&world, "/good",
                    &(fetch_world_answer){.serial = SERIAL, .this_update = STATUS_NOW - 60});
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_MEMORY);
    ck_assert(result.is_renewing);
    web_await(&world.server, 1);
    await_newer(fetcher, &request, STATUS_NOW - 60);
    ck_assert(!result.is_renewing);
    end(fetcher);
}
END_TEST

typedef struct completion {
    int calls;
    auth_status status;
    auth_fetch_result result;
} completion;

static void complete(void *context, auth_status status, auth_fetch_result *found,
                     const auth_error *why)
{
    completion *it = context;
    it->calls++;
    it->status = status;
    it->result = *found;
    if (status != AUTH_STATUS_OK)
        ck_assert_int_eq(why->status, status);
}

/* An event loop with nothing else to do. */
static void run_until(auth_fetcher *fetcher, const int *calls, int wanted)
{
    struct pollfd event = {.fd = auth_fetcher_descriptor(fetcher), .events = POLLIN};
    while (*calls < wanted) {
        ck_assert_int_eq(poll(&event, 1, -1), 1);
        assert_ok(auth_fetcher_step(fetcher, &err), &err);
    }
}

START_TEST(an_event_loop_waits_on_one_descriptor)
{
    auth_fetch_host host;
    auth_fetch *search = NULL;
    begin();
    raw_bytes good = fetch_world_ocsp(&world, GOOD(SERIAL));
    web_put(&world.server, "/gated", WEB_GATED, "200 OK\r\n", RAW(good));
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.has_loop = true;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    raw_bytes slow = fetch_world_cert(&world, SERIAL, "/gated");
    raw_bytes wrong = fetch_world_cert(&world, 7, "/nothing");
    auth_fetch_request request = fetch_world_request(&world, &slow);
    completion first = {0};
    completion second = {0};
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &first, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    ck_assert_ptr_nonnull(search);
    request = fetch_world_request(&world, &wrong);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &second, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    /* The second ends although the first waits. */
    run_until(fetcher, &second.calls, 1);
    ck_assert_int_eq(second.result.outcome, AUTH_FETCH_OUTCOME_REFUSED);
    ck_assert_int_eq(first.calls, 0);
    web_release(&world.server, 1);
    run_until(fetcher, &first.calls, 1);
    ck_assert_int_eq(first.status, AUTH_STATUS_OK);
    ck_assert_int_eq(first.result.status, AUTH_OCSP_GOOD);
    auth_fetched_free(first.result.fetched);

    /* What is at hand is given at once. */
    request = fetch_world_request(&world, &slow);
    assert_ok(auth_fetch_begin(fetcher, &request, complete, &first, &search, &result, &err), &err);
    ck_assert_ptr_null(search);
    ck_assert_int_eq(result.source, AUTH_FETCH_SOURCE_MEMORY);
    auth_fetched_free(result.fetched);
    ck_assert_int_eq(first.calls, 1);
    end(fetcher);
}
END_TEST

START_TEST(a_search_that_is_cancelled_calls_nobody)
{
    auth_fetch *search = NULL;
    auth_fetch *other = NULL;
    begin();
    raw_bytes good = fetch_world_ocsp(&world, GOOD(SERIAL));
    web_put(&world.server, "/gated", WEB_GATED, "200 OK\r\n", RAW(good));
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/gated");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    completion first = {0};
    completion second = {0};
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &first, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &second, &other, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    auth_fetch_cancel(fetcher, search);
    web_release(&world.server, 1);
    run_until(fetcher, &second.calls, 1);
    ck_assert_int_eq(first.calls, 0);
    ck_assert_int_eq(second.status, AUTH_STATUS_OK);
    auth_fetched_free(second.result.fetched);

    /* A fetcher is freed with searches under way. */
    request = fetch_world_request(&world, &cert);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_OCSP);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &first, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    end(fetcher);
    ck_assert_int_eq(first.calls, 0);
}
END_TEST

START_TEST(what_is_due_is_asked_for_once_however_many_want_it)
{
    begin();
    raw_bytes good = fetch_world_ocsp(&world, GOOD(SERIAL));
    web_put(&world.server, "/gated", WEB_GATED, "200 OK\r\n", RAW(good));
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/gated");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.staple = RAW(good);
    request.renew_after_seconds = 1800;
    for (int i = 0; i < 100; i++) {
        assert_found(fetcher, &request, AUTH_FETCH_SOURCE_STAPLE);
        ck_assert(result.is_renewing);
    }
    web_await(&world.server, 1);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    end(fetcher);
}
END_TEST

START_TEST(searches_under_way_have_a_bound)
{
    begin();
    auth_fetch_host host;
    auth_fetch *search = NULL;
    completion done = {0};
    web_put(&world.server, "/silent", WEB_SILENT, "", (auth_bytes){NULL, 0});
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.has_loop = true;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/silent");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    for (int i = 0; i < AUTH_FETCH_QUEUE_MAX; i++)
        assert_each(auth_fetch_begin(fetcher, &request, complete, &done, &search, &result, NULL) ==
                        AUTH_STATUS_UNKNOWN,
                    "search %d does not begin", i);
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_BUSY);
    /* There is room again when one is withdrawn. */
    auth_fetch_cancel(fetcher, search);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &done, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    end(fetcher);
    ck_assert_int_eq(done.calls, 0);
}
END_TEST

START_TEST(a_child_may_not_use_its_parents_fetcher)
{
    begin();
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(auth_fetch_status(fetcher, &request, &result, NULL) == AUTH_STATUS_INVALID ? 7 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
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
      TEST_EACH(what_servers_do_wrong_is_told_apart, COUNT(misdeeds)),
      TEST(a_header_without_end_is_refused), TEST(nobody_listening_is_down_and_left_alone),
      TEST_EACH(lies_and_old_answers_are_told_apart_and_not_kept, COUNT(lies)),
      TEST(an_answer_without_end_is_good_within_an_age),
      TEST_EACH(no_host_is_asked_that_is_not_allowed, COUNT(forbidden)),
      TEST(other_schemes_are_as_no_address), TEST(a_private_address_is_asked_only_when_it_is_meant),
      TEST(proxies_of_the_environment_are_not_asked), TEST(a_long_address_is_asked_by_post),
      TEST(only_the_sources_that_are_named_are_asked),
      TEST(a_staple_is_used_verified_and_no_newer_knowledge_forgotten),
      TEST(a_bad_staple_is_as_none_and_told_of), TEST(a_final_revocation_stays_whatever_comes),
      TEST(many_who_ask_wait_for_one_transfer),
      TEST(what_is_due_is_given_and_renewed_behind_the_scenes),
      TEST(an_event_loop_waits_on_one_descriptor), TEST(a_search_that_is_cancelled_calls_nobody),
      TEST(what_is_due_is_asked_for_once_however_many_want_it),
      TEST(searches_under_way_have_a_bound), TEST(a_child_may_not_use_its_parents_fetcher),
      TEST(what_cannot_be_read_is_refused),
      TEST_EACH(options_beyond_their_bounds_are_refused, COUNT(bad_options)),
      TEST_EACH(hosts_that_are_none_are_refused, COUNT(bad_hosts)),
      TEST(memory_may_run_out_anywhere), TEST(names_are_those_of_the_tables))
