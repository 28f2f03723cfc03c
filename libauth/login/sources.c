/* SPDX-License-Identifier: Apache-2.0 */
#include "login/sources.h"

#include <stdio.h>

/* What a policy calls each source of a fetcher. */
enum {
    CALLED_NONE = AUTH_LOGIN_SOURCE_NONE,
    CALLED_STAPLE = AUTH_LOGIN_SOURCE_STAPLE,
    CALLED_MEMORY = AUTH_LOGIN_SOURCE_CACHE,
    CALLED_SHARED = AUTH_LOGIN_SOURCE_CACHE,
    CALLED_OCSP = AUTH_LOGIN_SOURCE_OCSP,
    CALLED_CRL = AUTH_LOGIN_SOURCE_CRL,
    CALLED_SNAPSHOT = AUTH_LOGIN_SOURCE_SNAPSHOT,
};

static const auth_login_source sources[] = {
#define AUTH_FETCH_SOURCE_ROW(id, number, name, text) [number] = (auth_login_source)CALLED_##id,
#include <auth/fetch_source.def>
};
#define SOURCE_COUNT (sizeof sources / sizeof sources[0])

static const auth_status_problem problems[] = {
    [AUTH_FETCH_OUTCOME_NO_SOURCE] = AUTH_STATUS_PROBLEM_NONE,
    [AUTH_FETCH_OUTCOME_NOT_ALLOWED] = AUTH_STATUS_PROBLEM_NOT_ALLOWED,
    [AUTH_FETCH_OUTCOME_DOWN] = AUTH_STATUS_PROBLEM_DOWN,
    [AUTH_FETCH_OUTCOME_SLOW] = AUTH_STATUS_PROBLEM_SLOW,
    [AUTH_FETCH_OUTCOME_BUSY] = AUTH_STATUS_PROBLEM_DOWN,
    [AUTH_FETCH_OUTCOME_REFUSED] = AUTH_STATUS_PROBLEM_NOT_ALLOWED,
    [AUTH_FETCH_OUTCOME_TOO_LARGE] = AUTH_STATUS_PROBLEM_TOO_LARGE,
    [AUTH_FETCH_OUTCOME_MALFORMED] = AUTH_STATUS_PROBLEM_MALFORMED,
    [AUTH_FETCH_OUTCOME_LYING] = AUTH_STATUS_PROBLEM_UNTRUSTED,
    [AUTH_FETCH_OUTCOME_STALE] = AUTH_STATUS_PROBLEM_STALE,
    [AUTH_FETCH_OUTCOME_CANCELLED] = AUTH_STATUS_PROBLEM_NONE,
};

/* Never empty, which would be everywhere: a bit stands for nowhere. */
static unsigned bits_of(const auth_status_question *question)
{
    unsigned bits = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_NONE);
    for (size_t i = 0; i < question->source_count; i++) {
        for (unsigned source = AUTH_FETCH_SOURCE_MEMORY; source < SOURCE_COUNT; source++) {
            if (sources[source] == question->sources[i])
                bits |= AUTH_FETCH_FROM(source);
        }
    }
    return bits;
}

auth_fetch_request login_fetch_request(const auth_status_question *question)
{
    return (auth_fetch_request){
        .certificate = question->certificate,
        .issuer = question->issuer,
        .now = question->now,
        .max_age_seconds = question->max_age_s,
        .renew_after_seconds = question->max_age_s / 2,
        .sources = bits_of(question),
    };
}

static auth_status_state state_of(const auth_fetch_result *result)
{
    if (result->status == AUTH_OCSP_GOOD)
        return AUTH_STATUS_STATE_GOOD;
    if (result->status != AUTH_OCSP_REVOKED)
        return AUTH_STATUS_STATE_NEVER_ISSUED;
    return result->reason == AUTH_REVOCATION_REASON_CERTIFICATE_HOLD ? AUTH_STATUS_STATE_SUSPENDED
                                                                     : AUTH_STATUS_STATE_REVOKED;
}

auth_status login_read_fetch(auth_status status, const auth_fetch_result *result,
                             const auth_error *why, auth_status_knowledge *out, auth_error *err)
{
    size_t outcome = (size_t)result->outcome;
    *out = (auth_status_knowledge){.state = AUTH_STATUS_STATE_NONE};
    if (status == AUTH_STATUS_OK && result->outcome == AUTH_FETCH_OUTCOME_FOUND) {
        out->state = state_of(result);
        out->source = sources[result->source];
        out->evidence = result->kind;
        out->this_update = result->this_update;
        out->next_update = result->next_update;
        out->revoked_at = result->revoked;
        out->reason = result->reason;
        return AUTH_STATUS_OK;
    }
    if (result->outcome == AUTH_FETCH_OUTCOME_FAULT ||
        outcome >= sizeof problems / sizeof *problems) {
        if (err != NULL)
            *err = *why;
        return status != AUTH_STATUS_OK ? status : AUTH_STATUS_INTERNAL;
    }
    out->problem = problems[outcome];
    (void)snprintf(out->detail, sizeof out->detail, "%.*s", AUTH_STATUS_DETAIL_SIZE - 1, why->text);
    return AUTH_STATUS_OK;
}

auth_status auth_fetcher_ask(void *fetcher, const auth_status_question *question,
                             auth_status_knowledge *out, auth_error *err)
{
    auth_error why = {AUTH_STATUS_OK, ""};
    auth_fetch_result result = {.outcome = AUTH_FETCH_OUTCOME_FAULT};
    auth_fetch_request request = login_fetch_request(question);
    auth_status status = auth_fetch_status(fetcher, &request, &result, &why);
    status = login_read_fetch(status, &result, &why, out, err);
    auth_fetched_free(result.fetched);
    return status;
}

auth_status auth_replay_remember(void *replay, const uint8_t hash[AUTH_CHALLENGE_HASH_SIZE],
                                 auth_time now, auth_time expires, auth_remembered *out,
                                 auth_error *err)
{
    auth_status status =
        auth_replay_check(replay, (auth_bytes){hash, AUTH_CHALLENGE_HASH_SIZE}, expires, now, err);
    if (status != AUTH_STATUS_OK && status != AUTH_STATUS_CONFLICT && status != AUTH_STATUS_LIMIT)
        return status;
    *out = AUTH_REMEMBERED_FRESH;
    if (status == AUTH_STATUS_CONFLICT)
        *out = AUTH_REMEMBERED_REPLAY;
    else if (status == AUTH_STATUS_LIMIT)
        *out = AUTH_REMEMBERED_FULL;
    return AUTH_STATUS_OK;
}
