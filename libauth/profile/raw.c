/* SPDX-License-Identifier: Apache-2.0 */
/* Every member that a profile file may have, once: the tables that json.c reads by. */
#include "profile/raw.h"

#include <stdlib.h>

#define TEXT(type, field, label, need)                                                             \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_TEXT, .is_required = (need),                            \
        .offset = offsetof(type, field)                                                            \
    }
#define FLAG(type, field, label, need)                                                             \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_FLAG, .is_required = (need),                            \
        .offset = offsetof(type, field)                                                            \
    }
#define NUMBER(type, field, label, need)                                                           \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_NUMBER, .is_required = (need),                          \
        .offset = offsetof(type, field)                                                            \
    }
#define TEXTS(type, field, label, need)                                                            \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_TEXTS, .is_required = (need),                           \
        .offset = offsetof(type, field)                                                            \
    }
#define OBJECT(type, field, label, table, need)                                                    \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_OBJECT, .is_required = (need),                          \
        .offset = offsetof(type, field), .members = (table)                                        \
    }
#define OBJECTS(type, list, field, label, table, need)                                             \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_OBJECTS, .is_required = (need),                         \
        .offset = offsetof(type, list), .members = (table), .rows_offset = offsetof(type, field),  \
        .row_size = sizeof(((type *)NULL)->field[0]),                                              \
        .row_max = sizeof(((type *)NULL)->field) / sizeof(((type *)NULL)->field[0])                \
    }
#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }

static const json_member key_members[] = {
    TEXT(raw_key, type, "type", true),
    NUMBER(raw_key, min_bits, "min_bits", false),
    NUMBER(raw_key, max_bits, "max_bits", false),
    END,
};

static const json_member validity_members[] = {
    NUMBER(raw_validity, days, "days", false),
    NUMBER(raw_validity, seconds, "seconds", false),
    NUMBER(raw_validity, max_backdate_seconds, "max_backdate_seconds", false),
    FLAG(raw_validity, clips_to_issuer, "clip_to_issuer", false),
    END,
};

static const json_member subject_members[] = {
    TEXT(raw_subject, attribute, "attribute", true),
    TEXT(raw_subject, source, "source", true),
    TEXT(raw_subject, value, "value", false),
    FLAG(raw_subject, is_required, "required", false),
    NUMBER(raw_subject, min, "min", false),
    NUMBER(raw_subject, max, "max", false),
    END,
};

static const json_member identity_members[] = {
    TEXT(raw_identity, binding, "binding", true),
    TEXT(raw_identity, hash, "hash", false),
    END,
};

static const json_member basic_constraints_members[] = {
    FLAG(raw_basic_constraints, is_ca, "ca", true),
    NUMBER(raw_basic_constraints, path_len, "path_len", false),
    FLAG(raw_basic_constraints, is_critical, "critical", false),
    END,
};

static const json_member key_usage_members[] = {
    TEXTS(raw_usage, values, "bits", true),
    FLAG(raw_usage, is_critical, "critical", false),
    END,
};

static const json_member extended_key_usage_members[] = {
    TEXTS(raw_usage, values, "purposes", true),
    FLAG(raw_usage, is_critical, "critical", false),
    END,
};

static const json_member policy_members[] = {
    TEXT(raw_policy, oid, "oid", true),
    TEXT(raw_policy, cps, "cps", false),
    END,
};

static const json_member policies_members[] = {
    FLAG(raw_policies, is_critical, "critical", false),
    OBJECTS(raw_policies, list, rows, "policies", policy_members, true),
    END,
};

static const json_member name_members[] = {
    TEXT(raw_name, kind, "kind", true),
    NUMBER(raw_name, min, "min", false),
    NUMBER(raw_name, max, "max", false),
    END,
};

static const json_member names_members[] = {
    FLAG(raw_names, is_critical, "critical", false),
    OBJECTS(raw_names, list, rows, "names", name_members, false),
    END,
};

static const json_member attribute_members[] = {
    TEXT(raw_attribute, attribute, "attribute", true),
    TEXT(raw_attribute, value, "value", true),
    END,
};

static const json_member subtree_members[] = {
    TEXT(raw_subtree, kind, "kind", true),
    TEXT(raw_subtree, value, "value", false),
    OBJECTS(raw_subtree, list, attributes, "attributes", attribute_members, false),
    END,
};

static const json_member constraints_members[] = {
    OBJECTS(raw_name_constraints, permitted_list, permitted, "permitted", subtree_members, false),
    OBJECTS(raw_name_constraints, excluded_list, excluded, "excluded", subtree_members, false),
    END,
};

static const json_member uris_members[] = {
    TEXTS(raw_uris, uris, "uris", true),
    END,
};

static const json_member access_members[] = {
    TEXTS(raw_access, ocsp, "ocsp", false),
    TEXTS(raw_access, ca_issuers, "ca_issuers", false),
    END,
};

static const json_member extensions_members[] = {
    OBJECT(raw_extensions, basic_constraints, "basicConstraints", basic_constraints_members, false),
    OBJECT(raw_extensions, key_usage, "keyUsage", key_usage_members, true),
    OBJECT(raw_extensions, extended_key_usage, "extKeyUsage", extended_key_usage_members, false),
    OBJECT(raw_extensions, policies, "certificatePolicies", policies_members, false),
    OBJECT(raw_extensions, names, "subjectAltName", names_members, false),
    OBJECT(raw_extensions, constraints, "nameConstraints", constraints_members, false),
    OBJECT(raw_extensions, crl, "cRLDistributionPoints", uris_members, false),
    OBJECT(raw_extensions, freshest, "freshestCRL", uris_members, false),
    OBJECT(raw_extensions, access, "authorityInfoAccess", access_members, false),
    FLAG(raw_extensions, has_no_check, "ocspNoCheck", false),
    END,
};

static const json_member profile_members[] = {
    TEXT(auth_profile_raw, name, "name", true),
    TEXT(auth_profile_raw, title, "title", true),
    NUMBER(auth_profile_raw, version, "version", true),
    TEXT(auth_profile_raw, issuer, "issuer", false),
    TEXT(auth_profile_raw, possession, "possession", false),
    OBJECTS(auth_profile_raw, key_list, keys, "keys", key_members, true),
    OBJECT(auth_profile_raw, validity, "validity", validity_members, true),
    OBJECTS(auth_profile_raw, subject_list, subject, "subject", subject_members, false),
    OBJECT(auth_profile_raw, identity, "identity", identity_members, false),
    OBJECT(auth_profile_raw, extensions, "extensions", extensions_members, true),
    END,
};

auth_status auth_profile_parse(auth_bytes json, auth_profile_raw **out, auth_error *err)
{
    AUTH_AUTO(auth_profile_raw) *raw = calloc(1, sizeof *raw);
    if (raw == NULL)
        return auth_error_memory(err);
    auth_status status = json_open(json, &raw->document, err);
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
