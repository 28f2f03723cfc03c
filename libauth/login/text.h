/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about texts that an application gives. Internal to login. */
#ifndef LOGIN_TEXT_H
#define LOGIN_TEXT_H

#include <auth/login.h>

#define LOGIN_AUDIENCE_RULE                                                                        \
    "not 1 to 255 printable ASCII characters without space, quote and backslash"

/* Tells whether octets can be an audience: they stand in JSON as they are. */
bool login_is_audience(auth_bytes text);

/* Checks what an application gives with each login. Errors: AUTH_STATUS_INVALID. */
auth_status login_check_audience(const char *audience, auth_error *err) AUTH_MUST_CHECK;
auth_status login_check_session(auth_bytes session, auth_error *err) AUTH_MUST_CHECK;
auth_status login_check_key(auth_bytes key, const char *name, auth_error *err) AUTH_MUST_CHECK;

/* Keeps UTF-8 text, cut between two characters where it is too long. */
void login_keep_text(auth_bytes text, char out[AUTH_LOGIN_TEXT_SIZE]);

#endif
