/* SPDX-License-Identifier: Apache-2.0 */
/* Is everything that servers do wrong told apart, and nobody asked who may not be? */
#include "fetch_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

SUITE("fetch_wrong", TEST_EACH(what_servers_do_wrong_is_told_apart, COUNT(misdeeds)),
      TEST(a_header_without_end_is_refused), TEST(nobody_listening_is_down_and_left_alone),
      TEST_EACH(lies_and_old_answers_are_told_apart_and_not_kept, COUNT(lies)),
      TEST_EACH(no_host_is_asked_that_is_not_allowed, COUNT(forbidden)),
      TEST(other_schemes_are_as_no_address), TEST(a_private_address_is_asked_only_when_it_is_meant),
      TEST(proxies_of_the_environment_are_not_asked))
