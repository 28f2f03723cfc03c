/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning and end of a login, and the claims of its response. */
#include "login/work.h"
#include "login/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static auth_status check_input(const auth_login_input *input, auth_error *err)
{
    auth_status status = login_check_audience(input->audience, err);
    if (status == AUTH_STATUS_OK)
        status = login_check_key(input->challenge_key, "challenge_key", err);
    if (status == AUTH_STATUS_OK)
        status = login_check_key(input->pairwise_key, "pairwise_key", err);
    if (status == AUTH_STATUS_OK)
        status = login_check_session(input->session, err);
    if (status == AUTH_STATUS_OK && (input->now < AUTH_TIME_MIN || input->now > AUTH_TIME_MAX))
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "login: now: not from 1950 to 9999; look at the clock, and give "
                                "seconds");
    return status;
}

static void apply_policy(const auth_login_policy *policy, const char *audience,
                         auth_login_verdict *out)
{
    memcpy(out->policy, policy->name, sizeof out->policy);
    out->mode = policy->mode;
    out->max_age_s = login_policy_max_age(policy);
    out->is_soft = login_policy_is_soft(policy, audience);
}

auth_status login_work_begin(login_work *work, auth_verifier *verifier,
                             const auth_login_input *input, auth_login_verdict *out,
                             auth_error *err)
{
    *work = (login_work){.verifier = verifier, .input = *input, .out = out};
    *out = (auth_login_verdict){
        .reason = AUTH_LOGIN_REASON_FAULT,
        .outcome = AUTH_LOGIN_OUTCOME_FAULT,
        .status_age_s = -1,
    };
    auth_status status = check_input(input, err);
    if (status == AUTH_STATUS_OK)
        apply_policy(&verifier->policy, input->audience, out);
    return status;
}

/* On a fault nothing that was found so far stands. */
static void forget(auth_login_verdict *out)
{
    auth_login_verdict fault = {
        .reason = AUTH_LOGIN_REASON_FAULT,
        .status_age_s = -1,
        .mode = out->mode,
        .max_age_s = out->max_age_s,
        .is_soft = out->is_soft,
    };
    memcpy(fault.policy, out->policy, sizeof fault.policy);
    *out = fault;
}

void login_work_end(login_work *work, auth_status status)
{
    auth_login_verdict *out = work->out;
    if (status != AUTH_STATUS_OK)
        forget(out);
    out->outcome = auth_login_reason_outcome(out->reason);
    out->is_accepted = status == AUTH_STATUS_OK && out->outcome == AUTH_LOGIN_OUTCOME_ACCEPTED;
    out->sentence = auth_login_reason_sentence(out->reason, work->input.language);
    login_holder_release(work->holder);
    login_response_clear(&work->response);
}

auth_status login_decide(login_work *work, auth_login_reason reason)
{
    work->is_decided = true;
    work->out->reason = reason;
    work->out->detail[0] = '\0';
    return AUTH_STATUS_OK;
}

auth_status login_decide_because(login_work *work, auth_login_reason reason, const char *format,
                                 ...)
{
    va_list arguments;
    (void)login_decide(work, reason);
    va_start(arguments, format);
    (void)vsnprintf(work->out->detail, sizeof work->out->detail, format, arguments);
    va_end(arguments);
    return AUTH_STATUS_OK;
}

bool login_is_decided(const login_work *work) { return work->is_decided; }

/* iat is the citizen's clock; the challenge proves when it was signed, within its lifetime. */
static bool is_signed_in_time(const login_work *work)
{
    auth_time skew = work->verifier->policy.clock_skew_s;
    auth_time signed_at = work->response.signed_at;
    return signed_at + skew >= work->challenge.made && signed_at <= work->input.now + skew;
}

static auth_status judge_claims(login_work *work, auth_error *err)
{
    const login_response *response = &work->response;
    auth_login_reason reason;
    if (!auth_bytes_equal(response->audience, auth_bytes_from_text(work->input.audience)))
        return login_decide(work, AUTH_LOGIN_REASON_AUDIENCE);
    auth_status status =
        login_challenge_judge(response->challenge, &work->input,
                              work->verifier->policy.clock_skew_s, &work->challenge, &reason, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (reason != AUTH_LOGIN_REASON_OK)
        return login_decide(work, reason);
    work->has_challenge = true;
    work->staple = response->staple;
    if (!is_signed_in_time(work))
        return login_decide(work, AUTH_LOGIN_REASON_CLOCK);
    return AUTH_STATUS_OK;
}

auth_status login_judge_claims(login_work *work, auth_bytes text, auth_error *err)
{
    auth_error why;
    const auth_login_input *input = &work->input;
    if ((input->challenge_key.len > 0) == (input->stored_challenge.len > 0))
        return auth_error_set(
            err, AUTH_STATUS_INVALID,
            "login: challenge_key and stored_challenge: both or neither; give the "
            "key for stateless challenges, or the text that was stored");
    auth_status status = login_response_read(text, &work->response, &why);
    if (status == AUTH_STATUS_OK)
        return judge_claims(work, err);
    if (!auth_status_is_fault(status))
        return login_decide_because(work,
                                    status == AUTH_STATUS_UNSUPPORTED ? AUTH_LOGIN_REASON_ALGORITHM
                                                                      : AUTH_LOGIN_REASON_MALFORMED,
                                    "%s", why.text);
    if (err != NULL)
        *err = why;
    return status;
}

auth_status login_judge_signature(login_work *work, auth_error *err)
{
    auth_error why;
    auth_status status = login_response_verify(&work->response, work->holder->key, &why);
    if (status == AUTH_STATUS_OK)
        return status;
    if (!auth_status_is_fault(status))
        return login_decide_because(work,
                                    status == AUTH_STATUS_UNSUPPORTED ? AUTH_LOGIN_REASON_ALGORITHM
                                                                      : AUTH_LOGIN_REASON_SIGNATURE,
                                    "%s", why.text);
    if (err != NULL)
        *err = why;
    return status;
}
