/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_issue
 * @brief make certificates: prepare what is to be signed, have it signed, seal it
 *
 * auth_issue_prepare builds the exact octets to be signed from a checked profile, an issuer, an
 * approved request, a serial number and a time, and lints them. auth_issue_seal puts a signature
 * in, once, reads the certificate again, compares it with what was prepared and verifies it.
 * Between the two the octets may travel to a process that holds the key.
 *
 * The invariant: what is not in the profile is not in the certificate. Of a certification request
 * (PKCS#10) its public key alone is used, after its signature proved possession; its subject and
 * its extensions are never looked at. Subject and names come from the caller's approved values, and
 * only those that the profile asks for are accepted.
 *
 * Nothing here reads a clock, a file or a registry: that a serial number is new, that the key is
 * nobody else's and that the values were approved is the caller's to know.
 */
#ifndef AUTH_ISSUE_H
#define AUTH_ISSUE_H

#include <auth/profile.h>

AUTH_BEGIN_DECLS

/* Who signs. Never changes; may be used by several threads at once. */
typedef struct auth_issuer auth_issuer;

/**
 * Prepare an authority to issue with.
 *
 * certificate is the authority's (DER); its subject becomes the issuer, octet by octet, and its
 * subject key identifier the authority key identifier. algorithm is the AlgorithmIdentifier of the
 * signatures to come, as auth_signer_algorithm tells it.
 *
 * Ownership: gives *out, to be freed with auth_issuer_free; copies what it needs.
 * Errors: AUTH_STATUS_INVALID when the certificate is no authority that may sign certificates or
 * the algorithm does not fit its key; AUTH_STATUS_MALFORMED, AUTH_STATUS_UNSUPPORTED,
 * AUTH_STATUS_LIMIT as its readers; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_issuer_new(auth_bytes certificate, auth_bytes algorithm,
                                     auth_issuer **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Prepare a key to sign its own certificate with: a root's.
 *
 * Ownership: gives *out, to be freed with auth_issuer_free; copies what it needs.
 * Errors: AUTH_STATUS_INVALID when the algorithm does not fit; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_issuer_new_self(const auth_public_key *key, auth_bytes algorithm,
                                          auth_issuer **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Free an issuer. NULL is fine.
 */
AUTH_API void auth_issuer_free(auth_issuer *issuer);

/**
 * View the public key that verifies what this issuer signs.
 *
 * Ownership: borrows; valid until the issuer is freed.
 */
AUTH_API const auth_public_key *auth_issuer_key(const auth_issuer *issuer);

/**
 * View the key identifier that certificates of this issuer name.
 *
 * Ownership: borrows; valid until the issuer is freed.
 */
AUTH_API auth_bytes auth_issuer_key_id(const auth_issuer *issuer);

/* One approved value of the subject: attribute is its short name, "CN", and value is UTF-8. */
typedef struct auth_issue_value {
    const char *attribute;
    auth_bytes value;
} auth_issue_value;

typedef enum auth_issue_name_kind {
    AUTH_ISSUE_NAME_DNS,
    AUTH_ISSUE_NAME_EMAIL,
    AUTH_ISSUE_NAME_URI,
    AUTH_ISSUE_NAME_IP, /* 4 or 16 octets in network order */
} auth_issue_name_kind;

/* One approved alternative name. */
typedef struct auth_issue_name {
    auth_issue_name_kind kind;
    auth_bytes value;
} auth_issue_name;

/* What binds the certificate to a person. Only what the profile's binding needs is looked at. */
typedef struct auth_issue_identity {
    const auth_person_number *number; /* NULL when the profile binds to none */
    auth_bytes sim_secret;            /* from auth_identity_secret_new */
    auth_bytes sim_random;            /* of the hash's length; empty: made here */
    auth_bytes vid_random;            /* from auth_identity_secret_new */
    auth_bytes pseudonym_key;         /* of the realm, 32 octets or more */
} auth_issue_identity;

/* The longest certification request that is read. */
#define AUTH_ISSUE_CSR_MAX ((size_t)16 * 1024)

/* The octets of a serial number that is made here. */
#define AUTH_SERIAL_SIZE 18

/* An approved request. Borrowed for the call. */
typedef struct auth_issue_request {
    auth_bytes csr;  /* DER; empty when spki is given */
    auth_bytes spki; /* SubjectPublicKeyInfo, for profiles that take a bare key; else empty */
    const auth_issue_value *subject;
    size_t subject_count;
    const auth_issue_name *names;
    size_t name_count;
    auth_issue_identity identity;
    uint32_t shard;       /* of the CRL */
    auth_bytes serial;    /* 16 to 20 octets, the first 0x01 to 0x7f */
    auth_time not_before; /* at most the profile's backdating before now, 300 seconds after */
    auth_time now;
    auth_key_is_blocked *is_blocked; /* may be NULL; called with is_blocked_context */
    void *is_blocked_context;
} auth_issue_request;

/**
 * Make a serial number: the issue epoch in the first two octets, 128 random bits behind it.
 *
 * Errors: AUTH_STATUS_INVALID unless epoch is 0x0100 to 0x7fff, so that the number is positive and
 * has its full length; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_issue_serial(uint16_t epoch, uint8_t out[AUTH_SERIAL_SIZE],
                                       auth_error *err) AUTH_MUST_CHECK;

/* What is to be signed: checked, linted, waiting for one signature. */
typedef struct auth_tbs auth_tbs;

/**
 * Build and lint a to-be-signed certificate.
 *
 * It is valid from request->not_before for the profile's period, its last second included. When the
 * issuer's own certificate ends before, it is refused, or clipped to that end if the profile says
 * so.
 *
 * Ownership: gives *out, to be freed with auth_tbs_free; borrows nothing.
 * Errors: AUTH_STATUS_UNTRUSTED when the CSR's signature does not prove possession;
 * AUTH_STATUS_DENIED for a blocked key, a bare key or kind of issuer that the profile does not
 * take; AUTH_STATUS_INVALID for a value, key, serial number or time that breaks a rule, and for
 * what lint finds; AUTH_STATUS_EXPIRED when the issuer's certificate ends too early;
 * AUTH_STATUS_MALFORMED, AUTH_STATUS_UNSUPPORTED, AUTH_STATUS_LIMIT for what cannot be read;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO. Source: RFC 5280 section 4; RFC 2986; GB/T 20518-2018.
 */
AUTH_API auth_status auth_issue_prepare(const auth_profile *profile, const auth_issuer *issuer,
                                        const auth_issue_request *request, auth_tbs **out,
                                        auth_error *err) AUTH_MUST_CHECK;

/**
 * Build and lint a to-be-signed certificate in place of one that ends: for the same key, with the
 * same subject, alternative names and uses, by the same issuer.
 *
 * former (DER) must be the issuer's, which saw the proof of possession when it was made. Whether it
 * was revoked is the caller's to know. Of request only shard, serial, times and blocked keys count;
 * csr, spki, subject and names must be empty. Everything else is as with auth_issue_prepare.
 *
 * Ownership: gives *out, to be freed with auth_tbs_free; borrows nothing.
 * Errors: AUTH_STATUS_UNTRUSTED when another made former; AUTH_STATUS_DENIED for a profile of
 * authorities or one that binds to a person; AUTH_STATUS_INVALID when by the profile it would have
 * another subject or other uses; as auth_issue_prepare.
 */
AUTH_API auth_status auth_issue_renew(const auth_profile *profile, const auth_issuer *issuer,
                                      auth_bytes former, const auth_issue_request *request,
                                      auth_tbs **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Free what was to be signed. NULL is fine.
 */
AUTH_API void auth_tbs_free(auth_tbs *tbs);

/**
 * View the octets to be signed (TBSCertificate, DER).
 *
 * Ownership: borrows; valid until tbs is freed.
 */
AUTH_API auth_bytes auth_tbs_bytes(const auth_tbs *tbs);

/**
 * Tell the last second of validity.
 */
AUTH_API auth_time auth_tbs_not_after(const auth_tbs *tbs);

/**
 * Copy the hash of the certified key, as auth_public_key_hash gives it.
 */
AUTH_API void auth_tbs_key_hash(const auth_tbs *tbs, uint8_t out[AUTH_KEY_HASH_SIZE]);

/**
 * Append the certificate (DER): what was prepared and a signature, which must verify with
 * issuer_key. It succeeds once. On failure out is as it was and another signature may be tried.
 *
 * Errors: AUTH_STATUS_UNTRUSTED when the signature does not verify; AUTH_STATUS_CONFLICT the second
 * time; AUTH_STATUS_LIMIT when out would pass its maximum; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_issue_seal(auth_tbs *tbs, auth_bytes signature,
                                     const auth_public_key *issuer_key, auth_buf *out,
                                     auth_error *err) AUTH_MUST_CHECK;

/**
 * Prepare, sign and seal in one call, and append the certificate (DER).
 *
 * The signer must hold the issuer's key. A signature made here by a key in this process is not
 * verified again; one that came from a token or another process is.
 *
 * Errors: AUTH_STATUS_INVALID when the signer's key is not the issuer's; what auth_issue_prepare,
 * auth_signer_sign and auth_issue_seal return.
 */
AUTH_API auth_status auth_issue(const auth_profile *profile, const auth_issuer *issuer,
                                const auth_signer *signer, const auth_issue_request *request,
                                auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/* One broken rule. All texts are static but where, which is valid during the visit. */
typedef struct auth_lint_finding {
    const char *rule;   /* "serial-positive"; stable */
    const char *clause; /* "RFC 5280 4.1.2.2" */
    const char *text;   /* what the rule says */
    const char *where;  /* the field or extension: "subject: CN" */
} auth_lint_finding;

typedef void auth_lint_visit(void *context, const auth_lint_finding *finding);

/**
 * Lint a certificate (DER): against RFC 5280 and the algorithms' own RFCs, GB/T 20518, and profile
 * if it is not NULL. visit is called for each finding and may be NULL. The signature is not looked
 * at: a signature of any octets will do.
 *
 * Returns AUTH_STATUS_OK when there is nothing to find.
 *
 * Errors: AUTH_STATUS_INVALID with the first finding; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_lint(auth_bytes certificate, const auth_profile *profile,
                               auth_lint_visit *visit, void *context,
                               auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_issuer)
AUTH_DEFINE_CLEANUP(auth_tbs)

AUTH_END_DECLS

#endif
