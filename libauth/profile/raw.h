/* SPDX-License-Identifier: Apache-2.0 */
/* A profile as its file says it: the types are right, nothing else was checked. */
#ifndef PROFILE_RAW_H
#define PROFILE_RAW_H

#include "json/json.h"

#include <auth/profile.h>

#define RAW_KEYS_MAX 5
#define RAW_SUBJECT_MAX 16
#define RAW_POLICIES_MAX 8
#define RAW_NAMES_MAX 8
#define RAW_SUBTREES_MAX 16
#define RAW_ATTRIBUTES_MAX 4

typedef struct raw_key {
    json_object_head head;
    auth_bytes type;
    json_number min_bits;
    json_number max_bits;
} raw_key;

typedef struct raw_validity {
    json_object_head head;
    json_number days;
    json_number seconds;
    json_number max_backdate_seconds;
    json_flag clips_to_issuer;
} raw_validity;

typedef struct raw_subject {
    json_object_head head;
    auth_bytes attribute;
    auth_bytes source;
    auth_bytes value;
    json_flag is_required;
    json_number min;
    json_number max;
} raw_subject;

typedef struct raw_identity {
    json_object_head head;
    auth_bytes binding;
    auth_bytes hash;
} raw_identity;

typedef struct raw_basic_constraints {
    json_object_head head;
    json_flag is_ca;
    json_number path_len;
    json_flag is_critical;
} raw_basic_constraints;

/* keyUsage and extKeyUsage */
typedef struct raw_usage {
    json_object_head head;
    json_texts values;
    json_flag is_critical;
} raw_usage;

typedef struct raw_policy {
    json_object_head head;
    auth_bytes oid;
    auth_bytes cps;
} raw_policy;

typedef struct raw_policies {
    json_object_head head;
    json_flag is_critical;
    json_array_head list;
    raw_policy rows[RAW_POLICIES_MAX];
} raw_policies;

typedef struct raw_name {
    json_object_head head;
    auth_bytes kind;
    json_number min;
    json_number max;
} raw_name;

typedef struct raw_names {
    json_object_head head;
    json_flag is_critical;
    json_array_head list;
    raw_name rows[RAW_NAMES_MAX];
} raw_names;

typedef struct raw_attribute {
    json_object_head head;
    auth_bytes attribute;
    auth_bytes value;
} raw_attribute;

typedef struct raw_subtree {
    json_object_head head;
    auth_bytes kind;
    auth_bytes value;
    json_array_head list;
    raw_attribute attributes[RAW_ATTRIBUTES_MAX];
} raw_subtree;

typedef struct raw_name_constraints {
    json_object_head head;
    json_array_head permitted_list;
    raw_subtree permitted[RAW_SUBTREES_MAX];
    json_array_head excluded_list;
    raw_subtree excluded[RAW_SUBTREES_MAX];
} raw_name_constraints;

typedef struct raw_uris {
    json_object_head head;
    json_texts uris;
} raw_uris;

typedef struct raw_access {
    json_object_head head;
    json_texts ocsp;
    json_texts ca_issuers;
} raw_access;

typedef struct raw_extensions {
    json_object_head head;
    raw_basic_constraints basic_constraints;
    raw_usage key_usage;
    raw_usage extended_key_usage;
    raw_policies policies;
    raw_names names;
    raw_name_constraints constraints;
    raw_uris crl;
    raw_uris freshest;
    raw_access access;
    json_flag has_no_check;
} raw_extensions;

struct auth_profile_raw {
    json_object_head head;
    json_document *document; /* what all auth_bytes borrow */
    auth_bytes name;
    auth_bytes title;
    json_number version;
    auth_bytes issuer;
    auth_bytes possession;
    json_array_head key_list;
    raw_key keys[RAW_KEYS_MAX];
    raw_validity validity;
    json_array_head subject_list;
    raw_subject subject[RAW_SUBJECT_MAX];
    raw_identity identity;
    raw_extensions extensions;
};

#endif
