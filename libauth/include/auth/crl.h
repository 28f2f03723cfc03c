/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_crl
 * @brief certificate revocation lists: build, read, look up, combine
 *
 * A builder takes revoked certificates one by one, in any order, keeps 32 octets for each, and
 * writes a full or a delta CRL of version 2 in one pass: sorted by serial number, each number once.
 * A reader keeps a CRL in which every octet has been checked, and finds a serial number in it in
 * logarithmic time, however its issuer sorted it.
 *
 * The invariant: a CRL that cannot be understood whole is refused whole. A critical extension that
 * is not known, a serial number that stands there twice, or a delta CRL that does not join its full
 * CRL is an error and never silence, since silence would mean "not revoked".
 *
 * It does not fetch, store or date CRLs, and it does not decide whether an issuer is trusted: that
 * is for auth/validate.h. Serial numbers are the content octets of the INTEGER, as they stand in a
 * certificate. A reader may be used by several threads at once, a builder by one.
 */
#ifndef AUTH_CRL_H
#define AUTH_CRL_H

#include <auth/key.h>
#include <auth/revocation.h>
#include <auth/time.h>

AUTH_BEGIN_DECLS

/* The most octets of a serial number (RFC 5280 4.1.2.2) and of a CRL number (5.2.3). */
#define AUTH_SERIAL_MAX 20
#define AUTH_CRL_NUMBER_MAX 20
/* The most octets of an address in a CRL. */
#define AUTH_CRL_URI_MAX 1024
/* The most octets of a CRL, read or built: 256 MiB, about five million entries. */
#define AUTH_CRL_MAX ((size_t)1 << 28)

/* What a CRL says of itself; all is copied by auth_crl_builder_new. */
typedef struct auth_crl_settings {
    auth_bytes issuer; /* Name, DER, octet for octet the subject of the issuer's certificate */
    auth_bytes key_id; /* subjectKeyIdentifier of the issuer's certificate, 1 to 64 octets */
    auth_time this_update;
    auth_time next_update;
    auth_bytes number;      /* big-endian; at most AUTH_CRL_NUMBER_MAX octets, below 2^159 */
    auth_bytes base_number; /* the full CRL that a delta CRL adds to; empty: a full CRL */
    const char *distribution_point; /* URI that the certificates of this shard name, or NULL */
    bool only_user_certs;           /* no certificates of authorities */
    bool only_ca_certs;             /* certificates of authorities only */
    const char *freshest_crl;       /* URI of the delta CRLs, or NULL; in a full CRL only */
} auth_crl_settings;

/* One revoked certificate. */
typedef struct auth_crl_entry {
    auth_bytes serial; /* borrowed */
    auth_time revoked;
    auth_revocation_reason reason;
    bool has_invalidity_date;
    auth_time invalidity_date; /* since when the key is suspected (RFC 5280 5.3.2) */
} auth_crl_entry;

typedef struct auth_crl_builder auth_crl_builder;

/**
 * Begin a CRL. It is a delta CRL when settings has a base number.
 *
 * Ownership: gives *out, to be freed with auth_crl_builder_free; copies settings.
 * Errors: AUTH_STATUS_INVALID for an empty issuer, a missing or too long key identifier or number,
 * a base number that is not below the number, a nextUpdate that is not after thisUpdate, an address
 * that is not an http URI, both only_ flags, or freshest_crl in a delta CRL; AUTH_STATUS_MALFORMED
 * when issuer is not a Name in DER; AUTH_STATUS_MEMORY.
 * Source: RFC 5280 section 5.
 */
AUTH_API auth_status auth_crl_builder_new(const auth_crl_settings *settings, auth_crl_builder **out,
                                          auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a builder. NULL is fine.
 */
AUTH_API void auth_crl_builder_free(auth_crl_builder *builder);

/**
 * Add a revoked certificate. Entries may come in any order; a serial number that comes twice is
 * found by auth_crl_builder_finish. On failure the builder is as it was.
 *
 * removeFromCRL is for delta CRLs: the certificate was suspended in the base and is good again, or
 * has expired. unspecified is not written.
 *
 * Errors: AUTH_STATUS_INVALID for a serial number that is not positive, not minimal or above
 * AUTH_SERIAL_MAX octets, for a reason that does not exist or does not belong into this kind of
 * CRL, or a time outside AUTH_TIME_MIN to AUTH_TIME_MAX; AUTH_STATUS_LIMIT when the CRL would pass
 * AUTH_CRL_MAX; AUTH_STATUS_MEMORY.
 * Source: RFC 5280 section 5.3.
 */
AUTH_API auth_status auth_crl_builder_add(auth_crl_builder *builder, const auth_crl_entry *entry,
                                          auth_error *err) AUTH_MUST_CHECK;

/**
 * Tell how many certificates were added.
 */
AUTH_API size_t auth_crl_builder_count(const auth_crl_builder *builder);

/**
 * Sort, encode and sign the CRL, and append its DER to out. On failure out is as it was.
 *
 * The octets are written once, into their final place. The builder keeps its entries, so that the
 * call can be repeated when a signer was away.
 *
 * Errors: AUTH_STATUS_CONFLICT naming a serial number that was added twice; AUTH_STATUS_LIMIT when
 * out would pass its maximum; AUTH_STATUS_MEMORY; what auth_signer_sign returns.
 * Source: RFC 5280 section 5.1.
 */
AUTH_API auth_status auth_crl_builder_finish(auth_crl_builder *builder, const auth_signer *signer,
                                             auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

typedef struct auth_crl auth_crl;

/**
 * Read a CRL, DER, and check every octet of it but the signature.
 *
 * Ownership: gives *out, to be freed with auth_crl_free; copies der.
 * Errors: AUTH_STATUS_MALFORMED naming the place; AUTH_STATUS_INVALID when one serial number of one
 * issuer stands there twice, removeFromCRL stands in a full CRL, an extension is critical that must
 * not be, or the issuing distribution point contradicts itself; AUTH_STATUS_UNSUPPORTED for a
 * critical extension that is not known, of the CRL or of an entry; AUTH_STATUS_LIMIT above
 * AUTH_CRL_MAX; AUTH_STATUS_MEMORY.
 * Source: RFC 5280 sections 5.1 to 5.3.
 */
AUTH_API auth_status auth_crl_parse(auth_bytes der, auth_crl **out,
                                    auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a CRL. NULL is fine.
 */
AUTH_API void auth_crl_free(auth_crl *crl);

/**
 * View the DER that the CRL was read from.
 *
 * Ownership: borrows, as do all views of a CRL; valid until it is freed.
 */
AUTH_API auth_bytes auth_crl_der(const auth_crl *crl);

/**
 * View the issuer, a Name in DER.
 */
AUTH_API auth_bytes auth_crl_issuer(const auth_crl *crl);

/**
 * View the authority key identifier; empty when absent.
 */
AUTH_API auth_bytes auth_crl_key_id(const auth_crl *crl);

/**
 * View the CRL number, big-endian without leading zeros, at least one octet; empty when absent.
 * auth_crl_compare_numbers orders two of them.
 */
AUTH_API auth_bytes auth_crl_number(const auth_crl *crl);

/**
 * View the number of the full CRL that a delta CRL adds to; empty in a full CRL.
 */
AUTH_API auth_bytes auth_crl_base_number(const auth_crl *crl);

/**
 * Order two CRL numbers: negative when a is smaller, zero when they are the same, positive
 * otherwise. Leading zeros do not count.
 */
AUTH_API int auth_crl_compare_numbers(auth_bytes a, auth_bytes b);

/**
 * Tell when the CRL was made.
 */
AUTH_API auth_time auth_crl_this_update(const auth_crl *crl);

/**
 * Tell when the next CRL is due at the latest. False, with *out unchanged, when it does not say,
 * which RFC 5280 section 5.1.2.5 forbids to CRL issuers.
 */
AUTH_API bool auth_crl_next_update(const auth_crl *crl, auth_time *out);

/**
 * Tell how many entries there are.
 */
AUTH_API size_t auth_crl_count(const auth_crl *crl);

/* Bits of auth_crl_scope.reasons: reason n of ReasonFlags as 1 << n (RFC 5280 4.2.1.13). */
#define AUTH_CRL_ALL_REASONS 0x1feU

/* Which certificates a CRL speaks of: its issuing distribution point (RFC 5280 5.2.5). */
typedef struct auth_crl_scope {
    auth_bytes distribution_point; /* DistributionPointName, DER; empty: every one */
    auth_bytes uri;                /* the first http address in it; empty when there is none */
    bool only_user_certs;
    bool only_ca_certs;
    bool only_attribute_certs;
    bool is_indirect; /* it has entries of other issuers */
    unsigned reasons; /* the reasons covered, AUTH_CRL_ALL_REASONS unless restricted */
} auth_crl_scope;

/**
 * Tell which certificates the CRL speaks of.
 *
 * Ownership: borrows; valid until crl is freed.
 */
AUTH_API auth_crl_scope auth_crl_scope_of(const auth_crl *crl);

/**
 * Look a certificate up.
 *
 * issuer is the Name in DER that the certificate has as its issuer; empty means the CRL's own. An
 * entry of an indirect CRL counts for its own certificate issuer only.
 *
 * Ownership: out->serial borrows from crl.
 * Errors: AUTH_STATUS_NOT_FOUND when the CRL does not list it.
 * Source: RFC 5280 sections 5.3.3 and 6.3.3.
 */
AUTH_API auth_status auth_crl_find(const auth_crl *crl, auth_bytes issuer, auth_bytes serial,
                                   auth_crl_entry *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Give entry number index, counted from 0 in the order of serial numbers. False past the end.
 *
 * Ownership: out->serial borrows from crl.
 */
AUTH_API bool auth_crl_entry_at(const auth_crl *crl, size_t index, auth_crl_entry *out);

/**
 * Verify the signature with the issuer's public key.
 *
 * Errors: AUTH_STATUS_MALFORMED when the two algorithm identifiers differ (RFC 5280 5.1.1.2);
 * else as auth_public_key_verify.
 */
AUTH_API auth_status auth_crl_check_signature(const auth_crl *crl, const auth_public_key *key,
                                              auth_error *err) AUTH_MUST_CHECK;

/**
 * Check that a delta CRL joins a full one: both numbered, same issuer, key and scope, and the full
 * CRL not older than the delta's base. A full CRL that is as new as the delta or newer passes.
 *
 * Errors: AUTH_STATUS_INVALID when full is a delta CRL or delta is none, a number is missing, or
 * issuer, authority key identifier or scope differ; AUTH_STATUS_CONFLICT for a gap: the full CRL is
 * older than the base of the delta, so that revocations between them are unknown.
 * Source: RFC 5280 section 5.2.4.
 */
AUTH_API auth_status auth_crl_check_pair(const auth_crl *full, const auth_crl *delta,
                                         auth_error *err) AUTH_MUST_CHECK;

/**
 * Look a certificate up in a full CRL and the delta CRL that goes with it, after
 * auth_crl_check_pair. The delta decides, and removeFromCRL in it ends a suspension; it does not
 * undo a revocation for another reason. A delta that is not newer than the full CRL is not asked.
 *
 * Ownership: out->serial borrows from full or delta.
 * Errors: AUTH_STATUS_NOT_FOUND when it is not revoked; else as auth_crl_check_pair.
 * Source: RFC 5280 sections 5.2.4 and 6.3.3.
 */
AUTH_API auth_status auth_crl_find_in_pair(const auth_crl *full, const auth_crl *delta,
                                           auth_bytes issuer, auth_bytes serial,
                                           auth_crl_entry *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Check that a CRL may be published in the place of another one, so that a CRL of another
 * authority, an older one or an expired one never replaces what is there.
 *
 * next must have the issuer and the scope of previous, a greater number, and a thisUpdate that is
 * not earlier. A full CRL and a delta CRL, in either order, may share a number: they were issued
 * together. previous is NULL for the first CRL of a scope. The signature is the caller's to check.
 *
 * Errors: AUTH_STATUS_INVALID when issuer or scope differ or next has no number or no nextUpdate;
 * AUTH_STATUS_CONFLICT when its number or thisUpdate goes back; AUTH_STATUS_EXPIRED when its
 * nextUpdate is not after now.
 * Source: RFC 5280 section 5.2.3.
 */
AUTH_API auth_status auth_crl_check_successor(const auth_crl *previous, const auth_crl *next,
                                              auth_time now, auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_crl_builder)
AUTH_DEFINE_CLEANUP(auth_crl)

AUTH_END_DECLS

#endif
