/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/verify.h"

/* When the certificate that signed an answer ends. */
static auth_status find_end(const verify_question *question, const auth_ocsp_answer *answer,
                            auth_time *out, auth_error *err)
{
    AUTH_AUTO(auth_cert) *responder = NULL;
    *out = auth_cert_not_after(question->issuer->cert);
    if (answer->responder.len == 0)
        return AUTH_STATUS_OK;
    auth_status status = auth_cert_parse(answer->responder, &responder, err);
    if (status == AUTH_STATUS_OK)
        *out = auth_cert_not_after(responder);
    return status;
}

auth_fetch_outcome verify_ocsp(const verify_question *question, auth_bytes answer,
                               auth_fetched **out, auth_error *err)
{
    auth_ocsp_answer said;
    /* An answer without nextUpdate passes here: the search asks for an age then. */
    const auth_ocsp_expectation expected = {
        .serial = question->serial,
        .now = question->now,
        .skew_seconds = FETCH_SKEW_SECONDS,
        .max_age_seconds = UINT32_MAX,
    };
    auth_status status = auth_ocsp_check(answer, question->issuer->ocsp, &expected, &said, err);
    if (status != AUTH_STATUS_OK)
        return outcome_of_check(status);
    if (said.responder.len > 0 && !said.responder_has_no_check)
        return outcome_set(err, AUTH_FETCH_OUTCOME_LYING,
                           "OCSP answer: the responder's certificate lacks ocsp-nocheck, and its "
                           "own status is not looked up (RFC 6960 4.2.2.2.1)");
    fetch_knowledge known = {
        .kind = AUTH_REVOCATION_SOURCE_OCSP,
        .status = said.status,
        .revoked = said.revoked,
        .reason = said.reason,
        .this_update = said.this_update,
        .next_update = said.has_next_update ? said.next_update : 0,
    };
    status = find_end(question, &said, &known.until, err);
    if (status == AUTH_STATUS_OK)
        status = fetched_new(question->key, &known, answer, out, err);
    return outcome_of_check(status);
}
