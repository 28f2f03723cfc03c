/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a renewal say of the same key what the former certificate said, for a new time and no more;
 * and is whatever would say something else refused?
 */
#include "golden/realm.h"
#include "harness/harness.h"
#include "x509/view.h"

#include <auth/cert.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_MAX 65536
#define DAY 86400

static const char *const renewable[] = {"daemon-server", "daemon-client", "ocsp-responder",
                                        "application-server"};

static realm *here;
static uint8_t serial[AUTH_SERIAL_SIZE];

static void open_realm(void)
{
    auth_error err;
    if (here == NULL)
        here = realm_new("p256", REALM_NOW);
    assert_ok(auth_issue_serial(0x0200, serial, &err), &err);
}

static auth_buf *issue(const char *name)
{
    auth_error err;
    realm_request ask;
    auth_buf *out = NULL;
    AUTH_AUTO(auth_profile) *profile = realm_profile(name);
    assert_ok(auth_buf_new(CERTIFICATE_MAX, &out, &err), &err);
    realm_ask(here, profile, &ask);
    assert_ok(auth_issue(profile, here->authority_issuer, here->authority, &ask.request, out, &err),
              &err);
    return out;
}

/* Sixty days later. */
static auth_issue_request later(void)
{
    return (auth_issue_request){.shard = 7,
                                .serial = {serial, sizeof serial},
                                .not_before = REALM_NOW + (auth_time)60 * DAY,
                                .now = REALM_NOW + (auth_time)60 * DAY};
}

static auth_bytes extension_of(const x509_cert_view *view, oid id)
{
    const x509_extension *extension = x509_find(&view->extensions, id);
    return extension == NULL ? (auth_bytes){NULL, 0} : extension->value;
}

START_TEST(all_but_time_and_serial_number_stays)
{
    auth_error err;
    auth_signature signature;
    x509_cert_view before;
    x509_cert_view after;
    AUTH_AUTO(auth_tbs) *tbs = NULL;
    AUTH_AUTO(auth_buf) *out = NULL;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile(renewable[_i]);
    AUTH_AUTO(auth_buf) *former = issue(renewable[_i]);
    auth_issue_request request = later();
    assert_ok(auth_issue_renew(profile, here->authority_issuer, auth_buf_bytes(former), &request,
                               &tbs, &err),
              &err);
    assert_ok(auth_signer_sign(here->authority, auth_tbs_bytes(tbs), &signature, &err), &err);
    assert_ok(auth_buf_new(CERTIFICATE_MAX, &out, &err), &err);
    assert_ok(auth_issue_seal(tbs, (auth_bytes){signature.octets, signature.len},
                              auth_issuer_key(here->authority_issuer), out, &err),
              &err);
    assert_ok(x509_cert_view_parse(auth_buf_bytes(former), &before, &err), &err);
    assert_ok(x509_cert_view_parse(auth_buf_bytes(out), &after, &err), &err);
    assert_bytes(after.subject, before.subject);
    assert_bytes(after.spki, before.spki);
    assert_bytes(after.serial, request.serial);
    ck_assert_int_eq(after.not_before, request.not_before);
    ck_assert_int_eq(after.not_after - after.not_before, before.not_after - before.not_before);
    ck_assert_uint_eq(after.extensions.count, before.extensions.count);
    for (size_t i = 0; i < before.extensions.count; i++)
        assert_bytes(extension_of(&after, before.extensions.rows[i].id),
                     before.extensions.rows[i].value);
    assert_ok(auth_lint(auth_buf_bytes(out), profile, NULL, NULL, &err), &err);
}
END_TEST

/* Asks for a renewal that must be refused in this way. */
static void assert_refused(const auth_profile *profile, auth_bytes former,
                           const auth_issue_request *request, auth_status expected,
                           const char *word)
{
    auth_error err;
    auth_tbs *tbs = NULL;
    assert_fails(auth_issue_renew(profile, here->authority_issuer, former, request, &tbs, &err),
                 expected, &err);
    ck_assert_ptr_null(tbs);
    ck_assert_msg(strstr(err.text, word) != NULL, "'%s' does not say '%s'", err.text, word);
}

START_TEST(what_another_made_is_not_renewed)
{
    auth_error err;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("daemon-server");
    AUTH_AUTO(auth_buf) *former = issue("daemon-server");
    AUTH_AUTO(auth_buf) *changed = NULL;
    auth_issue_request request = later();
    auth_bytes der = auth_buf_bytes(former);
    assert_refused(profile, auth_buf_bytes(here->authority_certificate), &request,
                   AUTH_STATUS_UNTRUSTED, "another issuer");
    assert_ok(auth_buf_new(CERTIFICATE_MAX, &changed, &err), &err);
    assert_ok(auth_buf_append(changed, der, &err), &err);
    /* The host's name, in octets that are signed. */
    uint8_t *at = memmem(auth_buf_bytes(changed).data, der.len, "ra.example", 10);
    if (at == NULL)
        at = memmem(auth_buf_bytes(changed).data, der.len, "example", 7);
    ck_assert_ptr_nonnull(at);
    at[0] = 'x';
    assert_refused(profile, auth_buf_bytes(changed), &request, AUTH_STATUS_UNTRUSTED, "former");
}
END_TEST

START_TEST(another_use_or_name_is_not_given)
{
    open_realm();
    AUTH_AUTO(auth_profile) *responder = realm_profile("ocsp-responder");
    AUTH_AUTO(auth_buf) *server = issue("daemon-server");
    auth_issue_request request = later();
    assert_refused(responder, auth_buf_bytes(server), &request, AUTH_STATUS_INVALID, "other uses");
    size_t len = 0;
    char *text = realm_profile_text("daemon-server", &len);
    char *country = strstr(text, "\"CN\"\n    }");
    ck_assert_ptr_nonnull(country);
    country[2] = 'H';
    AUTH_AUTO(auth_profile) *renamed = realm_profile_of(text);
    free(text);
    assert_refused(renamed, auth_buf_bytes(server), &request, AUTH_STATUS_INVALID,
                   "another subject");
}
END_TEST

START_TEST(authorities_and_persons_are_not_renewed)
{
    open_realm();
    AUTH_AUTO(auth_profile) *issuing = realm_profile("issuing");
    AUTH_AUTO(auth_profile) *citizen = realm_profile("citizen-signing");
    AUTH_AUTO(auth_buf) *server = issue("daemon-server");
    auth_issue_request request = later();
    assert_refused(issuing, auth_buf_bytes(server), &request, AUTH_STATUS_DENIED, "persons");
    assert_refused(citizen, auth_buf_bytes(server), &request, AUTH_STATUS_DENIED, "persons");
}
END_TEST

START_TEST(nothing_else_is_asked_for)
{
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("daemon-server");
    AUTH_AUTO(auth_buf) *former = issue("daemon-server");
    auth_issue_value value = {"CN", BYTES("x")};
    auth_issue_name name = {AUTH_ISSUE_NAME_DNS, BYTES("x.example")};
    auth_bytes key = auth_public_key_spki(auth_signer_public_key(here->holder));
    auth_issue_request requests[] = {later(), later(), later(), later()};
    requests[0].subject = &value;
    requests[0].subject_count = 1;
    requests[1].names = &name;
    requests[1].name_count = 1;
    requests[2].spki = key;
    requests[3].csr = auth_buf_bytes(here->holder_csr);
    for (size_t i = 0; i < 4; i++)
        assert_refused(profile, auth_buf_bytes(former), &requests[i], AUTH_STATUS_INVALID,
                       "leave them out");
}
END_TEST

static bool is_blocked(void *context, auth_bytes hash)
{
    (void)context;
    return hash.len == AUTH_KEY_HASH_SIZE;
}

START_TEST(a_blocked_key_is_not_renewed)
{
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("daemon-server");
    AUTH_AUTO(auth_buf) *former = issue("daemon-server");
    auth_issue_request request = later();
    request.is_blocked = is_blocked;
    assert_refused(profile, auth_buf_bytes(former), &request, AUTH_STATUS_DENIED, "key");
}
END_TEST

typedef struct attempt {
    const auth_profile *profile;
    const auth_buf *former;
} attempt;

static auth_status renew_once(void *context)
{
    const attempt *it = context;
    auth_error err;
    AUTH_AUTO(auth_tbs) *tbs = NULL;
    auth_issue_request request = later();
    return auth_issue_renew(it->profile, here->authority_issuer, auth_buf_bytes(it->former),
                            &request, &tbs, &err);
}

START_TEST(memory_that_runs_out_is_reported)
{
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("daemon-server");
    AUTH_AUTO(auth_buf) *former = issue("daemon-server");
    attempt it = {profile, former};
    ck_assert_uint_gt(harness_for_each_failure(renew_once, &it), 1);
}
END_TEST

SUITE("issue_renew",
      TEST_EACH(all_but_time_and_serial_number_stays, sizeof renewable / sizeof renewable[0]),
      TEST(what_another_made_is_not_renewed), TEST(another_use_or_name_is_not_given),
      TEST(authorities_and_persons_are_not_renewed), TEST(nothing_else_is_asked_for),
      TEST(a_blocked_key_is_not_renewed), TEST(memory_that_runs_out_is_reported))
