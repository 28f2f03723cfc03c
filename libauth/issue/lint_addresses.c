/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of where CRLs, responders and issuers are. */
#include "issue/lint.h"

#define URI_TAG DER_CONTEXT(6)

static bool is_directory(uint8_t tag) { return tag == DER_CONTEXT_CONSTRUCTED(4); }

/* One http URI at the least; directory names beside it do no harm. */
static void check_full_name(lint *run, const char *where, auth_bytes names)
{
    der_item name;
    size_t uris = 0;
    while (x509_next_general_name(&names, &name)) {
        if (name.tag == URI_TAG && profile_is_uri(name.content, false))
            uris++;
        else if (!is_directory(name.tag))
            lint_report(run, LINT_POINTS_URI, where);
    }
    if (uris == 0)
        lint_report(run, LINT_POINTS_URI, where);
}

static void check_points(lint *run, oid id)
{
    const x509_extension *extension = x509_find(&run->view->extensions, id);
    if (extension == NULL)
        return;
    auth_bytes points;
    x509_distribution_point point;
    if (!der_only(extension->value, DER_SEQUENCE, &points) || points.len == 0) {
        lint_report(run, LINT_POINTS_FORM, oid_name(id));
        return;
    }
    while (x509_next_distribution_point(&points, &point)) {
        if (point.full_name.data != NULL)
            check_full_name(run, oid_name(id), point.full_name);
        else if (point.relative_name.data == NULL && point.crl_issuer.data == NULL)
            lint_report(run, LINT_POINTS_FORM, oid_name(id));
    }
    if (points.len > 0)
        lint_report(run, LINT_POINTS_FORM, oid_name(id));
}

static void check_access(lint *run, oid id)
{
    const x509_extension *extension = x509_find(&run->view->extensions, id);
    if (extension == NULL)
        return;
    auth_bytes list;
    x509_access access;
    if (!der_only(extension->value, DER_SEQUENCE, &list) || list.len == 0) {
        lint_report(run, LINT_ACCESS_FORM, oid_name(id));
        return;
    }
    while (x509_next_access(&list, &access)) {
        bool is_ours = access.method == OID_AD_OCSP || access.method == OID_AD_CA_ISSUERS;
        if (is_ours &&
            (access.location.tag != URI_TAG || !profile_is_uri(access.location.content, false)))
            lint_report(run, LINT_ACCESS_URI, oid_name(access.method));
    }
    if (list.len > 0)
        lint_report(run, LINT_ACCESS_FORM, oid_name(id));
}

void lint_addresses(lint *run)
{
    check_points(run, OID_CRL_DISTRIBUTION_POINTS);
    check_points(run, OID_FRESHEST_CRL);
    check_access(run, OID_AUTHORITY_INFO_ACCESS);
}
