/* SPDX-License-Identifier: Apache-2.0 */
/* Every member that a policy file may have, once: the tables that json/ reads by. */
#include "request/policy.h"

#include <stdlib.h>

static const json_rules rules = {
    .subject = "policy",
    .guide = "docs/request.md",
    .size_max = (size_t)64 * 1024,
    .depth_max = 6,
    .value_max = 4096,
    .text_max = AUTH_IDENTIFIER_SIZE - 1,
};

static const json_member lifetime_members[] = {
#define AUTH_REQUEST_KIND_ROW(id, number, name, has_profile, text)                                 \
    JSON_MEMBER_NUMBER(raw_lifetimes, kinds[number], name, true),
#include <auth/request_kind.def>
    JSON_MEMBER_END,
};

static const json_member profile_members[] = {
    JSON_MEMBER_TEXT(raw_policy_profile, name, "name", true),
    JSON_MEMBER_TEXT(raw_policy_profile, authority, "authority", true),
    JSON_MEMBER_TEXT(raw_policy_profile, purpose, "purpose", true),
    JSON_MEMBER_TEXTS(raw_policy_profile, kinds, "kinds", true),
    JSON_MEMBER_NUMBER(raw_policy_profile, certificates_an_hour, "certificates_an_hour", false),
    JSON_MEMBER_END,
};

static const json_member signer_members[] = {
    JSON_MEMBER_TEXTS(raw_signers, roles, "roles", true),
    JSON_MEMBER_NUMBER(raw_signers, count, "count", false),
    JSON_MEMBER_TEXT(raw_signers, scope, "scope", true),
    JSON_MEMBER_END,
};

static const json_member quorum_members[] = {
    JSON_MEMBER_TEXT(raw_quorum, kind, "kind", true),
    JSON_MEMBER_TEXTS(raw_quorum, profiles, "profiles", false),
    JSON_MEMBER_FLAG(raw_quorum, is_holder, "holder", false),
    JSON_MEMBER_TEXT(raw_quorum, reach, "reach", false),
    JSON_MEMBER_OBJECTS(raw_quorum, signer_list, signers, "signers", signer_members, false),
    JSON_MEMBER_END,
};

static const json_member policy_members[] = {
    JSON_MEMBER_NUMBER(auth_policy_raw, version, "version", true),
    JSON_MEMBER_TEXT(auth_policy_raw, realm, "realm", true),
    JSON_MEMBER_NUMBER(auth_policy_raw, clock_skew_s, "clock_skew_s", true),
    JSON_MEMBER_OBJECT(auth_policy_raw, lifetimes, "max_lifetime_s", lifetime_members, true),
    JSON_MEMBER_ROWS(auth_policy_raw, profiles, "profiles", raw_policy_profile, profile_members,
                     POLICY_PROFILES_MAX, true),
    JSON_MEMBER_ROWS(auth_policy_raw, quorums, "quorums", raw_quorum, quorum_members,
                     POLICY_QUORUMS_MAX, true),
    JSON_MEMBER_END,
};

auth_status auth_policy_parse(auth_bytes json, auth_policy_raw **out, auth_error *err)
{
    AUTH_AUTO(auth_policy_raw) *raw = calloc(1, sizeof *raw);
    if (raw == NULL)
        return auth_error_memory(err);
    auth_status status = json_open(json, &rules, &raw->document, err);
    if (status == AUTH_STATUS_OK)
        status = json_decode(raw->document, policy_members, raw, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(raw);
    return status;
}

void auth_policy_raw_free(auth_policy_raw *raw)
{
    if (raw == NULL)
        return;
    json_close(raw->document);
    free(raw);
}
