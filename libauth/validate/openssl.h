/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that calls X509_verify_cert. Internal to validate. */
#ifndef VALIDATE_OPENSSL_H
#define VALIDATE_OPENSSL_H

#include "validate/session.h"

/* Candidates that are not to be used any more. */
typedef struct exclusion {
    size_t count;
    const candidate *rows[SESSION_ATTEMPTS];
} exclusion;

/*
 * Builds one chain and has OpenSSL validate it: signatures, times, path length, name constraints,
 * policies. As session_find_path, without rules of our own and without revocation.
 */
auth_status openssl_build_path(session *s, const path_query *query, const exclusion *excluded,
                               path *out, judgement *judged, auth_error *err) AUTH_MUST_CHECK;

/* The reason that an error of X509_verify_cert becomes; false for a number that has none. */
bool openssl_reason_of(int error, auth_verdict_reason *out);

#endif
