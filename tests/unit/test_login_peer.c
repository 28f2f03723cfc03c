/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a TLS client get the same verdict, and does the verdict say who it is, to this application
 * and to no other?
 */
#include "harness/harness.h"
#include "harness/login_world.h"
#include "identity/identity.h"

#include <auth/pem.h>
#include <stdio.h>
#include <string.h>

#define NUMBER "11010519491231002X"
#define OTHER_NUMBER "440524188001010014"
#define APP_KEY "application key of 32 octets ...."
#define OTHER_APP_KEY "application key of another app ..."

/* Changes the holder's certificate, and makes the verifier. */
static login_world *world_with(chain_change *change)
{
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    world->policy.asks_person_number = true;
    login_world_certify(world, change);
    login_world_start(world);
    return world;
}

static auth_login_verdict verify(login_world *world, const auth_login_input *input)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_bytes certs[] = {RAW(world->holder), RAW(world->authority)};
    assert_ok(auth_peer_verify(world->verifier, input, certs, 2, &verdict, &err), &err);
    return verdict;
}

static auth_login_verdict verify_with_key(login_world *world, auth_bytes key)
{
    auth_login_input input = login_world_input();
    input.pairwise_key = key;
    auth_login_verdict verdict = verify(world, &input);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), "ok");
    return verdict;
}

/* Subjects: a common name and one more attribute. */
static raw_bytes name_with(oid type, const char *value)
{
    raw_bytes out;
    der_writer writer = der_writer_on(out.octets, sizeof out.octets);
    size_t name = der_open(&writer, DER_SEQUENCE);
    for (size_t i = 0; i < 2; i++) {
        size_t rdn = der_open(&writer, DER_SET);
        size_t attribute = der_open(&writer, DER_SEQUENCE);
        der_put_oid(&writer, oid_bytes(i == 0 ? type : OID_COMMON_NAME));
        der_put_item(&writer, i == 0 ? DER_PRINTABLE_STRING : DER_UTF8_STRING,
                     auth_bytes_from_text(i == 0 ? value : "李婷"));
        der_close(&writer, attribute);
        der_close(&writer, rdn);
    }
    der_close(&writer, name);
    out.len = writer.len;
    return out;
}

#define REALM_PSEUDONYM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void be_pseudonymous(chain_cert *cert)
{
    cert->subject = name_with(OID_PSEUDONYM, REALM_PSEUDONYM);
}

static void be_pseudonymous_again(chain_cert *cert)
{
    be_pseudonymous(cert);
    cert->serial = BYTES("\x35");
}

static void show_number(chain_cert *cert)
{
    cert->subject = name_with(OID_SERIAL_NUMBER, "PNOCN-" NUMBER);
}

static void show_number_in_small(chain_cert *cert)
{
    cert->subject = name_with(OID_SERIAL_NUMBER, "PNOCN-11010519491231002x");
    cert->serial = BYTES("\x36");
}

static void put_code(chain_cert *cert, const char *number)
{
    raw_bytes value;
    der_writer writer = der_writer_on(value.octets, sizeof value.octets);
    size_t tagged = der_open(&writer, DER_CONTEXT_CONSTRUCTED(0));
    der_put_item(&writer, DER_PRINTABLE_STRING, auth_bytes_from_text(number));
    der_close(&writer, tagged);
    value.len = writer.len;
    chain_set(cert, OID_IDENTIFY_CODE, false, RAW(value));
}

static void show_code(chain_cert *cert) { put_code(cert, NUMBER); }

static void show_two_people(chain_cert *cert)
{
    show_number(cert);
    put_code(cert, OTHER_NUMBER);
}

static void renew(chain_cert *cert) { cert->serial = BYTES("\x34"); }
static void put_number_into_name(chain_cert *cert) { cert->subject = raw_name("Li " NUMBER); }

START_TEST(a_verdict_says_who_and_by_whose_word)
{
    login_world *world = world_with(be_pseudonymous);
    auth_login_verdict verdict = verify_with_key(world, (auth_bytes){NULL, 0});
    ck_assert(verdict.is_accepted);
    ck_assert_str_eq(verdict.display_name, "李婷");
    ck_assert_str_eq(verdict.authority, "CN=Chain authority");
    ck_assert_str_eq(verdict.serial, "33");
    ck_assert_int_eq(verdict.certificate_until, CHAIN_NOW + 365 * CHAIN_DAY);
    ck_assert_str_eq(auth_identity_binding_name(verdict.binding), "pseudonym");
    ck_assert_str_eq(auth_login_source_name(verdict.source), "cache");
    ck_assert_int_eq(verdict.evidence, AUTH_REVOCATION_SOURCE_OCSP);
    ck_assert_int_eq(verdict.status_age_s, 30);
    ck_assert_int_eq(verdict.status_until, CHAIN_NOW + 3600);
    ck_assert_str_eq(verdict.policy, "default");
    ck_assert_str_eq(verdict.pseudonym, ""); /* no key, no pseudonym */
    ck_assert_int_eq(verdict.person_match, AUTH_PERSON_MATCH_NOT_ASKED);
    login_world_free(world);
}
END_TEST

START_TEST(the_sentence_is_in_the_language_asked_for)
{
    static const struct {
        const char *language;
        bool is_chinese;
    } rows[] = {
        {NULL, false},         {"en", false}, {"en-GB", false}, {"zh", true},  {"zh-CN", true},
        {"zh_CN.UTF-8", true}, {"ZH", true},  {"zha", false},   {"fr", false}, {"", false},
    };
    login_world *world = world_with(NULL);
    auth_login_input input = login_world_input();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        input.language = rows[i].language;
        ck_assert_str_eq(verify(world, &input).sentence,
                         rows[i].is_chinese ? "登录成功。" : "You are logged in.");
    }
    login_world_free(world);
}
END_TEST

START_TEST(a_number_in_a_name_is_masked)
{
    login_world *world = world_with(put_number_into_name);
    auth_login_verdict verdict = verify_with_key(world, BYTES(APP_KEY));
    ck_assert_msg(strstr(verdict.display_name, "19491231") == NULL, "%s", verdict.display_name);
    ck_assert(strchr(verdict.display_name, '*') != NULL);
    login_world_free(world);
}
END_TEST

/* What two certificates and two applications make of a person. */
static const struct {
    chain_change *first;
    chain_change *second;
    bool is_lasting; /* the second certificate gives the same */
    const char *binding;
} people[] = {
    {be_pseudonymous, be_pseudonymous_again, true, "pseudonym"},
    {show_number, show_number_in_small, true, "pnocn"},
    {show_number, show_code, true, "pnocn"},
    {show_code, show_number, true, "gbt20518"},
    {NULL, renew, false, "none"},
    {show_two_people, renew, false, "none"},
};

START_TEST(a_pseudonym_is_of_one_person_and_one_application)
{
    login_world *first = world_with(people[_i].first);
    login_world *second = world_with(people[_i].second);
    auth_login_verdict here = verify_with_key(first, BYTES(APP_KEY));
    auth_login_verdict again = verify_with_key(first, BYTES(APP_KEY));
    auth_login_verdict elsewhere = verify_with_key(first, BYTES(OTHER_APP_KEY));
    auth_login_verdict later = verify_with_key(second, BYTES(APP_KEY));
    ck_assert_str_eq(auth_identity_binding_name(here.binding), people[_i].binding);
    ck_assert_uint_eq(strlen(here.pseudonym), AUTH_PAIRWISE_SIZE - 1);
    ck_assert_str_eq(here.pseudonym, again.pseudonym);
    ck_assert_str_ne(here.pseudonym, elsewhere.pseudonym);
    ck_assert_int_eq(here.is_pseudonym_lasting, people[_i].is_lasting);
    ck_assert_int_eq(strcmp(here.pseudonym, later.pseudonym) == 0, people[_i].is_lasting);
    ck_assert(strstr(here.pseudonym, REALM_PSEUDONYM) == NULL);
    login_world_free(first);
    login_world_free(second);
}
END_TEST

/* The person number. */

static auth_person_number number_of(const char *text)
{
    auth_error err;
    auth_person_number number;
    auth_person_rules rules = {.today = {2026, 1, 1}};
    assert_ok(auth_person_number_parse(auth_bytes_from_text(text), &rules, &number, &err), &err);
    return number;
}

static const struct {
    chain_change *change;
    const char *number;
    bool is_entitled;
    auth_login_reason reason;
    auth_person_match match;
} matches[] = {
    {show_number, NUMBER, true, AUTH_LOGIN_REASON_OK, AUTH_PERSON_MATCH_YES},
    {show_number, OTHER_NUMBER, true, AUTH_LOGIN_REASON_PERSON_DIFFERS, AUTH_PERSON_MATCH_NO},
    {show_two_people, NUMBER, true, AUTH_LOGIN_REASON_PERSON_DIFFERS, AUTH_PERSON_MATCH_NO},
    {NULL, NUMBER, true, AUTH_LOGIN_REASON_PERSON_UNPROVEN, AUTH_PERSON_MATCH_UNPROVEN},
    {be_pseudonymous, NUMBER, true, AUTH_LOGIN_REASON_PERSON_UNPROVEN, AUTH_PERSON_MATCH_UNPROVEN},
    {show_number, NUMBER, false, AUTH_LOGIN_REASON_PERSON_NOT_ENTITLED,
     AUTH_PERSON_MATCH_NOT_ASKED},
};

START_TEST(a_person_number_is_compared_by_who_is_entitled)
{
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    world->policy.asks_person_number = matches[_i].is_entitled;
    login_world_certify(world, matches[_i].change);
    login_world_start(world);
    auth_person_number number = number_of(matches[_i].number);
    auth_login_input input = login_world_input();
    input.person = &number;
    auth_login_verdict verdict = verify(world, &input);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason),
                     auth_login_reason_name(matches[_i].reason));
    ck_assert_int_eq(verdict.person_match, matches[_i].match);
    ck_assert(strstr(verdict.detail, "1949") == NULL && strstr(verdict.detail, "1880") == NULL);
    login_world_free(world);
}
END_TEST

/* Levels: a policy counts when every authority above says it too. */

static const auth_bytes high = {(const uint8_t *)"\x2a\x81\x1c\x01\x01", 5}; /* 1.2.156.1.1 */
static const auth_bytes any_policy = {(const uint8_t *)"\x55\x1d\x20\x00", 4};

static raw_bytes authority_with(auth_bytes policy)
{
    chain_cert cert = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_CA);
    if (policy.len > 0) {
        raw_bytes value = chain_policy(policy);
        chain_set(&cert, OID_CERTIFICATE_POLICIES, false, RAW(value));
    }
    return chain_sign(&cert, AUTH_KEY_TYPE_P256, CHAIN_CA, CHAIN_ROOT);
}

static void be_high(chain_cert *cert)
{
    raw_bytes value = chain_policy(high);
    chain_set(cert, OID_CERTIFICATE_POLICIES, false, RAW(value));
}

static void be_any(chain_cert *cert)
{
    raw_bytes value = chain_policy(any_policy);
    chain_set(cert, OID_CERTIFICATE_POLICIES, false, RAW(value));
}

static const struct {
    auth_bytes authority;
    chain_change *holder;
    const char *level;
    const char *reason;
} levels[] = {
    {{(const uint8_t *)"\x2a\x81\x1c\x01\x01", 5}, be_high, "high", "ok"},
    {{(const uint8_t *)"\x55\x1d\x20\x00", 4}, be_high, "high", "ok"},
    {{NULL, 0}, be_high, "unstated", "assurance"},
    {{(const uint8_t *)"\x2a\x81\x1c\x01\x02", 5}, be_high, "unstated", "assurance"},
    {{(const uint8_t *)"\x2a\x81\x1c\x01\x01", 5}, NULL, "unstated", "assurance"},
    {{(const uint8_t *)"\x2a\x81\x1c\x01\x01", 5}, be_any, "unstated", "assurance"},
};

START_TEST(a_level_is_what_the_whole_chain_says)
{
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    world->authority = authority_with(levels[_i].authority);
    login_world_certify(world, levels[_i].holder);
    world->policy.level_count = 1;
    world->policy.levels[0] = (auth_login_level){"1.2.156.1.1", AUTH_ASSURANCE_HIGH};
    world->policy.min_assurance = AUTH_ASSURANCE_LOW;
    login_world_start(world);
    auth_login_input input = login_world_input();
    auth_login_verdict verdict = verify(world, &input);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), levels[_i].reason);
    if (verdict.is_accepted)
        ck_assert_str_eq(auth_assurance_name(verdict.assurance), levels[_i].level);
    login_world_free(world);
}
END_TEST

/* Headers of a proxy. */

typedef struct text {
    size_t len;
    char octets[16384];
} text;

static void append(text *out, const char *octets, size_t len)
{
    ck_assert_uint_lt(out->len + len, sizeof out->octets);
    memcpy(out->octets + out->len, octets, len);
    out->len += len;
}

/* As nginx writes $ssl_client_escaped_cert: all but unreserved characters (RFC 3986 2.3). */
static text escape(auth_bytes plain)
{
    text out = {.len = 0};
    for (size_t i = 0; i < plain.len; i++) {
        char c = (char)plain.data[i];
        char escaped[4];
        bool is_plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                        (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
        (void)snprintf(escaped, sizeof escaped, "%%%02X", plain.data[i]);
        append(&out, is_plain ? &c : escaped, is_plain ? 1 : 3);
    }
    return out;
}

static auth_buf *pem_of(const char *label, auth_bytes der)
{
    auth_error err;
    auth_buf *out = NULL;
    assert_ok(auth_buf_new(16384, &out, &err), &err);
    assert_ok(auth_pem_encode(label, der, out, &err), &err);
    return out;
}

static auth_login_reason verify_header(login_world *world, auth_bytes header)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_input input = login_world_input();
    assert_ok(auth_peer_verify_header(world->verifier, &input, header, &verdict, &err), &err);
    return verdict.reason;
}

START_TEST(a_header_of_a_proxy_is_read)
{
    login_world *world = world_with(NULL);
    auth_buf *pem = pem_of("CERTIFICATE", RAW(world->holder));
    auth_buf *other = pem_of("X509 CRL", RAW(world->holder));
    text escaped = escape(auth_buf_bytes(pem));
    auth_bytes header = {(const uint8_t *)escaped.octets, escaped.len};
    ck_assert_int_eq(verify_header(world, header), AUTH_LOGIN_REASON_OK);
    ck_assert_int_eq(verify_header(world, auth_buf_bytes(pem)), AUTH_LOGIN_REASON_OK);
    ck_assert_int_eq(verify_header(world, BYTES("")), AUTH_LOGIN_REASON_NO_CERTIFICATE);
    ck_assert_int_eq(verify_header(world, auth_buf_bytes(other)), AUTH_LOGIN_REASON_MALFORMED);
    ck_assert_int_eq(verify_header(world, BYTES("(null)")), AUTH_LOGIN_REASON_MALFORMED);
    /* The last three octets are the end of the last line, which may be missing. */
    for (size_t cut = 1; cut + 3 < header.len; cut++)
        assert_each(verify_header(world, (auth_bytes){header.data, cut}) != AUTH_LOGIN_REASON_OK,
                    "cut to %zu", cut);
    escaped.octets[12] = '%'; /* within "-----BEGIN%20": "%2%" */
    ck_assert_int_eq(verify_header(world, header), AUTH_LOGIN_REASON_MALFORMED);
    auth_buf_free(pem);
    auth_buf_free(other);
    login_world_free(world);
}
END_TEST

START_TEST(a_peer_without_certificate_or_with_too_many_is_refused)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_bytes certs[AUTH_CHAIN_MAX + 1];
    login_world *world = world_with(NULL);
    auth_login_input input = login_world_input();
    assert_ok(auth_peer_verify(world->verifier, &input, NULL, 0, &verdict, &err), &err);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), "no-certificate");
    for (size_t i = 0; i <= AUTH_CHAIN_MAX; i++)
        certs[i] = RAW(world->holder);
    assert_ok(auth_peer_verify(world->verifier, &input, certs, AUTH_CHAIN_MAX + 1, &verdict, &err),
              &err);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), "malformed");
    certs[0] = BYTES("junk");
    assert_ok(auth_peer_verify(world->verifier, &input, certs, 1, &verdict, &err), &err);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), "malformed");
    certs[0] = RAW(world->root);
    assert_ok(auth_peer_verify(world->verifier, &input, certs, 1, &verdict, &err), &err);
    ck_assert(!verdict.is_accepted);
    login_world_free(world);
}
END_TEST

/* More holders than are remembered: none is taken for another. */
START_TEST(holders_give_way_to_each_other)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_verifier *verifier = NULL;
    login_world *world = login_world_new(AUTH_KEY_TYPE_ED25519);
    raw_bytes holders[20];
    for (size_t i = 0; i < 20; i++) {
        chain_cert cert = chain_plan(AUTH_KEY_TYPE_ED25519, CHAIN_LEAF);
        uint8_t serial = (uint8_t)(0x40 + i);
        cert.serial = (auth_bytes){&serial, 1};
        holders[i] = chain_sign(&cert, AUTH_KEY_TYPE_ED25519, CHAIN_LEAF, CHAIN_CA);
    }
    world->policy.mode = AUTH_LOGIN_MODE_SOFT;
    world->policy.soft_count = 1;
    (void)strcpy(world->policy.soft_audiences[0], LOGIN_AUDIENCE);
    auth_bytes anchor = RAW(world->root);
    auth_verifier_options options = {.anchors = &anchor,
                                     .anchor_count = 1,
                                     .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
                                     .policy = &world->policy,
                                     .holders_max = 1};
    assert_ok(auth_verifier_new(&options, &verifier, &err), &err);
    auth_login_input input = login_world_input();
    for (size_t i = 0; i < 60; i++) {
        char expected[3];
        (void)snprintf(expected, sizeof expected, "%02x", (unsigned)(0x40 + i % 20));
        auth_bytes certs[] = {RAW(holders[i % 20]), RAW(world->authority)};
        assert_ok(auth_peer_verify(verifier, &input, certs, 2, &verdict, &err), &err);
        ck_assert_str_eq(auth_login_reason_name(verdict.reason), "ok-without-status");
        ck_assert_str_eq(verdict.serial, expected);
    }
    auth_verifier_free(verifier);
    login_world_free(world);
}
END_TEST

static const auth_verifier_options refused_options[] = {
    {.anchor_count = 0, .purpose = AUTH_PURPOSE_CITIZEN_LOGIN},
    {.anchor_count = 1, .purpose = AUTH_PURPOSE_ANY},
    {.anchor_count = 1, .purpose = AUTH_PURPOSE_CA},
    {.anchor_count = 1, .purpose = AUTH_PURPOSE_OFFICER, .holders_max = SIZE_MAX},
    {.anchor_count = 1, .purpose = AUTH_PURPOSE_OFFICER, .challenges_max = SIZE_MAX},
    {.anchor_count = 1, .purpose = AUTH_PURPOSE_OFFICER, .authority_count = 65},
};

START_TEST(a_verifier_that_could_not_work_is_not_made)
{
    auth_error err;
    auth_verifier *verifier = NULL;
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    auth_bytes anchor = RAW(world->root);
    auth_verifier_options options = refused_options[_i];
    options.anchors = &anchor;
    assert_fails(auth_verifier_new(&options, &verifier, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_null(verifier);
    login_world_free(world);
}
END_TEST

START_TEST(authorities_must_be_such)
{
    auth_error err;
    auth_verifier *verifier = NULL;
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    auth_bytes anchor = RAW(world->root);
    auth_bytes holder = RAW(world->holder);
    auth_verifier_options options = {.anchors = &anchor,
                                     .anchor_count = 1,
                                     .authorities = &holder,
                                     .authority_count = 1,
                                     .purpose = AUTH_PURPOSE_CITIZEN_LOGIN};
    assert_fails(auth_verifier_new(&options, &verifier, &err), AUTH_STATUS_INVALID, &err);
    holder = BYTES("junk");
    assert_fails(auth_verifier_new(&options, &verifier, &err), AUTH_STATUS_MALFORMED, &err);
    auth_login_policy policy = auth_login_policy_default();
    policy.source_count = 0;
    options.authority_count = 0;
    options.policy = &policy;
    assert_fails(auth_verifier_new(&options, &verifier, &err), AUTH_STATUS_INVALID, &err);
    login_world_free(world);
}
END_TEST

SUITE("login_peer", TEST(a_verdict_says_who_and_by_whose_word),
      TEST(the_sentence_is_in_the_language_asked_for), TEST(a_number_in_a_name_is_masked),
      TEST_EACH(a_pseudonym_is_of_one_person_and_one_application, sizeof people / sizeof people[0]),
      TEST_EACH(a_person_number_is_compared_by_who_is_entitled, sizeof matches / sizeof matches[0]),
      TEST_EACH(a_level_is_what_the_whole_chain_says, sizeof levels / sizeof levels[0]),
      TEST(a_header_of_a_proxy_is_read),
      TEST(a_peer_without_certificate_or_with_too_many_is_refused),
      TEST(holders_give_way_to_each_other),
      TEST_EACH(a_verifier_that_could_not_work_is_not_made,
                sizeof refused_options / sizeof refused_options[0]),
      TEST(authorities_must_be_such))
