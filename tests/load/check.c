/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <string.h>

#define SECOND_US 1000000
#define SKEW_SECONDS 5
#define ERROR_LEN 5

/* An answer that reports an error: SEQUENCE, ENUMERATED and nothing else (RFC 6960 4.2.1). */
static load_outcome check_error(auth_bytes body, auth_error *why)
{
    for (int status = 1; status <= AUTH_OCSP_UNAUTHORIZED; status++) {
        if (status == 4 ||
            !auth_bytes_equal(body, auth_ocsp_error_response((auth_ocsp_response_status)status)))
            continue;
        return status == AUTH_OCSP_TRY_LATER ? LOAD_TRY_LATER : LOAD_OTHER_ERROR;
    }
    (void)auth_error_set(why, AUTH_STATUS_MALFORMED, "this is no OCSP error");
    return LOAD_WRONG;
}

static load_outcome outcome_of(const auth_ocsp_answer *says)
{
    switch (says->status) {
    case AUTH_OCSP_GOOD:
        return LOAD_GOOD;
    case AUTH_OCSP_REVOKED:
        return says->reason == AUTH_REVOCATION_REASON_CERTIFICATE_HOLD ? LOAD_SUSPENDED
                                                                       : LOAD_REVOKED;
    case AUTH_OCSP_UNKNOWN:
    case AUTH_OCSP_NEVER_ISSUED:
        break;
    }
    return LOAD_UNKNOWN;
}

/* The octets of the CertID that was asked about come back (RFC 6960 4.2.1). */
static bool has_cert_id(const load_plan *plan, const load_targets *targets,
                        const load_target *target, auth_bytes body)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *der = NULL;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    load_must(auth_buf_new(AUTH_OCSP_REQUEST_MAX, &der, &err), &err);
    load_must(auth_ocsp_request_encode(targets->issuer, (auth_bytes){target->octets, target->len},
                                       plan->hash, (auth_bytes){NULL, 0}, der, &err),
              &err);
    load_must(auth_ocsp_request_parse(auth_buf_bytes(der), &request, &err), &err);
    auth_bytes id = auth_ocsp_request_cert_id(request, 0)->der;
    return memmem(body.data, body.len, id.data, id.len) != NULL;
}

static auth_status check_lifetime(const auth_ocsp_answer *says, auth_error *why)
{
    AUTH_AUTO(auth_cert) *responder = NULL;
    if (!says->has_next_update)
        return auth_error_set(why, AUTH_STATUS_INVALID, "it has no nextUpdate");
    if (says->responder.len == 0)
        return AUTH_STATUS_OK;
    auth_status status = auth_cert_parse(says->responder, &responder, why);
    if (status == AUTH_STATUS_OK && says->next_update > auth_cert_not_after(responder))
        status = auth_error_set(why, AUTH_STATUS_INVALID,
                                "its nextUpdate outlives the responder's certificate");
    return status;
}

/* The same octets again: only the time may have passed over them. */
static bool is_repeat(const load_target *target, const load_question *question, auth_bytes body,
                      auth_time now)
{
    return target->last != NULL && !question->has_nonce &&
           auth_bytes_equal(auth_buf_bytes(target->last), body) &&
           target->last_says.next_update + SKEW_SECONDS >= now;
}

static void remember(load_target *target, auth_bytes body, const auth_ocsp_answer *says)
{
    auth_error err;
    if (target->last == NULL)
        load_must(auth_buf_new(AUTH_OCSP_RESPONSE_MAX, &target->last, &err), &err);
    auth_buf_truncate(target->last, 0);
    load_must(auth_buf_append(target->last, body, &err), &err);
    target->last_says = *says;
    target->last_says.responder = (auth_bytes){NULL, 0};
    target->last_outcome = outcome_of(says);
}

static load_outcome check_status(const load_plan *plan, load_targets *targets,
                                 const load_question *question, auth_bytes body, auth_time now,
                                 auth_ocsp_answer *says, auth_error *why)
{
    load_target *target = &targets->rows[question->serial];
    auth_ocsp_expectation expected = {.serial = {target->octets, target->len},
                                      .now = now,
                                      .skew_seconds = SKEW_SECONDS,
                                      .nonce = {question->nonce,
                                                question->has_nonce ? LOAD_NONCE : 0}};
    if (is_repeat(target, question, body, now)) {
        *says = target->last_says;
        return target->last_outcome;
    }
    auth_status status = auth_ocsp_check(body, targets->issuer, &expected, says, why);
    if (status == AUTH_STATUS_OK)
        status = check_lifetime(says, why);
    if (status == AUTH_STATUS_OK && !has_cert_id(plan, targets, target, body))
        status = auth_error_set(why, AUTH_STATUS_INVALID, "its CertID is not the one asked about");
    if (status != AUTH_STATUS_OK)
        return LOAD_WRONG;
    if (!question->has_nonce)
        remember(target, body, says);
    return outcome_of(says);
}

load_outcome load_check(const load_plan *plan, load_targets *targets, const load_question *question,
                        const load_answer *answer, int64_t answered_us, auth_ocsp_answer *says,
                        auth_error *why)
{
    if (answer->http_status == 503 && !answer->is_ocsp)
        return LOAD_TRY_LATER;
    if (answer->http_status != 200 || !answer->is_ocsp)
        return LOAD_OTHER_ERROR;
    if (answer->body.len <= ERROR_LEN)
        return check_error(answer->body, why);
    return check_status(plan, targets, question, answer->body, answered_us / SECOND_US, says, why);
}
