/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/revocation.h"

/* A suspension that ended is told by the newer of two pieces of evidence; nothing ends a
 * revocation. */
static bool is_overruled(const cert_status *revoked, const cert_status *good)
{
    return good->is_known && !good->is_revoked && good->this_update > revoked->this_update &&
           auth_revocation_reason_is_reversible(revoked->reason);
}

static void combine(const cert_status *crl, const cert_status *ocsp, cert_status *out)
{
    if (crl->is_revoked && !is_overruled(crl, ocsp))
        *out = *crl;
    else if (ocsp->is_revoked && !is_overruled(ocsp, crl))
        *out = *ocsp;
    else if (crl->is_known && !crl->is_revoked &&
             (!ocsp->is_known || ocsp->is_revoked || crl->this_update > ocsp->this_update))
        *out = *crl;
    else if (ocsp->is_known)
        *out = *ocsp;
    else
        *out = crl->has_problem ? *crl : *ocsp;
}

static auth_status status_of(session *s, const path_query *query, const path *p, size_t index,
                             cert_status *out, auth_error *err)
{
    cert_status crl = {0};
    cert_status ocsp = {0};
    auth_status status = crl_status_of(s, p, index, query->level, &crl, err);
    if (status == AUTH_STATUS_OK)
        status = ocsp_status_of(s, p, index, &ocsp, err);
    if (status == AUTH_STATUS_OK)
        combine(&crl, &ocsp, out);
    return status;
}

/* Judges one certificate; false when it decides against the chain. */
static bool judge(const session *s, cert_status *status, judgement *judged)
{
    if (status->is_revoked) {
        char text[AUTH_TIME_TEXT_SIZE];
        bool is_held = auth_revocation_reason_is_reversible(status->reason);
        auth_time_format(status->revoked, text);
        return finding_set(&judged->found,
                           is_held ? AUTH_VERDICT_REASON_ON_HOLD : AUTH_VERDICT_REASON_REVOKED,
                           "%s since %s", auth_revocation_reason_name(status->reason), text);
    }
    if (status->is_known)
        return true;
    if (status->has_problem) {
        judged->found = status->problem;
        return false;
    }
    if (s->options->requires_revocation)
        return finding_set(&judged->found, AUTH_VERDICT_REASON_REVOCATION_UNKNOWN,
                           "no CRL or OCSP response speaks of it");
    return true;
}

/* The answers of a responder that says nocheck are not to hang on its own status. */
static bool is_exempt(const path_query *query, const path *p, size_t index)
{
    return index == 0 && query->purpose->purpose == AUTH_PURPOSE_OCSP &&
           p->certs[0]->facts.has_no_check;
}

auth_status revocation_check(session *s, const path_query *query, const path *p, judgement *judged,
                             cert_status *out, auth_error *err)
{
    bool has_evidence = s->crl_count > 0 || s->evidence->ocsp_count > 0;
    size_t unchecked = 0;
    *out = (cert_status){0};
    if (!has_evidence && !s->options->requires_revocation) {
        out->unchecked_count = p->len - 1;
        return AUTH_STATUS_OK;
    }
    for (size_t i = p->len - 1; i-- > 0;) {
        *out = (cert_status){0};
        if (is_exempt(query, p, i))
            continue;
        auth_status status = status_of(s, query, p, i, out, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (!judge(s, out, judged)) {
            judged->depth = i;
            judged->cert = p->certs[i];
            break;
        }
        unchecked += out->is_known ? 0 : 1;
    }
    out->unchecked_count = unchecked;
    return AUTH_STATUS_OK;
}
