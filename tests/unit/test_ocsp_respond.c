/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a responder answer every question of a request with the status it was given, signed with
 * every type of key, as long as it may, and never for another authority's certificate?
 */
#include "harness/harness.h"
#include "harness/status_pki.h"

#include "ocsp/ocsp.h"

#include <string.h>

#define HOUR ((auth_time)3600)

static const char *const key_names[] = {"p256", "p384", "rsa", "ed25519", "sm2"};
#define KEY_COUNT (sizeof key_names / sizeof key_names[0])

static const auth_ocsp_hash hash_numbers[] = {AUTH_OCSP_HASH_SHA1, AUTH_OCSP_HASH_SHA256,
                                              AUTH_OCSP_HASH_SM3};

static auth_ocsp_responder *new_responder(const status_pki *pki, bool is_delegated)
{
    auth_error err;
    auth_ocsp_responder *responder = NULL;
    auth_bytes certificate = is_delegated ? RAW(pki->delegate_der) : RAW(pki->authority_der);
    assert_ok(auth_ocsp_responder_new(certificate, pki->issuer,
                                      is_delegated ? pki->delegate : pki->authority, &responder,
                                      &err),
              &err);
    return responder;
}

static auth_ocsp_request *ask(const auth_ocsp_issuer *issuer, auth_bytes serial,
                              auth_ocsp_hash hash, auth_bytes nonce)
{
    auth_error err;
    auth_ocsp_request *request = NULL;
    AUTH_AUTO(auth_buf) *der = NULL;
    assert_ok(auth_buf_new(AUTH_OCSP_REQUEST_MAX, &der, &err), &err);
    assert_ok(auth_ocsp_request_encode(issuer, serial, hash, nonce, der, &err), &err);
    assert_ok(auth_ocsp_request_parse(auth_buf_bytes(der), &request, &err), &err);
    return request;
}

static auth_ocsp_statement good(void)
{
    return (auth_ocsp_statement){.status = AUTH_OCSP_GOOD,
                                 .this_update = STATUS_NOW - HOUR,
                                 .next_update = STATUS_NOW + HOUR};
}

static const auth_ocsp_answer_options now_options = {.produced_at = STATUS_NOW};

static auth_buf *respond(const auth_ocsp_responder *responder, const auth_ocsp_request *request,
                         const auth_ocsp_statement *statements,
                         const auth_ocsp_answer_options *options)
{
    auth_error err;
    auth_buf *out = NULL;
    assert_ok(auth_buf_new(AUTH_OCSP_RESPONSE_MAX, &out, &err), &err);
    assert_ok(auth_ocsp_respond(responder, request, statements, options, out, &err), &err);
    return out;
}

static auth_ocsp_answer check(const auth_buf *answer, const auth_ocsp_issuer *issuer,
                              auth_bytes serial, auth_bytes nonce)
{
    auth_error err;
    auth_ocsp_answer out = {0};
    auth_ocsp_expectation expected = {.serial = serial, .now = STATUS_NOW, .nonce = nonce};
    assert_ok(auth_ocsp_check(auth_buf_bytes(answer), issuer, &expected, &out, &err), &err);
    return out;
}

/* What is answered */

START_TEST(every_key_and_hash_answers)
{
    status_pki pki = status_pki_new(key_names[_i]);
    for (int is_delegated = 0; is_delegated <= 1; is_delegated++) {
        AUTH_AUTO(auth_ocsp_responder) *responder = new_responder(&pki, is_delegated != 0);
        for (size_t i = 0; i < 3; i++) {
            auth_bytes nonce = BYTES("0123456789abcdef0123456789abcdef");
            auth_bytes serial = BYTES("\x00\xff\x01");
            AUTH_AUTO(auth_ocsp_request) *request = ask(pki.issuer, serial, hash_numbers[i], nonce);
            ck_assert(auth_ocsp_issuer_matches(pki.issuer, auth_ocsp_request_cert_id(request, 0)));
            auth_ocsp_statement statement = good();
            AUTH_AUTO(auth_buf) *der = respond(responder, request, &statement, &now_options);
            auth_ocsp_answer answer = check(der, pki.issuer, serial, nonce);
            ck_assert_int_eq((int)answer.status, (int)AUTH_OCSP_GOOD);
            ck_assert_int_eq(answer.produced_at, STATUS_NOW);
            ck_assert_int_eq(answer.this_update, statement.this_update);
            ck_assert(answer.has_next_update && answer.has_nonce && !answer.has_archive_cutoff);
            ck_assert_int_eq(answer.next_update, statement.next_update);
            ck_assert(answer.responder_has_no_check == (is_delegated != 0));
            assert_bytes(answer.responder,
                         (is_delegated != 0 ? RAW(pki.delegate_der) : (auth_bytes){NULL, 0}));
            /* The CertID goes back octet for octet. */
            auth_bytes id = auth_ocsp_request_cert_id(request, 0)->der;
            ck_assert_ptr_nonnull(
                memmem(auth_buf_bytes(der).data, auth_buf_bytes(der).len, id.data, id.len));
        }
    }
    status_pki_free(&pki);
}

START_TEST(every_status_and_reason_comes_back)
{
    status_pki pki = status_pki_new("p256");
    AUTH_AUTO(auth_ocsp_responder) *responder = new_responder(&pki, true);
    auth_bytes serial = BYTES("\x05");
    auth_bytes none = {NULL, 0};
    AUTH_AUTO(auth_ocsp_request) *request = ask(pki.issuer, serial, AUTH_OCSP_HASH_SHA1, none);
    static const unsigned reasons[] = {0, 1, 2, 3, 4, 5, 6, 9, 10};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        auth_ocsp_statement statement = good();
        statement.status = AUTH_OCSP_REVOKED;
        statement.revoked = STATUS_NOW - 7 * STATUS_DAY;
        statement.reason = (auth_revocation_reason)reasons[i];
        statement.has_archive_cutoff = true;
        statement.archive_cutoff = STATUS_NOW - 3650 * STATUS_DAY;
        AUTH_AUTO(auth_buf) *der = respond(responder, request, &statement, &now_options);
        auth_ocsp_answer answer = check(der, pki.issuer, serial, none);
        ck_assert_int_eq((int)answer.status, (int)AUTH_OCSP_REVOKED);
        ck_assert_int_eq(answer.revoked, statement.revoked);
        ck_assert_uint_eq((unsigned)answer.reason, reasons[i]);
        ck_assert(answer.has_archive_cutoff);
        ck_assert_int_eq(answer.archive_cutoff, statement.archive_cutoff);
        /* [0] ENUMERATED: absent for unspecified. */
        bool has_reason = memmem(auth_buf_bytes(der).data, auth_buf_bytes(der).len,
                                 "Z\xa0\x03\x0a\x01", 5) != NULL;
        ck_assert(has_reason == (reasons[i] != 0));
    }
    auth_ocsp_statement unknown = good();
    unknown.status = AUTH_OCSP_UNKNOWN;
    AUTH_AUTO(auth_buf) *der = respond(responder, request, &unknown, &now_options);
    ck_assert_int_eq((int)check(der, pki.issuer, serial, none).status, (int)AUTH_OCSP_UNKNOWN);
    status_pki_free(&pki);
}

START_TEST(never_issued_is_unknown_or_revoked_and_never_good)
{
    status_pki pki = status_pki_new("p256");
    AUTH_AUTO(auth_ocsp_responder) *responder = new_responder(&pki, true);
    auth_bytes serial = BYTES("\x05");
    auth_bytes none = {NULL, 0};
    AUTH_AUTO(auth_ocsp_request) *request = ask(pki.issuer, serial, AUTH_OCSP_HASH_SHA1, none);
    auth_bytes extension = oid_bytes(OID_OCSP_EXTENDED_REVOKE);
    auth_ocsp_statement statement = good();
    statement.status = AUTH_OCSP_NEVER_ISSUED;
    auth_ocsp_answer_options options = now_options;

    AUTH_AUTO(auth_buf) *plain = respond(responder, request, &statement, &options);
    ck_assert_int_eq((int)check(plain, pki.issuer, serial, none).status, (int)AUTH_OCSP_UNKNOWN);
    ck_assert_ptr_null(memmem(auth_buf_bytes(plain).data, auth_buf_bytes(plain).len, extension.data,
                              extension.len));

    options.revokes_never_issued = true;
    AUTH_AUTO(auth_buf) *extended = respond(responder, request, &statement, &options);
    auth_ocsp_answer answer = check(extended, pki.issuer, serial, none);
    ck_assert_int_eq((int)answer.status, (int)AUTH_OCSP_NEVER_ISSUED);
    ck_assert_int_eq(answer.revoked, 0);
    ck_assert_int_eq((int)answer.reason, (int)AUTH_REVOCATION_REASON_CERTIFICATE_HOLD);

    /* The extension stands only where there is a certificate that was never issued. */
    statement.status = AUTH_OCSP_GOOD;
    AUTH_AUTO(auth_buf) *issued = respond(responder, request, &statement, &options);
    ck_assert_ptr_null(memmem(auth_buf_bytes(issued).data, auth_buf_bytes(issued).len,
                              extension.data, extension.len));
    status_pki_free(&pki);
}

START_TEST(several_questions_get_several_answers)
{
    status_pki pki = status_pki_new("p256");
    AUTH_AUTO(auth_ocsp_responder) *responder = new_responder(&pki, true);
    /* Ten questions, one of them about another authority's certificate. */
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t whole = der_open(&writer, DER_SEQUENCE);
    size_t tbs = der_open(&writer, DER_SEQUENCE);
    size_t list = der_open(&writer, DER_SEQUENCE);
    status_pki other = status_pki_new("ed25519");
    auth_ocsp_statement statements[10];
    for (uint8_t i = 0; i < 10; i++) {
        uint8_t serial = (uint8_t)(i + 1);
        AUTH_AUTO(auth_ocsp_request) *one =
            ask(i == 7 ? other.issuer : pki.issuer, (auth_bytes){&serial, 1}, hash_numbers[i % 3],
                (auth_bytes){NULL, 0});
        size_t question = der_open(&writer, DER_SEQUENCE);
        der_put(&writer, auth_ocsp_request_cert_id(one, 0)->der);
        der_close(&writer, question);
        statements[i] = good();
        statements[i].status = i == 7       ? AUTH_OCSP_UNKNOWN
                               : i % 2 == 0 ? AUTH_OCSP_GOOD
                                            : AUTH_OCSP_REVOKED;
        statements[i].revoked = STATUS_NOW - i;
    }
    der_close(&writer, list);
    der_close(&writer, tbs);
    der_close(&writer, whole);
    auth_error err;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    assert_ok(auth_ocsp_request_parse(der_written(&writer), &request, &err), &err);
    AUTH_AUTO(auth_buf) *der = respond(responder, request, statements, &now_options);
    for (uint8_t i = 0; i < 10; i++) {
        uint8_t serial = (uint8_t)(i + 1);
        if (i == 7)
            continue;
        auth_ocsp_answer answer =
            check(der, pki.issuer, (auth_bytes){&serial, 1}, (auth_bytes){NULL, 0});
        ck_assert_int_eq((int)answer.status, (int)statements[i].status);
        if (answer.status == AUTH_OCSP_REVOKED)
            ck_assert_int_eq(answer.revoked, STATUS_NOW - i);
    }
    status_pki_free(&other);
    status_pki_free(&pki);
}

START_TEST(the_largest_request_is_answered)
{
    /* One CertID of an unknown hash with a serial of thousands of octets. */
    status_pki pki = status_pki_new("ed25519");
    AUTH_AUTO(auth_ocsp_responder) *responder = new_responder(&pki, true);
    static uint8_t serial[4020];
    memset(serial, 0x11, sizeof serial);
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t whole = der_open(&writer, DER_SEQUENCE);
    size_t tbs = der_open(&writer, DER_SEQUENCE);
    size_t list = der_open(&writer, DER_SEQUENCE);
    size_t question = der_open(&writer, DER_SEQUENCE);
    size_t id = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, BYTES("\x30\x04\x06\x02\x2a\x03\x04\x00\x04\x00"));
    der_put_item(&writer, DER_INTEGER, (auth_bytes){serial, sizeof serial});
    der_close(&writer, id);
    der_close(&writer, question);
    der_close(&writer, list);
    der_close(&writer, tbs);
    der_close(&writer, whole);
    auth_error err;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    assert_ok(auth_ocsp_request_parse(der_written(&writer), &request, &err), &err);
    auth_ocsp_statement statement = good();
    statement.status = AUTH_OCSP_UNKNOWN;
    AUTH_AUTO(auth_buf) *der = respond(responder, request, &statement, &now_options);
    ck_assert_uint_gt(auth_buf_bytes(der).len, sizeof serial);
    status_pki_free(&pki);
}

START_TEST(a_nonce_is_echoed_unless_it_is_omitted)
{
    status_pki pki = status_pki_new("ed25519");
    AUTH_AUTO(auth_ocsp_responder) *responder = new_responder(&pki, false);
    static const uint8_t octets[AUTH_OCSP_NONCE_MAX] = {9, 9, 9};
    static const size_t lens[] = {1, 16, 32, 127, 128};
    auth_ocsp_statement statement = good();
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        auth_bytes nonce = {octets, lens[i]};
        AUTH_AUTO(auth_ocsp_request) *request =
            ask(pki.issuer, BYTES("\x05"), AUTH_OCSP_HASH_SM3, nonce);
        AUTH_AUTO(auth_buf) *der = respond(responder, request, &statement, &now_options);
        ck_assert(check(der, pki.issuer, BYTES("\x05"), nonce).has_nonce);
        auth_ocsp_answer_options options = {.produced_at = STATUS_NOW, .omits_nonce = true};
        AUTH_AUTO(auth_buf) *without = respond(responder, request, &statement, &options);
        auth_error err;
        auth_ocsp_answer answer;
        auth_ocsp_expectation expected = {.serial = BYTES("\x05"),
                                          .now = STATUS_NOW,
                                          .nonce = nonce};
        assert_fails(auth_ocsp_check(auth_buf_bytes(without), pki.issuer, &expected, &answer, &err),
                     AUTH_STATUS_INVALID, &err);
        expected.may_lack_nonce = true;
        assert_ok(auth_ocsp_check(auth_buf_bytes(without), pki.issuer, &expected, &answer, &err),
                  &err);
        ck_assert(!answer.has_nonce);
    }
    status_pki_free(&pki);
}

START_TEST(an_answer_does_not_outlive_its_responder)
{
    status_pki pki = status_pki_new("ed25519");
    AUTH_AUTO(auth_ocsp_responder) *responder = new_responder(&pki, true);
    auth_time end = auth_ocsp_responder_not_after(responder);
    ck_assert_int_eq(end, STATUS_NOW + STATUS_DAY);
    auth_bytes none = {NULL, 0};
    AUTH_AUTO(auth_ocsp_request) *request =
        ask(pki.issuer, BYTES("\x05"), AUTH_OCSP_HASH_SHA1, none);
    auth_ocsp_statement statement = good();
    statement.next_update = STATUS_NOW + 7 * STATUS_DAY;
    AUTH_AUTO(auth_buf) *der = respond(responder, request, &statement, &now_options);
    ck_assert_int_eq(check(der, pki.issuer, BYTES("\x05"), none).next_update, end);

    auth_error err;
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(AUTH_OCSP_RESPONSE_MAX, &out, &err), &err);
    const struct {
        auth_time produced_at;
        auth_status expected;
    } rows[] = {
        {end - 1, AUTH_STATUS_OK},
        {end, AUTH_STATUS_EXPIRED},
        {STATUS_NOW - STATUS_DAY - 1, AUTH_STATUS_EXPIRED},
        {STATUS_NOW - STATUS_DAY, AUTH_STATUS_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auth_ocsp_answer_options options = {.produced_at = rows[i].produced_at};
        statement.this_update = rows[i].produced_at;
        auth_status status = auth_ocsp_respond(responder, request, &statement, &options, out, &err);
        ck_assert_int_eq((int)status, (int)rows[i].expected);
        ck_assert(status == AUTH_STATUS_OK || auth_ocsp_error_for(status) == AUTH_OCSP_TRY_LATER);
    }
    status_pki_free(&pki);
}

/* What is refused */

START_TEST(a_statement_that_cannot_be_true_is_not_signed)
{
    status_pki pki = status_pki_new("ed25519");
    status_pki other = status_pki_new("p256");
    AUTH_AUTO(auth_ocsp_responder) *responder = new_responder(&pki, true);
    auth_bytes none = {NULL, 0};
    AUTH_AUTO(auth_ocsp_request) *own = ask(pki.issuer, BYTES("\x05"), AUTH_OCSP_HASH_SHA1, none);
    AUTH_AUTO(auth_ocsp_request) *foreign =
        ask(other.issuer, BYTES("\x05"), AUTH_OCSP_HASH_SHA1, none);
    auth_error err;
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(AUTH_OCSP_RESPONSE_MAX, &out, &err), &err);

    auth_ocsp_statement rows[9];
    for (size_t i = 0; i < 9; i++)
        rows[i] = good();
    rows[0].this_update = STATUS_NOW + 1;
    rows[1].next_update = STATUS_NOW;
    rows[2].status = (auth_ocsp_status)4;
    rows[3].status = AUTH_OCSP_REVOKED;
    rows[3].revoked = AUTH_TIME_MAX + 1;
    rows[4].status = AUTH_OCSP_REVOKED;
    rows[4].reason = AUTH_REVOCATION_REASON_REMOVE_FROM_CRL;
    rows[5].status = AUTH_OCSP_REVOKED;
    rows[5].reason = (auth_revocation_reason)7;
    rows[6].has_archive_cutoff = true;
    rows[6].archive_cutoff = AUTH_TIME_MIN - 1;
    rows[7].this_update = AUTH_TIME_MIN - 1;
    rows[8].next_update = AUTH_TIME_MAX + 1;
    for (size_t i = 0; i < 9; i++) {
        assert_fails(auth_ocsp_respond(responder, own, &rows[i], &now_options, out, &err),
                     AUTH_STATUS_INVALID, &err);
        ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    }
    for (int status = AUTH_OCSP_GOOD; status <= AUTH_OCSP_NEVER_ISSUED; status++) {
        auth_ocsp_statement statement = good();
        statement.status = (auth_ocsp_status)status;
        if (status == AUTH_OCSP_UNKNOWN)
            continue;
        assert_fails(auth_ocsp_respond(responder, foreign, &statement, &now_options, out, &err),
                     AUTH_STATUS_INVALID, &err);
    }
    status_pki_free(&other);
    status_pki_free(&pki);
}

/* Extensions of a responder's certificate, each lacking or having something. */
#define KEY_USAGE "\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x07\x80"
#define KEY_USAGE_PLAIN "\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x07\x80"
#define KEY_USAGE_OTHER "\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x05\x20"
#define OCSP_SIGNING                                                                               \
    "\x30\x13\x06\x03\x55\x1d\x25\x04\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09"
#define ANY_PURPOSE "\x30\x0f\x06\x03\x55\x1d\x25\x04\x08\x30\x06\x06\x04\x55\x1d\x25\x00"
#define NO_CHECK "\x30\x0f\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x05\x04\x02\x05\x00"
#define ALT_NAME "\x30\x0b\x06\x03\x55\x1d\x11\x04\x04\x30\x02\x82\x00"
#define UNKNOWN_CRITICAL "\x30\x0b\x06\x02\x2a\x03\x01\x01\xff\x04\x02\x05\x00"
#define B(literal)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static const struct {
    const char *what;
    auth_bytes extensions;
    auth_status expected;
} certificates[] = {
    {"all that is needed", B(KEY_USAGE OCSP_SIGNING NO_CHECK), AUTH_STATUS_OK},
    {"no nocheck", B(KEY_USAGE OCSP_SIGNING), AUTH_STATUS_INVALID},
    {"no key usage", B(OCSP_SIGNING NO_CHECK), AUTH_STATUS_INVALID},
    {"a key usage that is not critical", B(KEY_USAGE_PLAIN OCSP_SIGNING NO_CHECK),
     AUTH_STATUS_INVALID},
    {"a subjectAltName", B(KEY_USAGE OCSP_SIGNING NO_CHECK ALT_NAME), AUTH_STATUS_INVALID},
    {"another key usage", B(KEY_USAGE_OTHER OCSP_SIGNING NO_CHECK), AUTH_STATUS_UNTRUSTED},
    {"no purpose", B(KEY_USAGE NO_CHECK), AUTH_STATUS_UNTRUSTED},
    {"any purpose", B(KEY_USAGE ANY_PURPOSE NO_CHECK), AUTH_STATUS_UNTRUSTED},
    {"an unknown critical extension", B(KEY_USAGE OCSP_SIGNING NO_CHECK UNKNOWN_CRITICAL),
     AUTH_STATUS_UNSUPPORTED},
};
#define CERTIFICATE_COUNT (sizeof certificates / sizeof certificates[0])

START_TEST(a_certificate_that_clients_would_not_believe_is_refused)
{
    status_pki pki = status_pki_new("p256");
    auth_error err = {AUTH_STATUS_OK, ""};
    AUTH_AUTO(auth_ocsp_responder) *responder = NULL;
    status_delegate delegate = {.extensions = certificates[_i].extensions};
    raw_bytes der = status_delegate_make(&pki, &delegate);
    auth_status status =
        auth_ocsp_responder_new(RAW(der), pki.issuer, pki.delegate, &responder, &err);
    ck_assert_msg(status == certificates[_i].expected, "%s: %s: %s", certificates[_i].what,
                  auth_status_name(status), err.text);
    status_pki_free(&pki);
}

START_TEST(a_certificate_of_another_key_or_authority_is_refused)
{
    status_pki pki = status_pki_new("p256");
    status_pki other = status_pki_new("ed25519");
    auth_error err;
    auth_ocsp_responder *responder = NULL;
    assert_fails(auth_ocsp_responder_new(RAW(pki.delegate_der), pki.issuer, pki.authority,
                                         &responder, &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(auth_ocsp_responder_new(RAW(pki.delegate_der), other.issuer, pki.delegate,
                                         &responder, &err),
                 AUTH_STATUS_UNSUPPORTED, &err); /* an ECDSA signature, an Ed25519 key */
    raw_bytes named = status_delegate_make(&pki, &(status_delegate){.issuer = "B"});
    assert_fails(auth_ocsp_responder_new(RAW(named), pki.issuer, pki.delegate, &responder, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    raw_bytes forged = status_delegate_make(&pki, &(status_delegate){.signer = pki.delegate});
    assert_fails(auth_ocsp_responder_new(RAW(forged), pki.issuer, pki.delegate, &responder, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    assert_fails(auth_ocsp_responder_new(BYTES("\x30\x00"), pki.issuer, pki.delegate, &responder,
                                         &err),
                 AUTH_STATUS_MALFORMED, &err);
    ck_assert_ptr_null(responder);
    status_pki_free(&other);
    status_pki_free(&pki);
}

/* Issuers */

START_TEST(a_table_finds_every_issuer_by_every_hash)
{
    enum { COUNT = 5 };
    status_pki pkis[COUNT];
    const auth_ocsp_issuer *issuers[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        pkis[i] = status_pki_new(key_names[i]);
        issuers[i] = pkis[i].issuer;
        assert_bytes(auth_ocsp_issuer_certificate(issuers[i]), RAW(pkis[i].authority_der));
    }
    auth_error err;
    AUTH_AUTO(auth_ocsp_issuers) *table = NULL;
    assert_ok(auth_ocsp_issuers_new(issuers, COUNT - 1, &table, &err), &err);
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < 3; j++) {
            AUTH_AUTO(auth_ocsp_request) *request =
                ask(issuers[i], BYTES("\x01"), hash_numbers[j], (auth_bytes){NULL, 0});
            size_t index = 99;
            bool is_found =
                auth_ocsp_issuers_find(table, auth_ocsp_request_cert_id(request, 0), &index);
            ck_assert(is_found == (i < COUNT - 1));
            ck_assert_uint_eq(index, is_found ? i : 99);
        }
    }
    issuers[1] = issuers[0];
    auth_ocsp_issuers *twice = NULL;
    assert_fails(auth_ocsp_issuers_new(issuers, 2, &twice, &err), AUTH_STATUS_CONFLICT, &err);
    AUTH_AUTO(auth_ocsp_issuers) *none = NULL;
    assert_ok(auth_ocsp_issuers_new(issuers, 0, &none, &err), &err);
    for (size_t i = 0; i < COUNT; i++)
        status_pki_free(&pkis[i]);
}

START_TEST(a_hash_of_the_wrong_half_does_not_match)
{
    /* The name of one authority with the key of another. */
    status_pki pki = status_pki_new("p256");
    AUTH_AUTO(auth_ocsp_request) *request =
        ask(pki.issuer, BYTES("\x01"), AUTH_OCSP_HASH_SHA256, (auth_bytes){NULL, 0});
    auth_ocsp_cert_id id = *auth_ocsp_request_cert_id(request, 0);
    ck_assert(auth_ocsp_issuer_matches(pki.issuer, &id));
    auth_ocsp_cert_id swapped = id;
    swapped.name_hash = id.key_hash;
    ck_assert(!auth_ocsp_issuer_matches(pki.issuer, &swapped));
    swapped = id;
    swapped.key_hash = id.name_hash;
    ck_assert(!auth_ocsp_issuer_matches(pki.issuer, &swapped));
    swapped = id;
    swapped.hash = AUTH_OCSP_HASH_SM3;
    ck_assert(!auth_ocsp_issuer_matches(pki.issuer, &swapped));
    swapped.hash = AUTH_OCSP_HASH_OTHER;
    ck_assert(!auth_ocsp_issuer_matches(pki.issuer, &swapped));
    status_pki_free(&pki);
}

START_TEST(a_request_that_cannot_be_asked_is_refused)
{
    static const uint8_t zeros[AUTH_OCSP_NONCE_MAX + 1];
    status_pki pki = status_pki_new("p256");
    auth_error err;
    auth_bytes none = {NULL, 0};
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(1024, &out, &err), &err);
    assert_fails(auth_ocsp_request_encode(pki.issuer, BYTES("\x01"), AUTH_OCSP_HASH_OTHER, none,
                                          out, &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(auth_ocsp_request_encode(pki.issuer, none, AUTH_OCSP_HASH_SHA1, none, out, &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(auth_ocsp_request_encode(pki.issuer, (auth_bytes){zeros, 21}, AUTH_OCSP_HASH_SHA1,
                                          none, out, &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(auth_ocsp_request_encode(pki.issuer, BYTES("\x01"), AUTH_OCSP_HASH_SHA1,
                                          (auth_bytes){zeros, sizeof zeros}, out, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    status_pki_free(&pki);
}

SUITE("ocsp_respond", TEST_EACH(every_key_and_hash_answers, KEY_COUNT),
      TEST(every_status_and_reason_comes_back),
      TEST(never_issued_is_unknown_or_revoked_and_never_good),
      TEST(several_questions_get_several_answers), TEST(the_largest_request_is_answered),
      TEST(a_nonce_is_echoed_unless_it_is_omitted), TEST(an_answer_does_not_outlive_its_responder),
      TEST(a_statement_that_cannot_be_true_is_not_signed),
      TEST_EACH(a_certificate_that_clients_would_not_believe_is_refused, CERTIFICATE_COUNT),
      TEST(a_certificate_of_another_key_or_authority_is_refused),
      TEST(a_table_finds_every_issuer_by_every_hash), TEST(a_hash_of_the_wrong_half_does_not_match),
      TEST(a_request_that_cannot_be_asked_is_refused))
