/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/facts.h"
#include "validate/names.h"
#include "validate/policies.h"
#include "x509/name.h"

/* Each reader takes what it needs from one extension. */
typedef bool fact_reader(const x509_extension *extension, cert_facts *facts, finding *found);

static bool read_basic_constraints(const x509_extension *extension, cert_facts *facts,
                                   finding *found)
{
    facts->has_basic_constraints = true;
    if (!x509_read_basic_constraints(extension->value, &facts->basic_constraints))
        return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                           "basicConstraints is not SEQUENCE { BOOLEAN, INTEGER } "
                           "(RFC 5280 4.2.1.9)");
    return true;
}

static bool read_key_usage(const x509_extension *extension, cert_facts *facts, finding *found)
{
    facts->has_key_usage = true;
    if (!x509_read_key_usage(extension->value, &facts->key_usage))
        return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                           "keyUsage is not a BIT STRING (RFC 5280 4.2.1.3)");
    return true;
}

static bool read_subject_key_id(const x509_extension *extension, cert_facts *facts, finding *found)
{
    if (!x509_read_key_identifier(extension->value, &facts->subject_key_id))
        return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                           "subjectKeyIdentifier is not an OCTET STRING (RFC 5280 4.2.1.2)");
    return true;
}

static bool read_authority_key(const x509_extension *extension, cert_facts *facts, finding *found)
{
    if (!x509_read_authority_key(extension->value, &facts->authority_key))
        return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                           "authorityKeyIdentifier is not of its form (RFC 5280 4.2.1.1)");
    return names_are_safe(facts->authority_key.issuer, "authorityKeyIdentifier", found);
}

static bool ignore_purpose(void *context, auth_bytes type)
{
    (void)context;
    (void)type;
    return true;
}

static bool read_extended_key_usage(const x509_extension *extension, cert_facts *facts,
                                    finding *found)
{
    facts->extended_key_usage = extension;
    if (!x509_read_extended_key_usage(extension->value, ignore_purpose, NULL))
        return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                           "extKeyUsage is not a SEQUENCE of one OID or more (RFC 5280 4.2.1.12)");
    return true;
}

static bool read_subject_alt_name(const x509_extension *extension, cert_facts *facts,
                                  finding *found)
{
    facts->subject_alt_name = extension;
    return names_check_subject_alt(extension->value, found);
}

static bool read_issuer_alt_name(const x509_extension *extension, cert_facts *facts, finding *found)
{
    auth_bytes names;
    (void)facts;
    if (!der_only(extension->value, DER_SEQUENCE, &names))
        return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                           "issuerAltName is not a SEQUENCE (RFC 5280 4.2.1.7)");
    return names_are_safe(names, "issuerAltName", found);
}

static bool read_name_constraints(const x509_extension *extension, cert_facts *facts,
                                  finding *found)
{
    facts->name_constraints = extension;
    return names_check_constraints(extension->value, found);
}

static bool read_distribution_points(const x509_extension *extension, cert_facts *facts,
                                     finding *found)
{
    auth_bytes points;
    x509_distribution_point point;
    facts->distribution_points = extension;
    if (!der_only(extension->value, DER_SEQUENCE, &points) || points.len == 0)
        return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                           "cRLDistributionPoints is not a SEQUENCE (RFC 5280 4.2.1.13)");
    while (x509_next_distribution_point(&points, &point)) {
        if (!names_are_safe(point.full_name, "cRLDistributionPoints", found) ||
            !names_are_safe(point.crl_issuer, "cRLDistributionPoints", found))
            return false;
    }
    if (points.len > 0)
        return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                           "cRLDistributionPoints holds what is no DistributionPoint "
                           "(RFC 5280 4.2.1.13)");
    return true;
}

static bool read_freshest_crl(const x509_extension *extension, cert_facts *facts, finding *found)
{
    cert_facts unused = *facts;
    return read_distribution_points(extension, &unused, found);
}

/* Access methods that are not known are passed over; their locations must be safe all the same. */
static bool read_information_access(const x509_extension *extension, cert_facts *facts,
                                    finding *found)
{
    auth_bytes descriptions;
    x509_access access;
    (void)facts;
    if (!der_only(extension->value, DER_SEQUENCE, &descriptions) || descriptions.len == 0)
        return finding_set(found, AUTH_VERDICT_REASON_INFORMATION_ACCESS,
                           "it is not a SEQUENCE of one AccessDescription or more "
                           "(RFC 5280 4.2.2.1)");
    while (x509_next_access(&descriptions, &access)) {
        if (!names_are_safe(access.location.whole, "authorityInfoAccess", found))
            return false;
    }
    if (descriptions.len > 0)
        return finding_set(found, AUTH_VERDICT_REASON_INFORMATION_ACCESS,
                           "it holds what is no AccessDescription (RFC 5280 4.2.2.1)");
    return true;
}

static bool read_policies(const x509_extension *extension, cert_facts *facts, finding *found)
{
    facts->policies = extension;
    return policies_check(extension->value, found);
}

static bool read_policy_mappings(const x509_extension *extension, cert_facts *facts, finding *found)
{
    facts->has_policy_rules = true;
    return policies_check_mappings(extension->value, found);
}

static bool read_policy_constraints(const x509_extension *extension, cert_facts *facts,
                                    finding *found)
{
    facts->has_policy_rules = true;
    return policies_check_constraints(extension->value, found);
}

static bool read_inhibit_any(const x509_extension *extension, cert_facts *facts, finding *found)
{
    facts->has_policy_rules = true;
    return policies_check_inhibit_any(extension->value, found);
}

static bool read_no_check(const x509_extension *extension, cert_facts *facts, finding *found)
{
    (void)extension;
    (void)found;
    facts->has_no_check = true;
    return true;
}

static const struct fact_row {
    oid id;
    fact_reader *read;
} readers[] = {
    {OID_BASIC_CONSTRAINTS, read_basic_constraints},
    {OID_KEY_USAGE, read_key_usage},
    {OID_SUBJECT_KEY_IDENTIFIER, read_subject_key_id},
    {OID_AUTHORITY_KEY_IDENTIFIER, read_authority_key},
    {OID_EXTENDED_KEY_USAGE, read_extended_key_usage},
    {OID_SUBJECT_ALT_NAME, read_subject_alt_name},
    {OID_ISSUER_ALT_NAME, read_issuer_alt_name},
    {OID_NAME_CONSTRAINTS, read_name_constraints},
    {OID_CRL_DISTRIBUTION_POINTS, read_distribution_points},
    {OID_FRESHEST_CRL, read_freshest_crl},
    {OID_AUTHORITY_INFO_ACCESS, read_information_access},
    {OID_SUBJECT_INFO_ACCESS, read_information_access},
    {OID_CERTIFICATE_POLICIES, read_policies},
    {OID_POLICY_MAPPINGS, read_policy_mappings},
    {OID_POLICY_CONSTRAINTS, read_policy_constraints},
    {OID_INHIBIT_ANY_POLICY, read_inhibit_any},
    {OID_OCSP_NO_CHECK, read_no_check},
};

static fact_reader *reader_of(oid id)
{
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (readers[i].id == id)
            return readers[i].read;
    }
    return NULL;
}

bool facts_read(const x509_cert_view *view, cert_facts *out, finding *found)
{
    *out = (cert_facts){.is_self_issued = x509_name_equal(view->subject, view->issuer)};
    for (size_t i = 0; i < view->extensions.count; i++) {
        const x509_extension *extension = &view->extensions.rows[i];
        fact_reader *read = reader_of(extension->id);
        if (read != NULL && !read(extension, out, found))
            return false;
    }
    return true;
}
