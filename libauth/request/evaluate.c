/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a request may be obeyed: from what costs least to check to what costs most. */
#include "request/evaluate.h"

#include <stdio.h>
#include <string.h>

/* "signature 2: ", "$.items[999]: " */
#define PLACE_SIZE 48

auth_status evaluation_refuse(evaluation *it, auth_request_reason reason, size_t signature,
                              size_t item)
{
    char place[PLACE_SIZE] = "";
    if (signature != AUTH_REQUEST_NOWHERE)
        (void)snprintf(place, sizeof place, "signature %zu: ", signature + 1);
    if (item != AUTH_REQUEST_NOWHERE)
        (void)snprintf(place, sizeof place, "$.items[%zu]: ", item);
    it->is_refused = true;
    it->verdict = (auth_request_verdict){
        .outcome = AUTH_REQUEST_REFUSED,
        .was_known = it->verdict.was_known,
        .reason = reason,
        .signature = signature,
        .item = item,
    };
    (void)snprintf(it->verdict.text, sizeof it->verdict.text, "request: %s%s", place,
                   auth_request_reason_text(reason));
    return AUTH_STATUS_OK;
}

static auth_status refuse_whole(evaluation *it, auth_request_reason reason)
{
    return evaluation_refuse(it, reason, AUTH_REQUEST_NOWHERE, AUTH_REQUEST_NOWHERE);
}

bool evaluation_is_revoked(const evaluation *it, const auth_request_holder *holder)
{
    return holder->is_revoked && holder->revoked_at <= it->now;
}

bool evaluation_is_dismissed(const evaluation *it, const auth_request_holder *holder)
{
    return holder->is_dismissed && holder->dismissed_at <= it->now;
}

bool evaluation_is_same_person(const auth_person_index *a, const auth_person_index *b)
{
    return memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

static auth_status check_times(evaluation *it)
{
    const auth_request *request = it->request;
    auth_time created = auth_request_created(request);
    auth_time expires = auth_request_expires(request);
    if (strcmp(auth_request_realm(request), auth_policy_realm(it->policy)) != 0)
        return refuse_whole(it, AUTH_REQUEST_REASON_REALM);
    if (created > it->now + auth_policy_clock_skew_s(it->policy))
        return refuse_whole(it, AUTH_REQUEST_REASON_NOT_YET);
    if (expires < it->now)
        return refuse_whole(it, AUTH_REQUEST_REASON_EXPIRED);
    if (expires - created > auth_policy_max_lifetime_s(it->policy, auth_request_kind_of(request)))
        return refuse_whole(it, AUTH_REQUEST_REASON_LIFETIME);
    return AUTH_STATUS_OK;
}

/* Finds the quorum, which needs a profile that the kind may name. */
static auth_status check_policy(evaluation *it)
{
    const auth_policy_profile *profile = NULL;
    auth_request_kind kind = auth_request_kind_of(it->request);
    const char *name = auth_request_profile(it->request);
    if (auth_request_kind_has_profile(kind) &&
        (auth_policy_profile_find(it->policy, name, &profile, NULL) != AUTH_STATUS_OK ||
         (profile->kinds >> kind & 1U) == 0))
        return refuse_whole(it, AUTH_REQUEST_REASON_PROFILE);
    if (auth_policy_quorum_find(it->policy, kind, name, &it->quorum, NULL) != AUTH_STATUS_OK)
        return refuse_whole(it, AUTH_REQUEST_REASON_NO_RULE);
    return AUTH_STATUS_OK;
}

static auth_status check_use(evaluation *it, auth_error *err)
{
    auth_request_use use = AUTH_REQUEST_USE_OTHER;
    auth_bytes hash = {it->request->hash, sizeof it->request->hash};
    auth_status status =
        it->facts->was_used(it->facts->context, auth_request_id(it->request), hash, &use, err);
    if (status != AUTH_STATUS_OK)
        return status;
    it->verdict.was_known = use == AUTH_REQUEST_USE_SAME;
    if (use == AUTH_REQUEST_USE_NEW || use == AUTH_REQUEST_USE_SAME)
        return AUTH_STATUS_OK;
    return refuse_whole(it, AUTH_REQUEST_REASON_REPLAYED);
}

static auth_status check_office(evaluation *it, auth_error *err)
{
    bool is_open = false;
    auth_status status =
        it->facts->is_open(it->facts->context, auth_request_office(it->request), &is_open, err);
    if (status == AUTH_STATUS_OK && !is_open)
        return refuse_whole(it, AUTH_REQUEST_REASON_OFFICE_CLOSED);
    return status;
}

static auth_status run(evaluation *it, auth_error *err)
{
    auth_status status = check_times(it);
    if (status == AUTH_STATUS_OK && !it->is_refused)
        status = check_policy(it);
    if (status == AUTH_STATUS_OK && !it->is_refused)
        status = check_use(it, err);
    if (status == AUTH_STATUS_OK && !it->is_refused)
        status = check_office(it, err);
    if (status == AUTH_STATUS_OK && !it->is_refused)
        status = evaluation_check_signers(it, err);
    if (status == AUTH_STATUS_OK && !it->is_refused)
        status = evaluation_check_items(it, err);
    if (status == AUTH_STATUS_OK && !it->is_refused)
        status = evaluation_count(it, err);
    return status;
}

auth_status auth_request_evaluate(const auth_request *request, const auth_policy *policy,
                                  const auth_request_facts *facts, auth_time now,
                                  auth_request_verdict *out, auth_error *err)
{
    evaluation it = {
        .request = request,
        .policy = policy,
        .facts = facts,
        .now = now,
        .verdict = {.signature = AUTH_REQUEST_NOWHERE, .item = AUTH_REQUEST_NOWHERE},
    };
    auth_status status = run(&it, err);
    if (status == AUTH_STATUS_OK)
        *out = it.verdict;
    return status;
}
