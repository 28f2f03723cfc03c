/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate against its profile: every field as the profile demands. */
#include "identity/identity.h"
#include "issue/lint.h"
#include "x509/name.h"

static void check_validity(lint *run)
{
    int64_t period = run->view->not_after - run->view->not_before + 1;
    bool is_clipped = run->profile->clips_to_issuer && period < run->profile->period;
    if (period != run->profile->period && !is_clipped)
        lint_report(run, LINT_PROFILE_VALIDITY, "validity");
}

/* Tells whether an attribute is what the profile's row asks for. */
static bool fits_row(const profile_attribute *row, const x509_attribute *attribute)
{
    identity_item item;
    if (attribute->id != row->id || attribute->tag != x509_attribute_tag(row->id) ||
        !attribute->starts_rdn)
        return false;
    switch (row->source) {
    case PROFILE_SOURCE_FIXED:
        return auth_bytes_equal(attribute->value, (auth_bytes){row->value, row->value_len});
    case PROFILE_SOURCE_IDENTITY:
        return row->id == OID_PSEUDONYM ? identity_is_pseudonym(attribute->value)
                                        : identity_read_semantics(attribute->value, &item);
    case PROFILE_SOURCE_REQUEST:
        break;
    }
    return x509_check_text(row->id, attribute->value, row->min, row->max, NULL) == AUTH_STATUS_OK;
}

/* Rows and attributes side by side; a row that is not required may be passed over. */
static bool fits_subject(const auth_profile *profile, auth_bytes subject)
{
    x509_name_cursor cursor = x509_name_start(subject);
    x509_attribute attribute;
    size_t row = 0;
    while (x509_name_next(&cursor, &attribute)) {
        while (row < profile->subject_count && !profile->subject[row].is_required &&
               profile->subject[row].id != attribute.id)
            row++;
        if (row == profile->subject_count || !fits_row(&profile->subject[row], &attribute))
            return false;
        row++;
    }
    for (; row < profile->subject_count; row++) {
        if (profile->subject[row].is_required)
            return false;
    }
    return !cursor.is_malformed;
}

/* The extension as it stands in the certificate, whole. */
static bool is_same_extension(const x509_extension *extension, auth_bytes expected)
{
    auth_bytes content;
    auth_bytes type;
    auth_bytes value;
    bool is_critical = false;
    return der_only(expected, DER_SEQUENCE, &content) && der_take_oid(&content, &type) &&
           (!der_peek(content, DER_BOOLEAN) || der_take_bool(&content, &is_critical)) &&
           der_only(content, DER_OCTET_STRING, &value) && extension->is_critical == is_critical &&
           auth_bytes_equal(extension->value, value);
}

static void check_constants(lint *run)
{
    static const oid ids[] = {
        OID_BASIC_CONSTRAINTS,    OID_KEY_USAGE,        OID_EXTENDED_KEY_USAGE,
        OID_CERTIFICATE_POLICIES, OID_NAME_CONSTRAINTS, OID_OCSP_NO_CHECK,
    };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        auth_bytes expected = profile_constant_of(run->profile, ids[i]);
        const x509_extension *found = x509_find(&run->view->extensions, ids[i]);
        bool fits = found == NULL ? expected.data == NULL
                                  : expected.data != NULL && is_same_extension(found, expected);
        if (!fits)
            lint_report(run, LINT_PROFILE_CONSTANT, oid_name(ids[i]));
    }
}

static bool is_named(const auth_profile *profile, oid id)
{
    switch ((int)id) {
    case OID_AUTHORITY_KEY_IDENTIFIER:
    case OID_SUBJECT_KEY_IDENTIFIER:
        return true;
    case OID_SUBJECT_ALT_NAME:
        return profile->has_names;
    case OID_CRL_DISTRIBUTION_POINTS:
        return profile->crl.count > 0;
    case OID_FRESHEST_CRL:
        return profile->freshest.count > 0;
    case OID_AUTHORITY_INFO_ACCESS:
        return profile->ocsp.count + profile->ca_issuers.count > 0;
    case OID_IDENTIFY_CODE:
        return profile->binding == AUTH_IDENTITY_BINDING_GBT20518;
    case OID_BASIC_CONSTRAINTS:
    case OID_KEY_USAGE:
    case OID_EXTENDED_KEY_USAGE:
    case OID_CERTIFICATE_POLICIES:
    case OID_NAME_CONSTRAINTS:
    case OID_OCSP_NO_CHECK:
        return true; /* check_constants says whether it may be there */
    default:
        return false;
    }
}

static void check_extensions(lint *run)
{
    for (size_t i = 0; i < run->view->extensions.count; i++) {
        oid id = run->view->extensions.rows[i].id;
        if (!is_named(run->profile, id))
            lint_report(run, LINT_PROFILE_EXTENSION,
                        id == OID_UNKNOWN ? "extensions" : oid_name(id));
    }
}

/* Counts the names of each kind; false when one is of no kind that a profile has. */
static bool count_names(auth_bytes value, size_t counts[PROFILE_NAMES_MAX])
{
    auth_bytes names;
    der_item name;
    profile_name_kind kind = PROFILE_NAME_DNS;
    if (!der_only(value, DER_SEQUENCE, &names))
        return false;
    while (x509_next_general_name(&names, &name)) {
        if (name.tag == DER_CONTEXT_CONSTRUCTED(0))
            continue; /* an otherName is an identity or refused there */
        if (!profile_name_of_tag(name.tag, &kind))
            return false;
        counts[kind]++;
    }
    return names.len == 0;
}

static void check_names(lint *run)
{
    const x509_extension *extension = x509_find(&run->view->extensions, OID_SUBJECT_ALT_NAME);
    size_t counts[PROFILE_NAMES_MAX] = {0};
    bool fits = extension == NULL || (count_names(extension->value, counts) &&
                                      extension->is_critical == run->profile->names_are_critical);
    for (size_t i = 0; i < PROFILE_NAMES_MAX && fits; i++) {
        const profile_name_rule *rule = &run->profile->names[i];
        fits = counts[i] >= rule->min && counts[i] <= rule->max;
    }
    if (!fits)
        lint_report(run, LINT_PROFILE_NAMES, "subjectAltName");
}

static auth_bytes issuer_key_id(const lint *run)
{
    const x509_extension *extension =
        x509_find(&run->view->extensions, OID_AUTHORITY_KEY_IDENTIFIER);
    auth_bytes key_id = {NULL, 0};
    if (extension != NULL)
        (void)x509_read_authority_key_identifier(extension->value, &key_id);
    return key_id;
}

static bool fits_points(const lint *run, oid id, const profile_uris *uris)
{
    const x509_extension *extension = x509_find(&run->view->extensions, id);
    auth_bytes points;
    x509_distribution_point point;
    der_item name;
    if (extension == NULL || uris->count == 0)
        return (extension == NULL) == (uris->count == 0);
    if (!der_only(extension->value, DER_SEQUENCE, &points) ||
        !x509_next_distribution_point(&points, &point) || points.len > 0 ||
        point.reasons.data != NULL || point.crl_issuer.data != NULL)
        return false;
    auth_bytes names = point.full_name;
    for (size_t i = 0; i < uris->count; i++) {
        if (!x509_next_general_name(&names, &name) || name.tag != DER_CONTEXT(6) ||
            !profile_uri_fits(uris->rows[i], issuer_key_id(run), name.content))
            return false;
    }
    return names.len == 0;
}

static bool takes_access(const lint *run, oid method, const profile_uris *uris, auth_bytes *list)
{
    x509_access access;
    for (size_t i = 0; i < uris->count; i++) {
        if (!x509_next_access(list, &access) || access.method != method ||
            access.location.tag != DER_CONTEXT(6) ||
            !profile_uri_fits(uris->rows[i], issuer_key_id(run), access.location.content))
            return false;
    }
    return true;
}

static bool fits_access(const lint *run)
{
    const auth_profile *profile = run->profile;
    const x509_extension *extension = x509_find(&run->view->extensions, OID_AUTHORITY_INFO_ACCESS);
    bool is_wanted = profile->ocsp.count + profile->ca_issuers.count > 0;
    auth_bytes list;
    if (extension == NULL || !is_wanted)
        return (extension == NULL) == !is_wanted;
    return der_only(extension->value, DER_SEQUENCE, &list) &&
           takes_access(run, OID_AD_OCSP, &profile->ocsp, &list) &&
           takes_access(run, OID_AD_CA_ISSUERS, &profile->ca_issuers, &list) && list.len == 0;
}

static void check_uris(lint *run)
{
    if (!fits_points(run, OID_CRL_DISTRIBUTION_POINTS, &run->profile->crl))
        lint_report(run, LINT_PROFILE_URIS, oid_name(OID_CRL_DISTRIBUTION_POINTS));
    if (!fits_points(run, OID_FRESHEST_CRL, &run->profile->freshest))
        lint_report(run, LINT_PROFILE_URIS, oid_name(OID_FRESHEST_CRL));
    if (!fits_access(run))
        lint_report(run, LINT_PROFILE_URIS, oid_name(OID_AUTHORITY_INFO_ACCESS));
}

static void check_identity(lint *run)
{
    identity_items items;
    size_t wanted = run->profile->binding == AUTH_IDENTITY_BINDING_NONE ? 0 : 1;
    if (identity_collect(run->view, &items, NULL) != AUTH_STATUS_OK)
        return; /* reported as malformed already */
    bool fits = items.count == wanted;
    for (size_t i = 0; i < items.count; i++)
        fits = fits && items.rows[i].binding == run->profile->binding;
    if (!fits)
        lint_report(run, LINT_PROFILE_IDENTITY, "identity");
}

void lint_profile(lint *run)
{
    check_validity(run);
    if (run->key != NULL && !auth_profile_takes_key(run->profile, run->key))
        lint_report(run, LINT_PROFILE_KEY, "subjectPublicKeyInfo");
    if (!fits_subject(run->profile, run->view->subject))
        lint_report(run, LINT_PROFILE_SUBJECT, "subject");
    check_constants(run);
    check_extensions(run);
    check_names(run);
    check_uris(run);
    check_identity(run);
    if (run->is_self_issued != run->profile->is_self_signed)
        lint_report(run, LINT_PROFILE_ISSUER, "issuer");
}
