/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of an evaluation. Each returns AUTH_STATUS_OK with the verdict as it was, or with a
 * refusal in it; any other status is a fault. Internal to request.
 */
#ifndef REQUEST_EVALUATE_H
#define REQUEST_EVALUATE_H

#include "request/request.h"

#include <auth/quorum.h>

typedef struct evaluation {
    const auth_request *request;
    const auth_policy *policy;
    const auth_request_facts *facts;
    auth_time now;
    const auth_policy_quorum *quorum;
    bool is_refused;
    auth_request_verdict verdict;
    char within[AUTH_IDENTIFIER_SIZE]; /* the last office that was found to be in scope; or "" */
    uint8_t key_hashes[AUTH_JWS_SIGNATURES_MAX][AUTH_KEY_HASH_SIZE];
} evaluation;

/* Writes a refusal about a signature or an item, or AUTH_REQUEST_NOWHERE. */
auth_status evaluation_refuse(evaluation *it, auth_request_reason reason, size_t signature,
                              size_t item) AUTH_MUST_CHECK;

/* Verifies each signature and asks who made it. */
auth_status evaluation_check_signers(evaluation *it, auth_error *err) AUTH_MUST_CHECK;

/* What the items speak of: certificates, officers and offices, and whether signers may. */
auth_status evaluation_check_items(evaluation *it, auth_error *err) AUTH_MUST_CHECK;

/* Assigns the signers to the places of the quorum. */
auth_status evaluation_count(evaluation *it, auth_error *err) AUTH_MUST_CHECK;

/* Tells whether a holder was revoked or dismissed by now. */
bool evaluation_is_revoked(const evaluation *it, const auth_request_holder *holder);
bool evaluation_is_dismissed(const evaluation *it, const auth_request_holder *holder);

bool evaluation_is_same_person(const auth_person_index *a, const auth_person_index *b);

#endif
