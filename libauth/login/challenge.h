/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The octets of a challenge: version, when it was made, its lifetime, 128 random bits, and for a
 * stateless one a code over these, the audience and the session. Internal to login.
 */
#ifndef LOGIN_CHALLENGE_H
#define LOGIN_CHALLENGE_H

#include <auth/login.h>

#define CHALLENGE_HEAD_LEN 29 /* version 1, made 8, lifetime 4, nonce 16 */
#define CHALLENGE_MAC_LEN 32

typedef struct login_challenge {
    bool is_keyed;
    auth_time made;
    uint32_t lifetime_s;
    uint8_t octets[CHALLENGE_HEAD_LEN + CHALLENGE_MAC_LEN];
} login_challenge;

/*
 * Reads a challenge's text; nothing is verified. Errors: AUTH_STATUS_MALFORMED when it is none;
 * AUTH_STATUS_MEMORY.
 */
auth_status login_challenge_read(auth_bytes text, login_challenge *out,
                                 auth_error *err) AUTH_MUST_CHECK;

/*
 * Judges the text of a challenge that came back. *reason becomes OK or one of the CHALLENGE_…
 * Errors: AUTH_STATUS_MEMORY, AUTH_STATUS_CRYPTO.
 */
auth_status login_challenge_judge(auth_bytes text, const auth_login_input *input, uint32_t skew_s,
                                  login_challenge *out, auth_login_reason *reason,
                                  auth_error *err) AUTH_MUST_CHECK;

/* By what a challenge of an audience is remembered. Errors: AUTH_STATUS_MEMORY, AUTH_STATUS_CRYPTO.
 */
auth_status login_challenge_hash(const login_challenge *challenge, const char *audience,
                                 uint8_t out[AUTH_CHALLENGE_HASH_SIZE],
                                 auth_error *err) AUTH_MUST_CHECK;

#endif
