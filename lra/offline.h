/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be judged while the registry is away: officers by the staff authority's signature and by
 * what the registry last said of them, documents by form, signatures, times, policy and office.
 * What only the registry can tell (whether a certificate exists, a person has one, a name is free)
 * counts as good here and is judged when the document is delivered; nothing is obeyed before.
 */
#ifndef LRA_OFFLINE_H
#define LRA_OFFLINE_H

#include "known.h"

#include <auth/quorum.h>
#include <auth/validate.h>

typedef struct lra_offline {
    const char *realm;
    const char *office; /* this one */
    const auth_policy *policy;
    const auth_known_issuer *staff;
    const auth_known_issuer *citizens;
    lra_known *known;
    int64_t max_age_s; /* how old what is known of an officer may be */
} lra_offline;

/*
 * Reads a certificate as that of an officer of this office: who he says he is. It has to be good by
 * the staff authority at a time; is_good and at of *out are not set.
 *
 * Errors: AUTH_STATUS_UNTRUSTED, AUTH_STATUS_EXPIRED, AUTH_STATUS_DENIED for another realm or
 * office; AUTH_STATUS_MALFORMED; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status lra_offline_read(const lra_offline *it, auth_bytes certificate, auth_time now,
                             lra_known_officer *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Judges an officer of this office by his certificate and what was known last. *out is who he is,
 * with the time of that knowledge.
 *
 * Errors: those of lra_offline_read; AUTH_STATUS_REVOKED when the registry said that he is not
 * good; AUTH_STATUS_UNAVAILABLE when it never said anything of him, or too long ago.
 */
auth_status lra_offline_judge(const lra_offline *it, auth_bytes certificate, auth_time now,
                              lra_known_officer *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Judges a document. A refusal is an answer: out->outcome is AUTH_REQUEST_REFUSED. What is short of
 * a signature is not refused.
 *
 * Errors: AUTH_STATUS_UNAVAILABLE when it is not known where this office lies; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO.
 */
auth_status lra_offline_check(const lra_offline *it, const auth_request *request, auth_time now,
                              auth_request_verdict *out, auth_error *err) AUTH_MUST_CHECK;

#endif
