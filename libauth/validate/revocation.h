/* SPDX-License-Identifier: Apache-2.0 */
/* Is a certificate of a chain revoked? RFC 5280 6.3 and RFC 6960. Internal to validate. */
#ifndef VALIDATE_REVOCATION_H
#define VALIDATE_REVOCATION_H

#include "validate/session.h"

struct cert_status {
    bool is_known;
    bool is_revoked;
    auth_revocation_source source;
    auth_time this_update;
    auth_time next_update; /* 0: it does not say */
    auth_time revoked;
    auth_revocation_reason reason;
    bool has_problem; /* there is evidence about it that cannot be used: problem */
    finding problem;
    size_t unchecked_count; /* of a whole chain: certificates that nothing tells of */
};

/*
 * Judges each certificate of a chain below the anchor, from the anchor down. *out is the status of
 * the certificate that decided, or of the first. Errors: AUTH_STATUS_MEMORY, AUTH_STATUS_CRYPTO.
 */
auth_status revocation_check(session *s, const path_query *query, const path *p, judgement *judged,
                             cert_status *out, auth_error *err) AUTH_MUST_CHECK;

/* Reads the form of the CRLs that were handed in. Errors: AUTH_STATUS_MEMORY. */
auth_status crl_view_all(session *s, auth_error *err) AUTH_MUST_CHECK;

/*
 * Looks p->certs[index] up in the CRLs that were handed in. Errors: as revocation_check.
 */
auth_status crl_status_of(session *s, const path *p, size_t index, unsigned level, cert_status *out,
                          auth_error *err) AUTH_MUST_CHECK;

/* The same for the OCSP responses. */
auth_status ocsp_status_of(session *s, const path *p, size_t index, cert_status *out,
                           auth_error *err) AUTH_MUST_CHECK;

/* Finds out who signed a CRL that was parsed, and whether he may. Errors: as revocation_check. */
auth_status crl_judge_signer(session *s, crl_item *item, const path *p, size_t index,
                             unsigned level, auth_error *err) AUTH_MUST_CHECK;

#endif
