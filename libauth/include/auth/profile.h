/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_profile
 * @brief certificate profiles: what an authority issues, as checked configuration
 *
 * A profile decides everything about a certificate that is not the holder's: subject attributes
 * with their order and bounds, key types, validity, extensions with their criticality, the identity
 * binding and the addresses. It is written as JSON (docs/profiles.md, schemas/profile.schema.json).
 *
 * The file is read into an auth_profile_raw, of which only its JSON types are known, and becomes an
 * auth_profile when every value and every combination was checked. The two are different types, so
 * nothing unchecked can be used to issue. An auth_profile never changes and may be used by several
 * threads at once.
 *
 * Every refusal names the JSON path of the value, the rule and the remedy. There are no defaults
 * that widen what a certificate can do, and an unknown member is refused, never passed over.
 */
#ifndef AUTH_PROFILE_H
#define AUTH_PROFILE_H

#include <auth/identity.h>
#include <auth/key.h>

AUTH_BEGIN_DECLS

typedef struct auth_profile_raw auth_profile_raw;
typedef struct auth_profile auth_profile;

/**
 * Read a profile file: JSON of at most 64 KiB and 8 levels, without a member twice.
 *
 * Ownership: gives *out, to be freed with auth_profile_raw_free; copies what it needs.
 * Errors: AUTH_STATUS_MALFORMED with line and column; AUTH_STATUS_INVALID with the JSON path of an
 * unknown, missing or wrongly typed member; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_profile_parse(auth_bytes json, auth_profile_raw **out,
                                        auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a raw profile. NULL is fine.
 */
AUTH_API void auth_profile_raw_free(auth_profile_raw *raw);

/**
 * Check a profile.
 *
 * base is the realm's public address, "http://pki.example.cn", without a slash at its end: it takes
 * the place of {base} in URIs. It may be NULL when no URI of the profile needs it.
 *
 * Ownership: gives *out, to be freed with auth_profile_free; raw may be freed before.
 * Errors: AUTH_STATUS_INVALID with the JSON path for a value out of range, an unknown name or a
 * combination that contradicts itself or RFC 5280; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_profile_validate(const auth_profile_raw *raw, const char *base,
                                           auth_profile **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a profile. NULL is fine.
 */
AUTH_API void auth_profile_free(auth_profile *profile);

/**
 * Tell the name of a profile: "citizen-signing".
 *
 * Ownership: borrows; valid until the profile is freed.
 */
AUTH_API const char *auth_profile_name(const auth_profile *profile);

/**
 * Tell the title of a profile, for people.
 *
 * Ownership: borrows; valid until the profile is freed.
 */
AUTH_API const char *auth_profile_title(const auth_profile *profile);

/**
 * Tell whether certificates of a profile are authorities, that is, may sign certificates.
 */
AUTH_API bool auth_profile_is_authority(const auth_profile *profile);

/**
 * Tell whether certificates of a profile are signed with their own key: a root.
 */
AUTH_API bool auth_profile_is_self_signed(const auth_profile *profile);

/**
 * Tell whether a profile takes a public key without proof of possession, as a key management
 * centre makes it for encryption.
 */
AUTH_API bool auth_profile_takes_bare_key(const auth_profile *profile);

/**
 * Tell whether a profile takes keys of a type and size.
 */
AUTH_API bool auth_profile_takes_key(const auth_profile *profile, const auth_public_key *key);

/**
 * Tell the identity binding that certificates of a profile carry.
 */
AUTH_API auth_identity_binding auth_profile_binding(const auth_profile *profile);

/**
 * Tell for how many seconds certificates of a profile are valid, notAfter included.
 */
AUTH_API int64_t auth_profile_validity_seconds(const auth_profile *profile);

/* What somebody who asks for a certificate fills in, in the order of the subject. */
typedef struct auth_profile_field {
    const char *attribute; /* "CN"; static */
    bool is_required;
    size_t min_characters;
    size_t max_characters;
} auth_profile_field;

/**
 * Tell the field number index, from 0, so that a form can be made from a profile.
 *
 * Errors: AUTH_STATUS_NOT_FOUND behind the last field.
 */
AUTH_API auth_status auth_profile_field_at(const auth_profile *profile, size_t index,
                                           auth_profile_field *out,
                                           auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_profile_raw)
AUTH_DEFINE_CLEANUP(auth_profile)

AUTH_END_DECLS

#endif
