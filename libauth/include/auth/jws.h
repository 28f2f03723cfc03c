/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_jws
 * @brief signed JSON: JWS with certificates, compact or as General JSON
 *
 * A JWS is octets (the payload) with one or more signatures, each made over a protected header of
 * its own and the same payload. The Compact and the General JSON serialization are read (RFC 7515
 * sections 7.1 and 7.2.1), and written in exactly one way.
 *
 * A protected header has four members and no others: alg, typ, x5c and iat. Nothing stands outside
 * of it. The algorithm belongs to one type of key and is one of those that the caller allows;
 * "none" and keyed hashes do not exist. No key comes from the document or an address in it: a key
 * that verifies must be that of the first certificate in x5c. Every text has one spelling, so that
 * no two documents mean the same: canonical base64url, no member twice, a signature of one form.
 * Size, depth and the number of signatures and certificates are bounded before anything is read.
 *
 * Nothing is decided about trust. That a signature verifies means that the holder of the first
 * certificate's key signed; whether that certificate is to be believed is the matter of
 * auth/validate.h, and whether two signatures are those of two people is the caller's.
 *
 * A JWS does not change after it was read and may be used by several threads at once.
 */
#ifndef AUTH_JWS_H
#define AUTH_JWS_H

#include <auth/key.h>
#include <auth/time.h>

AUTH_BEGIN_DECLS

typedef enum auth_jws_algorithm {
#define AUTH_JWS_ALGORITHM_ROW(id, number, name, key, is_written, text)                            \
    AUTH_JWS_ALGORITHM_##id = (number),
#include <auth/jws_algorithm.def>
} auth_jws_algorithm;

/* The bit of an algorithm in auth_jws_rules. */
#define AUTH_JWS_ALGORITHM_BIT(algorithm) (1U << (unsigned)(algorithm))

/**
 * Tell the name of an algorithm as in the member alg: "ES256". A number that is not in the table
 * gives "".
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_jws_algorithm_name(auth_jws_algorithm algorithm);

#define AUTH_JWS_MAX ((size_t)4 << 20) /* octets of a JWS */
#define AUTH_JWS_SIGNATURES_MAX 8
#define AUTH_JWS_CHAIN_MAX 8 /* certificates in x5c */
#define AUTH_JWS_TYPE_MAX 64 /* octets of typ */

/* What a reader takes. */
typedef struct auth_jws_rules {
    const char *type;    /* the typ that every signature must name, octet for octet */
    size_t max_size;     /* octets of the whole text; 0, or more than that: AUTH_JWS_MAX */
    unsigned algorithms; /* AUTH_JWS_ALGORITHM_BIT of those allowed; 0: all */
} auth_jws_rules;

typedef struct auth_jws auth_jws;

/**
 * Read a JWS: General JSON if it begins with '{', Compact otherwise. No signature is verified yet.
 *
 * rules->type keeps a document of one kind from being taken for another (RFC 8725 section 3.11): 1
 * to AUTH_JWS_TYPE_MAX printable ASCII characters without space, quote and backslash.
 *
 * Ownership: gives *out, to be freed with auth_jws_free; copies what it needs.
 * Errors: AUTH_STATUS_MALFORMED when it is no JWS, no JSON, not canonical base64 or base64url, or
 * x5c has something else than certificates; AUTH_STATUS_INVALID naming a member that is unknown,
 * missing, forbidden or has a wrong value, for an empty payload, or for a type that cannot be one;
 * AUTH_STATUS_UNSUPPORTED for an algorithm that is not allowed; AUTH_STATUS_CONFLICT when two
 * signatures have the same first certificate; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 * Source: RFC 7515, RFC 8725.
 */
AUTH_API auth_status auth_jws_parse(auth_bytes text, const auth_jws_rules *rules, auth_jws **out,
                                    auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a JWS. NULL is fine.
 */
AUTH_API void auth_jws_free(auth_jws *jws);

/**
 * Tell whether it was read from the Compact serialization.
 */
AUTH_API bool auth_jws_is_compact(const auth_jws *jws);

/**
 * View the payload, decoded. It is not to be acted upon before a signature was verified.
 *
 * Ownership: borrows; valid until the JWS is freed.
 */
AUTH_API auth_bytes auth_jws_payload(const auth_jws *jws);

/**
 * Tell how many signatures there are: 1 to AUTH_JWS_SIGNATURES_MAX.
 */
AUTH_API size_t auth_jws_signature_count(const auth_jws *jws);

/* What a signature's protected header says. */
typedef struct auth_jws_signature_info {
    auth_jws_algorithm algorithm;
    auth_time signed_at;                  /* iat: what the signer claims, from 1970 on */
    size_t chain_len;                     /* x5c, the signer's certificate first; at least 1 */
    auth_bytes chain[AUTH_JWS_CHAIN_MAX]; /* DER, borrowed */
} auth_jws_signature_info;

/**
 * Give what a signature says about itself, counted from 0 in the order of the document. False past
 * the end.
 *
 * Ownership: the chain is borrowed; valid until the JWS is freed.
 */
AUTH_API bool auth_jws_signature_at(const auth_jws *jws, size_t index,
                                    auth_jws_signature_info *out);

/**
 * Verify a signature, counted from 0, with the key of its signer: the one whose certificate is
 * first in its x5c, as the caller got it from a chain that it validated.
 *
 * Errors: AUTH_STATUS_UNTRUSTED when the signature does not verify or the key is not that of the
 * first certificate; AUTH_STATUS_UNSUPPORTED when its algorithm belongs to another type of key;
 * AUTH_STATUS_NOT_FOUND when there is no such signature; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 * Source: RFC 7515 section 5.2, RFC 8725 section 3.1.
 */
AUTH_API auth_status auth_jws_verify(const auth_jws *jws, size_t index, const auth_public_key *key,
                                     auth_error *err) AUTH_MUST_CHECK;

/* Who signs, and what stands in the protected header. All is borrowed. */
typedef struct auth_jws_signing {
    const char *type; /* typ; as in auth_jws_rules */
    const auth_signer *signer;
    const auth_bytes *chain; /* DER; the first is the signer's certificate */
    size_t chain_len;        /* 1 to AUTH_JWS_CHAIN_MAX */
    auth_time signed_at;     /* iat, not before 1970 */
} auth_jws_signing;

/**
 * Append a JWS in the Compact serialization, with one signature. On failure out is as it was.
 *
 * Errors: AUTH_STATUS_INVALID for an empty payload, a type or time that cannot stand there, a chain
 * of no certificate, or one whose first certificate has another key than the signer;
 * AUTH_STATUS_MALFORMED when the chain has something else than certificates; AUTH_STATUS_LIMIT for
 * more than AUTH_JWS_CHAIN_MAX certificates, above AUTH_JWS_MAX octets, or when out is full; else
 * as auth_signer_sign.
 */
AUTH_API auth_status auth_jws_sign_compact(auth_bytes payload, const auth_jws_signing *signing,
                                           auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Append a JWS in the General JSON serialization, with one signature. On failure out is as it was.
 *
 * Errors: as auth_jws_sign_compact.
 */
AUTH_API auth_status auth_jws_sign(auth_bytes payload, const auth_jws_signing *signing,
                                   auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Append the same document with one more signature, as General JSON. Payload, protected headers and
 * signatures that are there keep their octets; they are not verified. On failure out is as it was.
 *
 * Errors: AUTH_STATUS_CONFLICT when a signature has the same first certificate already;
 * AUTH_STATUS_INVALID when the type is not that of the document; AUTH_STATUS_LIMIT when it has
 * AUTH_JWS_SIGNATURES_MAX signatures; else as auth_jws_sign.
 */
AUTH_API auth_status auth_jws_add(const auth_jws *jws, const auth_jws_signing *signing,
                                  auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_jws)

AUTH_END_DECLS

#endif
