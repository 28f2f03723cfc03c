/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Are good chains valid with every type of key, and is each planted defect refused, for its own
 * reason and at its own depth, by the whole engine and by a known issuer alike?
 */
#include "harness/chain.h"
#include "harness/harness.h"
#include "validate/openssl.h"

#include <openssl/x509_vfy.h>
#include <string.h>

static const auth_key_type key_types[] = {
    AUTH_KEY_TYPE_P256,    AUTH_KEY_TYPE_P384, AUTH_KEY_TYPE_RSA,
    AUTH_KEY_TYPE_ED25519, AUTH_KEY_TYPE_SM2,
};
#define KEY_TYPE_COUNT (sizeof key_types / sizeof key_types[0])

static const auth_validation login = {.now = CHAIN_NOW, .purpose = AUTH_PURPOSE_CITIZEN_LOGIN};

/*
 * Validates the holder of a chain: the root is the anchor, the authority came along. The views of
 * the chain are void when this returns.
 */
static auth_verdict validate(const chain *c, const auth_validation *options,
                             const auth_evidence *more)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    auth_bytes anchor = RAW(c->certs[CHAIN_ROOT]);
    auth_bytes authority = RAW(c->certs[CHAIN_CA]);
    auth_evidence evidence = {0};
    if (more != NULL)
        evidence = *more;
    evidence.intermediates = &authority;
    evidence.intermediate_count = 1;
    if (auth_trust_new(&anchor, 1, NULL, 0, &trust, &err) != AUTH_STATUS_OK) {
        verdict = (auth_verdict){.reason = AUTH_VERDICT_REASON_MALFORMED, .depth = 2};
        return verdict;
    }
    assert_ok(auth_validate(trust, options, RAW(c->certs[CHAIN_LEAF]), &evidence, &verdict, &err),
              &err);
    if (verdict.reason == AUTH_VERDICT_REASON_OK) {
        ck_assert_uint_eq(verdict.chain_len, CHAIN_ROLES);
        assert_bytes(verdict.chain[0], RAW(c->certs[CHAIN_LEAF]));
        assert_bytes(verdict.chain[1], authority);
        assert_bytes(verdict.chain[2], anchor);
    }
    return verdict;
}

static auth_verdict validate_by_issuer(const chain *c, const auth_validation *options)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    AUTH_AUTO(auth_known_issuer) *issuer = NULL;
    auth_bytes anchor = RAW(c->certs[CHAIN_ROOT]);
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_ok(auth_known_issuer_new(trust, options, RAW(c->certs[CHAIN_CA]), NULL, &issuer,
                                    &verdict, &err),
              &err);
    if (issuer == NULL)
        return verdict;
    assert_ok(auth_known_issuer_validate(issuer, options, RAW(c->certs[CHAIN_LEAF]), NULL, &verdict,
                                         &err),
              &err);
    return verdict;
}

#define assert_verdict(verdict, wanted)                                                            \
    ck_assert_msg((verdict).reason == (wanted), "%s at %u instead of %s: %s",                      \
                  auth_verdict_reason_name((verdict).reason), (verdict).depth,                     \
                  auth_verdict_reason_name(wanted), (verdict).detail)

START_TEST(a_good_chain_is_valid_with_every_type_of_key)
{
    chain c = chain_make(key_types[_i], CHAIN_ROOT, NULL);
    auth_verdict verdict = validate(&c, &login, NULL);
    assert_verdict(verdict, AUTH_VERDICT_REASON_OK);
    ck_assert_str_eq(verdict.serial, "33");
    ck_assert_str_eq(verdict.subject, "");
    ck_assert_uint_eq(verdict.unchecked_count, 2);
    assert_verdict(validate_by_issuer(&c, &login), AUTH_VERDICT_REASON_OK);
}
END_TEST

static void break_signature(chain_cert *cert) { cert->has_broken_signature = true; }

START_TEST(a_broken_signature_is_refused_at_every_level)
{
    auth_key_type type = key_types[(size_t)_i / 2];
    chain_role role = _i % 2 == 0 ? CHAIN_CA : CHAIN_LEAF;
    chain c = chain_make(type, role, break_signature);
    auth_verdict verdict = validate(&c, &login, NULL);
    assert_verdict(verdict, AUTH_VERDICT_REASON_SIGNATURE);
    ck_assert_uint_eq(verdict.depth, role == CHAIN_CA ? 1 : 0);
    assert_verdict(validate_by_issuer(&c, &login), AUTH_VERDICT_REASON_SIGNATURE);
}
END_TEST

/* Defects */

static const uint8_t zeros[32];

static void have_version_1(chain_cert *cert)
{
    cert->version = 1;
    cert->extension_count = 0;
}
static void have_serial_zero(chain_cert *cert) { cert->serial = (auth_bytes){zeros, 1}; }
static void have_serial_negative(chain_cert *cert) { cert->serial = BYTES("\xff"); }
static void have_serial_of_21(chain_cert *cert)
{
    cert->serial = BYTES("\x01zzzzzzzzzzzzzzzzzzzz");
}
static void have_serial_of_20(chain_cert *cert) { cert->serial = BYTES("\x01zzzzzzzzzzzzzzzzzzz"); }
static void differ_in_algorithm(chain_cert *cert)
{
    cert->inner_algorithm = BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03");
}
static void lack_issuer(chain_cert *cert)
{
    cert->issuer = (raw_bytes){.len = 2, .octets = {0x30, 0x00}};
}
static void lack_subject(chain_cert *cert)
{
    cert->subject = (raw_bytes){.len = 2, .octets = {0x30, 0x00}};
}
static void lack_subject_but_san(chain_cert *cert)
{
    raw_bytes names = chain_names(DER_CONTEXT(2), "holder.example");
    lack_subject(cert);
    chain_set(cert, OID_SUBJECT_ALT_NAME, false, RAW(names));
}
static void lack_subject_with_critical_san(chain_cert *cert)
{
    lack_subject_but_san(cert);
    chain_set_critical(cert, OID_SUBJECT_ALT_NAME, true);
}
static void have_generalized_times(chain_cert *cert) { cert->has_generalized_times = true; }
static void end_before_begin(chain_cert *cert) { cert->not_after = cert->not_before - 1; }
static void be_expired(chain_cert *cert) { cert->not_after = CHAIN_NOW - 1; }
static void end_now(chain_cert *cert) { cert->not_after = CHAIN_NOW; }
static void begin_now(chain_cert *cert) { cert->not_before = CHAIN_NOW; }
static void begin_later(chain_cert *cert) { cert->not_before = CHAIN_NOW + 1; }
static void have_unknown_critical(chain_cert *cert)
{
    chain_set_type(cert, BYTES("\x2a\x03\x04"), true, BYTES("\x05\x00"));
}
static void have_unknown(chain_cert *cert)
{
    chain_set_type(cert, BYTES("\x2a\x03\x04"), false, BYTES("\x05\x00"));
}
static void have_critical_aki(chain_cert *cert)
{
    chain_set_critical(cert, OID_AUTHORITY_KEY_IDENTIFIER, true);
}
static void have_critical_ski(chain_cert *cert)
{
    chain_set_critical(cert, OID_SUBJECT_KEY_IDENTIFIER, true);
}
static void lack_aki(chain_cert *cert) { chain_drop(cert, OID_AUTHORITY_KEY_IDENTIFIER); }
static void lack_ski(chain_cert *cert) { chain_drop(cert, OID_SUBJECT_KEY_IDENTIFIER); }
static void have_other_aki(chain_cert *cert)
{
    chain_set(cert, OID_AUTHORITY_KEY_IDENTIFIER, false, BYTES("\x30\x04\x80\x02\x01\x02"));
}
static void have_malformed_aki(chain_cert *cert)
{
    chain_set(cert, OID_AUTHORITY_KEY_IDENTIFIER, false, BYTES("\x04\x02\x01\x02"));
}
static void have_aia(chain_cert *cert, bool is_critical)
{
    chain_set(cert, OID_AUTHORITY_INFO_ACCESS, is_critical,
              BYTES("\x30\x15\x30\x13\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x07http://"));
}
static void have_good_aia(chain_cert *cert) { have_aia(cert, false); }
static void have_critical_aia(chain_cert *cert) { have_aia(cert, true); }
static void have_malformed_aia(chain_cert *cert)
{
    chain_set(cert, OID_AUTHORITY_INFO_ACCESS, false, BYTES("malformed"));
}
static void have_empty_aia(chain_cert *cert)
{
    chain_set(cert, OID_AUTHORITY_INFO_ACCESS, false, BYTES("\x30\x00"));
}
static void have_names(chain_cert *cert, uint8_t tag, const char *text)
{
    raw_bytes names = chain_names(tag, text);
    chain_set(cert, OID_SUBJECT_ALT_NAME, false, RAW(names));
}
static void have_critical_names(chain_cert *cert)
{
    have_names(cert, DER_CONTEXT(2), "a.b.example");
    chain_set_critical(cert, OID_SUBJECT_ALT_NAME, true);
}
static void have_aki_without_key_id(chain_cert *cert)
{
    chain_set(cert, OID_AUTHORITY_KEY_IDENTIFIER, false, BYTES("\x30\x00"));
}
static void have_no_names(chain_cert *cert) { have_names(cert, 0, ""); }
static void have_dot_name(chain_cert *cert) { have_names(cert, DER_CONTEXT(2), ".example"); }
static void have_space_name(chain_cert *cert) { have_names(cert, DER_CONTEXT(2), " "); }
static void have_host_name(chain_cert *cert) { have_names(cert, DER_CONTEXT(2), "a.b.example"); }
static void have_wildcard(chain_cert *cert) { have_names(cert, DER_CONTEXT(2), "*.b.example"); }
static void have_inner_wildcard(chain_cert *cert)
{
    have_names(cert, DER_CONTEXT(2), "a.*.example");
}
static void have_mailbox(chain_cert *cert) { have_names(cert, DER_CONTEXT(1), "a@b.example"); }
static void have_double_at(chain_cert *cert) { have_names(cert, DER_CONTEXT(1), "a@b@c.example"); }
static void have_long_address(chain_cert *cert) { have_names(cert, DER_CONTEXT(7), "12345678"); }
static void have_address(chain_cert *cert) { have_names(cert, DER_CONTEXT(7), "1234"); }
static void have_relative_uri(chain_cert *cert) { have_names(cert, DER_CONTEXT(6), "/a"); }
static void have_x400(chain_cert *cert) { have_names(cert, DER_CONTEXT_CONSTRUCTED(3), "\x30"); }
static void have_text_as_names(chain_cert *cert)
{
    chain_set(cert, OID_SUBJECT_ALT_NAME, false, BYTES("example.com"));
}
static void have_other_name(chain_cert *cert)
{
    chain_set(cert, OID_SUBJECT_ALT_NAME, false,
              BYTES("\x30\x0b\xa0\x09\x06\x03\x2a\x03\x04\xa0\x02\x05\x00"));
}
static void be_no_ca(chain_cert *cert)
{
    raw_bytes constraints = chain_basic_constraints(false, -1);
    raw_bytes usage = chain_key_usage(0x01);
    chain_set(cert, OID_BASIC_CONSTRAINTS, true, RAW(constraints));
    chain_set(cert, OID_KEY_USAGE, true, RAW(usage));
}
static void lack_constraints(chain_cert *cert)
{
    raw_bytes usage = chain_key_usage(0x01);
    chain_drop(cert, OID_BASIC_CONSTRAINTS);
    chain_set(cert, OID_KEY_USAGE, true, RAW(usage));
}
static void lack_constraints_but_sign(chain_cert *cert) { chain_drop(cert, OID_BASIC_CONSTRAINTS); }
static void be_ca(chain_cert *cert)
{
    raw_bytes constraints = chain_basic_constraints(true, -1);
    chain_set(cert, OID_BASIC_CONSTRAINTS, true, RAW(constraints));
}
static void be_ca_not_critical(chain_cert *cert)
{
    chain_set_critical(cert, OID_BASIC_CONSTRAINTS, false);
}
static void have_path_len_without_ca(chain_cert *cert)
{
    raw_bytes constraints = chain_basic_constraints(false, 0);
    chain_set(cert, OID_BASIC_CONSTRAINTS, true, RAW(constraints));
}
static void have_path_len_0(chain_cert *cert)
{
    raw_bytes constraints = chain_basic_constraints(true, 0);
    chain_set(cert, OID_BASIC_CONSTRAINTS, true, RAW(constraints));
}
static void have_key_usage(chain_cert *cert, uint32_t bits)
{
    raw_bytes usage = chain_key_usage(bits);
    chain_set(cert, OID_KEY_USAGE, true, RAW(usage));
}
static void lack_cert_sign(chain_cert *cert) { have_key_usage(cert, 0x40); }
static void sign_certs_without_ca(chain_cert *cert) { have_key_usage(cert, 0x21); }
static void agree_on_keys_only(chain_cert *cert) { have_key_usage(cert, 0x10); }
static void lack_key_usage(chain_cert *cert) { chain_drop(cert, OID_KEY_USAGE); }
static void have_purposes(chain_cert *cert, oid first, oid second)
{
    raw_bytes purposes = chain_purposes(first, second);
    chain_set(cert, OID_EXTENDED_KEY_USAGE, false, RAW(purposes));
}
static void lack_purposes(chain_cert *cert) { chain_drop(cert, OID_EXTENDED_KEY_USAGE); }
static void have_other_purpose(chain_cert *cert)
{
    have_purposes(cert, OID_SERVER_AUTH, OID_UNKNOWN);
}
static void have_any_purpose(chain_cert *cert)
{
    have_purposes(cert, OID_CLIENT_AUTH, OID_ANY_PURPOSE);
}
static void have_this_purpose(chain_cert *cert)
{
    have_purposes(cert, OID_CLIENT_AUTH, OID_UNKNOWN);
}
static void have_critical_purpose(chain_cert *cert)
{
    chain_set_critical(cert, OID_EXTENDED_KEY_USAGE, true);
}
static void have_empty_purposes(chain_cert *cert)
{
    chain_set(cert, OID_EXTENDED_KEY_USAGE, false, BYTES("\x30\x00"));
}
static void constrain(chain_cert *cert, uint8_t permitted_tag, const char *permitted,
                      uint8_t excluded_tag, const char *excluded)
{
    raw_bytes value = chain_constraints(permitted_tag, auth_bytes_from_text(permitted),
                                        excluded_tag, auth_bytes_from_text(excluded));
    chain_set(cert, OID_NAME_CONSTRAINTS, true, RAW(value));
}
static void constrain_hosts(chain_cert *cert) { constrain(cert, DER_CONTEXT(2), "example", 0, ""); }
static void constrain_not_critical(chain_cert *cert)
{
    constrain_hosts(cert);
    chain_set_critical(cert, OID_NAME_CONSTRAINTS, false);
}
static void constrain_with_dot(chain_cert *cert)
{
    constrain(cert, DER_CONTEXT(2), ".example", 0, "");
}
static void constrain_with_wildcard(chain_cert *cert)
{
    constrain(cert, DER_CONTEXT(2), "*.example", 0, "");
}
static void constrain_nothing(chain_cert *cert) { constrain(cert, 0, "", 0, ""); }
static void constrain_address_without_mask(chain_cert *cert)
{
    constrain(cert, DER_CONTEXT(7), "1234", 0, "");
}
static void constrain_address_with_holes(chain_cert *cert)
{
    constrain(cert, DER_CONTEXT(7), "1234\xff\x01\xff\xff", 0, "");
}
static void constrain_bad_mailbox(chain_cert *cert)
{
    constrain(cert, DER_CONTEXT(1), "a@b@c", 0, "");
}
static void constrain_x400(chain_cert *cert)
{
    constrain(cert, 0, "", DER_CONTEXT_CONSTRUCTED(3), "x");
}
static void have_empty_policy_constraints(chain_cert *cert)
{
    chain_set(cert, OID_POLICY_CONSTRAINTS, true, BYTES("\x30\x00"));
}
static void have_policy_constraints_not_critical(chain_cert *cert)
{
    chain_set(cert, OID_POLICY_CONSTRAINTS, false, BYTES("\x30\x03\x80\x01\x05"));
}
static void require_policy(chain_cert *cert)
{
    chain_set(cert, OID_POLICY_CONSTRAINTS, true, BYTES("\x30\x03\x80\x01\x00"));
}
static void have_inhibit_any_not_critical(chain_cert *cert)
{
    chain_set(cert, OID_INHIBIT_ANY_POLICY, false, BYTES("\x02\x01\x05"));
}
static void have_policy_twice(chain_cert *cert)
{
    chain_set(cert, OID_CERTIFICATE_POLICIES, false,
              BYTES("\x30\x0c\x30\x04\x06\x02\x2a\x03\x30\x04\x06\x02\x2a\x03"));
}
static void map_any_policy(chain_cert *cert)
{
    chain_set(cert, OID_POLICY_MAPPINGS, true,
              BYTES("\x30\x0c\x30\x0a\x06\x04\x55\x1d\x20\x00\x06\x02\x2a\x03"));
}
static void have_malformed_points(chain_cert *cert)
{
    chain_set(cert, OID_CRL_DISTRIBUTION_POINTS, false, BYTES("\x30\x02\x05\x00"));
}
static void have_dsa_key(chain_cert *cert)
{
    cert->spki = BYTES("\x30\x16\x30\x0e\x06\x07\x2a\x86\x48\xce\x38\x04\x01\x30\x03\x02\x01\x05"
                       "\x03\x04\x00\x02\x01\x05");
}
static void have_explicit_curve(chain_cert *cert)
{
    cert->spki = BYTES("\x30\x15\x30\x0e\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x30\x03\x02\x01\x01"
                       "\x03\x03\x00\x04\x01");
}
static void have_null_point(chain_cert *cert)
{
    cert->spki = BYTES("\x30\x19\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48"
                       "\xce\x3d\x03\x01\x07\x03\x02\x00\x00");
}

#define HAS(name) AUTH_VERDICT_REASON_##name

typedef struct defect {
    const char *name;
    chain_role role;
    chain_change *change;
    auth_verdict_reason login; /* for the purpose citizen-login, in the strict profile */
    auth_verdict_reason any;   /* for any purpose */
} defect;

#define DEFECT(role, change, login, any)                                                           \
    {                                                                                              \
#role " " #change, CHAIN_##role, change, HAS(login), HAS(any)                              \
    }

static const defect defects[] = {
    DEFECT(LEAF, have_version_1, VERSION, OK),
    DEFECT(CA, have_version_1, VERSION, VERSION),
    DEFECT(LEAF, have_serial_zero, SERIAL, SERIAL),
    DEFECT(CA, have_serial_zero, SERIAL, SERIAL),
    DEFECT(ROOT, have_serial_zero, SERIAL, SERIAL),
    DEFECT(LEAF, have_serial_negative, SERIAL, OK),
    DEFECT(LEAF, have_serial_of_21, SERIAL, SERIAL),
    DEFECT(LEAF, have_serial_of_20, OK, OK),
    DEFECT(LEAF, differ_in_algorithm, ALGORITHM_MISMATCH, ALGORITHM_MISMATCH),
    DEFECT(CA, differ_in_algorithm, ALGORITHM_MISMATCH, ALGORITHM_MISMATCH),
    DEFECT(LEAF, lack_issuer, ISSUER_EMPTY, ISSUER_EMPTY),
    DEFECT(LEAF, lack_subject, SUBJECT_EMPTY, SUBJECT_EMPTY),
    DEFECT(LEAF, lack_subject_but_san, SUBJECT_EMPTY, SUBJECT_EMPTY),
    DEFECT(LEAF, lack_subject_with_critical_san, OK, OK),
    DEFECT(LEAF, have_generalized_times, TIME_FORM, OK),
    DEFECT(LEAF, end_before_begin, TIME_FORM, TIME_FORM),
    DEFECT(LEAF, be_expired, EXPIRED, EXPIRED),
    DEFECT(CA, be_expired, EXPIRED, EXPIRED),
    DEFECT(ROOT, be_expired, EXPIRED, EXPIRED),
    DEFECT(LEAF, end_now, OK, OK),
    DEFECT(CA, end_now, OK, OK),
    DEFECT(ROOT, end_now, OK, OK),
    DEFECT(LEAF, begin_now, OK, OK),
    DEFECT(LEAF, begin_later, NOT_YET_VALID, NOT_YET_VALID),
    DEFECT(CA, begin_later, NOT_YET_VALID, NOT_YET_VALID),
    DEFECT(LEAF, have_unknown_critical, CRITICAL_EXTENSION, CRITICAL_EXTENSION),
    DEFECT(CA, have_unknown_critical, CRITICAL_EXTENSION, CRITICAL_EXTENSION),
    DEFECT(ROOT, have_unknown_critical, CRITICAL_EXTENSION, CRITICAL_EXTENSION),
    DEFECT(LEAF, have_unknown, OK, OK),
    DEFECT(LEAF, have_critical_aki, CRITICALITY, CRITICALITY),
    DEFECT(ROOT, have_critical_aki, CRITICALITY, CRITICALITY),
    DEFECT(ROOT, have_critical_ski, CRITICALITY, CRITICALITY),
    DEFECT(LEAF, lack_aki, AUTHORITY_KEY_ID, OK),
    DEFECT(CA, lack_aki, AUTHORITY_KEY_ID, OK),
    DEFECT(ROOT, lack_aki, OK, OK),
    DEFECT(ROOT, have_aki_without_key_id, AUTHORITY_KEY_ID, OK),
    DEFECT(LEAF, have_aki_without_key_id, AUTHORITY_KEY_ID, OK),
    DEFECT(CA, lack_ski, SUBJECT_KEY_ID, OK),
    DEFECT(ROOT, lack_ski, SUBJECT_KEY_ID, OK),
    DEFECT(LEAF, lack_ski, OK, OK),
    DEFECT(LEAF, have_other_aki, ISSUER_UNKNOWN, ISSUER_UNKNOWN),
    DEFECT(LEAF, have_malformed_aki, EXTENSION_FORM, EXTENSION_FORM),
    DEFECT(LEAF, have_good_aia, OK, OK),
    DEFECT(LEAF, have_critical_aia, CRITICALITY, CRITICALITY),
    DEFECT(LEAF, have_malformed_aia, INFORMATION_ACCESS, INFORMATION_ACCESS),
    DEFECT(LEAF, have_empty_aia, INFORMATION_ACCESS, INFORMATION_ACCESS),
    DEFECT(LEAF, have_critical_names, CRITICALITY, OK),
    DEFECT(LEAF, have_no_names, SUBJECT_ALT_NAME, SUBJECT_ALT_NAME),
    DEFECT(LEAF, have_dot_name, SUBJECT_ALT_NAME, SUBJECT_ALT_NAME),
    DEFECT(LEAF, have_space_name, SUBJECT_ALT_NAME, SUBJECT_ALT_NAME),
    DEFECT(LEAF, have_host_name, OK, OK),
    DEFECT(LEAF, have_wildcard, OK, OK),
    DEFECT(LEAF, have_inner_wildcard, SUBJECT_ALT_NAME, SUBJECT_ALT_NAME),
    DEFECT(LEAF, have_mailbox, OK, OK),
    DEFECT(LEAF, have_double_at, SUBJECT_ALT_NAME, SUBJECT_ALT_NAME),
    DEFECT(LEAF, have_long_address, SUBJECT_ALT_NAME, SUBJECT_ALT_NAME),
    DEFECT(LEAF, have_address, OK, OK),
    DEFECT(LEAF, have_relative_uri, SUBJECT_ALT_NAME, SUBJECT_ALT_NAME),
    DEFECT(LEAF, have_x400, EXTENSION_FORM, EXTENSION_FORM),
    DEFECT(LEAF, have_text_as_names, SUBJECT_ALT_NAME, SUBJECT_ALT_NAME),
    DEFECT(LEAF, have_other_name, OK, OK),
    DEFECT(CA, be_no_ca, NOT_AN_AUTHORITY, NOT_AN_AUTHORITY),
    DEFECT(CA, lack_constraints, NOT_AN_AUTHORITY, NOT_AN_AUTHORITY),
    DEFECT(CA, lack_constraints_but_sign, NOT_AN_AUTHORITY, NOT_AN_AUTHORITY),
    DEFECT(ROOT, lack_constraints_but_sign, NOT_AN_AUTHORITY, NOT_AN_AUTHORITY),
    DEFECT(LEAF, be_ca, AUTHORITY_AS_END, OK),
    DEFECT(CA, be_ca_not_critical, BASIC_CONSTRAINTS, OK),
    DEFECT(LEAF, have_path_len_without_ca, BASIC_CONSTRAINTS, BASIC_CONSTRAINTS),
    DEFECT(ROOT, have_path_len_0, PATH_LENGTH, PATH_LENGTH),
    DEFECT(CA, have_path_len_0, OK, OK),
    DEFECT(CA, lack_cert_sign, KEY_USAGE, KEY_USAGE),
    DEFECT(ROOT, lack_cert_sign, KEY_USAGE, KEY_USAGE),
    DEFECT(LEAF, sign_certs_without_ca, BASIC_CONSTRAINTS, BASIC_CONSTRAINTS),
    DEFECT(CA, lack_key_usage, OK, OK),
    DEFECT(LEAF, lack_key_usage, KEY_USAGE, OK),
    DEFECT(LEAF, agree_on_keys_only, KEY_USAGE, OK),
    DEFECT(LEAF, lack_purposes, EXTENDED_KEY_USAGE, OK),
    DEFECT(LEAF, have_other_purpose, EXTENDED_KEY_USAGE, OK),
    DEFECT(LEAF, have_any_purpose, EXTENDED_KEY_USAGE, OK),
    DEFECT(LEAF, have_critical_purpose, EXTENDED_KEY_USAGE, OK),
    DEFECT(LEAF, have_empty_purposes, EXTENSION_FORM, EXTENSION_FORM),
    DEFECT(CA, have_other_purpose, EXTENDED_KEY_USAGE, OK),
    DEFECT(CA, have_this_purpose, OK, OK),
    DEFECT(CA, have_any_purpose, OK, OK),
    DEFECT(LEAF, constrain_hosts, NAME_CONSTRAINTS_FORM, NAME_CONSTRAINTS_FORM),
    DEFECT(CA, constrain_hosts, OK, OK),
    DEFECT(CA, constrain_not_critical, CRITICALITY, CRITICALITY),
    DEFECT(CA, constrain_with_dot, ISSUER_UNKNOWN, ISSUER_UNKNOWN),
    DEFECT(CA, constrain_with_wildcard, ISSUER_UNKNOWN, ISSUER_UNKNOWN),
    DEFECT(CA, constrain_nothing, ISSUER_UNKNOWN, ISSUER_UNKNOWN),
    DEFECT(CA, constrain_address_without_mask, ISSUER_UNKNOWN, ISSUER_UNKNOWN),
    DEFECT(CA, constrain_address_with_holes, ISSUER_UNKNOWN, ISSUER_UNKNOWN),
    DEFECT(CA, constrain_bad_mailbox, ISSUER_UNKNOWN, ISSUER_UNKNOWN),
    DEFECT(CA, constrain_x400, ISSUER_UNKNOWN, ISSUER_UNKNOWN),
    DEFECT(LEAF, have_empty_policy_constraints, POLICY_FORM, POLICY_FORM),
    DEFECT(CA, have_policy_constraints_not_critical, CRITICALITY, OK),
    DEFECT(CA, require_policy, POLICY, POLICY),
    DEFECT(LEAF, require_policy, POLICY, POLICY),
    DEFECT(CA, have_inhibit_any_not_critical, CRITICALITY, OK),
    DEFECT(LEAF, have_policy_twice, POLICY_FORM, POLICY_FORM),
    DEFECT(CA, map_any_policy, ISSUER_UNKNOWN, ISSUER_UNKNOWN),
    DEFECT(LEAF, have_malformed_points, EXTENSION_FORM, EXTENSION_FORM),
    DEFECT(LEAF, have_dsa_key, KEY, KEY),
    DEFECT(LEAF, have_explicit_curve, KEY, KEY),
    DEFECT(LEAF, have_null_point, KEY, KEY),
};
#define DEFECT_COUNT (sizeof defects / sizeof defects[0])

static void check_defect(const defect *d, auth_purpose purpose, auth_verdict_reason wanted)
{
    auth_validation options = {.now = CHAIN_NOW, .purpose = purpose};
    chain c = chain_make(AUTH_KEY_TYPE_P256, d->role, d->change);
    auth_verdict verdict = validate(&c, &options, NULL);
    ck_assert_msg(verdict.reason == wanted, "%s for %s: %s at %u instead of %s: %s", d->name,
                  auth_purpose_name(purpose), auth_verdict_reason_name(verdict.reason),
                  verdict.depth, auth_verdict_reason_name(wanted), verdict.detail);
    ck_assert_msg(verdict.reason == AUTH_VERDICT_REASON_OK || verdict.detail[0] != '\0',
                  "%s: no detail", d->name);
    if (verdict.reason == AUTH_VERDICT_REASON_ISSUER_UNKNOWN || d->role == CHAIN_ROOT)
        return;
    ck_assert_msg(verdict.reason == AUTH_VERDICT_REASON_OK ||
                      verdict.depth == (d->role == CHAIN_CA ? 1 : 0) ||
                      verdict.reason == AUTH_VERDICT_REASON_POLICY,
                  "%s: blamed at depth %u", d->name, verdict.depth);
}

START_TEST(each_defect_is_refused_for_its_own_reason)
{
    const defect *d = &defects[_i];
    check_defect(d, AUTH_PURPOSE_CITIZEN_LOGIN, d->login);
    check_defect(d, AUTH_PURPOSE_ANY, d->any);
}
END_TEST

/* A known issuer agrees with the whole engine, for every defect of the holder's certificate. */
START_TEST(a_known_issuer_agrees_about_each_defect)
{
    const defect *d = &defects[_i];
    static const auth_purpose purposes[] = {AUTH_PURPOSE_ANY, AUTH_PURPOSE_CITIZEN_LOGIN,
                                            AUTH_PURPOSE_DAEMON_SERVER};
    chain c = chain_make(AUTH_KEY_TYPE_P256, d->role, d->change);
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        auth_validation options = {.now = CHAIN_NOW, .purpose = purposes[i]};
        auth_verdict whole = validate(&c, &options, NULL);
        auth_verdict known = validate_by_issuer(&c, &options);
        if (d->role == CHAIN_LEAF)
            ck_assert_msg(known.reason == whole.reason, "%s: %s against %s", d->name,
                          auth_verdict_reason_name(known.reason),
                          auth_verdict_reason_name(whole.reason));
        else
            ck_assert_msg(known.reason != AUTH_VERDICT_REASON_OK ||
                              whole.reason == AUTH_VERDICT_REASON_OK,
                          "%s: a known issuer accepts what the engine refuses (%s)", d->name,
                          auth_verdict_reason_name(whole.reason));
    }
}
END_TEST

START_TEST(a_key_of_rsa_that_is_small_odd_or_weak_is_refused)
{
    /* 1024 bits, 2047 bits, exponent 3: SubjectPublicKeyInfo with a modulus of 0xff octets. */
    static const struct {
        size_t octets;
        uint8_t first;
        const char *exponent;
    } rows[] = {{128, 0xff, "\x01\x00\x01"},
                {256, 0x7f, "\x01\x00\x01"},
                {256, 0xff, "\x03"},
                {513, 0xff, "\x01\x00\x01"}};
    uint8_t modulus[520];
    raw_bytes room;
    memset(modulus, 0xff, sizeof modulus);
    modulus[0] = rows[_i].first;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t spki = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, BYTES("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"));
    uint8_t inner[600];
    der_writer key = der_writer_on(inner, sizeof inner);
    size_t sequence = der_open(&key, DER_SEQUENCE);
    der_put_unsigned(&key, (auth_bytes){modulus, rows[_i].octets});
    der_put_unsigned(&key, auth_bytes_from_text(rows[_i].exponent));
    der_close(&key, sequence);
    der_put_bit_octets(&writer, der_written(&key));
    der_close(&writer, spki);

    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_ROOT, NULL);
    chain_cert leaf = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
    leaf.spki = der_written(&writer);
    c.certs[CHAIN_LEAF] = chain_sign(&leaf, AUTH_KEY_TYPE_P256, CHAIN_LEAF, CHAIN_CA);
    if (rows[_i].exponent[0] == 0x01)
        assert_verdict(validate(&c, &login, NULL), AUTH_VERDICT_REASON_KEY);
    else
        assert_verdict(validate(&c, &login, NULL), AUTH_VERDICT_REASON_KEY);
}
END_TEST

/* Name constraints */

static void exclude_host(chain_cert *cert)
{
    constrain(cert, 0, "", DER_CONTEXT(2), "x.b.example");
}
static void exclude_deeper_host(chain_cert *cert)
{
    constrain(cert, 0, "", DER_CONTEXT(2), "y.x.b.example");
}
static void permit_other(chain_cert *cert) { constrain(cert, DER_CONTEXT(2), "other", 0, ""); }
static void permit_b(chain_cert *cert) { constrain(cert, DER_CONTEXT(2), "b.example", 0, ""); }
static void permit_mail_host(chain_cert *cert)
{
    constrain(cert, DER_CONTEXT(1), "b.example", 0, "");
}
static void permit_other_mailbox(chain_cert *cert)
{
    constrain(cert, DER_CONTEXT(1), "c@b.example", 0, "");
}
static void exclude_other_name(chain_cert *cert)
{
    constrain(cert, 0, "", DER_CONTEXT_CONSTRUCTED(0), "\x06\x03\x2a\x03\x04\xa0\x02\x05");
}
static void permit_address(chain_cert *cert)
{
    constrain(cert, DER_CONTEXT(7), "1234\xff\xff\xff\xff", 0, "");
}
static void permit_other_address(chain_cert *cert)
{
    constrain(cert, DER_CONTEXT(7), "1235\xff\xff\xff\xff", 0, "");
}

static const struct constraint_row {
    chain_change *authority;
    chain_change *holder;
    auth_verdict_reason wanted;
} constraint_rows[] = {
    {permit_b, have_host_name, HAS(OK)},
    {permit_b, have_wildcard, HAS(OK)},
    {permit_other, have_host_name, HAS(NAME_CONSTRAINTS)},
    {permit_other, have_wildcard, HAS(NAME_CONSTRAINTS)},
    {permit_other, have_mailbox, HAS(OK)},
    {exclude_host, have_host_name, HAS(OK)},
    {exclude_host, have_wildcard, HAS(NAME_CONSTRAINTS)},
    {exclude_deeper_host, have_wildcard, HAS(OK)},
    {permit_mail_host, have_mailbox, HAS(OK)},
    {permit_other_mailbox, have_mailbox, HAS(NAME_CONSTRAINTS)},
    {permit_address, have_address, HAS(OK)},
    {permit_other_address, have_address, HAS(NAME_CONSTRAINTS)},
};

START_TEST(names_keep_within_the_constraints_above)
{
    const struct constraint_row *row = &constraint_rows[_i];
    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_CA, row->authority);
    chain_cert leaf = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
    row->holder(&leaf);
    c.certs[CHAIN_LEAF] = chain_sign(&leaf, AUTH_KEY_TYPE_P256, CHAIN_LEAF, CHAIN_CA);
    assert_verdict(validate(&c, &login, NULL), row->wanted);
    assert_verdict(validate_by_issuer(&c, &login), row->wanted);
}
END_TEST

START_TEST(a_constraint_that_nobody_can_judge_refuses_such_names)
{
    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_CA, exclude_other_name);
    (void)c;
    chain_cert ca = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_CA);
    raw_bytes value = chain_constraints(0, (auth_bytes){NULL, 0}, DER_CONTEXT_CONSTRUCTED(0),
                                        BYTES("\x06\x03\x2a\x03\x04\xa0\x02\x05\x00"));
    chain_set(&ca, OID_NAME_CONSTRAINTS, true, RAW(value));
    c.certs[CHAIN_CA] = chain_sign(&ca, AUTH_KEY_TYPE_P256, CHAIN_CA, CHAIN_ROOT);
    assert_verdict(validate(&c, &login, NULL), AUTH_VERDICT_REASON_OK);
    chain_cert leaf = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
    have_other_name(&leaf);
    c.certs[CHAIN_LEAF] = chain_sign(&leaf, AUTH_KEY_TYPE_P256, CHAIN_LEAF, CHAIN_CA);
    assert_verdict(validate(&c, &login, NULL), AUTH_VERDICT_REASON_NAME_CONSTRAINTS);
}
END_TEST

/* Policies */

#define POLICY_A "1.2.3"
#define POLICY_B "1.2.4"

static chain with_policies(auth_bytes authority, auth_bytes holder)
{
    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_ROOT, NULL);
    chain_cert ca = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_CA);
    chain_cert leaf = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
    raw_bytes ca_value = chain_policy(authority);
    raw_bytes leaf_value = chain_policy(holder);
    chain_set(&ca, OID_CERTIFICATE_POLICIES, false, RAW(ca_value));
    chain_set(&leaf, OID_CERTIFICATE_POLICIES, false, RAW(leaf_value));
    c.certs[CHAIN_CA] = chain_sign(&ca, AUTH_KEY_TYPE_P256, CHAIN_CA, CHAIN_ROOT);
    c.certs[CHAIN_LEAF] = chain_sign(&leaf, AUTH_KEY_TYPE_P256, CHAIN_LEAF, CHAIN_CA);
    return c;
}

/* What a TLS server's certificate is called, in its subject and in subjectAltName. */
static const struct server_row {
    const char *common_name;
    uint8_t tag;
    const char *name;
    bool is_good;
} servers[] = {
    {"ra.example", DER_CONTEXT(2), "ra.example", true},
    {"Provincial office 7", DER_CONTEXT(2), "ra.example", true},
    {"192.0.2.1", DER_CONTEXT(7), "\xc0\x01\x02\x01", false},
    {"192.1.2.1", DER_CONTEXT(7), "\xc0\x01\x02\x01", true},
    {"192.1.2.01", DER_CONTEXT(7), "\xc0\x01\x02\x01", false},
    {"*.example", DER_CONTEXT(2), "*.example", true},
    {"Ra.example", DER_CONTEXT(2), "ra.example", false},
    {"other.example", DER_CONTEXT(2), "ra.example", false},
    {"ra.example", DER_CONTEXT(1), "a@ra.example", false},
    {"Provincial office 7", 0, "", false},
};
#define SERVER_COUNT (sizeof servers / sizeof servers[0])

static size_t serve_row; /* a chain_change takes no argument */

static void serve(chain_cert *cert)
{
    cert->subject = raw_name(servers[serve_row].common_name);
    have_purposes(cert, OID_SERVER_AUTH, OID_UNKNOWN);
    if (servers[serve_row].tag != 0)
        have_names(cert, servers[serve_row].tag, servers[serve_row].name);
}

START_TEST(a_server_is_called_by_its_alternative_names)
{
    auth_validation options = {.now = CHAIN_NOW, .purpose = AUTH_PURPOSE_DAEMON_SERVER};
    auth_verdict_reason wanted =
        servers[_i].is_good ? AUTH_VERDICT_REASON_OK : AUTH_VERDICT_REASON_SUBJECT_ALT_NAME;
    serve_row = (size_t)_i;
    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, serve);
    assert_verdict(validate(&c, &options, NULL), wanted);
    assert_verdict(validate_by_issuer(&c, &options), wanted);
    options.purpose = AUTH_PURPOSE_ANY;
    assert_verdict(validate(&c, &options, NULL), AUTH_VERDICT_REASON_OK);
}
END_TEST

START_TEST(a_policy_that_is_asked_for_must_hold_along_the_chain)
{
    static const char *const a[] = {POLICY_A};
    static const char *const b[] = {POLICY_B};
    auth_bytes any = oid_bytes(OID_ANY_POLICY);
    auth_validation options = login;
    chain c = with_policies(BYTES("\x2a\x03"), BYTES("\x2a\x03"));
    options.requires_explicit_policy = true;
    assert_verdict(validate(&c, &options, NULL), AUTH_VERDICT_REASON_OK);
    options.policies = a;
    options.policy_count = 1;
    assert_verdict(validate(&c, &options, NULL), AUTH_VERDICT_REASON_OK);
    assert_verdict(validate_by_issuer(&c, &options), AUTH_VERDICT_REASON_OK);
    options.policies = b;
    assert_verdict(validate(&c, &options, NULL), AUTH_VERDICT_REASON_POLICY);
    assert_verdict(validate_by_issuer(&c, &options), AUTH_VERDICT_REASON_POLICY);

    c = with_policies(BYTES("\x2a\x04"), BYTES("\x2a\x03"));
    assert_verdict(validate(&c, &options, NULL), AUTH_VERDICT_REASON_POLICY);
    c = with_policies(any, BYTES("\x2a\x04"));
    assert_verdict(validate(&c, &options, NULL), AUTH_VERDICT_REASON_OK);
    options.inhibits_any_policy = true;
    assert_verdict(validate(&c, &options, NULL), AUTH_VERDICT_REASON_POLICY);
}
END_TEST

START_TEST(a_policy_that_is_no_oid_is_an_error)
{
    static const char *const wrong[] = {"policy"};
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_ROOT, NULL);
    auth_bytes anchor = RAW(c.certs[CHAIN_ROOT]);
    auth_validation options = login;
    options.policies = wrong;
    options.policy_count = 1;
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_fails(auth_validate(trust, &options, RAW(c.certs[CHAIN_CA]), NULL, &verdict, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert_int_eq((int)verdict.reason, AUTH_VERDICT_REASON_FAULT);
}
END_TEST

/* Chains */

START_TEST(depth_is_bounded)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_ROOT, NULL);
    auth_bytes anchor = RAW(c.certs[CHAIN_ROOT]);
    auth_bytes certs[3];
    raw_bytes made[3];
    chain_cert ca = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_CA);
    /* Two more authorities with the same key between the authority and the holder. */
    const char *names[] = {"Chain authority", "Second", "Third"};
    for (size_t i = 0; i < 3; i++) {
        ca.subject = raw_name(names[i]);
        if (i > 0) {
            chain_cert below = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
            ca.issuer = raw_name(names[i - 1]);
            for (size_t j = 0; j < below.extension_count; j++) {
                if (auth_bytes_equal(below.extensions[j].type,
                                     oid_bytes(OID_AUTHORITY_KEY_IDENTIFIER)))
                    chain_set(&ca, OID_AUTHORITY_KEY_IDENTIFIER, false,
                              (auth_bytes){below.extensions[j].value, below.extensions[j].len});
            }
        }
        made[i] = chain_sign(&ca, AUTH_KEY_TYPE_P256, CHAIN_CA, i == 0 ? CHAIN_ROOT : CHAIN_CA);
        certs[i] = RAW(made[i]);
    }
    chain_cert leaf = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
    leaf.issuer = raw_name("Third");
    raw_bytes holder = chain_sign(&leaf, AUTH_KEY_TYPE_P256, CHAIN_LEAF, CHAIN_CA);
    auth_evidence evidence = {.intermediates = certs, .intermediate_count = 3};
    auth_validation options = login;
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    options.max_depth = 3;
    assert_ok(auth_validate(trust, &options, RAW(holder), &evidence, &verdict, &err), &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_OK);
    ck_assert_uint_eq(verdict.chain_len, 5);
    options.max_depth = 2;
    assert_ok(auth_validate(trust, &options, RAW(holder), &evidence, &verdict, &err), &err);
    ck_assert_msg(verdict.reason == AUTH_VERDICT_REASON_TOO_DEEP ||
                      verdict.reason == AUTH_VERDICT_REASON_ISSUER_UNKNOWN,
                  "%s", auth_verdict_reason_name(verdict.reason));
}
END_TEST

START_TEST(another_chain_is_tried_when_one_is_refused)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    chain good = chain_make(AUTH_KEY_TYPE_P256, CHAIN_ROOT, NULL);
    chain bad = chain_make(AUTH_KEY_TYPE_P256, CHAIN_CA, have_unknown_critical);
    chain worse = chain_make(AUTH_KEY_TYPE_P256, CHAIN_CA, be_expired);
    auth_bytes anchor = RAW(good.certs[CHAIN_ROOT]);
    auth_bytes certs[] = {RAW(bad.certs[CHAIN_CA]), RAW(worse.certs[CHAIN_CA]),
                          RAW(good.certs[CHAIN_CA])};
    auth_evidence evidence = {.intermediates = certs, .intermediate_count = 3};
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_ok(auth_validate(trust, &login, RAW(good.certs[CHAIN_LEAF]), &evidence, &verdict, &err),
              &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_OK);
    assert_bytes(verdict.chain[1], RAW(good.certs[CHAIN_CA]));
}
END_TEST

START_TEST(only_anchors_are_trusted)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *none = NULL;
    AUTH_AUTO(auth_trust) *middle = NULL;
    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_ROOT, NULL);
    auth_bytes above[] = {RAW(c.certs[CHAIN_CA]), RAW(c.certs[CHAIN_ROOT])};
    auth_bytes leaf = RAW(c.certs[CHAIN_LEAF]);
    auth_evidence evidence = {.intermediates = above, .intermediate_count = 2};
    auth_validation options = login;
    assert_ok(auth_trust_new(NULL, 0, NULL, 0, &none, &err), &err);
    assert_ok(auth_validate(none, &login, leaf, &evidence, &verdict, &err), &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_UNTRUSTED_ROOT);
    assert_ok(auth_validate(none, &login, leaf, NULL, &verdict, &err), &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_ISSUER_UNKNOWN);

    assert_ok(auth_trust_new(above, 1, NULL, 0, &middle, &err), &err);
    assert_ok(auth_validate(middle, &options, leaf, NULL, &verdict, &err), &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_ISSUER_UNKNOWN);
    options.accepts_intermediate_anchor = true;
    assert_ok(auth_validate(middle, &options, leaf, NULL, &verdict, &err), &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_OK);
    ck_assert_uint_eq(verdict.chain_len, 2);
}
END_TEST

START_TEST(what_is_no_certificate_is_refused_before_openssl_sees_it)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    static uint8_t large[AUTH_CERTIFICATE_MAX + 1];
    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_ROOT, NULL);
    auth_bytes anchor = RAW(c.certs[CHAIN_ROOT]);
    auth_bytes leaf = RAW(c.certs[CHAIN_LEAF]);
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    for (size_t len = 0; len < leaf.len; len += 7) {
        auth_bytes cut = {leaf.data, len};
        assert_ok(auth_validate(trust, &login, cut, NULL, &verdict, &err), &err);
        assert_verdict(verdict, AUTH_VERDICT_REASON_MALFORMED);
    }
    memcpy(large, leaf.data, leaf.len);
    assert_ok(auth_validate(trust, &login, (auth_bytes){large, leaf.len + 1}, NULL, &verdict, &err),
              &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_MALFORMED);
    assert_ok(auth_validate(trust, &login, (auth_bytes){large, sizeof large}, NULL, &verdict, &err),
              &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_LIMIT);
    auth_bytes bad = {large, 10};
    assert_fails(auth_trust_new(&bad, 1, NULL, 0, &trust, &err), AUTH_STATUS_MALFORMED, &err);
}
END_TEST

START_TEST(an_authority_is_valid_as_one_and_not_as_a_holder)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    chain c = chain_make(AUTH_KEY_TYPE_SM2, CHAIN_ROOT, NULL);
    auth_bytes anchor = RAW(c.certs[CHAIN_ROOT]);
    auth_bytes ca = RAW(c.certs[CHAIN_CA]);
    auth_validation options = {.now = CHAIN_NOW, .purpose = AUTH_PURPOSE_CA};
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_ok(auth_validate(trust, &options, ca, NULL, &verdict, &err), &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_OK);
    ck_assert_str_eq(verdict.subject, "CN=Chain authority");
    assert_ok(auth_validate(trust, &login, ca, NULL, &verdict, &err), &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_AUTHORITY_AS_END);
    assert_ok(auth_validate(trust, &options, anchor, NULL, &verdict, &err), &err);
    assert_verdict(verdict, AUTH_VERDICT_REASON_OK);
    ck_assert_uint_eq(verdict.chain_len, 1);
}
END_TEST

/* Tables */

START_TEST(a_holder_that_calls_itself_an_authority_shows_no_person_number)
{
    chain c = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    chain_cert leaf = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
    be_ca(&leaf);
    leaf.subject = raw_name("Li Lei 11010519491231002X");
    c.certs[CHAIN_LEAF] = chain_sign(&leaf, AUTH_KEY_TYPE_P256, CHAIN_LEAF, CHAIN_CA);
    auth_verdict verdict = validate(&c, &login, NULL);
    ck_assert_int_eq((int)verdict.reason, (int)HAS(AUTHORITY_AS_END));
    ck_assert_str_eq(verdict.subject, "CN=Li Lei ******************");
}
END_TEST

START_TEST(every_error_of_openssl_has_a_reason)
{
    const char *unknown = X509_verify_cert_error_string(100000);
    size_t known = 0;
    for (int error = 1; error < 1000; error++) {
        auth_verdict_reason reason;
        bool is_openssl = strcmp(X509_verify_cert_error_string(error), unknown) != 0;
        ck_assert_msg(!is_openssl || openssl_reason_of(error, &reason), "error %d: %s", error,
                      X509_verify_cert_error_string(error));
        known += is_openssl ? 1 : 0;
    }
    ck_assert_uint_ge(known, 90);
}
END_TEST

START_TEST(every_reason_and_purpose_can_be_told)
{
    auth_error err;
    auth_purpose purpose;
    const auth_verdict_reason reasons[] = {
#define AUTH_VERDICT_REASON_ROW(id, number, name, clause, text, remedy) AUTH_VERDICT_REASON_##id,
#include <auth/verdict_reason.def>
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        ck_assert_str_ne(auth_verdict_reason_name(reasons[i]), "");
        ck_assert_str_ne(auth_verdict_reason_text(reasons[i]), "");
        ck_assert_str_ne(auth_verdict_reason_clause(reasons[i]), "");
        ck_assert_str_ne(auth_verdict_reason_remedy(reasons[i]), "");
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(auth_verdict_reason_name(reasons[i]),
                             auth_verdict_reason_name(reasons[j]));
    }
    ck_assert_str_eq(auth_verdict_reason_name((auth_verdict_reason)9999), "fault");
    assert_ok(auth_purpose_find("officer", &purpose, &err), &err);
    ck_assert_int_eq((int)purpose, AUTH_PURPOSE_OFFICER);
    assert_fails(auth_purpose_find("none", &purpose, &err), AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_str_eq(auth_purpose_name((auth_purpose)9999), "");
}
END_TEST

SUITE("validate", TEST_EACH(a_good_chain_is_valid_with_every_type_of_key, KEY_TYPE_COUNT),
      TEST_EACH(a_broken_signature_is_refused_at_every_level, KEY_TYPE_COUNT * 2),
      TEST_EACH(each_defect_is_refused_for_its_own_reason, DEFECT_COUNT),
      TEST_EACH(a_known_issuer_agrees_about_each_defect, DEFECT_COUNT),
      TEST_EACH(a_key_of_rsa_that_is_small_odd_or_weak_is_refused, 4),
      TEST_EACH(names_keep_within_the_constraints_above,
                sizeof constraint_rows / sizeof constraint_rows[0]),
      TEST(a_constraint_that_nobody_can_judge_refuses_such_names),
      TEST_EACH(a_server_is_called_by_its_alternative_names, SERVER_COUNT),
      TEST(a_policy_that_is_asked_for_must_hold_along_the_chain),
      TEST(a_policy_that_is_no_oid_is_an_error), TEST(depth_is_bounded),
      TEST(another_chain_is_tried_when_one_is_refused), TEST(only_anchors_are_trusted),
      TEST(what_is_no_certificate_is_refused_before_openssl_sees_it),
      TEST(an_authority_is_valid_as_one_and_not_as_a_holder),
      TEST(a_holder_that_calls_itself_an_authority_shows_no_person_number),
      TEST(every_error_of_openssl_has_a_reason), TEST(every_reason_and_purpose_can_be_told))
