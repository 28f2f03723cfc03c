/* SPDX-License-Identifier: Apache-2.0 */
/* Policies of logins. Internal to login. */
#ifndef LOGIN_POLICY_H
#define LOGIN_POLICY_H

#include <auth/verifier.h>

/* Checks a policy, however it came about. Errors: AUTH_STATUS_INVALID. */
auth_status login_policy_check(const auth_login_policy *policy, auth_error *err) AUTH_MUST_CHECK;

/* Tells whether the policy lets this audience pass when nothing tells of revocation. */
bool login_policy_is_soft(const auth_login_policy *policy, const char *audience);

/* Tells whether the policy names a source. */
bool login_policy_has(const auth_login_policy *policy, auth_login_source source);

/* How old knowledge about the holder may be in seconds; 0: until its nextUpdate. */
uint32_t login_policy_max_age(const auth_login_policy *policy);

#endif
