/* SPDX-License-Identifier: Apache-2.0 */
/* Signed answers as HTTP responses (RFC 5019 section 6.2, RFC 6960 appendix A). */
#ifndef OCSP_ANSWER_H
#define OCSP_ANSWER_H

#include "cache.h"

#include "registry/crypto.h"

/*
 * Makes the response of an answer, DER. term: what its times are; NULL: it is for one request alone
 * and no cache may keep it. keep_s: for how long caches may keep it at the most.
 *
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status ocsp_answer_new(auth_bytes der, const ocsp_term *term, uint32_t keep_s,
                            registry_crypto *crypto, daemon_response **out,
                            auth_error *err) AUTH_MUST_CHECK;

/* Makes the response that reports an error of OCSP: 200 to HTTP, and kept by nobody. */
auth_status ocsp_answer_error(auth_ocsp_response_status error, daemon_response **out,
                              auth_error *err) AUTH_MUST_CHECK;

#endif
