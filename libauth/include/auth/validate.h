/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_validate
 * @brief is this certificate valid, now, for this purpose, and if not, why
 *
 * From a certificate, trust anchors, a time, a policy and the evidence that the caller collected
 * (intermediate certificates, CRLs, OCSP responses) comes one verdict: a reason, the certificate of
 * the chain that decided, the clause, the remedy, and how fresh the knowledge about revocation is.
 * SM2 certificates, CRLs and responses are treated like all others.
 *
 * The invariant: whatever is not understood is refused. Key parameters, sizes and the form of every
 * certificate are checked before OpenSSL sees them; purpose, depth, time, security level and policy
 * checking are always on; what OpenSSL leaves out is checked in addition (docs/verify.md lists all
 * rules).
 *
 * It does not fetch anything, read a clock, remember a verdict or compare host names.
 *
 * An auth_trust and an auth_known_issuer never change and may be used by several threads at once.
 */
#ifndef AUTH_VALIDATE_H
#define AUTH_VALIDATE_H

#include <auth/revocation.h>
#include <auth/time.h>

AUTH_BEGIN_DECLS

/* Why a certificate is or is not valid, from auth/verdict_reason.def. */
typedef enum auth_verdict_reason {
#define AUTH_VERDICT_REASON_ROW(id, number, name, clause, text, remedy)                            \
    AUTH_VERDICT_REASON_##id = (number),
#include <auth/verdict_reason.def>
} auth_verdict_reason;

/**
 * Tell the name of a reason, as in JSON and logs: "expired". A number that is not in the table
 * gives "fault".
 *
 * Ownership: the text is static, as are those of the next three.
 */
AUTH_API const char *auth_verdict_reason_name(auth_verdict_reason reason);

/**
 * Tell what a reason means in one English sentence.
 */
AUTH_API const char *auth_verdict_reason_text(auth_verdict_reason reason);

/**
 * Tell the clause that the rule stands in: "RFC 5280 6.1.3 (a)(2)".
 */
AUTH_API const char *auth_verdict_reason_clause(auth_verdict_reason reason);

/**
 * Tell what to do, in English.
 */
AUTH_API const char *auth_verdict_reason_remedy(auth_verdict_reason reason);

/* What the certificate is to be used for, from auth/purpose.def. */
typedef enum auth_purpose {
#define AUTH_PURPOSE_ROW(id, number, name, eku, key_usage, is_authority, openssl, text)            \
    AUTH_PURPOSE_##id = (number),
#include <auth/purpose.def>
} auth_purpose;

/**
 * Tell the name of a purpose: "citizen-login". A number that is not in the table gives "".
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_purpose_name(auth_purpose purpose);

/**
 * Find a purpose by its name.
 *
 * Errors: AUTH_STATUS_NOT_FOUND, with the names that there are.
 */
AUTH_API auth_status auth_purpose_find(const char *name, auth_purpose *out,
                                       auth_error *err) AUTH_MUST_CHECK;

/* Bounds: what is larger is refused before it is looked at. */
#define AUTH_CERTIFICATE_MAX ((size_t)64 << 10) /* octets of a certificate */
#define AUTH_TRUST_MAX 4096                     /* anchors, or intermediates, of an auth_trust */
#define AUTH_EVIDENCE_MAX 1024                  /* certificates, CRLs or responses handed in */
#define AUTH_CHAIN_DEPTH 8                      /* intermediates, when nothing else is said */
#define AUTH_CHAIN_MAX 34                       /* certificates of a chain, anchor included */

typedef struct auth_trust auth_trust;

/**
 * Make a set of trust anchors and of intermediate certificates that help to build chains and are
 * not trusted for themselves.
 *
 * An anchor that cannot be used is an error; an intermediate that cannot is left out.
 *
 * Ownership: gives *out, to be freed with auth_trust_free; copies the certificates.
 * Errors: AUTH_STATUS_MALFORMED, AUTH_STATUS_INVALID, AUTH_STATUS_UNSUPPORTED or AUTH_STATUS_LIMIT
 * naming the anchor by its place, counted from 1; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_trust_new(const auth_bytes *anchors, size_t anchor_count,
                                    const auth_bytes *intermediates, size_t intermediate_count,
                                    auth_trust **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a trust set. NULL is fine. No verdict, and no auth_known_issuer, made with it may be in use.
 */
AUTH_API void auth_trust_free(auth_trust *trust);

/* What is asked. Set now and purpose; zero is a good value for all else. */
typedef struct auth_validation {
    auth_time now;
    auth_purpose purpose;
    unsigned max_depth; /* intermediates, self-issued ones included; 0: AUTH_CHAIN_DEPTH */
    bool is_strict;     /* hold "any" to the strict profile too (docs/verify.md) */
    bool
        requires_revocation; /* each certificate below the anchor must be known not to be revoked */
    bool accepts_intermediate_anchor; /* an anchor need not be self-signed */
    const char *const *policies;      /* the initial policy set, dotted OIDs; NULL: any policy */
    size_t policy_count;
    bool requires_explicit_policy;
    bool inhibits_policy_mapping;
    bool inhibits_any_policy;
} auth_validation;

/* What the caller collected, all DER and borrowed. Zero is a good value. */
typedef struct auth_evidence {
    const auth_bytes *intermediates; /* certificates that came along, in any order */
    size_t intermediate_count;
    const auth_bytes *crls; /* full, delta, partitioned, in any order */
    size_t crl_count;
    const auth_bytes *ocsp; /* OCSPResponse */
    size_t ocsp_count;
} auth_evidence;

typedef enum auth_revocation_source {
    AUTH_REVOCATION_SOURCE_NONE, /* not checked, or nothing to check with */
    AUTH_REVOCATION_SOURCE_CRL,
    AUTH_REVOCATION_SOURCE_OCSP,
} auth_revocation_source;

/**
 * Tell the name of a source: "none", "crl", "ocsp".
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_revocation_source_name(auth_revocation_source source);

#define AUTH_VERDICT_DETAIL_SIZE 256
#define AUTH_VERDICT_SUBJECT_SIZE 256
#define AUTH_VERDICT_SERIAL_SIZE 48

typedef struct auth_verdict {
    auth_verdict_reason reason;
    unsigned depth; /* of the certificate that decided: 0 is the one asked about */
    char detail[AUTH_VERDICT_DETAIL_SIZE];   /* the rule, exactly; "" when reason says it all */
    char serial[AUTH_VERDICT_SERIAL_SIZE];   /* of the certificate that decided, hex; cut if long */
    char subject[AUTH_VERDICT_SUBJECT_SIZE]; /* its name if it is an authority's, else "": a
                                                holder's name may tell a person number */
    auth_revocation_source source; /* where the status of the certificate asked about is from, or
                                      that of the revoked one */
    auth_time status_from;         /* thisUpdate of that evidence */
    auth_time status_until;        /* nextUpdate; 0: it does not say */
    auth_time revoked_at;          /* with REVOKED and ON_HOLD */
    auth_revocation_reason revocation_reason;
    size_t unchecked_count;           /* certificates below the anchor whose status nothing told */
    size_t chain_len;                 /* the chain that was built, as far as it was */
    auth_bytes chain[AUTH_CHAIN_MAX]; /* from the certificate to the anchor; borrowed from what was
                                         handed in and from the trust set */
} auth_verdict;

/**
 * Validate a certificate.
 *
 * *out is always filled: on a fault its reason is AUTH_VERDICT_REASON_FAULT. A verdict other than
 * OK is not an error.
 *
 * Revocation is looked at whenever there is evidence or options->requires_revocation. Without the
 * latter, a certificate of which the evidence does not speak passes and is counted in
 * unchecked_count; but a CRL or response that speaks of it and cannot be used (expired, forged, of
 * another scope) refuses it, since its silence cannot be told from a revocation. When a CRL and an
 * OCSP response disagree the certificate is revoked, unless the one that says so tells of a
 * suspension and is the older of both. The status of a responder's certificate with
 * id-pkix-ocsp-nocheck is not asked for when the purpose is ocsp (RFC 6960 4.2.2.2.1).
 *
 * Ownership: out->chain borrows from certificate, evidence and trust.
 * Errors: AUTH_STATUS_INVALID when options holds a policy that is no OID; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO.
 * Source: RFC 5280 section 6, RFC 6960, GM/T 0015.
 */
AUTH_API auth_status auth_validate(const auth_trust *trust, const auth_validation *options,
                                   auth_bytes certificate, const auth_evidence *evidence,
                                   auth_verdict *out, auth_error *err) AUTH_MUST_CHECK;

typedef struct auth_known_issuer auth_known_issuer;

/**
 * Validate an authority's certificate once, so that many certificates of it can be validated fast
 * with auth_known_issuer_validate.
 *
 * The authority is validated at options->now for the purpose ca, and its chain's validity is looked
 * at again with every certificate.
 *
 * *verdict is filled as by auth_validate; verdict->chain borrows from trust, certificate and
 * evidence.
 *
 * Ownership: gives *out, to be freed with auth_known_issuer_free, when the verdict is OK, and NULL
 * otherwise; copies the certificates, borrows trust until it is freed.
 * Errors: as auth_validate.
 */
AUTH_API auth_status auth_known_issuer_new(const auth_trust *trust, const auth_validation *options,
                                           auth_bytes certificate, const auth_evidence *evidence,
                                           auth_known_issuer **out, auth_verdict *verdict,
                                           auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a known issuer. NULL is fine.
 */
AUTH_API void auth_known_issuer_free(auth_known_issuer *issuer);

/**
 * Validate a certificate that a known issuer has issued. The verdict is that of auth_validate with
 * the issuer's trust and chain, at about the cost of one signature check; where the short way does
 * not suffice (name constraints above, policies asked for, another issuer, evidence about
 * revocation, an authority's certificate) the long one is taken.
 *
 * Ownership: out->chain borrows from certificate and issuer.
 * Errors: as auth_validate.
 */
AUTH_API auth_status auth_known_issuer_validate(const auth_known_issuer *issuer,
                                                const auth_validation *options,
                                                auth_bytes certificate,
                                                const auth_evidence *evidence, auth_verdict *out,
                                                auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_trust)
AUTH_DEFINE_CLEANUP(auth_known_issuer)

AUTH_END_DECLS

#endif
