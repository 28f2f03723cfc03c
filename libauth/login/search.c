/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search for statuses: first of the holder, from the policy's sources in their order until one
 * tells, then of each authority below the anchor. A cache is asked beside a staple that says good:
 * the staple may be from before a revocation that this host knows of already.
 */
#include "login/work.h"

#include <stdio.h>
#include <string.h>

static const auth_login_policy *policy_of(const login_work *work)
{
    return &work->verifier->policy;
}

static bool is_known(const auth_status_knowledge *knowledge)
{
    return knowledge->state != AUTH_STATUS_STATE_NONE;
}

static void report(login_work *work)
{
    auth_login_verdict *out = work->out;
    const auth_status_knowledge *known = &work->knowledge;
    out->source = known->source;
    out->evidence = known->evidence;
    out->status_from = known->this_update;
    out->status_until = known->next_update;
    out->status_age_s = work->input.now - known->this_update;
    if (known->state == AUTH_STATUS_STATE_REVOKED || known->state == AUTH_STATUS_STATE_SUSPENDED) {
        out->revoked_at = known->revoked_at;
        out->revocation_reason = known->reason;
    }
}

static auth_login_reason reason_of(auth_status_problem problem)
{
    static const auth_login_reason reasons[] = {
        [AUTH_STATUS_PROBLEM_NONE] = AUTH_LOGIN_REASON_STATUS_NONE,
        [AUTH_STATUS_PROBLEM_STALE] = AUTH_LOGIN_REASON_STATUS_STALE,
        [AUTH_STATUS_PROBLEM_UNTRUSTED] = AUTH_LOGIN_REASON_STATUS_UNTRUSTED,
        [AUTH_STATUS_PROBLEM_MISMATCH] = AUTH_LOGIN_REASON_STATUS_MISMATCH,
        [AUTH_STATUS_PROBLEM_MALFORMED] = AUTH_LOGIN_REASON_STATUS_MALFORMED,
        [AUTH_STATUS_PROBLEM_DOWN] = AUTH_LOGIN_REASON_STATUS_DOWN,
        [AUTH_STATUS_PROBLEM_SLOW] = AUTH_LOGIN_REASON_STATUS_SLOW,
        [AUTH_STATUS_PROBLEM_TOO_LARGE] = AUTH_LOGIN_REASON_STATUS_TOO_LARGE,
        [AUTH_STATUS_PROBLEM_NOT_ALLOWED] = AUTH_LOGIN_REASON_STATUS_NOT_ALLOWED,
    };
    size_t number = (size_t)problem;
    return number < sizeof reasons / sizeof reasons[0] ? reasons[number]
                                                       : AUTH_LOGIN_REASON_STATUS_NONE;
}

/* Nothing tells: the end, but for an audience that passes without. */
static void lack_status(login_work *work, auth_login_reason reason, const char *detail)
{
    if (!work->out->is_soft) {
        (void)login_decide_because(work, reason, "%s", detail);
        return;
    }
    (void)login_decide_because(work, AUTH_LOGIN_REASON_OK_WITHOUT_STATUS, "%s: %s",
                               auth_login_reason_name(reason), detail);
    work->is_decided = false; /* an authority may still be revoked, and more is asked for */
}

static void next_subject(login_work *work)
{
    work->subject++;
    work->at = 0;
    work->is_cross_check = false;
    work->knowledge = (auth_status_knowledge){.state = AUTH_STATUS_STATE_NONE};
}

static void end_holder(login_work *work)
{
    const auth_status_knowledge *known = &work->knowledge;
    if (is_known(known))
        report(work);
    if (known->state == AUTH_STATUS_STATE_REVOKED)
        (void)login_decide(work, AUTH_LOGIN_REASON_REVOKED);
    else if (known->state == AUTH_STATUS_STATE_SUSPENDED)
        (void)login_decide(work, AUTH_LOGIN_REASON_SUSPENDED);
    else if (known->state == AUTH_STATUS_STATE_NEVER_ISSUED)
        (void)login_decide(work, AUTH_LOGIN_REASON_NEVER_ISSUED);
    else if (known->state == AUTH_STATUS_STATE_NONE)
        lack_status(work, reason_of(known->problem), known->detail);
}

static void end_authority(login_work *work)
{
    char detail[AUTH_STATUS_DETAIL_SIZE + 64];
    const auth_status_knowledge *known = &work->knowledge;
    if (known->state == AUTH_STATUS_STATE_GOOD)
        return;
    if (is_known(known)) {
        const char *more = known->state == AUTH_STATUS_STATE_NEVER_ISSUED
                               ? ": the one above says that it never issued it"
                               : "";
        (void)login_decide_because(work, AUTH_LOGIN_REASON_AUTHORITY_REVOKED,
                                   "authority %zu above the certificate%s", work->subject, more);
        return;
    }
    (void)snprintf(detail, sizeof detail, "authority %zu above the certificate: %s", work->subject,
                   known->detail);
    lack_status(work, AUTH_LOGIN_REASON_AUTHORITY_STATUS, detail);
}

static void end_subject(login_work *work)
{
    if (work->subject == 0)
        end_holder(work);
    else
        end_authority(work);
    next_subject(work);
}

/*
 * A revocation that the cache knows of counts; a suspension, and that the certificate was never
 * issued, when that is not older than the staple.
 */
static void cross_check(login_work *work, const auth_status_knowledge *cached)
{
    if (cached->state == AUTH_STATUS_STATE_REVOKED ||
        (cached->state != AUTH_STATUS_STATE_GOOD && is_known(cached) &&
         cached->this_update >= work->knowledge.this_update))
        work->knowledge = *cached;
    end_subject(work);
}

/* Takes what a source tells, or the first problem. */
static void learn(login_work *work, const auth_status_knowledge *told)
{
    bool has_problem = work->knowledge.problem != AUTH_STATUS_PROBLEM_NONE;
    if (is_known(told) || !has_problem)
        work->knowledge = *told;
}

void login_take_answer(login_work *work, const auth_status_knowledge *knowledge)
{
    if (work->is_cross_check) {
        cross_check(work, knowledge);
        return;
    }
    work->at += work->asked;
    learn(work, knowledge);
    if (is_known(&work->knowledge))
        end_subject(work);
}

/*
 * Fills in the sources from work->at on, as long as their numbers rise: who answers looks in that
 * order. A staple, which has the lowest number, ends them.
 */
static void put_sources(login_work *work, auth_status_question *out)
{
    const auth_login_policy *policy = policy_of(work);
    auth_login_source last = AUTH_LOGIN_SOURCE_STAPLE;
    size_t at = work->at;
    out->source_count = 0;
    while (at < policy->source_count && policy->sources[at] > last) {
        last = policy->sources[at++];
        out->sources[out->source_count++] = last;
    }
    work->asked = out->source_count;
}

/* How old knowledge about authorities may be is said by its nextUpdate: their lists are seldom. */
static void put_question(login_work *work, auth_status_question *out)
{
    const login_issuer *issuer = work->holder->issuer;
    size_t subject = work->subject;
    *out = (auth_status_question){
        .certificate = subject == 0 ? work->holder->der : issuer->chain[subject - 1],
        .issuer = issuer->chain[subject],
        .now = work->input.now,
        .max_age_s = subject == 0 ? login_policy_max_age(policy_of(work)) : 0,
        .clock_skew_s = policy_of(work)->clock_skew_s,
    };
    if (work->is_cross_check) {
        out->source_count = 1;
        out->sources[0] = AUTH_LOGIN_SOURCE_CACHE;
    } else {
        put_sources(work, out);
    }
}

static auth_status look_at_staple(login_work *work, auth_error *err)
{
    auth_status_knowledge told;
    work->at++;
    if (work->subject > 0 || work->staple.len == 0)
        return AUTH_STATUS_OK;
    auth_status status = login_read_staple(work, &told, err);
    if (status != AUTH_STATUS_OK)
        return status;
    learn(work, &told);
    if (told.state == AUTH_STATUS_STATE_GOOD && work->verifier->ask != NULL &&
        login_policy_has(policy_of(work), AUTH_LOGIN_SOURCE_CACHE))
        work->is_cross_check = true;
    else if (is_known(&told))
        end_subject(work);
    return AUTH_STATUS_OK;
}

/* Authorities below the anchor have a status; the anchor has none. */
static bool has_subject(const login_work *work)
{
    return !work->is_decided &&
           (work->subject == 0 || (!policy_of(work)->ignores_authorities &&
                                   work->subject < work->holder->issuer->chain_len));
}

auth_status login_next_question(login_work *work, auth_status_question *out, bool *is_asked,
                                auth_error *err)
{
    const auth_login_policy *policy = policy_of(work);
    *is_asked = false;
    while (has_subject(work)) {
        if (work->is_cross_check || (work->at < policy->source_count &&
                                     policy->sources[work->at] != AUTH_LOGIN_SOURCE_STAPLE &&
                                     work->verifier->ask != NULL)) {
            put_question(work, out);
            *is_asked = true;
            return AUTH_STATUS_OK;
        }
        if (work->at == policy->source_count) {
            end_subject(work);
        } else if (policy->sources[work->at] != AUTH_LOGIN_SOURCE_STAPLE) {
            work->at++;
        } else {
            auth_status status = look_at_staple(work, err);
            if (status != AUTH_STATUS_OK)
                return status;
        }
    }
    return AUTH_STATUS_OK;
}
