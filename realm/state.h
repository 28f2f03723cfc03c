/* SPDX-License-Identifier: Apache-2.0 */
/* A realm that is open. Internal to realm. */
#ifndef REALM_STATE_H
#define REALM_STATE_H

#include "realm/realm.h"

#define REALM_PROFILES_MAX 64

typedef struct realm_authority_state {
    auth_cert *cert;
    auth_signer *signer;
    auth_issuer *issuer;
} realm_authority_state;

struct realm {
    char dir[REALM_PATH_SIZE];
    daemon_options *options;
    realm_authority_state authorities[REALM_AUTHORITY_END];
    auth_profile *profiles[REALM_PROFILES_MAX];
    size_t profile_count;
    auth_policy *policy;
    auth_buf *policy_text;
    registry_keyring *keyring;
};

/* profiles.c: reads DIR/profiles, and the policy, which is held against them. */
auth_status realm_profiles_load(realm *of, auth_error *err) AUTH_MUST_CHECK;
auth_status realm_policy_load(realm *of, auth_error *err) AUTH_MUST_CHECK;

/* authorities.c: reads certificates and keys. */
auth_status realm_authorities_load(realm *of, auth_error *err) AUTH_MUST_CHECK;
auth_status realm_signers_load(realm *of, const realm_opening *opening,
                               auth_error *err) AUTH_MUST_CHECK;

#endif
