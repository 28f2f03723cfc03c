/* SPDX-License-Identifier: Apache-2.0 */
/* What the OCSP answer tells that the holder brought. */
#include "login/work.h"

#include <stdio.h>

static auth_status_problem problem_of(auth_status status)
{
    switch ((int)status) {
    case AUTH_STATUS_EXPIRED:
        return AUTH_STATUS_PROBLEM_STALE;
    case AUTH_STATUS_UNTRUSTED:
        return AUTH_STATUS_PROBLEM_UNTRUSTED;
    case AUTH_STATUS_NOT_FOUND:
        return AUTH_STATUS_PROBLEM_MISMATCH;
    case AUTH_STATUS_LIMIT:
        return AUTH_STATUS_PROBLEM_TOO_LARGE;
    default:
        return AUTH_STATUS_PROBLEM_MALFORMED;
    }
}

static auth_status_state state_of(const auth_ocsp_answer *answer)
{
    if (answer->status == AUTH_OCSP_GOOD)
        return AUTH_STATUS_STATE_GOOD;
    if (answer->status != AUTH_OCSP_REVOKED)
        return AUTH_STATUS_STATE_NEVER_ISSUED;
    return answer->reason == AUTH_REVOCATION_REASON_CERTIFICATE_HOLD ? AUTH_STATUS_STATE_SUSPENDED
                                                                     : AUTH_STATUS_STATE_REVOKED;
}

static void tell_problem(auth_status_knowledge *out, auth_status_problem problem,
                         const char *detail)
{
    out->problem = problem;
    (void)snprintf(out->detail, sizeof out->detail, "%.*s", AUTH_STATUS_DETAIL_SIZE - 1, detail);
}

/*
 * The slack for clocks is for what is of the future or over, not for the age that a policy allows:
 * the holder chooses the staple. A revocation counts at any age.
 */
static bool is_older_than_allowed(const login_work *work, const auth_ocsp_answer *answer)
{
    auth_time max_age = (auth_time)login_policy_max_age(&work->verifier->policy);
    return max_age > 0 && answer->this_update < work->input.now - max_age &&
           state_of(answer) != AUTH_STATUS_STATE_REVOKED;
}

/* A staple whose responder could be revoked itself would need another question: it is passed over.
 */
auth_status login_read_staple(const login_work *work, auth_status_knowledge *out, auth_error *err)
{
    auth_error why;
    auth_ocsp_answer answer;
    auth_ocsp_expectation expected = {
        .serial = work->holder->serial,
        .now = work->input.now,
        .skew_seconds = work->verifier->policy.clock_skew_s,
        .max_age_seconds = login_policy_max_age(&work->verifier->policy),
    };
    *out = (auth_status_knowledge){.source = AUTH_LOGIN_SOURCE_STAPLE,
                                   .evidence = AUTH_REVOCATION_SOURCE_OCSP};
    auth_status status =
        auth_ocsp_check(work->staple, work->holder->issuer->ocsp, &expected, &answer, &why);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status) &&
        status != AUTH_STATUS_UNAVAILABLE) {
        if (err != NULL)
            *err = why;
        return status;
    }
    if (status != AUTH_STATUS_OK) {
        tell_problem(out, problem_of(status), why.text);
    } else if (answer.responder.len > 0 && !answer.responder_has_no_check) {
        tell_problem(out, AUTH_STATUS_PROBLEM_UNTRUSTED,
                     "the responder's certificate lacks ocsp-nocheck (RFC 6960 4.2.2.2.1)");
    } else if (is_older_than_allowed(work, &answer)) {
        tell_problem(out, AUTH_STATUS_PROBLEM_STALE,
                     "OCSP answer: it is older than the policy allows; ask again");
    } else {
        out->state = state_of(&answer);
        out->this_update = answer.this_update;
        out->next_update = answer.has_next_update ? answer.next_update : 0;
        out->revoked_at = answer.revoked;
        out->reason = answer.reason;
    }
    return AUTH_STATUS_OK;
}
