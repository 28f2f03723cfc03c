/* SPDX-License-Identifier: Apache-2.0 */
/* Signed answers as HTTP responses (RFC 5019 section 6.2, RFC 6960 appendix A). */
#ifndef OCSP_ANSWER_H
#define OCSP_ANSWER_H

#include "cache.h"

/*
 * What tells answers apart in ETag (RFC 9110 8.8.3). Two that were signed differ, whatever they
 * say, so a number tells them apart, behind octets that nobody else who signs has. Of one thread.
 */
typedef struct ocsp_tags {
    uint64_t own;
    uint64_t last;
} ocsp_tags;

/* Errors: AUTH_STATUS_CRYPTO. */
auth_status ocsp_tags_begin(ocsp_tags *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes the response of an answer, DER. term: what its times are; NULL: it is for one request alone
 * and no cache may keep it, and tags is not looked at. keep_s: for how long caches may keep it at
 * the most.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status ocsp_answer_new(auth_bytes der, const ocsp_term *term, uint32_t keep_s, ocsp_tags *tags,
                            daemon_response **out, auth_error *err) AUTH_MUST_CHECK;

/* Makes the response that reports an error of OCSP: 200 to HTTP, and kept by nobody. */
auth_status ocsp_answer_error(auth_ocsp_response_status error, daemon_response **out,
                              auth_error *err) AUTH_MUST_CHECK;

#endif
