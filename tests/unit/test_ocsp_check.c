/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does an answer pass only when the authority concerned, or whom it certified for that, signed it
 * for this certificate and for now, and is each of the ways around that refused?
 */
#include "harness/harness.h"
#include "harness/status_pki.h"

#include <string.h>

#define HOUR ((auth_time)3600)
#define SERIAL BYTES("\x05")
#define GOOD BYTES("\x80\x00")
#define UNKNOWN BYTES("\x82\x00")

#define B(literal)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static const char *const key_names[] = {"p256", "p384", "rsa", "ed25519", "sm2"};
#define KEY_COUNT (sizeof key_names / sizeof key_names[0])

/* One PKI for all tests of a process; tests run in processes of their own. */
static status_pki pki;
static raw_bytes singles;

static void begin(const char *key) { pki = status_pki_new(key); }
static void end(void) { status_pki_free(&pki); }

static status_single good_single(void)
{
    return (status_single){.issuer = pki.issuer,
                           .serial = SERIAL,
                           .status = GOOD,
                           .this_update = STATUS_NOW - HOUR,
                           .next_update = STATUS_NOW + HOUR};
}

static auth_bytes one_single(const status_single *single)
{
    der_writer writer = der_writer_on(singles.octets, sizeof singles.octets);
    status_put_single(&writer, single);
    singles.len = writer.len;
    return RAW(singles);
}

/* Signed by the delegate, whose certificate goes along. */
static status_answer good_answer(void)
{
    status_single single = good_single();
    return (status_answer){.produced_at = STATUS_NOW - 60,
                           .singles = one_single(&single),
                           .signer = pki.delegate,
                           .certificates = RAW(pki.delegate_der)};
}

static auth_ocsp_expectation expectation(void)
{
    return (auth_ocsp_expectation){.serial = SERIAL, .now = STATUS_NOW};
}

static auth_status check_with(const status_answer *answer, const auth_ocsp_expectation *expected,
                              auth_ocsp_answer *out, auth_error *err)
{
    raw_bytes der = status_answer_make(answer);
    *err = (auth_error){AUTH_STATUS_OK, ""};
    return auth_ocsp_check(RAW(der), pki.issuer, expected, out, err);
}

static void assert_outcome(const status_answer *answer, auth_status wanted, const char *what)
{
    auth_error err;
    auth_ocsp_answer out;
    auth_ocsp_expectation expected = expectation();
    auth_status status = check_with(answer, &expected, &out, &err);
    ck_assert_msg(status == wanted, "%s: %s: %s", what, auth_status_name(status), err.text);
    ck_assert((err.text[0] != '\0') == (wanted != AUTH_STATUS_OK));
}

/* Who signed */

START_TEST(the_issuer_and_its_delegate_are_believed)
{
    begin(key_names[_i]);
    status_answer answer = good_answer();
    assert_outcome(&answer, AUTH_STATUS_OK, "the delegate by key");
    raw_bytes name = raw_name("R");
    raw_bytes by_name = name;
    der_writer writer = der_writer_on(by_name.octets, sizeof by_name.octets);
    der_put_item(&writer, DER_CONTEXT_CONSTRUCTED(1), RAW(name));
    answer.responder = der_written(&writer);
    assert_outcome(&answer, AUTH_STATUS_OK, "the delegate by name");

    answer = good_answer();
    answer.signer = pki.authority;
    answer.certificates = (auth_bytes){NULL, 0};
    assert_outcome(&answer, AUTH_STATUS_OK, "the issuer by key");
    name = raw_name("A");
    writer = der_writer_on(by_name.octets, sizeof by_name.octets);
    der_put_item(&writer, DER_CONTEXT_CONSTRUCTED(1), RAW(name));
    answer.responder = der_written(&writer);
    assert_outcome(&answer, AUTH_STATUS_OK, "the issuer by name");
    end();
}

START_TEST(a_changed_octet_is_found)
{
    begin(key_names[_i]);
    status_answer answer = good_answer();
    auth_ocsp_expectation expected = expectation();
    raw_bytes der = status_answer_make(&answer);
    auth_ocsp_answer out;
    /* Every octet with a fast key; every eleventh with a slow one. */
    size_t step = _i == 3 ? 1 : 11;
    for (size_t i = 0; i < der.len; i += step) {
        der.octets[i] ^= 0x01;
        auth_status status = auth_ocsp_check(RAW(der), pki.issuer, &expected, &out, NULL);
        ck_assert_msg(status != AUTH_STATUS_OK, "octet %zu of %zu is not covered", i, der.len);
        der.octets[i] ^= 0x01;
    }
    ck_assert_int_eq((int)auth_ocsp_check(RAW(der), pki.issuer, &expected, &out, NULL),
                     (int)AUTH_STATUS_OK);
    end();
}

#define KEY_USAGE_OTHER "\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x05\x20"
#define OCSP_SIGNING                                                                               \
    "\x30\x13\x06\x03\x55\x1d\x25\x04\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09"
#define ANY_PURPOSE "\x30\x0f\x06\x03\x55\x1d\x25\x04\x08\x30\x06\x06\x04\x55\x1d\x25\x00"
#define CLIENT_AUTH                                                                                \
    "\x30\x13\x06\x03\x55\x1d\x25\x04\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02"
#define UNKNOWN_EXTENSION "\x30\x08\x06\x02\x2a\x03\x04\x02\x05\x00"
#define UNKNOWN_CRITICAL "\x30\x0b\x06\x02\x2a\x03\x01\x01\xff\x04\x02\x05\x00"

static const struct {
    const char *what;
    status_delegate delegate;
    auth_status expected;
} delegates[] = {
    {"no key usage, no nocheck", {.extensions = B(OCSP_SIGNING)}, AUTH_STATUS_OK},
    {"an unknown extension", {.extensions = B(OCSP_SIGNING UNKNOWN_EXTENSION)}, AUTH_STATUS_OK},
    {"no extensions", {.extensions = B("")}, AUTH_STATUS_UNTRUSTED},
    {"any purpose", {.extensions = B(ANY_PURPOSE)}, AUTH_STATUS_UNTRUSTED},
    {"another purpose", {.extensions = B(CLIENT_AUTH)}, AUTH_STATUS_UNTRUSTED},
    {"another key usage", {.extensions = B(OCSP_SIGNING KEY_USAGE_OTHER)}, AUTH_STATUS_UNTRUSTED},
    {"an unknown critical extension",
     {.extensions = B(OCSP_SIGNING UNKNOWN_CRITICAL)},
     AUTH_STATUS_UNSUPPORTED},
    {"expired", {.not_after = STATUS_NOW - 1}, AUTH_STATUS_UNTRUSTED},
    {"its last second", {.not_after = STATUS_NOW}, AUTH_STATUS_OK},
    {"not yet valid", {.not_before = STATUS_NOW + 1}, AUTH_STATUS_UNTRUSTED},
    {"of another issuer", {.issuer = "B"}, AUTH_STATUS_UNTRUSTED},
};
#define DELEGATE_COUNT (sizeof delegates / sizeof delegates[0])

START_TEST(only_a_certificate_for_ocsp_is_a_delegate_s)
{
    begin("p256");
    raw_bytes certificate = status_delegate_make(&pki, &delegates[_i].delegate);
    status_answer answer = good_answer();
    answer.certificates = RAW(certificate);
    assert_outcome(&answer, delegates[_i].expected, delegates[_i].what);
    end();
}

START_TEST(a_certificate_that_the_issuer_did_not_sign_is_no_delegate_s)
{
    begin("p256");
    /* It names the issuer, and another authority or its own key signed it. */
    AUTH_AUTO(auth_signer) *other = raw_signer_new(AUTH_KEY_TYPE_P256);
    raw_bytes forged = status_delegate_make(&pki, &(status_delegate){.signer = other});
    raw_bytes own = status_delegate_make(&pki, &(status_delegate){.signer = pki.delegate});
    status_answer answer = good_answer();
    answer.certificates = RAW(forged);
    assert_outcome(&answer, AUTH_STATUS_UNTRUSTED, "signed by another authority");
    answer.certificates = RAW(own);
    assert_outcome(&answer, AUTH_STATUS_UNTRUSTED, "signed by itself");

    /* A delegate cannot appoint another one, although each certificate verifies by the next. */
    raw_bytes extensions = raw_responder_extensions();
    raw_cert below = {"R", "S", 3, STATUS_NOW - HOUR, STATUS_NOW + HOUR, RAW(extensions)};
    raw_bytes further = raw_cert_make(&below, auth_signer_public_key(other), pki.delegate);
    raw_bytes both;
    der_writer writer = der_writer_on(both.octets, sizeof both.octets);
    der_put(&writer, RAW(further));
    der_put(&writer, RAW(pki.delegate_der));
    answer = good_answer();
    answer.signer = other;
    answer.certificates = der_written(&writer);
    assert_outcome(&answer, AUTH_STATUS_UNTRUSTED, "a delegate's delegate");
    end();
}

START_TEST(an_answer_without_its_signer_is_refused)
{
    begin("p256");
    status_answer answer = good_answer();
    answer.certificates = (auth_bytes){NULL, 0};
    assert_outcome(&answer, AUTH_STATUS_UNTRUSTED, "no certificate");
    answer.certificates = RAW(pki.authority_der);
    assert_outcome(&answer, AUTH_STATUS_UNTRUSTED, "the issuer's certificate only");
    /* The right certificate goes along, but the answer names somebody else. */
    answer = good_answer();
    answer.responder = BYTES("\xa2\x16\x04\x14"
                             "01234567890123456789");
    assert_outcome(&answer, AUTH_STATUS_UNTRUSTED, "another responder's key");
    answer.responder = BYTES("\xa1\x02\x30\x00");
    assert_outcome(&answer, AUTH_STATUS_UNTRUSTED, "a responder without a name");
    /* The delegate says that it is the issuer. */
    uint8_t id[AUTH_KEY_ID_SIZE];
    uint8_t room[24];
    auth_public_key_id(auth_signer_public_key(pki.authority), id);
    der_writer writer = der_writer_on(room, sizeof room);
    der_put_header(&writer, DER_CONTEXT_CONSTRUCTED(2), 22);
    der_put_item(&writer, DER_OCTET_STRING, (auth_bytes){id, sizeof id});
    answer.responder = der_written(&writer);
    assert_outcome(&answer, AUTH_STATUS_UNTRUSTED, "the issuer's key");
    end();
}

START_TEST(the_signer_is_found_among_others)
{
    begin("p256");
    status_answer answer = good_answer();
    raw_bytes list;
    der_writer writer = der_writer_on(list.octets, sizeof list.octets);
    der_put(&writer, BYTES("\x30\x03\x02\x01\x01")); /* not a certificate at all */
    der_put(&writer, RAW(pki.authority_der));
    der_put(&writer, RAW(pki.delegate_der));
    answer.certificates = der_written(&writer);
    assert_outcome(&answer, AUTH_STATUS_OK, "the third certificate");

    /* After a few with its name that fail, no more are tried: each costs verifications. */
    raw_bytes forged = status_delegate_make(&pki, &(status_delegate){.signer = pki.delegate});
    writer = der_writer_on(list.octets, sizeof list.octets);
    for (int i = 0; i < 4; i++)
        der_put(&writer, RAW(forged));
    der_put(&writer, RAW(pki.delegate_der));
    answer.certificates = der_written(&writer);
    assert_outcome(&answer, AUTH_STATUS_UNTRUSTED, "the fifth of the same name");
    end();
}

START_TEST(nocheck_is_told)
{
    begin("p256");
    raw_bytes without =
        status_delegate_make(&pki, &(status_delegate){.extensions = B(OCSP_SIGNING)});
    status_answer answer = good_answer();
    auth_ocsp_expectation expected = expectation();
    auth_ocsp_answer out;
    auth_error err;
    assert_ok(check_with(&answer, &expected, &out, &err), &err);
    ck_assert(out.responder_has_no_check && out.responder.len > 0);
    answer.certificates = RAW(without);
    assert_ok(check_with(&answer, &expected, &out, &err), &err);
    ck_assert(!out.responder_has_no_check && out.responder.len > 0);
    answer.signer = pki.authority;
    assert_ok(check_with(&answer, &expected, &out, &err), &err);
    ck_assert(!out.responder_has_no_check && out.responder.len == 0);
    end();
}

/* About which certificate */

START_TEST(only_this_certificate_s_statement_counts)
{
    begin("p256");
    status_pki other = status_pki_new("p384");
    status_answer answer = good_answer();
    status_single single = good_single();
    single.serial = BYTES("\x06");
    answer.singles = one_single(&single);
    assert_outcome(&answer, AUTH_STATUS_NOT_FOUND, "another serial");
    single = good_single();
    single.issuer = other.issuer;
    answer.singles = one_single(&single);
    assert_outcome(&answer, AUTH_STATUS_NOT_FOUND, "the same serial of another issuer");
    answer.singles = BYTES("");
    assert_outcome(&answer, AUTH_STATUS_NOT_FOUND, "nothing at all");
    status_pki_free(&other);
    end();
}

static auth_bytes two_singles(const status_single *first, const status_single *second)
{
    der_writer writer = der_writer_on(singles.octets, sizeof singles.octets);
    status_put_single(&writer, first);
    status_put_single(&writer, second);
    singles.len = writer.len;
    return RAW(singles);
}

START_TEST(two_statements_about_it_are_refused)
{
    begin("p256");
    status_answer answer = good_answer();
    status_single single = good_single();
    status_single second = good_single();
    second.status = UNKNOWN;
    answer.singles = two_singles(&single, &second);
    assert_outcome(&answer, AUTH_STATUS_CONFLICT, "good and unknown");
    answer.singles = two_singles(&single, &single);
    assert_outcome(&answer, AUTH_STATUS_CONFLICT, "the same twice");
    second.serial = BYTES("\x06");
    answer.singles = two_singles(&second, &single);
    assert_outcome(&answer, AUTH_STATUS_OK, "another certificate's in front");
    end();
}

static const struct {
    const char *what;
    auth_bytes status;
    auth_status expected;
} statuses[] = {
    {"good", B("\x80\x00"), AUTH_STATUS_OK},
    {"revoked",
     B("\xa1\x11\x18\x0f"
       "20250101000000Z"),
     AUTH_STATUS_OK},
    {"revoked for a reason",
     B("\xa1\x16\x18\x0f"
       "20250101000000Z"
       "\xa0\x03\x0a\x01\x01"),
     AUTH_STATUS_OK},
    {"unknown", B("\x82\x00"), AUTH_STATUS_OK},
    {"good with content", B("\x80\x01\x00"), AUTH_STATUS_MALFORMED},
    {"unknown with content", B("\x82\x01\x00"), AUTH_STATUS_MALFORMED},
    {"another choice", B("\x83\x00"), AUTH_STATUS_MALFORMED},
    {"revoked without a time", B("\xa1\x00"), AUTH_STATUS_MALFORMED},
    {"revoked at a UTCTime",
     B("\xa1\x0f\x17\x0d"
       "250101000000Z"),
     AUTH_STATUS_MALFORMED},
    {"revoked at no time",
     B("\xa1\x11\x18\x0f"
       "20250132000000Z"),
     AUTH_STATUS_MALFORMED},
    {"reason 7",
     B("\xa1\x16\x18\x0f"
       "20250101000000Z"
       "\xa0\x03\x0a\x01\x07"),
     AUTH_STATUS_MALFORMED},
    {"octets behind the reason",
     B("\xa1\x18\x18\x0f"
       "20250101000000Z"
       "\xa0\x03\x0a\x01\x01\x05\x00"),
     AUTH_STATUS_MALFORMED},
};
#define STATUS_COUNT (sizeof statuses / sizeof statuses[0])

START_TEST(a_status_is_read_strictly)
{
    begin("p256");
    status_answer answer = good_answer();
    status_single single = good_single();
    single.status = statuses[_i].status;
    answer.singles = one_single(&single);
    assert_outcome(&answer, statuses[_i].expected, statuses[_i].what);
    end();
}

/* When */

static const struct {
    const char *what;
    auth_time this_update; /* relative to now */
    auth_time next_update; /* relative to now; 0: left out */
    auth_time produced_at; /* relative to now */
    uint32_t skew;
    uint32_t max_age;
    auth_status expected;
} times[] = {
    {"fresh", -HOUR, HOUR, -1, 0, 0, AUTH_STATUS_OK},
    {"stale", -2 * HOUR, -1, -HOUR, 0, 0, AUTH_STATUS_EXPIRED},
    {"stale within the skew", -2 * HOUR, -60, -HOUR, 60, 0, AUTH_STATUS_OK},
    {"stale beyond the skew", -2 * HOUR, -61, -HOUR, 60, 0, AUTH_STATUS_EXPIRED},
    {"of the future", 1, HOUR, -1, 0, 0, AUTH_STATUS_EXPIRED},
    {"of the future within the skew", 60, HOUR, 60, 60, 0, AUTH_STATUS_OK},
    {"of the future beyond the skew", 61, HOUR, -1, 60, 0, AUTH_STATUS_EXPIRED},
    {"produced in the future", -HOUR, HOUR, 1, 0, 0, AUTH_STATUS_EXPIRED},
    {"young enough", -600, HOUR, -1, 0, 600, AUTH_STATUS_OK},
    {"too old", -601, HOUR, -1, 0, 600, AUTH_STATUS_EXPIRED},
    {"too old within the skew", -660, HOUR, -1, 60, 600, AUTH_STATUS_OK},
    {"no nextUpdate and no limit", -1, 0, -1, 0, 0, AUTH_STATUS_EXPIRED},
    {"no nextUpdate within the limit", -60, 0, -1, 0, 60, AUTH_STATUS_OK},
    {"no nextUpdate beyond the limit", -61, 0, -1, 0, 60, AUTH_STATUS_EXPIRED},
    {"nextUpdate before thisUpdate", 60, 59, -1, 120, 0, AUTH_STATUS_INVALID},
};
#define TIME_COUNT (sizeof times / sizeof times[0])

START_TEST(an_answer_holds_for_its_time)
{
    begin("ed25519");
    status_answer answer = good_answer();
    status_single single = good_single();
    single.this_update = STATUS_NOW + times[_i].this_update;
    single.next_update = times[_i].next_update == 0 ? 0 : STATUS_NOW + times[_i].next_update;
    answer.singles = one_single(&single);
    answer.produced_at = STATUS_NOW + times[_i].produced_at;
    auth_ocsp_expectation expected = expectation();
    expected.skew_seconds = times[_i].skew;
    expected.max_age_seconds = times[_i].max_age;
    auth_error err;
    auth_ocsp_answer out;
    auth_status status = check_with(&answer, &expected, &out, &err);
    ck_assert_msg(status == times[_i].expected, "%s: %s: %s", times[_i].what,
                  auth_status_name(status), err.text);
    if (status == AUTH_STATUS_OK)
        ck_assert(out.has_next_update == (times[_i].next_update != 0));
    end();
}

/* Nonce and extensions */

#define NONCE(text) "\x30\x12\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02\x04\x05\x04\x03" text

static const struct {
    const char *what;
    auth_bytes sent;
    auth_bytes extensions;
    bool may_lack;
    auth_status expected;
    bool has_nonce;
} nonces[] = {
    {"none sent, none back", {NULL, 0}, {NULL, 0}, false, AUTH_STATUS_OK, false},
    {"none sent, one back", {NULL, 0}, B(NONCE("abc")), false, AUTH_STATUS_OK, false},
    {"the same", B("abc"), B(NONCE("abc")), false, AUTH_STATUS_OK, true},
    {"another", B("abc"), B(NONCE("abd")), false, AUTH_STATUS_INVALID, false},
    {"another, and none would do", B("abc"), B(NONCE("abd")), true, AUTH_STATUS_INVALID, false},
    {"a longer one was sent", B("abcd"), B(NONCE("abc")), false, AUTH_STATUS_INVALID, false},
    {"missing", B("abc"), {NULL, 0}, false, AUTH_STATUS_INVALID, false},
    {"missing, and none would do", B("abc"), {NULL, 0}, true, AUTH_STATUS_OK, false},
    {"without its OCTET STRING", B("abc"),
     B("\x30\x10\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02\x04\x03"
       "abc"),
     false, AUTH_STATUS_INVALID, false},
};
#define NONCE_COUNT (sizeof nonces / sizeof nonces[0])

START_TEST(a_nonce_that_was_sent_comes_back)
{
    begin("ed25519");
    status_answer answer = good_answer();
    answer.extensions = nonces[_i].extensions;
    auth_ocsp_expectation expected = expectation();
    expected.nonce = nonces[_i].sent;
    expected.may_lack_nonce = nonces[_i].may_lack;
    auth_error err;
    auth_ocsp_answer out;
    auth_status status = check_with(&answer, &expected, &out, &err);
    ck_assert_msg(status == nonces[_i].expected, "%s: %s: %s", nonces[_i].what,
                  auth_status_name(status), err.text);
    if (status == AUTH_STATUS_OK)
        ck_assert(out.has_nonce == nonces[_i].has_nonce);
    end();
}

START_TEST(a_nonce_proves_an_answer_without_next_update_fresh)
{
    begin("ed25519");
    status_answer answer = good_answer();
    status_single single = good_single();
    single.next_update = 0;
    answer.singles = one_single(&single);
    answer.extensions = (auth_bytes)B(NONCE("abc"));
    auth_ocsp_expectation expected = expectation();
    auth_ocsp_answer out;
    auth_error err;
    ck_assert_int_eq((int)check_with(&answer, &expected, &out, &err), (int)AUTH_STATUS_EXPIRED);
    expected.nonce = (auth_bytes)B("abc");
    assert_ok(check_with(&answer, &expected, &out, &err), &err);
    end();
}

START_TEST(unknown_critical_extensions_are_refused)
{
    begin("ed25519");
    status_answer answer = good_answer();
    answer.extensions = (auth_bytes)B(UNKNOWN_CRITICAL);
    assert_outcome(&answer, AUTH_STATUS_UNSUPPORTED, "of the answer");
    answer.extensions = (auth_bytes)B(UNKNOWN_EXTENSION);
    assert_outcome(&answer, AUTH_STATUS_OK, "of the answer, not critical");
    answer = good_answer();
    status_single single = good_single();
    single.extensions = (auth_bytes)B(UNKNOWN_CRITICAL);
    answer.singles = one_single(&single);
    assert_outcome(&answer, AUTH_STATUS_UNSUPPORTED, "of the statement");
    /* A statement about another certificate is signed along with ours, so it must make sense too.
     */
    single.serial = BYTES("\x06");
    status_single ours = good_single();
    answer.singles = two_singles(&single, &ours);
    assert_outcome(&answer, AUTH_STATUS_UNSUPPORTED, "of another statement");
    single.extensions = (auth_bytes)B(UNKNOWN_EXTENSION);
    answer.singles = two_singles(&single, &ours);
    assert_outcome(&answer, AUTH_STATUS_OK, "of another statement, not critical");
    end();
}

START_TEST(an_archive_cutoff_is_a_time)
{
    begin("ed25519");
    status_answer answer = good_answer();
    status_single single = good_single();
    single.extensions =
        BYTES("\x30\x0f\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x06\x04\x02\x05\x00");
    answer.singles = one_single(&single);
    assert_outcome(&answer, AUTH_STATUS_MALFORMED, "NULL");
    end();
}

/* Form */

static const struct {
    const char *what;
    const char *der;
    size_t len;
    auth_status expected;
} forms[] = {
    {"malformedRequest", "\x30\x03\x0a\x01\x01", 5, AUTH_STATUS_UNSUPPORTED},
    {"internalError", "\x30\x03\x0a\x01\x02", 5, AUTH_STATUS_UNAVAILABLE},
    {"tryLater", "\x30\x03\x0a\x01\x03", 5, AUTH_STATUS_UNAVAILABLE},
    {"4", "\x30\x03\x0a\x01\x04", 5, AUTH_STATUS_MALFORMED},
    {"sigRequired", "\x30\x03\x0a\x01\x05", 5, AUTH_STATUS_DENIED},
    {"unauthorized", "\x30\x03\x0a\x01\x06", 5, AUTH_STATUS_DENIED},
    {"success without an answer", "\x30\x03\x0a\x01\x00", 5, AUTH_STATUS_MALFORMED},
    {"an error with octets behind", "\x30\x03\x0a\x01\x03\x00", 6, AUTH_STATUS_MALFORMED},
    {"an error with more inside", "\x30\x05\x0a\x01\x03\x05\x00", 7, AUTH_STATUS_MALFORMED},
    {"another type", "\x30\x0f\x0a\x01\x00\xa0\x0a\x30\x08\x06\x02\x2a\x03\x04\x02\x30\x00", 17,
     AUTH_STATUS_UNSUPPORTED},
    {"nothing", "", 0, AUTH_STATUS_MALFORMED},
};
#define FORM_COUNT (sizeof forms / sizeof forms[0])

START_TEST(a_response_status_is_told)
{
    begin("ed25519");
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_ocsp_answer out;
    auth_ocsp_expectation expected = expectation();
    auth_status status =
        auth_ocsp_check((auth_bytes){(const uint8_t *)forms[_i].der, forms[_i].len}, pki.issuer,
                        &expected, &out, &err);
    ck_assert_msg(status == forms[_i].expected, "%s: %s: %s", forms[_i].what,
                  auth_status_name(status), err.text);
    if (status != AUTH_STATUS_MALFORMED && forms[_i].len == 5)
        ck_assert_ptr_nonnull(strstr(err.text, forms[_i].what));
    end();
}

START_TEST(octets_behind_and_another_version_are_refused)
{
    begin("ed25519");
    status_answer answer = good_answer();
    answer.behind = BYTES("\x00");
    assert_outcome(&answer, AUTH_STATUS_MALFORMED, "octets behind");
    answer = good_answer();
    answer.before = BYTES("\xa0\x03\x02\x01\x01");
    assert_outcome(&answer, AUTH_STATUS_MALFORMED, "version 2");
    answer.before = BYTES("\xa0\x03\x02\x01\x00");
    assert_outcome(&answer, AUTH_STATUS_OK, "version 1, written although it is the default");
    answer = good_answer();
    answer.responder = BYTES("\xa2\x15\x04\x13"
                             "0123456789012345678");
    assert_outcome(&answer, AUTH_STATUS_MALFORMED, "a short key hash");
    answer = good_answer();
    answer.certificates = BYTES("\x31\x00");
    assert_outcome(&answer, AUTH_STATUS_MALFORMED, "a certificate that is no SEQUENCE");
    end();
}

START_TEST(every_truncation_is_refused)
{
    begin("ed25519");
    status_answer answer = good_answer();
    raw_bytes der = status_answer_make(&answer);
    auth_ocsp_expectation expected = expectation();
    for (size_t len = 0; len < der.len; len++) {
        auth_error err;
        auth_ocsp_answer out;
        assert_fails(auth_ocsp_check((auth_bytes){der.octets, len}, pki.issuer, &expected, &out,
                                     &err),
                     AUTH_STATUS_MALFORMED, &err);
    }
    end();
}

START_TEST(an_answer_that_is_too_long_is_refused)
{
    begin("ed25519");
    static uint8_t zeros[AUTH_OCSP_RESPONSE_MAX + 1];
    auth_error err;
    auth_ocsp_answer out;
    auth_ocsp_expectation expected = expectation();
    assert_fails(auth_ocsp_check((auth_bytes){zeros, sizeof zeros}, pki.issuer, &expected, &out,
                                 &err),
                 AUTH_STATUS_LIMIT, &err);
    end();
}

SUITE("ocsp_check", TEST_EACH(the_issuer_and_its_delegate_are_believed, KEY_COUNT),
      TEST_EACH(a_changed_octet_is_found, KEY_COUNT),
      TEST_EACH(only_a_certificate_for_ocsp_is_a_delegate_s, DELEGATE_COUNT),
      TEST(a_certificate_that_the_issuer_did_not_sign_is_no_delegate_s),
      TEST(an_answer_without_its_signer_is_refused), TEST(the_signer_is_found_among_others),
      TEST(nocheck_is_told), TEST(only_this_certificate_s_statement_counts),
      TEST(two_statements_about_it_are_refused), TEST_EACH(a_status_is_read_strictly, STATUS_COUNT),
      TEST_EACH(an_answer_holds_for_its_time, TIME_COUNT),
      TEST_EACH(a_nonce_that_was_sent_comes_back, NONCE_COUNT),
      TEST(a_nonce_proves_an_answer_without_next_update_fresh),
      TEST(unknown_critical_extensions_are_refused), TEST(an_archive_cutoff_is_a_time),
      TEST_EACH(a_response_status_is_told, FORM_COUNT),
      TEST(octets_behind_and_another_version_are_refused), TEST(every_truncation_is_refused),
      TEST(an_answer_that_is_too_long_is_refused))
