/* SPDX-License-Identifier: Apache-2.0 */
/* Every member that a profile file may have, once: the tables that json/ reads by. */
#include "profile/raw.h"

#include <stdlib.h>

/* A profile of the size of the ready ones has 2 KiB, depth 5 and 100 values. */
static const json_rules rules = {
    .subject = "profile",
    .guide = "docs/profiles.md",
    .size_max = (size_t)64 * 1024,
    .depth_max = 8,
    .value_max = 4096,
    .text_max = 512,
};

static const json_member key_members[] = {
    JSON_MEMBER_TEXT(raw_key, type, "type", true),
    JSON_MEMBER_NUMBER(raw_key, min_bits, "min_bits", false),
    JSON_MEMBER_NUMBER(raw_key, max_bits, "max_bits", false),
    JSON_MEMBER_END,
};

static const json_member validity_members[] = {
    JSON_MEMBER_NUMBER(raw_validity, days, "days", false),
    JSON_MEMBER_NUMBER(raw_validity, seconds, "seconds", false),
    JSON_MEMBER_NUMBER(raw_validity, max_backdate_seconds, "max_backdate_seconds", false),
    JSON_MEMBER_FLAG(raw_validity, clips_to_issuer, "clip_to_issuer", false),
    JSON_MEMBER_END,
};

static const json_member subject_members[] = {
    JSON_MEMBER_TEXT(raw_subject, attribute, "attribute", true),
    JSON_MEMBER_TEXT(raw_subject, source, "source", true),
    JSON_MEMBER_TEXT(raw_subject, value, "value", false),
    JSON_MEMBER_FLAG(raw_subject, is_required, "required", false),
    JSON_MEMBER_NUMBER(raw_subject, min, "min", false),
    JSON_MEMBER_NUMBER(raw_subject, max, "max", false),
    JSON_MEMBER_END,
};

static const json_member identity_members[] = {
    JSON_MEMBER_TEXT(raw_identity, binding, "binding", true),
    JSON_MEMBER_TEXT(raw_identity, hash, "hash", false),
    JSON_MEMBER_END,
};

static const json_member basic_constraints_members[] = {
    JSON_MEMBER_FLAG(raw_basic_constraints, is_ca, "ca", true),
    JSON_MEMBER_NUMBER(raw_basic_constraints, path_len, "path_len", false),
    JSON_MEMBER_FLAG(raw_basic_constraints, is_critical, "critical", false),
    JSON_MEMBER_END,
};

static const json_member key_usage_members[] = {
    JSON_MEMBER_TEXTS(raw_usage, values, "bits", true),
    JSON_MEMBER_FLAG(raw_usage, is_critical, "critical", false),
    JSON_MEMBER_END,
};

static const json_member extended_key_usage_members[] = {
    JSON_MEMBER_TEXTS(raw_usage, values, "purposes", true),
    JSON_MEMBER_FLAG(raw_usage, is_critical, "critical", false),
    JSON_MEMBER_END,
};

static const json_member policy_members[] = {
    JSON_MEMBER_TEXT(raw_policy, oid, "oid", true),
    JSON_MEMBER_TEXT(raw_policy, cps, "cps", false),
    JSON_MEMBER_END,
};

static const json_member policies_members[] = {
    JSON_MEMBER_FLAG(raw_policies, is_critical, "critical", false),
    JSON_MEMBER_OBJECTS(raw_policies, list, rows, "policies", policy_members, true),
    JSON_MEMBER_END,
};

static const json_member name_members[] = {
    JSON_MEMBER_TEXT(raw_name, kind, "kind", true),
    JSON_MEMBER_NUMBER(raw_name, min, "min", false),
    JSON_MEMBER_NUMBER(raw_name, max, "max", false),
    JSON_MEMBER_END,
};

static const json_member names_members[] = {
    JSON_MEMBER_FLAG(raw_names, is_critical, "critical", false),
    JSON_MEMBER_OBJECTS(raw_names, list, rows, "names", name_members, false),
    JSON_MEMBER_END,
};

static const json_member attribute_members[] = {
    JSON_MEMBER_TEXT(raw_attribute, attribute, "attribute", true),
    JSON_MEMBER_TEXT(raw_attribute, value, "value", true),
    JSON_MEMBER_END,
};

static const json_member subtree_members[] = {
    JSON_MEMBER_TEXT(raw_subtree, kind, "kind", true),
    JSON_MEMBER_TEXT(raw_subtree, value, "value", false),
    JSON_MEMBER_OBJECTS(raw_subtree, list, attributes, "attributes", attribute_members, false),
    JSON_MEMBER_END,
};

static const json_member constraints_members[] = {
    JSON_MEMBER_OBJECTS(raw_name_constraints, permitted_list, permitted, "permitted",
                        subtree_members, false),
    JSON_MEMBER_OBJECTS(raw_name_constraints, excluded_list, excluded, "excluded", subtree_members,
                        false),
    JSON_MEMBER_END,
};

static const json_member uris_members[] = {
    JSON_MEMBER_TEXTS(raw_uris, uris, "uris", true),
    JSON_MEMBER_END,
};

static const json_member access_members[] = {
    JSON_MEMBER_TEXTS(raw_access, ocsp, "ocsp", false),
    JSON_MEMBER_TEXTS(raw_access, ca_issuers, "ca_issuers", false),
    JSON_MEMBER_END,
};

static const json_member extensions_members[] = {
    JSON_MEMBER_OBJECT(raw_extensions, basic_constraints, "basicConstraints",
                       basic_constraints_members, false),
    JSON_MEMBER_OBJECT(raw_extensions, key_usage, "keyUsage", key_usage_members, true),
    JSON_MEMBER_OBJECT(raw_extensions, extended_key_usage, "extKeyUsage",
                       extended_key_usage_members, false),
    JSON_MEMBER_OBJECT(raw_extensions, policies, "certificatePolicies", policies_members, false),
    JSON_MEMBER_OBJECT(raw_extensions, names, "subjectAltName", names_members, false),
    JSON_MEMBER_OBJECT(raw_extensions, constraints, "nameConstraints", constraints_members, false),
    JSON_MEMBER_OBJECT(raw_extensions, crl, "cRLDistributionPoints", uris_members, false),
    JSON_MEMBER_OBJECT(raw_extensions, freshest, "freshestCRL", uris_members, false),
    JSON_MEMBER_OBJECT(raw_extensions, access, "authorityInfoAccess", access_members, false),
    JSON_MEMBER_FLAG(raw_extensions, has_no_check, "ocspNoCheck", false),
    JSON_MEMBER_END,
};

static const json_member profile_members[] = {
    JSON_MEMBER_TEXT(auth_profile_raw, name, "name", true),
    JSON_MEMBER_TEXT(auth_profile_raw, title, "title", true),
    JSON_MEMBER_NUMBER(auth_profile_raw, version, "version", true),
    JSON_MEMBER_TEXT(auth_profile_raw, issuer, "issuer", false),
    JSON_MEMBER_TEXT(auth_profile_raw, possession, "possession", false),
    JSON_MEMBER_OBJECTS(auth_profile_raw, key_list, keys, "keys", key_members, true),
    JSON_MEMBER_OBJECT(auth_profile_raw, validity, "validity", validity_members, true),
    JSON_MEMBER_OBJECTS(auth_profile_raw, subject_list, subject, "subject", subject_members, false),
    JSON_MEMBER_OBJECT(auth_profile_raw, identity, "identity", identity_members, false),
    JSON_MEMBER_OBJECT(auth_profile_raw, extensions, "extensions", extensions_members, true),
    JSON_MEMBER_END,
};

auth_status auth_profile_parse(auth_bytes json, auth_profile_raw **out, auth_error *err)
{
    AUTH_AUTO(auth_profile_raw) *raw = calloc(1, sizeof *raw);
    if (raw == NULL)
        return auth_error_memory(err);
    auth_status status = json_open(json, &rules, &raw->document, err);
    if (status == AUTH_STATUS_OK)
        status = json_decode(raw->document, profile_members, raw, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = AUTH_TAKE(raw);
    return AUTH_STATUS_OK;
}

void auth_profile_raw_free(auth_profile_raw *raw)
{
    if (raw == NULL)
        return;
    json_close(raw->document);
    free(raw);
}
