/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of what a key may do: constraints, usages, purposes, policies. */
#include "issue/lint.h"

#define ENCIPHERMENT (X509_KEY_ENCIPHERMENT | X509_DATA_ENCIPHERMENT)
#define ALL_USAGES ((1U << 9) - 1)
#define POLICIES_MAX 8
#define PURPOSES_MAX 16

static const x509_extension *find(const lint *run, oid id)
{
    return x509_find(&run->view->extensions, id);
}

/* DER leaves a value out that equals its default: cA FALSE is never written. */
static bool writes_default(auth_bytes value)
{
    auth_bytes content;
    bool is_ca = true;
    return der_only(value, DER_SEQUENCE, &content) && der_take_bool(&content, &is_ca) && !is_ca;
}

static void check_basic_constraints(lint *run)
{
    const x509_extension *basic = find(run, OID_BASIC_CONSTRAINTS);
    x509_basic_constraints constraints;
    if (basic == NULL)
        return;
    if (!x509_read_basic_constraints(basic->value, &constraints) || writes_default(basic->value)) {
        lint_report(run, LINT_BASIC_FORM, "basicConstraints");
        return;
    }
    if (constraints.has_path_len &&
        (!constraints.is_ca || (run->key_usage & X509_KEY_CERT_SIGN) == 0))
        lint_report(run, LINT_BASIC_PATH, "basicConstraints");
}

/* X.690 11.2.2: a named bit list ends in a bit that is set. */
static bool is_named_bits(auth_bytes value)
{
    auth_bytes octets;
    uint8_t unused = 0;
    return der_take_bits(&value, &octets, &unused) && octets.len > 0 &&
           (octets.data[octets.len - 1] >> unused & 1U) != 0;
}

static bool fits_key(const lint *run)
{
    uint32_t usage = run->key_usage;
    if (run->key == NULL)
        return true;
    switch (auth_public_key_type(run->key)) {
    case AUTH_KEY_TYPE_RSA:
        return (usage & X509_KEY_AGREEMENT) == 0;
    case AUTH_KEY_TYPE_ED25519:
        return (usage & (ENCIPHERMENT | X509_KEY_AGREEMENT)) == 0;
    case AUTH_KEY_TYPE_P256:
    case AUTH_KEY_TYPE_P384:
        return (usage & ENCIPHERMENT) == 0;
    case AUTH_KEY_TYPE_SM2:
        break;
    }
    return true; /* SM2 signs, enciphers and agrees on keys (GM/T 0003) */
}

static void check_key_usage(lint *run)
{
    const x509_extension *extension = find(run, OID_KEY_USAGE);
    if (extension == NULL) {
        lint_report(run, LINT_USAGE_MISSING, "keyUsage");
        return;
    }
    uint32_t usage = run->key_usage;
    if (usage == 0 || (usage & ~ALL_USAGES) != 0 || !is_named_bits(extension->value))
        lint_report(run, LINT_USAGE_FORM, "keyUsage");
    if (run->is_ca && (usage & X509_KEY_CERT_SIGN) == 0)
        lint_report(run, LINT_USAGE_AUTHORITY, "keyUsage");
    if (!run->is_ca && (usage & (X509_KEY_CERT_SIGN | X509_CRL_SIGN)) != 0)
        lint_report(run, LINT_USAGE_HOLDER, "keyUsage");
    if (!fits_key(run))
        lint_report(run, LINT_USAGE_KEY, "keyUsage");
    if ((usage & (X509_ENCIPHER_ONLY | X509_DECIPHER_ONLY)) != 0 &&
        (usage & X509_KEY_AGREEMENT) == 0)
        lint_report(run, LINT_USAGE_ONLY, "keyUsage");
}

/* RFC 5280 4.2.1.12: one of these bits must go with the purpose. */
static const struct {
    oid purpose;
    uint32_t usages;
} needs[] = {
    {OID_SERVER_AUTH, X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT | X509_KEY_AGREEMENT},
    {OID_CLIENT_AUTH, X509_DIGITAL_SIGNATURE | X509_KEY_AGREEMENT},
    {OID_CODE_SIGNING, X509_DIGITAL_SIGNATURE},
    {OID_EMAIL_PROTECTION,
     X509_DIGITAL_SIGNATURE | X509_NON_REPUDIATION | X509_KEY_ENCIPHERMENT | X509_KEY_AGREEMENT},
    {OID_TIME_STAMPING, X509_DIGITAL_SIGNATURE | X509_NON_REPUDIATION},
    {OID_DOCUMENT_SIGNING, X509_DIGITAL_SIGNATURE | X509_NON_REPUDIATION},
    {OID_OCSP_SIGNING, X509_DIGITAL_SIGNATURE | X509_NON_REPUDIATION},
};

typedef struct purpose_facts {
    lint *run;
    size_t count;
    auth_bytes seen[PURPOSES_MAX];
    bool is_repeated;
    bool signs_ocsp;
} purpose_facts;

static bool visit_purpose(void *context, auth_bytes type)
{
    purpose_facts *facts = context;
    lint *run = facts->run;
    oid id = oid_find(type);
    for (size_t i = 0; i < facts->count; i++)
        facts->is_repeated |= auth_bytes_equal(facts->seen[i], type);
    if (facts->count < PURPOSES_MAX)
        facts->seen[facts->count++] = type;
    facts->signs_ocsp |= id == OID_OCSP_SIGNING;
    if (id == OID_ANY_PURPOSE && !run->is_ca)
        lint_report(run, LINT_PURPOSE_ANY, "extKeyUsage");
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (needs[i].purpose == id && !run->is_ca && run->key_usage != 0 &&
            (run->key_usage & needs[i].usages) == 0)
            lint_report(run, LINT_PURPOSE_USAGE, oid_name(id));
    }
    return true;
}

static void check_purposes(lint *run)
{
    const x509_extension *extension = find(run, OID_EXTENDED_KEY_USAGE);
    const x509_extension *no_check = find(run, OID_OCSP_NO_CHECK);
    purpose_facts facts = {.run = run};
    if (extension != NULL &&
        (!x509_read_extended_key_usage(extension->value, visit_purpose, &facts) ||
         facts.is_repeated))
        lint_report(run, LINT_PURPOSE_FORM, "extKeyUsage");
    auth_bytes null;
    if (no_check != NULL && (!der_only(no_check->value, DER_NULL, &null) || null.len != 0))
        lint_report(run, LINT_OCSP_NO_CHECK_FORM, "id-pkix-ocsp-nocheck");
    if (!run->is_ca && facts.signs_ocsp != (no_check != NULL))
        lint_report(run, LINT_OCSP_NO_CHECK, "id-pkix-ocsp-nocheck");
}

/* policyQualifiers: cps alone is looked into. False when malformed. */
static bool check_qualifiers(lint *run, auth_bytes information)
{
    auth_bytes qualifiers;
    if (information.len == 0)
        return true;
    if (!der_only(information, DER_SEQUENCE, &qualifiers) || qualifiers.len == 0)
        return false;
    while (qualifiers.len > 0) {
        auth_bytes qualifier;
        auth_bytes type;
        auth_bytes uri;
        der_item value;
        if (!der_take(&qualifiers, DER_SEQUENCE, &qualifier) || !der_take_oid(&qualifier, &type))
            return false;
        if (oid_find(type) != OID_CPS) {
            if (!der_next(&qualifier, &value) || qualifier.len > 0)
                return false;
        } else if (!der_only(qualifier, DER_IA5_STRING, &uri) || !profile_is_uri(uri, true)) {
            lint_report(run, LINT_POLICY_CPS, "certificatePolicies");
        }
    }
    return true;
}

static void check_policies(lint *run, const x509_extension *extension)
{
    auth_bytes list;
    auth_bytes seen[POLICIES_MAX];
    size_t count = 0;
    bool is_formed = der_only(extension->value, DER_SEQUENCE, &list) && list.len > 0;
    while (is_formed && list.len > 0) {
        auth_bytes information;
        auth_bytes type;
        is_formed = count < POLICIES_MAX && der_take(&list, DER_SEQUENCE, &information) &&
                    der_take_oid(&information, &type) && check_qualifiers(run, information);
        for (size_t i = 0; i < count && is_formed; i++) {
            if (auth_bytes_equal(seen[i], type))
                lint_report(run, LINT_POLICY_TWICE, "certificatePolicies");
        }
        if (is_formed)
            seen[count++] = type;
    }
    if (!is_formed)
        lint_report(run, LINT_POLICY_FORM, "certificatePolicies");
}

/* GeneralSubtrees: bases alone, since minimum is 0 and maximum absent (RFC 5280 4.2.1.10). */
static bool check_subtrees(lint *run, auth_bytes subtrees)
{
    if (subtrees.data == NULL)
        return true;
    if (subtrees.len == 0)
        return false;
    while (subtrees.len > 0) {
        auth_bytes subtree;
        der_item base;
        if (!der_take(&subtrees, DER_SEQUENCE, &subtree) ||
            !x509_next_general_name(&subtree, &base) || subtree.len > 0)
            return false;
        if (base.tag == DER_CONTEXT(2) && base.content.len > 0 && base.content.data[0] == '.')
            lint_report(run, LINT_CONSTRAINTS_DNS, "nameConstraints");
    }
    return true;
}

static void check_name_constraints(lint *run, const x509_extension *extension)
{
    auth_bytes content;
    auth_bytes permitted;
    auth_bytes excluded;
    bool is_formed = der_only(extension->value, DER_SEQUENCE, &content) && content.len > 0 &&
                     der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(0), &permitted) &&
                     der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(1), &excluded) &&
                     content.len == 0 && check_subtrees(run, permitted) &&
                     check_subtrees(run, excluded);
    if (!is_formed)
        lint_report(run, LINT_CONSTRAINTS_FORM, "nameConstraints");
}

static void check_authority_only(lint *run)
{
    static const oid only[] = {OID_NAME_CONSTRAINTS, OID_POLICY_CONSTRAINTS, OID_POLICY_MAPPINGS,
                               OID_INHIBIT_ANY_POLICY};
    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++) {
        if (!run->is_ca && find(run, only[i]) != NULL)
            lint_report(run, LINT_AUTHORITY_ONLY, oid_name(only[i]));
    }
}

void lint_usage(lint *run)
{
    const x509_extension *policies = find(run, OID_CERTIFICATE_POLICIES);
    const x509_extension *constraints = find(run, OID_NAME_CONSTRAINTS);
    check_basic_constraints(run);
    check_key_usage(run);
    check_purposes(run);
    if (policies != NULL)
        check_policies(run, policies);
    if (constraints != NULL)
        check_name_constraints(run, constraints);
    check_authority_only(run);
}
