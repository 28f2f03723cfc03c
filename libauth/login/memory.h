/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The challenges that were answered in this process, until a minute after they expired. Bounded:
 * when there is no room the answer is FULL and the login is refused, since a replay could not be
 * told. Internal to login.
 */
#ifndef LOGIN_MEMORY_H
#define LOGIN_MEMORY_H

#include <auth/verifier.h>

typedef struct login_memory login_memory;

#define LOGIN_CHALLENGES_MAX ((size_t)1 << 24)

auth_status login_memory_new(size_t count, login_memory **out, auth_error *err) AUTH_MUST_CHECK;
void login_memory_free(login_memory *memory);

/* As auth_challenge_remember. */
auth_remembered login_memory_add(login_memory *memory, const uint8_t hash[AUTH_CHALLENGE_HASH_SIZE],
                                 auth_time now, auth_time expires);

#endif
