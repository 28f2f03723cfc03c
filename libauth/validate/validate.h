/* SPDX-License-Identifier: Apache-2.0 */
/* What validate.c and issuer.c share. Internal to validate. */
#ifndef VALIDATE_VALIDATE_H
#define VALIDATE_VALIDATE_H

#include "validate/revocation.h"

/* Begins a session; validate_end frees what it reads, also when this failed. */
auth_status validate_begin(session *s, const auth_trust *trust, const auth_validation *options,
                           const auth_evidence *evidence, auth_error *err) AUTH_MUST_CHECK;
void validate_end(session *s);

/* Reads the form of what came along. Errors: AUTH_STATUS_MEMORY. */
auth_status validate_read_pool(session *s, auth_error *err) AUTH_MUST_CHECK;

/*
 * Validates a certificate in a session whose pool was read. *p, empty before, is the chain.
 * Errors: as auth_validate.
 */
auth_status validate_run(session *s, auth_bytes certificate, path *p, auth_verdict *out,
                         auth_error *err) AUTH_MUST_CHECK;

/* Fills a verdict; certificate stands for p->certs[0]. Errors: AUTH_STATUS_MEMORY. */
auth_status validate_report(const judgement *judged, const path *p, const cert_status *status,
                            auth_bytes certificate, auth_verdict *out,
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * As auth_known_issuer_validate. *key, NULL before, becomes the certificate's own key when the
 * short way was gone, so that it need not be read again; the caller frees it.
 */
auth_status validate_by_known_issuer(const auth_known_issuer *issuer,
                                     const auth_validation *options, auth_bytes certificate,
                                     const auth_evidence *evidence, auth_verdict *out,
                                     auth_public_key **key, auth_error *err) AUTH_MUST_CHECK;

#endif
