/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for besides, and the last step: a challenge is good for one login. */
#include "login/work.h"

/* A certificate whose binding cannot be compared proves nothing. */
static auth_person_match match_of(auth_status status, bool is_same)
{
    if (status != AUTH_STATUS_OK)
        return AUTH_PERSON_MATCH_UNPROVEN;
    return is_same ? AUTH_PERSON_MATCH_YES : AUTH_PERSON_MATCH_NO;
}

static auth_status judge_person(login_work *work, auth_error *err)
{
    bool is_same = false;
    auth_error why;
    if (work->input.person == NULL)
        return AUTH_STATUS_OK;
    if (!work->verifier->policy.asks_person_number)
        return login_decide(work, AUTH_LOGIN_REASON_PERSON_NOT_ENTITLED);
    auth_status status = auth_identity_matches(work->holder->der, work->input.person,
                                               work->input.proof, &is_same, &why);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status)) {
        if (err != NULL)
            *err = why;
        return status;
    }
    work->out->person_match = match_of(status, is_same);
    if (work->out->person_match == AUTH_PERSON_MATCH_UNPROVEN)
        return login_decide_because(work, AUTH_LOGIN_REASON_PERSON_UNPROVEN, "%s", why.text);
    if (!is_same)
        return login_decide(work, AUTH_LOGIN_REASON_PERSON_DIFFERS);
    return AUTH_STATUS_OK;
}

static auth_status remember(login_work *work, auth_remembered *out, auth_error *err)
{
    uint8_t hash[AUTH_CHALLENGE_HASH_SIZE];
    const auth_verifier *verifier = work->verifier;
    auth_time now = work->input.now;
    auth_time expires = work->challenge.made + work->challenge.lifetime_s + 1;
    auth_status status = login_challenge_hash(&work->challenge, work->input.audience, hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (verifier->remember != NULL)
        return verifier->remember(verifier->remember_context, hash, now, expires, out, err);
    *out = login_memory_add(verifier->memory, hash, now, expires);
    return AUTH_STATUS_OK;
}

static auth_status judge_replay(login_work *work, auth_error *err)
{
    auth_remembered answer = AUTH_REMEMBERED_FULL;
    if (!work->has_challenge)
        return AUTH_STATUS_OK;
    auth_status status = remember(work, &answer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (answer == AUTH_REMEMBERED_REPLAY)
        return login_decide(work, AUTH_LOGIN_REASON_REPLAY);
    if (answer != AUTH_REMEMBERED_FRESH)
        return login_decide(work, AUTH_LOGIN_REASON_REPLAY_FULL);
    return AUTH_STATUS_OK;
}

static auth_status judge_level(login_work *work)
{
    if (work->holder->assurance >= work->verifier->policy.min_assurance)
        return AUTH_STATUS_OK;
    return login_decide(work, AUTH_LOGIN_REASON_ASSURANCE);
}

/* Who it is stands in the verdict of an accepted login only. */
static auth_status accept(login_work *work, auth_error *err)
{
    auth_status status = login_describe(work, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (work->out->reason != AUTH_LOGIN_REASON_OK_WITHOUT_STATUS)
        return login_decide(work, AUTH_LOGIN_REASON_OK);
    work->is_decided = true;
    return AUTH_STATUS_OK;
}

auth_status login_conclude(login_work *work, auth_error *err)
{
    auth_status status = judge_person(work, err);
    if (status == AUTH_STATUS_OK && !login_is_decided(work))
        status = judge_level(work);
    if (status == AUTH_STATUS_OK && !login_is_decided(work))
        status = judge_replay(work, err);
    if (status == AUTH_STATUS_OK && !login_is_decided(work))
        status = accept(work, err);
    return status;
}
