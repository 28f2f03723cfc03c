/* SPDX-License-Identifier: Apache-2.0 */
/* A checked profile, ready to issue and lint by. Internal to libauth. */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include "key/digest.h"
#include "x509/view.h"

#include <auth/profile.h>

#define PROFILE_NAME_SIZE 65
#define PROFILE_TITLE_SIZE 129
#define PROFILE_SUBJECT_MAX 16
#define PROFILE_VALUE_MAX 512
#define PROFILE_NAMES_MAX 4
#define PROFILE_URIS_MAX 4
#define PROFILE_URI_SIZE 256
#define PROFILE_CONSTANTS_MAX 8
#define PROFILE_CONSTANTS_SIZE 8192

/* No certificate is dated back further than this, whatever a profile says (five minutes). */
#define PROFILE_BACKDATE_MAX 300

typedef enum profile_source {
    PROFILE_SOURCE_REQUEST,
    PROFILE_SOURCE_FIXED,
    PROFILE_SOURCE_IDENTITY,
} profile_source;

typedef struct profile_attribute {
    oid id;
    profile_source source;
    bool is_required;
    size_t min; /* characters */
    size_t max;
    size_t value_len;
    uint8_t value[PROFILE_VALUE_MAX]; /* of a fixed one */
} profile_attribute;

/* Kinds of names in a subjectAltName that a request may bring. */
typedef enum profile_name_kind {
    PROFILE_NAME_DNS,
    PROFILE_NAME_EMAIL,
    PROFILE_NAME_URI,
    PROFILE_NAME_IP,
} profile_name_kind;

typedef struct profile_name_rule {
    bool is_allowed;
    size_t min;
    size_t max;
} profile_name_rule;

/* An extension that is the same in every certificate, whole. */
typedef struct profile_constant {
    oid id;
    size_t at;
    size_t len;
} profile_constant;

typedef struct profile_uris {
    size_t count;
    char rows[PROFILE_URIS_MAX][PROFILE_URI_SIZE];
} profile_uris;

struct auth_profile {
    char name[PROFILE_NAME_SIZE];
    char title[PROFILE_TITLE_SIZE];
    bool is_self_signed;
    bool takes_bare_key;
    uint32_t key_types; /* bit auth_key_type */
    unsigned rsa_min_bits;
    unsigned rsa_max_bits;
    int64_t period; /* seconds, notAfter included */
    int64_t max_backdate;
    bool clips_to_issuer;
    size_t subject_count;
    profile_attribute subject[PROFILE_SUBJECT_MAX];
    auth_identity_binding binding;
    digest_algorithm hash; /* of the binding */
    bool is_ca;
    bool has_path_len;
    uint64_t path_len;
    uint32_t key_usage;
    bool signs_ocsp;
    bool has_names; /* a subjectAltName may be there */
    bool names_are_critical;
    profile_name_rule names[PROFILE_NAMES_MAX]; /* by profile_name_kind */
    profile_uris crl;
    profile_uris freshest;
    profile_uris ocsp;
    profile_uris ca_issuers;
    size_t constant_count;
    profile_constant constants[PROFILE_CONSTANTS_MAX];
    size_t constants_len;
    uint8_t constants_room[PROFILE_CONSTANTS_SIZE];
};

/* The whole Extension that is the same in every certificate; empty when the profile has none. */
auth_bytes profile_constant_of(const auth_profile *profile, oid id);

/* What takes the place of {issuer} and {shard}. */
#define PROFILE_ISSUER_TEXT_LEN (2 * (size_t)AUTH_KEY_ID_SIZE)

/*
 * Writes a URI with its places filled. False when it does not fit in PROFILE_URI_SIZE.
 * issuer_key_id has AUTH_KEY_ID_SIZE octets at the most.
 */
bool profile_expand_uri(const char *uri, auth_bytes issuer_key_id, uint32_t shard,
                        char out[PROFILE_URI_SIZE], size_t *len);

/* Tells whether text is what profile_expand_uri writes for some shard. */
bool profile_uri_fits(const char *uri, auth_bytes issuer_key_id, auth_bytes text);

/*
 * The rules of one kind of name: a DNS name, an e-mail address, a URI, 4 or 16 octets of an
 * address. Errors: AUTH_STATUS_INVALID.
 */
auth_status profile_check_name(profile_name_kind kind, auth_bytes value,
                               auth_error *err) AUTH_MUST_CHECK;

/* The tag of its GeneralName; and back, false for another tag. */
uint8_t profile_name_tag(profile_name_kind kind);
bool profile_name_of_tag(uint8_t tag, profile_name_kind *out);
const char *profile_name_kind_text(profile_name_kind kind);

/* An absolute URI of these schemes: printable ASCII, with a host. */
bool profile_is_uri(auth_bytes text, bool takes_https);

#endif
