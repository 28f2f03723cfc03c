/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/rules.h"
#include "key/signature.h"
#include "validate/server_name.h"

#define SERIAL_MAX 20 /* octets, RFC 5280 4.1.2.2 */
#define EMPTY_NAME_LEN 2

typedef struct rule_case {
    const x509_cert_view *view;
    const cert_facts *facts;
    rules_place place;
} rule_case;

/* A rule: false with *found when it is broken. */
typedef bool rule(const rule_case *c, finding *found);

static bool is_authority(const cert_facts *facts) { return facts->basic_constraints.is_ca; }

static bool check_version(const rule_case *c, finding *found)
{
    if (c->view->version == 3 || (!c->place.is_issuer && !c->place.is_strict))
        return true;
    return finding_set(found, AUTH_VERDICT_REASON_VERSION, "version %u (RFC 5280 4.1.2.1)",
                       c->view->version);
}

/*
 * RFC 5280 4.1.2.2 wants certificates with negative numbers handled gracefully: such a number is
 * still a name that nothing else has, so only the strict profile refuses it. Zero is not: whoever
 * writes it does not number his certificates.
 */
static bool check_serial(const rule_case *c, finding *found)
{
    auth_bytes serial = c->view->serial;
    const char *what = NULL;
    if (serial.len > SERIAL_MAX)
        what = "it has more than 20 octets";
    else if (serial.len == 1 && serial.data[0] == 0)
        what = "it is zero";
    else if (c->place.is_strict && serial.data[0] >= 0x80)
        what = "it is negative";
    return what == NULL ||
           finding_set(found, AUTH_VERDICT_REASON_SERIAL, "%s (RFC 5280 4.1.2.2)", what);
}

static bool check_algorithm(const rule_case *c, finding *found)
{
    if (auth_bytes_equal(c->view->tbs_algorithm, c->view->algorithm))
        return true;
    return finding_set(found, AUTH_VERDICT_REASON_ALGORITHM_MISMATCH,
                       "signature inside differs from signatureAlgorithm (RFC 5280 4.1.1.2)");
}

/*
 * What OpenSSL verifies is not what our own table allows: both decide. RSA with SM3 is read in CRLs
 * and OCSP responses; in a chain OpenSSL 3.0 cannot verify it.
 */
static bool check_signature_algorithm(const rule_case *c, finding *found)
{
    signature_scheme scheme;
    auth_error why;
    if (c->place.is_anchor)
        return true;
    if (signature_scheme_parse(c->view->algorithm, &scheme, &why) != AUTH_STATUS_OK)
        return finding_set(found, AUTH_VERDICT_REASON_SIGNATURE_ALGORITHM, "%s", why.text);
    if (scheme.id == SIGNATURE_RSA_SM3)
        return finding_set(found, AUTH_VERDICT_REASON_SIGNATURE_ALGORITHM,
                           "RSA with SM3 is not verified in a chain; sign with RSA and SHA-2, or "
                           "SM2 with SM3");
    return true;
}

static bool check_names(const rule_case *c, finding *found)
{
    if (c->view->issuer.len <= EMPTY_NAME_LEN)
        return finding_set(found, AUTH_VERDICT_REASON_ISSUER_EMPTY,
                           "the issuer is an empty name (RFC 5280 4.1.2.4)");
    if (c->view->subject.len > EMPTY_NAME_LEN)
        return true;
    if (c->place.is_issuer || is_authority(c->facts))
        return finding_set(found, AUTH_VERDICT_REASON_SUBJECT_EMPTY,
                           "an authority's subject is an empty name (RFC 5280 4.1.2.6)");
    if (c->facts->subject_alt_name == NULL || !c->facts->subject_alt_name->is_critical)
        return finding_set(found, AUTH_VERDICT_REASON_SUBJECT_EMPTY,
                           "the subject is an empty name and there is no critical subjectAltName "
                           "(RFC 5280 4.1.2.6)");
    return true;
}

#define YEAR_2050 ((auth_time)2524608000)

static bool has_wrong_form(auth_time time, bool is_generalized)
{
    return is_generalized != (time >= YEAR_2050);
}

static bool check_time_form(const rule_case *c, finding *found)
{
    const x509_cert_view *view = c->view;
    if (view->not_after < view->not_before)
        return finding_set(found, AUTH_VERDICT_REASON_TIME_FORM,
                           "notAfter lies before notBefore (RFC 5280 4.1.2.5)");
    if (c->place.is_strict && (has_wrong_form(view->not_before, view->not_before_is_generalized) ||
                               has_wrong_form(view->not_after, view->not_after_is_generalized)))
        return finding_set(found, AUTH_VERDICT_REASON_TIME_FORM,
                           "UTCTime is for the years through 2049, GeneralizedTime for those "
                           "after (RFC 5280 4.1.2.5)");
    return true;
}

/* What is_critical may be. PROCESSED: both are met, and this program acts on it either way. */
typedef enum criticality {
    PROCESSED,
    NEVER_CRITICAL,
    ALWAYS_CRITICAL,
    STRICTLY_CRITICAL, /* may be non-critical outside the strict profile */
} criticality;

static const struct criticality_row {
    oid id;
    criticality rule;
    const char *clause;
} criticalities[] = {
    {OID_BASIC_CONSTRAINTS, PROCESSED, "4.2.1.9"},
    {OID_KEY_USAGE, PROCESSED, "4.2.1.3"},
    {OID_SUBJECT_ALT_NAME, PROCESSED, "4.2.1.6"},
    {OID_ISSUER_ALT_NAME, PROCESSED, "4.2.1.7"},
    {OID_EXTENDED_KEY_USAGE, PROCESSED, "4.2.1.12"},
    {OID_CRL_DISTRIBUTION_POINTS, PROCESSED, "4.2.1.13"},
    {OID_CERTIFICATE_POLICIES, PROCESSED, "4.2.1.4"},
    {OID_POLICY_MAPPINGS, PROCESSED, "4.2.1.5"},
    {OID_OCSP_NO_CHECK, PROCESSED, "RFC 6960 4.2.2.2.1"},
    {OID_AUTHORITY_KEY_IDENTIFIER, NEVER_CRITICAL, "4.2.1.1"},
    {OID_SUBJECT_KEY_IDENTIFIER, NEVER_CRITICAL, "4.2.1.2"},
    {OID_AUTHORITY_INFO_ACCESS, NEVER_CRITICAL, "4.2.2.1"},
    {OID_SUBJECT_INFO_ACCESS, NEVER_CRITICAL, "4.2.2.2"},
    {OID_FRESHEST_CRL, NEVER_CRITICAL, "4.2.1.15"},
    {OID_NAME_CONSTRAINTS, ALWAYS_CRITICAL, "4.2.1.10"},
    {OID_POLICY_CONSTRAINTS, STRICTLY_CRITICAL, "4.2.1.11"},
    {OID_INHIBIT_ANY_POLICY, STRICTLY_CRITICAL, "4.2.1.14"},
};

static const struct criticality_row *criticality_of(oid id)
{
    for (size_t i = 0; i < sizeof criticalities / sizeof criticalities[0]; i++) {
        if (criticalities[i].id == id)
            return &criticalities[i];
    }
    return NULL;
}

static bool check_criticality(const rule_case *c, const x509_extension *extension, finding *found)
{
    const struct criticality_row *row = criticality_of(extension->id);
    if (row == NULL && extension->is_critical) {
        char dotted[X509_OID_TEXT_SIZE];
        x509_oid_text(extension->type, dotted);
        return finding_set(found, AUTH_VERDICT_REASON_CRITICAL_EXTENSION, "%s (RFC 5280 4.2)",
                           dotted);
    }
    if (row == NULL || row->rule == PROCESSED)
        return true;
    bool must_be =
        row->rule == ALWAYS_CRITICAL || (row->rule == STRICTLY_CRITICAL && c->place.is_strict);
    bool must_not_be = row->rule == NEVER_CRITICAL;
    if ((must_be && !extension->is_critical) || (must_not_be && extension->is_critical))
        return finding_set(found, AUTH_VERDICT_REASON_CRITICALITY, "%s must %sbe critical (%s)",
                           oid_name(extension->id), must_be ? "" : "not ", row->clause);
    return true;
}

static bool check_extensions(const rule_case *c, finding *found)
{
    for (size_t i = 0; i < c->view->extensions.count; i++) {
        if (!check_criticality(c, &c->view->extensions.rows[i], found))
            return false;
    }
    return true;
}

static bool check_authority_key(const rule_case *c, finding *found)
{
    const x509_extension *extension = x509_find(&c->view->extensions, OID_AUTHORITY_KEY_IDENTIFIER);
    bool is_root = c->place.is_anchor && c->facts->is_self_issued;
    if (!c->place.is_strict || (is_root && extension == NULL) ||
        c->facts->authority_key.key_id.len > 0)
        return true;
    return finding_set(found, AUTH_VERDICT_REASON_AUTHORITY_KEY_ID,
                       "there is no key identifier of the issuer (RFC 5280 4.2.1.1)");
}

static bool check_subject_key(const rule_case *c, finding *found)
{
    if (!c->place.is_strict || !is_authority(c->facts) || c->facts->subject_key_id.data != NULL)
        return true;
    return finding_set(found, AUTH_VERDICT_REASON_SUBJECT_KEY_ID,
                       "an authority has no subjectKeyIdentifier (RFC 5280 4.2.1.2)");
}

/* RFC 5280 4.2.1.6: critical where nothing else names the holder, and only there. */
static bool check_alt_criticality(const rule_case *c, finding *found)
{
    const x509_extension *names = c->facts->subject_alt_name;
    if (!c->place.is_strict || names == NULL || !names->is_critical ||
        c->view->subject.len <= EMPTY_NAME_LEN)
        return true;
    return finding_set(found, AUTH_VERDICT_REASON_CRITICALITY,
                       "subjectAltName must not be critical beside a subject (RFC 5280 4.2.1.6)");
}

static bool may_sign_certificates(const cert_facts *facts)
{
    return !facts->has_key_usage || (facts->key_usage & X509_KEY_CERT_SIGN) != 0;
}

static bool check_basic_constraints(const rule_case *c, finding *found)
{
    const cert_facts *facts = c->facts;
    const x509_extension *extension = x509_find(&c->view->extensions, OID_BASIC_CONSTRAINTS);
    const char *what = NULL;
    if (facts->basic_constraints.has_path_len &&
        (!is_authority(facts) || !may_sign_certificates(facts)))
        what = "pathLenConstraint stands without cA, or without keyCertSign";
    else if (facts->has_key_usage && !is_authority(facts) &&
             (facts->key_usage & X509_KEY_CERT_SIGN) != 0)
        what = "keyCertSign is set and cA is not";
    else if (c->place.is_strict && is_authority(facts) && !extension->is_critical)
        what = "an authority's must be critical";
    return what == NULL ||
           finding_set(found, AUTH_VERDICT_REASON_BASIC_CONSTRAINTS, "%s (RFC 5280 4.2.1.9)", what);
}

static bool check_issuer_role(const rule_case *c, finding *found)
{
    if (!c->place.is_issuer)
        return true;
    if (!is_authority(c->facts))
        return finding_set(found, AUTH_VERDICT_REASON_NOT_AN_AUTHORITY,
                           "basicConstraints is missing or has cA FALSE (RFC 5280 4.2.1.9)");
    if (!may_sign_certificates(c->facts))
        return finding_set(found, AUTH_VERDICT_REASON_KEY_USAGE,
                           "an issuer's keyUsage lacks keyCertSign (RFC 5280 6.1.4 (n))");
    return true;
}

static bool check_constraints_place(const rule_case *c, finding *found)
{
    if (c->facts->name_constraints == NULL || is_authority(c->facts))
        return true;
    return finding_set(found, AUTH_VERDICT_REASON_NAME_CONSTRAINTS_FORM,
                       "it stands in a certificate that is no authority's (RFC 5280 4.2.1.10)");
}

static bool check_key_usage_form(const rule_case *c, finding *found)
{
    if (!c->place.is_strict || !c->facts->has_key_usage || c->facts->key_usage != 0)
        return true;
    return finding_set(found, AUTH_VERDICT_REASON_KEY_USAGE, "no bit is set (RFC 5280 4.2.1.3)");
}

static rule *const form_rules[] = {
    check_algorithm,      check_signature_algorithm, check_version,     check_serial,
    check_names,          check_time_form,           check_extensions,  check_alt_criticality,
    check_authority_key,  check_subject_key,         check_issuer_role, check_basic_constraints,
    check_key_usage_form, check_constraints_place,
};

bool rules_check_form(const x509_cert_view *view, const cert_facts *facts, rules_place place,
                      finding *found)
{
    rule_case c = {view, facts, place};
    for (size_t i = 0; i < sizeof form_rules / sizeof form_rules[0]; i++) {
        if (!form_rules[i](&c, found))
            return false;
    }
    return true;
}

static bool lists(const x509_extension *extension, oid purpose)
{
    bool is_listed = false;
    return x509_has_extended_key_usage(extension->value, purpose, &is_listed) && is_listed;
}

/* An authority that says for what it issues binds those below it, as the field has it. */
static bool check_issuer_purpose(const rule_case *c, finding *found)
{
    const x509_extension *usage = c->facts->extended_key_usage;
    oid wanted = (oid)c->place.purpose->extended_key_usage;
    if (c->place.is_anchor || usage == NULL || wanted == OID_UNKNOWN || lists(usage, wanted) ||
        lists(usage, OID_ANY_PURPOSE))
        return true;
    return finding_set(found, AUTH_VERDICT_REASON_EXTENDED_KEY_USAGE,
                       "an authority's does not allow %s (RFC 5280 4.2.1.12)", oid_name(wanted));
}

static bool check_extended_key_usage(const rule_case *c, finding *found)
{
    const x509_extension *usage = c->facts->extended_key_usage;
    oid wanted = (oid)c->place.purpose->extended_key_usage;
    const char *what = NULL;
    if (wanted == OID_UNKNOWN)
        return true;
    if (usage == NULL)
        what = "it is missing";
    else if (usage->is_critical)
        what = "it is critical, which hides the certificate from older programs";
    else if (lists(usage, OID_ANY_PURPOSE))
        what = "it holds anyExtendedKeyUsage";
    else if (!lists(usage, wanted))
        what = "it does not allow this purpose";
    return what == NULL ||
           finding_set(found, AUTH_VERDICT_REASON_EXTENDED_KEY_USAGE,
                       "%s: %s is wanted (RFC 5280 4.2.1.12)", what, oid_name(wanted));
}

static bool check_key_usage(const rule_case *c, finding *found)
{
    uint32_t wanted = c->place.purpose->key_usage;
    if (wanted == 0 || (c->facts->has_key_usage && (c->facts->key_usage & wanted) != 0))
        return true;
    return finding_set(found, AUTH_VERDICT_REASON_KEY_USAGE, "keyUsage %s (RFC 5280 4.2.1.3)",
                       c->facts->has_key_usage ? "does not allow this purpose" : "is missing");
}

bool rules_check_purpose(const x509_cert_view *view, const cert_facts *facts, rules_place place,
                         finding *found)
{
    rule_case c = {view, facts, place};
    if (place.purpose->purpose == AUTH_PURPOSE_ANY)
        return true;
    if (place.is_issuer)
        return check_issuer_purpose(&c, found);
    if (place.purpose->is_authority && !is_authority(facts))
        return finding_set(found, AUTH_VERDICT_REASON_NOT_AN_AUTHORITY,
                           "basicConstraints is missing or has cA FALSE (RFC 5280 4.2.1.9)");
    if (!place.purpose->is_authority && is_authority(facts))
        return finding_set(found, AUTH_VERDICT_REASON_AUTHORITY_AS_END,
                           "cA is TRUE (RFC 5280 4.2.1.9)");
    return check_key_usage(&c, found) && check_extended_key_usage(&c, found) &&
           (place.purpose->extended_key_usage != OID_SERVER_AUTH ||
            server_name_check(view, facts, found));
}

bool rules_check_time(const x509_cert_view *view, auth_time now, finding *found)
{
    char text[AUTH_TIME_TEXT_SIZE];
    if (now < view->not_before) {
        auth_time_format(view->not_before, text);
        return finding_set(found, AUTH_VERDICT_REASON_NOT_YET_VALID, "valid from %s", text);
    }
    if (now > view->not_after) {
        auth_time_format(view->not_after, text);
        return finding_set(found, AUTH_VERDICT_REASON_EXPIRED, "valid until %s", text);
    }
    return true;
}
