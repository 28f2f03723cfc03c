/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as its file says it, and as it was checked. Internal to request. */
#ifndef REQUEST_POLICY_H
#define REQUEST_POLICY_H

#include "json/json.h"

#include <auth/policy.h>

#define POLICY_VERSION 1
#define POLICY_PROFILES_MAX 64
#define POLICY_QUORUMS_MAX 64
#define POLICY_GLOBS_MAX 8

/* Numbers of kinds are below. */
#define POLICY_KINDS_END (AUTH_REQUEST_KIND_CLOSE_OFFICE + 1)

typedef struct raw_lifetimes {
    json_object_head head;
    json_number kinds[POLICY_KINDS_END];
} raw_lifetimes;

typedef struct raw_policy_profile {
    json_object_head head;
    auth_bytes name;
    auth_bytes authority;
    auth_bytes purpose;
    json_texts kinds;
    json_number certificates_an_hour;
} raw_policy_profile;

typedef struct raw_signers {
    json_object_head head;
    json_texts roles;
    json_number count;
    auth_bytes scope;
} raw_signers;

typedef struct raw_quorum {
    json_object_head head;
    auth_bytes kind;
    json_texts profiles;
    json_flag is_holder;
    auth_bytes reach;
    json_array_head signer_list;
    raw_signers signers[AUTH_POLICY_PLACES_MAX];
} raw_quorum;

struct auth_policy_raw {
    json_object_head head;
    json_document *document; /* what all auth_bytes borrow */
    json_number version;
    auth_bytes realm;
    json_number clock_skew_s;
    raw_lifetimes lifetimes;
    json_rows profiles; /* of raw_policy_profile */
    json_rows quorums;  /* of raw_quorum */
};

/* For which requests a quorum is. */
typedef struct policy_rule {
    auth_request_kind kind;
    size_t glob_count; /* 0: for all */
    char globs[POLICY_GLOBS_MAX][AUTH_IDENTIFIER_SIZE];
    auth_policy_quorum quorum;
} policy_rule;

struct auth_policy {
    char realm[AUTH_IDENTIFIER_SIZE];
    int64_t clock_skew_s;
    int64_t lifetimes_s[POLICY_KINDS_END];
    size_t profile_count;
    auth_policy_profile profiles[POLICY_PROFILES_MAX];
    size_t rule_count;
    policy_rule rules[POLICY_QUORUMS_MAX];
};

/* Reads one quorum into *out, without looking at the others. */
auth_status policy_check_quorum(const raw_quorum *raw, size_t index, const auth_policy *policy,
                                policy_rule *out, auth_error *err) AUTH_MUST_CHECK;

/* Tells whether a pattern fits text: '*' stands for any characters, everything else for itself. */
bool policy_glob_fits(const char *glob, const char *text);

/* Refusals that begin with the JSON path. */
auth_status policy_refuse(auth_error *err, const char *path, const char *what) AUTH_MUST_CHECK;
auth_status policy_refuse_at(auth_error *err, const char *before, size_t index, const char *after,
                             const char *what) AUTH_MUST_CHECK;

#endif
