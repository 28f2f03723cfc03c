/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of extensions in general, key identifiers, alternative names and identity. */
#include "identity/identity.h"
#include "issue/lint.h"

/* Where RFC 5280 leaves no choice; SHOULD NOT is taken as MUST NOT, as nothing needs it. */
static const struct {
    oid id;
    bool must_be; /* critical; false: must not be */
} criticality[] = {
    {OID_NAME_CONSTRAINTS, true},         {OID_POLICY_CONSTRAINTS, true},
    {OID_INHIBIT_ANY_POLICY, true},       {OID_AUTHORITY_KEY_IDENTIFIER, false},
    {OID_SUBJECT_KEY_IDENTIFIER, false},  {OID_AUTHORITY_INFO_ACCESS, false},
    {OID_SUBJECT_INFO_ACCESS, false},     {OID_FRESHEST_CRL, false},
    {OID_CRL_DISTRIBUTION_POINTS, false}, {OID_ISSUER_ALT_NAME, false},
    {OID_OCSP_NO_CHECK, false},
};

static void check_criticality(lint *run, const x509_extension *extension)
{
    const char *name = oid_name(extension->id);
    for (size_t i = 0; i < sizeof criticality / sizeof criticality[0]; i++) {
        if (criticality[i].id != extension->id || criticality[i].must_be == extension->is_critical)
            continue;
        lint_report(run,
                    criticality[i].must_be ? LINT_EXTENSION_CRITICAL : LINT_EXTENSION_NOT_CRITICAL,
                    name);
    }
    if (extension->id == OID_BASIC_CONSTRAINTS && run->is_ca && !extension->is_critical)
        lint_report(run, LINT_EXTENSION_CRITICAL, name);
    if (extension->id == OID_UNKNOWN && extension->is_critical)
        lint_report(run, LINT_EXTENSION_UNKNOWN, "extensions");
}

static bool read_subject_key(const lint *run, auth_bytes *out)
{
    const x509_extension *extension = x509_find(&run->view->extensions, OID_SUBJECT_KEY_IDENTIFIER);
    return extension != NULL && x509_read_key_identifier(extension->value, out) && out->len > 0 &&
           out->len <= AUTH_KEY_ID_SIZE;
}

static void check_key_ids(lint *run)
{
    const x509_extension *authority =
        x509_find(&run->view->extensions, OID_AUTHORITY_KEY_IDENTIFIER);
    auth_bytes authority_id = {NULL, 0};
    auth_bytes subject_id = {NULL, 0};
    bool has_subject_id = read_subject_key(run, &subject_id);
    if (!has_subject_id)
        lint_report(run, LINT_SUBJECT_KEY, "subjectKeyIdentifier");
    if (authority == NULL) {
        if (!run->is_self_issued)
            lint_report(run, LINT_AUTHORITY_KEY, "authorityKeyIdentifier");
        return;
    }
    if (!x509_read_authority_key_identifier(authority->value, &authority_id) ||
        authority_id.len == 0) {
        lint_report(run, LINT_AUTHORITY_KEY, "authorityKeyIdentifier");
        return;
    }
    bool is_root = run->profile != NULL && run->profile->is_self_signed;
    if (is_root && has_subject_id && !auth_bytes_equal(authority_id, subject_id))
        lint_report(run, LINT_AUTHORITY_KEY_SELF, "authorityKeyIdentifier");
}

/* x400Address and ediPartyName: nobody writes them, and they have been read wrongly
 * (CVE-2023-0286). */
static bool is_refused_choice(uint8_t tag)
{
    return tag == DER_CONTEXT_CONSTRUCTED(3) || tag == DER_CONTEXT_CONSTRUCTED(5);
}

static bool is_repeated(auth_bytes names, const der_item *name)
{
    der_item other;
    while (x509_next_general_name(&names, &other) && other.whole.data != name->whole.data) {
        if (auth_bytes_equal(other.whole, name->whole))
            return true;
    }
    return false;
}

static void check_names(lint *run, const x509_extension *extension)
{
    auth_bytes all;
    if (!der_only(extension->value, DER_SEQUENCE, &all) || all.len == 0) {
        lint_report(run, LINT_ALT_FORM, "subjectAltName");
        return;
    }
    auth_bytes rest = all;
    der_item name;
    while (x509_next_general_name(&rest, &name)) {
        profile_name_kind kind = PROFILE_NAME_DNS;
        if (is_refused_choice(name.tag))
            lint_report(run, LINT_ALT_FORM, "subjectAltName");
        if (profile_name_of_tag(name.tag, &kind) &&
            profile_check_name(kind, name.content, NULL) != AUTH_STATUS_OK)
            lint_report(run, LINT_ALT_VALUE, "subjectAltName");
        if (is_repeated(all, &name))
            lint_report(run, LINT_ALT_TWICE, "subjectAltName");
    }
    if (rest.len > 0)
        lint_report(run, LINT_ALT_FORM, "subjectAltName");
}

static void check_identity(lint *run)
{
    identity_items items;
    if (identity_collect(run->view, &items, NULL) != AUTH_STATUS_OK)
        lint_report(run, LINT_IDENTITY_FORM, "identity");
    for (size_t i = 0; i < run->view->extensions.count; i++) {
        const x509_extension *extension = &run->view->extensions.rows[i];
        if (extension->is_critical && identity_is_code(extension->id))
            lint_report(run, LINT_IDENTITY_CRITICAL, oid_name(extension->id));
    }
}

void lint_extensions(lint *run)
{
    const x509_extensions *extensions = &run->view->extensions;
    for (size_t i = 0; i < extensions->count; i++)
        check_criticality(run, &extensions->rows[i]);
    check_key_ids(run);
    const x509_extension *names = x509_find(extensions, OID_SUBJECT_ALT_NAME);
    if (names != NULL)
        check_names(run, names);
    check_identity(run);
}
