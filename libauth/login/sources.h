/* SPDX-License-Identifier: Apache-2.0 */
/* Between the words of a verifier and those of a fetcher. Internal to login. */
#ifndef LOGIN_SOURCES_H
#define LOGIN_SOURCES_H

#include <auth/verifier.h>

auth_fetch_request login_fetch_request(const auth_status_question *question);

/*
 * What a fetch that ended with status became. Errors: the status when it was a fault, or a fetcher
 * that cannot be asked.
 */
auth_status login_read_fetch(auth_status status, const auth_fetch_result *result,
                             const auth_error *why, auth_status_knowledge *out,
                             auth_error *err) AUTH_MUST_CHECK;

#endif
