/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_policy
 * @brief the realm's policy: whose signatures a request needs, and what else bounds it
 *
 * A policy says, for each kind of request and profile, which officers have to sign and where they
 * must be placed in the tree of offices, or that the holder signs alone; for how long a document
 * may wait; which profiles there are and which kinds of request may name them. It is written as
 * JSON (docs/request.md, schemas/policy.schema.json).
 *
 * The file is read into an auth_policy_raw, of which only its JSON types are known, and becomes an
 * auth_policy when every value was checked. There are no defaults that widen anything: a kind
 * without a quorum is refused when the policy is read, a kind and profile without one when a
 * request is evaluated. An auth_policy never changes and may be used by several threads at once.
 */
#ifndef AUTH_POLICY_H
#define AUTH_POLICY_H

#include <auth/request.h>

AUTH_BEGIN_DECLS

typedef struct auth_policy_raw auth_policy_raw;
typedef struct auth_policy auth_policy;

/* A quorum has no more places than a document has signatures. */
#define AUTH_POLICY_PLACES_MAX AUTH_JWS_SIGNATURES_MAX

/**
 * Read a policy file: JSON of at most 64 KiB and 6 levels, without a member twice.
 *
 * Ownership: gives *out, to be freed with auth_policy_raw_free; copies what it needs.
 * Errors: AUTH_STATUS_MALFORMED with line and column; AUTH_STATUS_INVALID with the JSON path of an
 * unknown, missing or wrongly typed member; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_policy_parse(auth_bytes json, auth_policy_raw **out,
                                       auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a raw policy. NULL is fine.
 */
AUTH_API void auth_policy_raw_free(auth_policy_raw *raw);

/**
 * Check a policy.
 *
 * Ownership: gives *out, to be freed with auth_policy_free; raw may be freed before.
 * Errors: AUTH_STATUS_INVALID with the JSON path for a value out of range, an unknown name, a kind
 * without a quorum, or a rule that cannot be met or reached; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_policy_validate(const auth_policy_raw *raw, auth_policy **out,
                                          auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a policy. NULL is fine.
 */
AUTH_API void auth_policy_free(auth_policy *policy);

/**
 * Tell the realm.
 *
 * Ownership: borrows, as all views below; valid until the policy is freed.
 */
AUTH_API const char *auth_policy_realm(const auth_policy *policy);

/**
 * Tell by how many seconds clocks may differ.
 */
AUTH_API int64_t auth_policy_clock_skew_s(const auth_policy *policy);

/**
 * Tell how many seconds may lie between created and expires of a request of a kind.
 */
AUTH_API int64_t auth_policy_max_lifetime_s(const auth_policy *policy, auth_request_kind kind);

/* A profile of the realm. */
typedef struct auth_policy_profile {
    char name[AUTH_IDENTIFIER_SIZE];
    char authority[AUTH_IDENTIFIER_SIZE]; /* which issues it */
    char purpose[AUTH_IDENTIFIER_SIZE];   /* of which a citizen has one live certificate */
    uint32_t kinds;                       /* bit 1 << auth_request_kind: who may name it */
    uint64_t certificates_an_hour;        /* an office; 0: no limit */
} auth_policy_profile;

/**
 * View a profile, counted from 0. NULL past the end.
 */
AUTH_API const auth_policy_profile *auth_policy_profile_at(const auth_policy *policy, size_t index);

/**
 * Find a profile by its name.
 *
 * Errors: AUTH_STATUS_NOT_FOUND.
 */
AUTH_API auth_status auth_policy_profile_find(const auth_policy *policy, const char *name,
                                              const auth_policy_profile **out,
                                              auth_error *err) AUTH_MUST_CHECK;

/* Where a signer's office stands to the office of the request. */
typedef enum auth_policy_scope {
    AUTH_POLICY_SCOPE_OWN,     /* it is the same */
    AUTH_POLICY_SCOPE_SUBTREE, /* it is the same or one above it */
} auth_policy_scope;

/* One signature that is needed. */
typedef struct auth_policy_place {
    uint32_t roles; /* bit 1 << auth_officer_role: any of these */
    auth_policy_scope scope;
} auth_policy_place;

/* The signatures that a request needs. */
typedef struct auth_policy_quorum {
    bool is_holder;     /* the holder's, and nobody else's; then there are no places */
    bool reaches_realm; /* items may speak of certificates of other offices */
    size_t place_count;
    auth_policy_place places[AUTH_POLICY_PLACES_MAX]; /* those that fewest roles fill first */
} auth_policy_quorum;

/**
 * Find the quorum of a kind and profile ("" for kinds without one): the first that fits.
 *
 * Errors: AUTH_STATUS_NOT_FOUND.
 */
AUTH_API auth_status auth_policy_quorum_find(const auth_policy *policy, auth_request_kind kind,
                                             const char *profile, const auth_policy_quorum **out,
                                             auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_policy_raw)
AUTH_DEFINE_CLEANUP(auth_policy)

AUTH_END_DECLS

#endif
