/* SPDX-License-Identifier: Apache-2.0 */
/* Status by OCSP: the checks of a response are auth_ocsp_check's; here it is put in its place. */
#include "ocsp/ocsp.h"
#include "validate/revocation.h"

/* How far the clocks of responder and caller may differ. */
#define SKEW_SECONDS 300

typedef struct ocsp_search {
    session *s;
    const path *p;
    size_t index;
    const auth_ocsp_issuer *issuer;
    cert_status *out;
    bool is_specific; /* out->problem is of a response that speaks of the certificate */
} ocsp_search;

static void note(ocsp_search *look, bool is_specific, auth_verdict_reason reason, const char *what)
{
    if (look->out->is_known || (look->is_specific && !is_specific))
        return;
    look->is_specific = is_specific;
    look->out->has_problem = true;
    finding_set(&look->out->problem, reason, "%s", what);
}

/*
 * Tells whether a response speaks of the certificate, whoever signed it. Behind a statement that is
 * malformed nothing is read: it may have been about the certificate, and is noted.
 */
static bool speaks_of(ocsp_search *look, const ocsp_response *response)
{
    auth_bytes singles = response->singles;
    ocsp_single single;
    auth_error why;
    while (singles.len > 0) {
        if (ocsp_take_single(&singles, &single, &why) != AUTH_STATUS_OK) {
            note(look, false, AUTH_VERDICT_REASON_OCSP_MALFORMED, why.text);
            return false;
        }
        if (auth_bytes_equal(single.id.serial, look->p->certs[look->index]->view.serial) &&
            auth_ocsp_issuer_matches(look->issuer, &single.id))
            return true;
    }
    return false;
}

static auth_verdict_reason reason_of(auth_status status)
{
    if (status == AUTH_STATUS_UNTRUSTED)
        return AUTH_VERDICT_REASON_OCSP_UNTRUSTED;
    return status == AUTH_STATUS_EXPIRED ? AUTH_VERDICT_REASON_OCSP_EXPIRED
                                         : AUTH_VERDICT_REASON_OCSP_MALFORMED;
}

/* Never issued counts as revoked for good, whatever reason stands there (RFC 6960 4.4.8). */
static cert_status status_of(const auth_ocsp_answer *answer)
{
    bool is_never_issued = answer->status == AUTH_OCSP_NEVER_ISSUED;
    return (cert_status){
        .source = AUTH_REVOCATION_SOURCE_OCSP,
        .is_known = true,
        .is_revoked = answer->status == AUTH_OCSP_REVOKED || is_never_issued,
        .this_update = answer->this_update,
        .next_update = answer->has_next_update ? answer->next_update : 0,
        .revoked = answer->revoked,
        .reason = is_never_issued ? AUTH_REVOCATION_REASON_UNSPECIFIED : answer->reason,
    };
}

/*
 * A responder that does not say nocheck may be revoked itself: then its answer is void, and so it
 * is when its certificate cannot be looked up. When no CRL tells of it, its certificate, which the
 * issuer signed for this and which is valid now, suffices. *flaw is NULL for an answer that counts.
 */
static auth_status check_responder(ocsp_search *look, const auth_ocsp_answer *answer,
                                   const char **flaw, auth_error *err)
{
    finding unused = {0};
    cert_status status_of_it = {0};
    candidate responder = {0};
    path p = *look->p;
    *flaw = NULL;
    if (answer->responder.len == 0 || answer->responder_has_no_check)
        return AUTH_STATUS_OK;
    auth_status status = candidate_read(&responder, answer->responder, &unused, err);
    if (status == AUTH_STATUS_OK && responder.is_read &&
        facts_read(&responder.view, &responder.facts, &unused)) {
        p.certs[look->index] = &responder;
        status = crl_status_of(look->s, &p, look->index, SESSION_LEVELS, &status_of_it, err);
        *flaw = status_of_it.is_revoked ? "the responder has been revoked" : NULL;
    } else {
        *flaw = "the responder's certificate has an extension that cannot be read";
    }
    candidate_clear(&responder);
    return status;
}

static bool is_final(bool is_revoked, auth_revocation_reason reason)
{
    return is_revoked && !auth_revocation_reason_is_reversible(reason);
}

/*
 * The newest statement decides, of two that are as new the one that suspends; nothing ends a
 * revocation that is no suspension.
 */
static bool is_better(const cert_status *out, const cert_status *answer)
{
    if (!out->is_known || is_final(answer->is_revoked, answer->reason))
        return true;
    if (is_final(out->is_revoked, out->reason))
        return false;
    return answer->this_update > out->this_update ||
           (answer->this_update == out->this_update && answer->is_revoked);
}

static void take_answer(ocsp_search *look, const auth_ocsp_answer *answer)
{
    cert_status told = status_of(answer);
    if (is_better(look->out, &told))
        *look->out = told;
}

static auth_status use_response(ocsp_search *look, auth_bytes der, auth_error *err)
{
    auth_error why;
    auth_ocsp_answer answer;
    const char *flaw = NULL;
    auth_ocsp_expectation expected = {
        .serial = look->p->certs[look->index]->view.serial,
        .now = look->s->options->now,
        .skew_seconds = SKEW_SECONDS,
    };
    auth_status status = auth_ocsp_check(der, look->issuer, &expected, &answer, &why);
    if (status != AUTH_STATUS_OK && status != AUTH_STATUS_UNAVAILABLE &&
        auth_status_is_fault(status)) {
        if (err != NULL)
            *err = why;
        return status;
    }
    if (status != AUTH_STATUS_OK) {
        note(look, true, reason_of(status), why.text);
        return AUTH_STATUS_OK;
    }
    status = check_responder(look, &answer, &flaw, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (flaw != NULL)
        note(look, true, AUTH_VERDICT_REASON_OCSP_UNTRUSTED, flaw);
    else if (answer.status == AUTH_OCSP_UNKNOWN)
        note(look, true, AUTH_VERDICT_REASON_OCSP_UNKNOWN, "the responder answers unknown");
    else
        take_answer(look, &answer);
    return AUTH_STATUS_OK;
}

auth_status ocsp_status_of(session *s, const path *p, size_t index, cert_status *out,
                           auth_error *err)
{
    AUTH_AUTO(auth_ocsp_issuer) *issuer = NULL;
    if (s->evidence->ocsp_count == 0)
        return AUTH_STATUS_OK;
    auth_status status = auth_ocsp_issuer_new(p->certs[index + 1]->der, &issuer, err);
    ocsp_search look = {.s = s, .p = p, .index = index, .issuer = issuer, .out = out};
    for (size_t i = 0; status == AUTH_STATUS_OK && i < s->evidence->ocsp_count; i++) {
        auth_bytes der = s->evidence->ocsp[i];
        ocsp_response response;
        auth_error why;
        if (ocsp_response_parse(der, &response, &why) != AUTH_STATUS_OK)
            note(&look, false, AUTH_VERDICT_REASON_OCSP_MALFORMED, why.text);
        else if (speaks_of(&look, &response))
            status = use_response(&look, der, err);
    }
    return status;
}
