/* SPDX-License-Identifier: Apache-2.0 */
/* From octets that somebody sent to evidence: nothing else makes an auth_fetched. Internal. */
#ifndef FETCH_VERIFY_H
#define FETCH_VERIFY_H

#include "fetch/issuers.h"
#include "fetch/outcome.h"

/* What evidence must be about. */
typedef struct verify_question {
    const uint8_t *key;
    const fetch_issuer *issuer;
    auth_bytes serial;
    auth_time now;
} verify_question;

/*
 * Verifies an OCSP answer. How fresh it is, beyond not being expired, is the search's to judge.
 *
 * Ownership: gives *out when it returns FOUND.
 */
auth_fetch_outcome verify_ocsp(const verify_question *question, auth_bytes answer,
                               auth_fetched **out, auth_error *err);

#endif
