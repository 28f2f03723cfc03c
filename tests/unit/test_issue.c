/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does only what was approved reach a certificate, in the form that RFC 5280 asks for, and is
 * everything else refused before it is signed?
 */
#include "golden/realm.h"
#include "harness/harness.h"
#include "issue/issue.h"
#include "x509/name.h"

#include <auth/cert.h>
#include <auth/csr.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_MAX 65536
#define DAY 86400

/* A profile that is good for most of what is asked here. */
#define PLAIN(validity, more)                                                                      \
    "{\"name\":\"plain\",\"title\":\"t\",\"version\":3,"                                           \
    "\"keys\":[{\"type\":\"p256\"},{\"type\":\"sm2\"},{\"type\":\"rsa\"}],"                        \
    "\"validity\":{" validity "},"                                                                 \
    "\"subject\":[{\"attribute\":\"C\",\"source\":\"fixed\",\"value\":\"CN\"},"                    \
    "{\"attribute\":\"CN\",\"source\":\"request\",\"required\":true,\"max\":8}]" more "}"
#define SIGNS ",\"extensions\":{\"keyUsage\":{\"bits\":[\"digitalSignature\"]}}"

static realm *here;

static void open_realm(void)
{
    if (here == NULL)
        here = realm_new("p256", REALM_NOW);
}

static auth_buf *new_buffer(void)
{
    auth_error err;
    auth_buf *buf = NULL;
    assert_ok(auth_buf_new(CERTIFICATE_MAX, &buf, &err), &err);
    return buf;
}

/* Prepares a changed request, which must fail in this way. */
static void assert_refused(const auth_profile *profile, const realm_request *ask,
                           auth_status expected, const char *word)
{
    auth_error err;
    auth_tbs *tbs = NULL;
    assert_fails(auth_issue_prepare(profile, realm_issuer_of(here, profile), &ask->request, &tbs,
                                    &err),
                 expected, &err);
    ck_assert_ptr_null(tbs);
    ck_assert_msg(strstr(err.text, word) != NULL, "'%s' does not say '%s'", err.text, word);
}

START_TEST(every_profile_issues_with_every_algorithm)
{
    auth_error err;
    realm *it = realm_new(realm_algorithms[_i], REALM_NOW);
    for (size_t p = 0; p < realm_profile_count; p++) {
        AUTH_AUTO(auth_profile) *profile = realm_profile(realm_profiles[p]);
        AUTH_AUTO(auth_buf) *out = new_buffer();
        realm_request ask;
        x509_cert_view view;
        if (!realm_can_issue(it, profile))
            continue;
        realm_ask(it, profile, &ask);
        const auth_issuer *issuer = realm_issuer_of(it, profile);
        assert_ok(auth_issue(profile, issuer, realm_signer_of(it, profile), &ask.request, out,
                             &err),
                  &err);
        assert_ok(x509_cert_view_parse(auth_buf_bytes(out), &view, &err), &err);
        assert_ok(auth_public_key_verify(auth_issuer_key(issuer), view.algorithm, view.tbs,
                                         view.signature, &err),
                  &err);
        assert_ok(auth_lint(auth_buf_bytes(out), profile, NULL, NULL, &err), &err);
        assert_bytes(view.serial, ask.request.serial);
    }
    realm_free(it);
}
END_TEST

/* I7: prefix 01 to 7f, 128 random bits behind it, no bit constant, no two the same. What happens
 * without randomness is in test_randomness. */
START_TEST(serial_numbers_are_random_and_positive)
{
    enum { COUNT = 200000 };
    static uint8_t serials[COUNT][AUTH_SERIAL_SIZE];
    auth_error err;
    size_t ones[128] = {0};
    for (size_t i = 0; i < COUNT; i++) {
        assert_ok(auth_issue_serial(0x017f, serials[i], &err), &err);
        ck_assert(serials[i][0] == 0x01 && serials[i][1] == 0x7f);
        for (size_t bit = 0; bit < 128; bit++)
            ones[bit] += serials[i][2 + bit / 8] >> (bit % 8) & 1U;
    }
    /* Seven standard deviations of a fair coin: sqrt(200000) / 2 = 224. */
    for (size_t bit = 0; bit < 128; bit++)
        ck_assert_uint_lt(ones[bit] > COUNT / 2 ? ones[bit] - COUNT / 2 : COUNT / 2 - ones[bit],
                          1565);
    qsort(serials, COUNT, AUTH_SERIAL_SIZE,
          (int (*)(const void *, const void *))(void (*)(void))memcmp);
    for (size_t i = 1; i < COUNT; i++)
        ck_assert_mem_ne(serials[i - 1], serials[i], AUTH_SERIAL_SIZE);
}
END_TEST

START_TEST(epochs_that_would_spoil_a_serial_number_are_refused)
{
    static const uint16_t epochs[] = {0, 0xff, 0x8000, 0xffff};
    uint8_t serial[AUTH_SERIAL_SIZE];
    auth_error err;
    assert_fails(auth_issue_serial(epochs[_i], serial, &err), AUTH_STATUS_INVALID, &err);
    assert_ok(auth_issue_serial(0x0100, serial, &err), &err);
    assert_ok(auth_issue_serial(0x7fff, serial, &err), &err);
}
END_TEST

/* I20: what no serial number may be. */
static const struct {
    const char *octets;
    size_t len;
} bad_serials[] = {
    {"", 0},
    {"\x01", 1},
    {"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16},
    {"\x80\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16},
    {"\x01\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e", 15},
    {"\x01\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14", 21},
};

START_TEST(a_bad_serial_number_is_refused)
{
    open_realm();
    realm_request ask;
    AUTH_AUTO(auth_profile) *profile = realm_profile("officer");
    realm_ask(here, profile, &ask);
    ask.request.serial = (auth_bytes){(const uint8_t *)bad_serials[_i].octets, bad_serials[_i].len};
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "serial number");
}
END_TEST

/* I8: an authority's profile under an issuer without room, and the two kinds of issuer mixed up. */
START_TEST(an_authority_is_made_only_where_there_is_room)
{
    auth_error err;
    auth_tbs *tbs = NULL;
    realm_request ask;
    open_realm();
    AUTH_AUTO(auth_profile) *issuing = realm_profile("issuing");
    AUTH_AUTO(auth_profile) *root = realm_profile("root");
    AUTH_AUTO(auth_profile) *officer = realm_profile("officer");
    realm_ask(here, issuing, &ask);
    assert_fails(auth_issue_prepare(issuing, here->authority_issuer, &ask.request, &tbs, &err),
                 AUTH_STATUS_DENIED, &err);
    assert_fails(auth_issue_prepare(issuing, here->self, &ask.request, &tbs, &err),
                 AUTH_STATUS_DENIED, &err);
    realm_ask(here, root, &ask);
    assert_fails(auth_issue_prepare(root, here->root_issuer, &ask.request, &tbs, &err),
                 AUTH_STATUS_DENIED, &err);
    ask.request.csr = auth_buf_bytes(here->holder_csr);
    assert_fails(auth_issue_prepare(root, here->self, &ask.request, &tbs, &err),
                 AUTH_STATUS_INVALID, &err);
    realm_ask(here, officer, &ask);
    assert_fails(auth_issue_prepare(officer, here->self, &ask.request, &tbs, &err),
                 AUTH_STATUS_DENIED, &err);
}
END_TEST

START_TEST(who_is_no_authority_issues_nothing)
{
    auth_error err;
    realm_request ask;
    auth_issuer *issuer = NULL;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("officer");
    AUTH_AUTO(auth_buf) *leaf = new_buffer();
    realm_ask(here, profile, &ask);
    assert_ok(auth_issue(profile, here->authority_issuer, here->authority, &ask.request, leaf,
                         &err),
              &err);
    assert_fails(auth_issuer_new(auth_buf_bytes(leaf), auth_signer_algorithm(here->holder), &issuer,
                                 &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(auth_issuer_new(auth_buf_bytes(here->root_certificate),
                                 BYTES("\x30\x0a\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x75"), &issuer,
                                 &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(auth_issue(profile, here->authority_issuer, here->root, &ask.request, leaf, &err),
                 AUTH_STATUS_INVALID, &err);
}
END_TEST

/* I9: notAfter - notBefore + 1 s is the period; leap days and the border of 2050 change nothing. */
static const auth_time starts[] = {
    1767225600, /* 2026-01-01 */
    1835395199, /* 2028-02-28T23:59:59 */
    1835481600, /* 2028-02-29 + 1 s before March */
    2524607999, /* 2049-12-31T23:59:59 */
    2524608000, /* 2050-01-01 */
    2508786000, /* 2049-07-01: ends behind the border */
};

static void expect_key(const auth_tbs *tbs, auth_bytes spki)
{
    auth_error err;
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    uint8_t expected[AUTH_KEY_HASH_SIZE];
    AUTH_AUTO(auth_public_key) *key = NULL;
    assert_ok(auth_public_key_parse(spki, &key, &err), &err);
    auth_public_key_hash(key, expected);
    auth_tbs_key_hash(tbs, hash);
    ck_assert_mem_eq(hash, expected, sizeof expected);
}

START_TEST(validity_is_exact)
{
    static const int64_t periods[] = {3600, 365 * (int64_t)DAY};
    auth_error err;
    realm *it = realm_new("p256", starts[_i]);
    for (size_t p = 0; p < 2; p++) {
        AUTH_AUTO(auth_profile) *profile = realm_profile_of(
            p == 0 ? PLAIN("\"seconds\":3600", SIGNS) : PLAIN("\"days\":365", SIGNS));
        AUTH_AUTO(auth_tbs) *tbs = NULL;
        AUTH_AUTO(auth_buf) *out = new_buffer();
        x509_cert_view view;
        realm_request ask;
        realm_ask(it, profile, &ask);
        assert_ok(auth_issue_prepare(profile, it->authority_issuer, &ask.request, &tbs, &err),
                  &err);
        assert_ok(auth_issue(profile, it->authority_issuer, it->authority, &ask.request, out, &err),
                  &err);
        assert_ok(x509_cert_view_parse(auth_buf_bytes(out), &view, &err), &err);
        ck_assert_int_eq(view.not_before, starts[_i]);
        ck_assert_int_eq(view.not_after - view.not_before + 1, periods[p]);
        ck_assert_int_eq(auth_tbs_not_after(tbs), view.not_after);
        expect_key(tbs, view.spki);
        ck_assert_int_eq(view.not_before_is_generalized, view.not_before >= 2524608000);
        ck_assert_int_eq(view.not_after_is_generalized, view.not_after >= 2524608000);
    }
    realm_free(it);
}
END_TEST

/* I10: nobody dates a certificate back, or ahead. */
START_TEST(only_five_minutes_are_dated_back)
{
    auth_error err;
    realm_request ask;
    auth_tbs *tbs = NULL;
    open_realm();
    /* Issued by a realm that is a day old, so that the issuer's own begin decides nothing. */
    AUTH_AUTO(auth_profile) *profile = realm_profile("officer");
    realm_ask(here, profile, &ask);
    ask.request.now = REALM_NOW + DAY;
    ask.request.not_before = ask.request.now - 301;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "notBefore");
    ask.request.not_before = ask.request.now + 301;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "notBefore");
    ask.request.not_before = ask.request.now - 300;
    assert_ok(auth_issue_prepare(profile, here->authority_issuer, &ask.request, &tbs, &err), &err);
    auth_tbs_free(tbs);
    ask.request.now = REALM_NOW;
    ask.request.not_before = REALM_NOW - 1;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "issuer");
    ask.request.now = INT64_MAX;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "notBefore");
    ask.request.now = INT64_MIN;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "notBefore");
}
END_TEST

START_TEST(nothing_outlives_its_issuer)
{
    auth_error err;
    realm_request ask;
    auth_tbs *tbs = NULL;
    open_realm();
    AUTH_AUTO(auth_profile) *strict = realm_profile_of(PLAIN("\"days\":365", SIGNS));
    AUTH_AUTO(auth_profile) *clipping =
        realm_profile_of(PLAIN("\"days\":365,\"clip_to_issuer\":true", SIGNS));
    auth_time end = REALM_NOW + 3652 * (auth_time)DAY - 1; /* of the issuing authority */
    realm_ask(here, strict, &ask);
    ask.request.now = end - 365 * (auth_time)DAY + 1;
    ask.request.not_before = ask.request.now;
    assert_ok(auth_issue_prepare(strict, here->authority_issuer, &ask.request, &tbs, &err), &err);
    ck_assert_int_eq(auth_tbs_not_after(tbs), end);
    auth_tbs_free(tbs);
    tbs = NULL;
    ask.request.now++;
    ask.request.not_before++;
    assert_refused(strict, &ask, AUTH_STATUS_EXPIRED, "outlive");
    assert_ok(auth_issue_prepare(clipping, here->authority_issuer, &ask.request, &tbs, &err), &err);
    ck_assert_int_eq(auth_tbs_not_after(tbs), end);
    auth_tbs_free(tbs);
    tbs = NULL;
    ask.request.now = end;
    ask.request.not_before = end;
    assert_refused(clipping, &ask, AUTH_STATUS_EXPIRED, "outlive");
}
END_TEST

/* A request that asks for everything: CN, cA TRUE, a name, a purpose, 10 kB of something. */
static auth_buf *greedy_csr(const auth_signer *signer)
{
    static uint8_t info_room[16384];
    static uint8_t room[16384];
    static uint8_t filler[10240];
    auth_error err;
    auth_signature signature;
    auth_buf *csr = new_buffer();
    der_writer writer = der_writer_on(info_room, sizeof info_room);
    size_t info = der_open(&writer, DER_SEQUENCE);
    der_put_uint(&writer, 0);
    size_t name = der_open(&writer, DER_SEQUENCE);
    x509_put_attribute(&writer, OID_COMMON_NAME, BYTES("SMUGGLED"));
    der_close(&writer, name);
    der_put(&writer, auth_public_key_spki(auth_signer_public_key(signer)));
    size_t attributes = der_open(&writer, DER_CONTEXT_CONSTRUCTED(0));
    size_t attribute = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, oid_bytes(OID_EXTENSION_REQUEST));
    size_t set = der_open(&writer, DER_SET);
    der_put(&writer, BYTES("\x30\x5b"
                           "\x30\x0f\x06\x03\x55\x1d\x13\x01\x01\xff\x04\x05\x30\x03\x01\x01\xff"
                           "\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x02\x04"
                           "\x30\x13\x06\x03\x55\x1d\x25\x04\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05"
                           "\x05\x07\x03\x09"
                           "\x30\x23\x06\x03\x55\x1d\x11\x04\x1c\x30\x1a\x82\x18"
                           "smuggled.example.com.cn."));
    der_close(&writer, set);
    der_close(&writer, attribute);
    attribute = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, oid_bytes(OID_CHALLENGE_PASSWORD));
    set = der_open(&writer, DER_SET);
    memset(filler, 'S', sizeof filler);
    der_put_item(&writer, DER_UTF8_STRING, (auth_bytes){filler, sizeof filler});
    der_close(&writer, set);
    der_close(&writer, attribute);
    der_close(&writer, attributes);
    der_close(&writer, info);
    assert_ok(auth_signer_sign(signer, der_written(&writer), &signature, &err), &err);
    der_writer whole = der_writer_on(room, sizeof room);
    issue_put_certificate(&whole, der_written(&writer), auth_signer_algorithm(signer),
                          (auth_bytes){signature.octets, signature.len});
    ck_assert_ptr_nonnull(der_written(&whole).data);
    assert_ok(auth_buf_append(csr, der_written(&whole), &err), &err);
    return csr;
}

/* I14: the same octets come out, whatever the request asks for beside its key. */
START_TEST(of_a_csr_only_the_key_is_used)
{
    auth_error err;
    realm_request ask;
    AUTH_AUTO(auth_tbs) *modest = NULL;
    AUTH_AUTO(auth_tbs) *greedy = NULL;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("citizen-signing");
    AUTH_AUTO(auth_buf) *csr = greedy_csr(here->holder);
    realm_ask(here, profile, &ask);
    assert_ok(auth_issue_prepare(profile, here->authority_issuer, &ask.request, &modest, &err),
              &err);
    ask.request.csr = auth_buf_bytes(csr);
    assert_ok(auth_issue_prepare(profile, here->authority_issuer, &ask.request, &greedy, &err),
              &err);
    assert_bytes(auth_tbs_bytes(greedy), auth_tbs_bytes(modest));
    auth_bytes octets = auth_tbs_bytes(greedy);
    ck_assert_ptr_null(memmem(octets.data, octets.len, "a wish", 6));
    ck_assert_ptr_null(memmem(octets.data, octets.len, "SMUGGLED", 8));
}
END_TEST

START_TEST(possession_is_proved_or_nothing_is_issued)
{
    auth_error err;
    uint8_t copy[8192];
    realm_request ask;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("officer");
    realm_ask(here, profile, &ask);
    auth_bytes csr = ask.request.csr;
    memcpy(copy, csr.data, csr.len);
    ask.request.csr = (auth_bytes){copy, csr.len};
    copy[csr.len - 1] ^= 1;
    assert_refused(profile, &ask, AUTH_STATUS_UNTRUSTED, "certification request");
    memcpy(copy, csr.data, csr.len);
    uint8_t *wish = memmem(copy, csr.len, "a wish", 6);
    ck_assert_ptr_nonnull(wish);
    wish[0] = 'A';
    assert_refused(profile, &ask, AUTH_STATUS_UNTRUSTED, "certification request");
    ask.request.csr.len--;
    assert_refused(profile, &ask, AUTH_STATUS_MALFORMED, "");
    ask.request.csr = (auth_bytes){NULL, 0};
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "either");
    ask.request.spki = auth_public_key_spki(auth_signer_public_key(here->holder));
    assert_refused(profile, &ask, AUTH_STATUS_DENIED, "possession");
    ask.request.csr = csr;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "either");
    (void)err;
}
END_TEST

START_TEST(a_huge_request_is_not_read)
{
    static uint8_t huge[AUTH_ISSUE_CSR_MAX + 1];
    realm_request ask;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("officer");
    realm_ask(here, profile, &ask);
    ask.request.csr = (auth_bytes){huge, sizeof huge};
    assert_refused(profile, &ask, AUTH_STATUS_LIMIT, "octets");
}
END_TEST

static bool block_all(void *context, auth_bytes key_hash)
{
    size_t *calls = context;
    (*calls)++;
    return key_hash.len == AUTH_KEY_HASH_SIZE;
}

/* I15 to I18: the gate for keys is asked, by the hash of the canonical key. */
START_TEST(weak_and_blocked_keys_are_refused)
{
    size_t calls = 0;
    realm_request ask;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("officer");
    realm_ask(here, profile, &ask);
    ask.request.is_blocked = block_all;
    ask.request.is_blocked_context = &calls;
    assert_refused(profile, &ask, AUTH_STATUS_DENIED, "");
    ck_assert_uint_eq(calls, 1);
}
END_TEST

/*
 * I18: a key that is reported as stolen, as a private key file, a request or a certificate, is
 * found by one hash. Other spellings of one public key are in test_key_public.c.
 */
START_TEST(a_key_has_one_hash_wherever_it_stands)
{
    auth_error err;
    realm_request ask;
    uint8_t hashes[3][AUTH_KEY_HASH_SIZE];
    realm *it = realm_new(realm_algorithms[_i], REALM_NOW);
    AUTH_AUTO(auth_profile) *profile = realm_profile("citizen-signing");
    AUTH_AUTO(auth_buf) *out = new_buffer();
    AUTH_AUTO(auth_csr) *csr = NULL;
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_public_key) *of_csr = NULL;
    AUTH_AUTO(auth_public_key) *of_cert = NULL;
    realm_ask(it, profile, &ask);
    assert_ok(auth_issue(profile, it->authority_issuer, it->authority, &ask.request, out, &err),
              &err);
    assert_ok(auth_csr_parse(ask.request.csr, &csr, &err), &err);
    assert_ok(auth_csr_public_key(csr, &of_csr, &err), &err);
    assert_ok(auth_cert_parse(auth_buf_bytes(out), &cert, &err), &err);
    assert_ok(auth_cert_public_key(cert, &of_cert, &err), &err);
    auth_public_key_hash(auth_signer_public_key(it->holder), hashes[0]);
    auth_public_key_hash(of_csr, hashes[1]);
    auth_public_key_hash(of_cert, hashes[2]);
    ck_assert_mem_eq(hashes[0], hashes[1], AUTH_KEY_HASH_SIZE);
    ck_assert_mem_eq(hashes[0], hashes[2], AUTH_KEY_HASH_SIZE);
    auth_public_key_hash(auth_signer_public_key(it->authority), hashes[1]);
    ck_assert_mem_ne(hashes[0], hashes[1], AUTH_KEY_HASH_SIZE);
    realm_free(it);
}
END_TEST

START_TEST(a_key_that_the_profile_does_not_take_is_refused)
{
    realm_request ask;
    realm *sm2 = realm_new("sm2", REALM_NOW);
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("daemon-client");
    realm_ask(here, profile, &ask);
    ask.request.csr = auth_buf_bytes(sm2->holder_csr);
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "sm2");
    realm_free(sm2);
}
END_TEST

/* I14, I19, I20: what a value may not be. */
static const struct {
    const char *value;
    size_t len;
} bad_values[] = {
    {"", 0},
    {"123456789", 9}, /* longer than the profile takes */
    {"a\0b", 3},      /* NUL */
    {"a\nb", 3},      /* control */
    {"a\xe2\x80\xae"
     "b",
     5}, /* right-to-left override */
    {"a\xe2\x80\x8b"
     "b",
     5},                 /* zero width */
    {"\xc0\xaf", 2},     /* overlong */
    {"\xed\xa0\x80", 3}, /* surrogate */
    {"a\xff", 2},        /* no UTF-8 */
    {"test", 4},         /* placeholders */
    {"-", 1},
};

START_TEST(a_bad_value_is_refused)
{
    realm_request ask;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile_of(PLAIN("\"days\":1", SIGNS));
    realm_ask(here, profile, &ask);
    ask.subject[0].value = (auth_bytes){(const uint8_t *)bad_values[_i].value, bad_values[_i].len};
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "");
}
END_TEST

START_TEST(syntax_in_a_value_stays_in_it)
{
    static const char *const values[] = {"a,CN=x", "/CN=x", "a+b", "\"a\"", "a;b=c", "#0500"};
    auth_error err;
    realm_request ask;
    x509_cert_view view;
    x509_attribute attribute;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile_of(PLAIN("\"days\":1", SIGNS));
    AUTH_AUTO(auth_buf) *out = new_buffer();
    realm_ask(here, profile, &ask);
    ask.subject[0].value = auth_bytes_from_text(values[_i]);
    assert_ok(auth_issue(profile, here->authority_issuer, here->authority, &ask.request, out, &err),
              &err);
    assert_ok(x509_cert_view_parse(auth_buf_bytes(out), &view, &err), &err);
    x509_name_cursor cursor = x509_name_start(view.subject);
    ck_assert(x509_name_next(&cursor, &attribute) && attribute.id == OID_COUNTRY);
    ck_assert(x509_name_next(&cursor, &attribute) && attribute.id == OID_COMMON_NAME);
    assert_bytes(attribute.value, auth_bytes_from_text(values[_i]));
    ck_assert(!x509_name_next(&cursor, &attribute) && !cursor.is_malformed);
}
END_TEST

START_TEST(only_what_the_profile_asks_for_is_taken)
{
    realm_request ask;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile_of(PLAIN("\"days\":1", SIGNS));
    realm_ask(here, profile, &ask);
    ask.subject[1] = (auth_issue_value){"O", BYTES("Org")};
    ask.request.subject_count = 2;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "does not take it");
    ask.subject[1] = (auth_issue_value){"C", BYTES("US")}; /* fixed */
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "does not take it");
    ask.subject[1] = ask.subject[0];
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "twice");
    ask.request.subject_count = 0;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "requires it");
    realm_ask(here, profile, &ask);
    ask.names[0] = (auth_issue_name){AUTH_ISSUE_NAME_DNS, BYTES("a.cn")};
    ask.request.name_count = 1;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "no alternative names");
}
END_TEST

START_TEST(names_are_counted_and_checked)
{
    static auth_issue_name many[200];
    realm_request ask;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("daemon-server");
    realm_ask(here, profile, &ask);
    ask.request.name_count = 0;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "dns");
    realm_ask(here, profile, &ask);
    ask.names[0].value = BYTES("www.example.cn\0.evil.cn");
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "DNS");
    realm_ask(here, profile, &ask);
    ask.names[1] = ask.names[0];
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "twice");
    ask.names[1] = (auth_issue_name){AUTH_ISSUE_NAME_EMAIL, BYTES("a@b.cn")};
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "email");
    ask.names[1] = (auth_issue_name){(auth_issue_name_kind)9, BYTES("a.cn")};
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "kind");
    for (size_t i = 0; i < 200; i++) {
        static char texts[200][8];
        memcpy(texts[i], "aaa.cn", 6);
        texts[i][0] = (char)('a' + i % 26);
        texts[i][1] = (char)('a' + i / 26);
        many[i] = (auth_issue_name){AUTH_ISSUE_NAME_DNS, {(const uint8_t *)texts[i], 6}};
    }
    ask.request.names = many;
    ask.request.name_count = 200;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "dns");
}
END_TEST

START_TEST(a_subject_that_is_its_issuer_is_refused)
{
    realm_request ask;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("daemon-client");
    realm_ask(here, profile, &ask);
    for (size_t i = 0; i < ask.request.subject_count; i++) {
        if (strcmp(ask.subject[i].attribute, "CN") == 0)
            ask.subject[i].value = BYTES("签发机构");
    }
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "issuer's own name");
}
END_TEST

#define BINDING(name, subject, extensions)                                                         \
    "{\"name\":\"bound\",\"title\":\"t\",\"version\":3,\"keys\":[{\"type\":\"p256\"}],"            \
    "\"validity\":{\"days\":1},\"identity\":{\"binding\":\"" name "\"},"                           \
    "\"subject\":[{\"attribute\":\"CN\",\"source\":\"request\",\"required\":true}" subject "],"    \
    "\"extensions\":{\"keyUsage\":{\"bits\":[\"digitalSignature\"]}}}"

static const struct {
    auth_identity_binding binding;
    const char *profile;
} bindings[] = {
    {AUTH_IDENTITY_BINDING_GBT20518, BINDING("gbt20518", "", "")},
    {AUTH_IDENTITY_BINDING_PNOCN,
     BINDING("pnocn", ",{\"attribute\":\"serialNumber\",\"source\":\"identity\"}", "")},
    {AUTH_IDENTITY_BINDING_SIM, BINDING("sim", "", "")},
    {AUTH_IDENTITY_BINDING_VID, BINDING("vid", "", "")},
    {AUTH_IDENTITY_BINDING_PSEUDONYM,
     BINDING("pseudonym", ",{\"attribute\":\"pseudonym\",\"source\":\"identity\"}", "")},
};

START_TEST(every_binding_is_issued_and_matches)
{
    auth_error err;
    unsigned found = 0;
    bool is_match = false;
    realm_request ask;
    auth_person_number shown;
    auth_person_rules rules = {.today = {2026, 1, 1}};
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile_of(bindings[_i].profile);
    AUTH_AUTO(auth_buf) *out = new_buffer();
    realm_ask(here, profile, &ask);
    assert_ok(auth_issue(profile, here->authority_issuer, here->authority, &ask.request, out, &err),
              &err);
    assert_ok(auth_identity_read(auth_buf_bytes(out), &found, &err), &err);
    ck_assert_uint_eq(found, AUTH_IDENTITY_BIT(bindings[_i].binding));
    auth_identity_proof proof = {ask.request.identity.sim_secret, ask.request.identity.vid_random,
                                 ask.request.identity.pseudonym_key};
    assert_ok(auth_identity_matches(auth_buf_bytes(out), &ask.number, &proof, &is_match, &err),
              &err);
    ck_assert(is_match);
    auth_status status = auth_identity_reveal(auth_buf_bytes(out), &rules, &shown, &err);
    bool is_clear = auth_identity_binding_is_clear(bindings[_i].binding);
    ck_assert_int_eq((int)status, is_clear ? AUTH_STATUS_OK : AUTH_STATUS_NOT_FOUND);
    auth_bytes octets = auth_buf_bytes(out);
    ck_assert_int_eq(memmem(octets.data, octets.len, "11010519491231002X", 18) != NULL, is_clear);
}
END_TEST

START_TEST(a_binding_without_what_it_needs_is_refused)
{
    realm_request ask;
    auth_bytes nothing = {NULL, 0};
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile_of(bindings[_i].profile);
    realm_ask(here, profile, &ask);
    ask.request.identity.number = NULL;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "person number");
    if (bindings[_i].binding < AUTH_IDENTITY_BINDING_SIM)
        return;
    realm_ask(here, profile, &ask);
    ask.request.identity.sim_secret = nothing;
    ask.request.identity.vid_random = nothing;
    ask.request.identity.pseudonym_key = nothing;
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "");
    realm_ask(here, profile, &ask);
    ask.request.identity.sim_secret = BYTES("Pa55-word.2024");
    ask.request.identity.vid_random = BYTES("short");
    ask.request.identity.pseudonym_key = BYTES("short");
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "");
}
END_TEST

START_TEST(a_sim_takes_a_random_of_its_own)
{
    auth_error err;
    realm_request ask;
    AUTH_AUTO(auth_tbs) *first = NULL;
    AUTH_AUTO(auth_tbs) *second = NULL;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("citizen-authentication");
    realm_ask(here, profile, &ask);
    ask.request.identity.sim_random = BYTES("short");
    assert_refused(profile, &ask, AUTH_STATUS_INVALID, "sim random");
    ask.request.identity.sim_random = (auth_bytes){NULL, 0};
    assert_ok(auth_issue_prepare(profile, here->authority_issuer, &ask.request, &first, &err),
              &err);
    assert_ok(auth_issue_prepare(profile, here->authority_issuer, &ask.request, &second, &err),
              &err);
    ck_assert(!auth_bytes_equal(auth_tbs_bytes(first), auth_tbs_bytes(second)));
}
END_TEST

START_TEST(a_seal_takes_one_signature_and_only_a_right_one)
{
    auth_error err;
    realm_request ask;
    auth_signature signature;
    AUTH_AUTO(auth_tbs) *tbs = NULL;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("officer");
    AUTH_AUTO(auth_buf) *out = new_buffer();
    AUTH_AUTO(auth_buf) *small = NULL;
    const auth_public_key *key = auth_issuer_key(here->authority_issuer);
    realm_ask(here, profile, &ask);
    assert_ok(auth_issue_prepare(profile, here->authority_issuer, &ask.request, &tbs, &err), &err);
    assert_ok(auth_signer_sign(here->authority, auth_tbs_bytes(tbs), &signature, &err), &err);
    auth_bytes octets = {signature.octets, signature.len};
    signature.octets[signature.len - 1] ^= 1;
    assert_fails(auth_issue_seal(tbs, octets, key, out, &err), AUTH_STATUS_UNTRUSTED, &err);
    signature.octets[signature.len - 1] ^= 1;
    assert_fails(auth_issue_seal(tbs, (auth_bytes){NULL, 0}, key, out, &err), AUTH_STATUS_UNTRUSTED,
                 &err);
    assert_fails(auth_issue_seal(tbs, octets, auth_signer_public_key(here->root), out, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    assert_ok(auth_buf_new(100, &small, &err), &err);
    assert_fails(auth_issue_seal(tbs, octets, key, small, &err), AUTH_STATUS_LIMIT, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    ck_assert_uint_eq(auth_buf_bytes(small).len, 0);
    assert_ok(auth_issue_seal(tbs, octets, key, out, &err), &err);
    size_t len = auth_buf_bytes(out).len;
    assert_fails(auth_issue_seal(tbs, octets, key, out, &err), AUTH_STATUS_CONFLICT, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, len);
}
END_TEST

static auth_status sign_wrongly(void *context, auth_bytes message, auth_signature *out,
                                auth_error *err)
{
    auth_status status = auth_signer_sign(context, message, out, err);
    if (status == AUTH_STATUS_OK)
        out->octets[out->len - 1] ^= 1;
    return status;
}

/* A signer elsewhere that flips a bit is caught before anything leaves. */
START_TEST(a_signature_from_elsewhere_is_verified)
{
    auth_error err;
    realm_request ask;
    AUTH_AUTO(auth_signer) *liar = NULL;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("officer");
    AUTH_AUTO(auth_buf) *out = new_buffer();
    realm_ask(here, profile, &ask);
    assert_ok(auth_signer_from_callback(auth_signer_public_key(here->authority), sign_wrongly, NULL,
                                        here->authority, &liar, &err),
              &err);
    assert_fails(auth_issue(profile, here->authority_issuer, liar, &ask.request, out, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
}
END_TEST

typedef struct attempt {
    const auth_profile *profile;
    realm_request ask;
    auth_buf *out;
} attempt;

static auth_status issue_once(void *context)
{
    attempt *it = context;
    auth_error err;
    auth_buf_truncate(it->out, 0);
    auth_status status = auth_issue(it->profile, here->authority_issuer, here->authority,
                                    &it->ask.request, it->out, &err);
    return status != AUTH_STATUS_OK && auth_buf_bytes(it->out).len != 0 ? AUTH_STATUS_INTERNAL
                                                                        : status;
}

START_TEST(memory_that_runs_out_is_reported)
{
    attempt it = {.out = new_buffer()};
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("citizen-authentication");
    it.profile = profile;
    realm_ask(here, profile, &it.ask);
    ck_assert_uint_gt(harness_for_each_failure(issue_once, &it), 2);
    auth_buf_free(it.out);
}
END_TEST

/* A person number in clear is in the certificate and nowhere else. */
START_TEST(no_person_number_stays_in_memory)
{
    auth_error err;
    realm_request ask;
    auth_tbs *tbs = NULL;
    open_realm();
    AUTH_AUTO(auth_profile) *profile = realm_profile("citizen-signing");
    realm_ask(here, profile, &ask);
    harness_watch_memory(BYTES("11010519491231002X"));
    auth_status status =
        auth_issue_prepare(profile, here->authority_issuer, &ask.request, &tbs, &err);
    auth_tbs_free(tbs);
    ck_assert_uint_eq(harness_stop_watching(), 0);
    assert_ok(status, &err);
}
END_TEST

SUITE("issue", TEST_EACH(every_profile_issues_with_every_algorithm, 5),
      TEST(serial_numbers_are_random_and_positive),
      TEST_EACH(epochs_that_would_spoil_a_serial_number_are_refused, 4),
      TEST_EACH(a_bad_serial_number_is_refused, sizeof bad_serials / sizeof bad_serials[0]),
      TEST(an_authority_is_made_only_where_there_is_room), TEST(who_is_no_authority_issues_nothing),
      TEST_EACH(validity_is_exact, sizeof starts / sizeof starts[0]),
      TEST(only_five_minutes_are_dated_back), TEST(nothing_outlives_its_issuer),
      TEST(of_a_csr_only_the_key_is_used), TEST(possession_is_proved_or_nothing_is_issued),
      TEST(a_huge_request_is_not_read), TEST(weak_and_blocked_keys_are_refused),
      TEST_EACH(a_key_has_one_hash_wherever_it_stands, 5),
      TEST(a_key_that_the_profile_does_not_take_is_refused),
      TEST_EACH(a_bad_value_is_refused, sizeof bad_values / sizeof bad_values[0]),
      TEST_EACH(syntax_in_a_value_stays_in_it, 6), TEST(only_what_the_profile_asks_for_is_taken),
      TEST(names_are_counted_and_checked), TEST(a_subject_that_is_its_issuer_is_refused),
      TEST_EACH(every_binding_is_issued_and_matches, sizeof bindings / sizeof bindings[0]),
      TEST_EACH(a_binding_without_what_it_needs_is_refused, sizeof bindings / sizeof bindings[0]),
      TEST(a_sim_takes_a_random_of_its_own), TEST(a_seal_takes_one_signature_and_only_a_right_one),
      TEST(a_signature_from_elsewhere_is_verified), TEST(memory_that_runs_out_is_reported),
      TEST(no_person_number_stays_in_memory))
