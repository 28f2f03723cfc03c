/* SPDX-License-Identifier: Apache-2.0 */
/* What a verifier holds. Internal to login. */
#ifndef LOGIN_VERIFIER_H
#define LOGIN_VERIFIER_H

#include "login/holders.h"
#include "login/memory.h"

struct auth_verifier {
    auth_login_policy policy;
    auth_purpose purpose;
    auth_trust *trust;
    uint8_t *octets;         /* what authorities view */
    auth_bytes *authorities; /* copies */
    size_t authority_count;
    auth_status_ask *ask;
    void *ask_context;
    auth_challenge_remember *remember;
    void *remember_context;
    login_memory *memory; /* NULL with remember */
    login_issuers issuers;
    login_holders *holders;
};

#endif
