/* SPDX-License-Identifier: Apache-2.0 */
/* Which signer takes which place of a quorum, and which places are left. */
#include "request/evaluate.h"

#include <string.h>

/* A set of signers is a number: bit i is signature i. */
#define SETS (1U << AUTH_JWS_SIGNATURES_MAX)

/* For each place, the signers that may take it. */
typedef struct fits {
    uint32_t roles[AUTH_POLICY_PLACES_MAX];
    uint32_t both[AUTH_POLICY_PLACES_MAX]; /* role and scope */
} fits;

static auth_status is_in_scope(const evaluation *it, const auth_policy_place *place,
                               const char *office, bool *out, auth_error *err)
{
    if (place->scope == AUTH_POLICY_SCOPE_OWN) {
        *out = strcmp(office, auth_request_office(it->request)) == 0;
        return AUTH_STATUS_OK;
    }
    return it->facts->is_within(it->facts->context, auth_request_office(it->request), office, out,
                                err);
}

static auth_status fit_signer(const evaluation *it, size_t signer, fits *out, auth_error *err)
{
    const auth_request_holder *holder = &it->verdict.signers[signer].holder;
    for (size_t p = 0; p < it->quorum->place_count; p++) {
        const auth_policy_place *place = &it->quorum->places[p];
        bool is_there = false;
        if (holder->role == AUTH_OFFICER_ROLE_NONE || (place->roles >> holder->role & 1U) == 0)
            continue;
        out->roles[p] |= 1U << signer;
        auth_status status = is_in_scope(it, place, holder->office, &is_there, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (is_there)
            out->both[p] |= 1U << signer;
    }
    return AUTH_STATUS_OK;
}

static bool has_some(const uint32_t *sets, size_t count, size_t signer)
{
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found |= (sets[i] >> signer & 1U) != 0;
    return found;
}

/* A signature that can take no place was given by somebody who has no say here. */
static auth_status check_strangers(evaluation *it, const fits *found)
{
    for (size_t i = 0; i < it->verdict.signed_count; i++) {
        if (!has_some(found->roles, it->quorum->place_count, i))
            return evaluation_refuse(it, AUTH_REQUEST_REASON_ROLE, i, AUTH_REQUEST_NOWHERE);
        if (!has_some(found->both, it->quorum->place_count, i))
            return evaluation_refuse(it, AUTH_REQUEST_REASON_SCOPE, i, AUTH_REQUEST_NOWHERE);
    }
    return AUTH_STATUS_OK;
}

/*
 * Fills one more place. reached holds the sets of signers that can fill all places filled so far;
 * it becomes those that fill this one as well. False, and reached stays, when no set can: then the
 * place is missing, whoever takes the others.
 */
static bool fill_place(bool reached[SETS], uint32_t candidates)
{
    bool next[SETS] = {false};
    bool is_filled = false;
    for (uint32_t set = 0; set < SETS; set++) {
        for (uint32_t signer = 0; reached[set] && signer < AUTH_JWS_SIGNATURES_MAX; signer++) {
            uint32_t bit = 1U << signer;
            if ((candidates & bit) == 0 || (set & bit) != 0)
                continue;
            next[set | bit] = true;
            is_filled = true;
        }
    }
    if (is_filled)
        memcpy(reached, next, sizeof next);
    return is_filled;
}

/* The policy has put the places in the order in which they are filled (policy_quorum.c). */
static void assign(evaluation *it, const fits *found)
{
    bool reached[SETS] = {[0] = true};
    auth_request_verdict *verdict = &it->verdict;
    for (size_t p = 0; p < it->quorum->place_count; p++) {
        if (!fill_place(reached, found->both[p]))
            verdict->missing[verdict->missing_count++] = it->quorum->places[p];
    }
    verdict->outcome = verdict->missing_count == 0 ? AUTH_REQUEST_SATISFIED : AUTH_REQUEST_NEEDS;
}

auth_status evaluation_count(evaluation *it, auth_error *err)
{
    fits found = {.roles = {0}};
    if (it->quorum->is_holder) {
        it->verdict.needs_holder = it->verdict.signed_count == 0;
        it->verdict.outcome =
            it->verdict.needs_holder ? AUTH_REQUEST_NEEDS : AUTH_REQUEST_SATISFIED;
        return AUTH_STATUS_OK;
    }
    for (size_t i = 0; i < it->verdict.signed_count; i++) {
        auth_status status = fit_signer(it, i, &found, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    auth_status status = check_strangers(it, &found);
    if (status == AUTH_STATUS_OK && !it->is_refused)
        assign(it, &found);
    return status;
}

auth_status auth_policy_place_text(const auth_policy_place *place, auth_buf *out, auth_error *err)
{
    const char *before = "a signature by role ";
    for (auth_officer_role role = AUTH_OFFICER_ROLE_CLERK; role <= AUTH_OFFICER_ROLE_AUDITOR;
         role++) {
        if ((place->roles >> role & 1U) == 0)
            continue;
        auth_status status =
            auth_buf_printf(out, err, "%s%s", before, auth_officer_role_name(role));
        if (status != AUTH_STATUS_OK)
            return status;
        before = " or ";
    }
    return auth_buf_append(out,
                           auth_bytes_from_text(place->scope == AUTH_POLICY_SCOPE_OWN
                                                    ? " of this office"
                                                    : " of this office or one above it"),
                           err);
}
