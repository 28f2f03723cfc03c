/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_cert
 * @brief certificates as data: what they say, not whether it is true
 *
 * A certificate is read once from DER, strictly: trailing octets, extensions that occur twice or do
 * not belong to its version, and extensions decoded here that are not of their form are refused. So
 * a getter always tells what the certificate says. Nothing is decided: whether a certificate is to
 * be believed is the matter of auth/validate.h.
 *
 * A certificate does not change after it was read and may be used by several threads at once.
 */
#ifndef AUTH_CERT_H
#define AUTH_CERT_H

#include <auth/key.h>
#include <auth/name.h>
#include <auth/time.h>

AUTH_BEGIN_DECLS

typedef struct auth_cert auth_cert;

/* A larger certificate is refused. */
#define AUTH_CERT_MAX ((size_t)1 << 16)

/**
 * Read a certificate (RFC 5280 section 4.1), DER.
 *
 * Ownership: gives *out, to be freed with auth_cert_free; copies der.
 * Errors: AUTH_STATUS_MALFORMED naming the field; AUTH_STATUS_INVALID for an extension that occurs
 * twice or a time outside the calendar; AUTH_STATUS_LIMIT above AUTH_CERT_MAX octets or 32
 * extensions; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_cert_parse(auth_bytes der, auth_cert **out,
                                     auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a certificate. NULL is fine.
 */
AUTH_API void auth_cert_free(auth_cert *cert);

/**
 * View the whole certificate.
 *
 * Ownership: borrows, as all views below; valid until the certificate is freed.
 */
AUTH_API auth_bytes auth_cert_der(const auth_cert *cert);

/**
 * View what is signed: tbsCertificate with tag and length.
 */
AUTH_API auth_bytes auth_cert_tbs(const auth_cert *cert);

/**
 * Tell the version: 1, 2 or 3.
 */
AUTH_API unsigned auth_cert_version(const auth_cert *cert);

/**
 * View the serial number: the content octets of the INTEGER, big-endian, two's complement.
 */
AUTH_API auth_bytes auth_cert_serial(const auth_cert *cert);

/**
 * View the issuer's name, DER.
 */
AUTH_API auth_bytes auth_cert_issuer(const auth_cert *cert);

/**
 * View the subject's name, DER.
 */
AUTH_API auth_bytes auth_cert_subject(const auth_cert *cert);

/**
 * Tell the first second of validity.
 */
AUTH_API auth_time auth_cert_not_before(const auth_cert *cert);

/**
 * Tell the last second of validity, which belongs to it (RFC 5280 section 4.1.2.5).
 */
AUTH_API auth_time auth_cert_not_after(const auth_cert *cert);

/**
 * View the SubjectPublicKeyInfo, DER, as it stands in the certificate.
 */
AUTH_API auth_bytes auth_cert_spki(const auth_cert *cert);

/**
 * Read the public key.
 *
 * Ownership: gives *out, to be freed with auth_public_key_free.
 * Errors: as auth_public_key_parse.
 */
AUTH_API auth_status auth_cert_public_key(const auth_cert *cert, auth_public_key **out,
                                          auth_error *err) AUTH_MUST_CHECK;

/**
 * View the AlgorithmIdentifier of the signature, DER, the one outside what is signed.
 */
AUTH_API auth_bytes auth_cert_algorithm(const auth_cert *cert);

/**
 * View the octets of the signature.
 */
AUTH_API auth_bytes auth_cert_signature(const auth_cert *cert);

/**
 * Check the signature with the issuer's public key, and that the certificate names the same
 * algorithm inside and outside (RFC 5280 section 4.1.1.2). Nothing else is checked.
 *
 * Errors: AUTH_STATUS_INVALID when the algorithms differ; else as auth_public_key_verify.
 */
AUTH_API auth_status auth_cert_check_signature(const auth_cert *cert,
                                               const auth_public_key *issuer_key,
                                               auth_error *err) AUTH_MUST_CHECK;

/**
 * Tell whether basicConstraints says that this is an authority's certificate.
 */
AUTH_API bool auth_cert_is_ca(const auth_cert *cert);

/**
 * Tell pathLenConstraint. False when there is none; *out is then not written. A number above
 * UINT32_MAX is given as UINT32_MAX.
 */
AUTH_API bool auth_cert_path_length(const auth_cert *cert, uint32_t *out);

/* keyUsage: bit n of RFC 5280 section 4.2.1.3 is 1 << n. */
#define AUTH_KEY_USAGE_DIGITAL_SIGNATURE (1U << 0)
#define AUTH_KEY_USAGE_NON_REPUDIATION (1U << 1)
#define AUTH_KEY_USAGE_KEY_ENCIPHERMENT (1U << 2)
#define AUTH_KEY_USAGE_DATA_ENCIPHERMENT (1U << 3)
#define AUTH_KEY_USAGE_KEY_AGREEMENT (1U << 4)
#define AUTH_KEY_USAGE_KEY_CERT_SIGN (1U << 5)
#define AUTH_KEY_USAGE_CRL_SIGN (1U << 6)
#define AUTH_KEY_USAGE_ENCIPHER_ONLY (1U << 7)
#define AUTH_KEY_USAGE_DECIPHER_ONLY (1U << 8)

/**
 * Tell the bits of keyUsage. False when the extension is absent; *out is then not written.
 */
AUTH_API bool auth_cert_key_usage(const auth_cert *cert, uint32_t *out);

/**
 * Tell whether extKeyUsage names a purpose: "clientAuth" or an OID, dotted. False when the
 * extension is absent; anyExtendedKeyUsage is a purpose like another here.
 */
AUTH_API bool auth_cert_has_purpose(const auth_cert *cert, const char *purpose);

/**
 * View subjectKeyIdentifier's octets; empty when absent.
 */
AUTH_API auth_bytes auth_cert_subject_key_id(const auth_cert *cert);

/**
 * View the keyIdentifier of authorityKeyIdentifier; empty when absent.
 */
AUTH_API auth_bytes auth_cert_authority_key_id(const auth_cert *cert);

/**
 * View the first http or https URI of the OCSP responder; empty when there is none.
 */
AUTH_API auth_bytes auth_cert_ocsp_uri(const auth_cert *cert);

/**
 * View the first http or https URI of the issuer's certificate; empty when there is none.
 */
AUTH_API auth_bytes auth_cert_ca_issuers_uri(const auth_cert *cert);

/**
 * View the first http or https URI of the CRL; empty when there is none.
 */
AUTH_API auth_bytes auth_cert_crl_uri(const auth_cert *cert);

#define AUTH_OID_TEXT_SIZE 80

/**
 * Write the name of an AlgorithmIdentifier (DER): "ecdsa-with-SHA256", or its OID dotted when
 * libauth has none. Parameters are not looked at; what is no AlgorithmIdentifier gives "unknown".
 */
AUTH_API void auth_algorithm_text(auth_bytes algorithm, char out[AUTH_OID_TEXT_SIZE]);

typedef struct auth_extension {
    char oid[AUTH_OID_TEXT_SIZE]; /* dotted; "(long OID)" when it does not fit */
    const char *name;             /* "basicConstraints"; static; "" when libauth has none */
    bool is_critical;
    auth_bytes value; /* the content of extnValue; borrowed */
} auth_extension;

/**
 * Tell how many extensions there are.
 */
AUTH_API size_t auth_cert_extension_count(const auth_cert *cert);

/**
 * Give an extension, counted from 0 in the order of the certificate. False past the end.
 */
AUTH_API bool auth_cert_extension_at(const auth_cert *cert, size_t index, auth_extension *out);

/**
 * Find an extension by its name or its OID, dotted. False when there is none.
 */
AUTH_API bool auth_cert_extension_find(const auth_cert *cert, const char *name,
                                       auth_extension *out);

/**
 * Append what an extension says, as one line of text for people.
 *
 * Masked, nothing is shown that may hold a person number: text as by auth_name_text, and values
 * that libauth does not decode by their length only, since hex hides nothing and a hash little.
 * Revealed, such values are shown in hex.
 *
 * Errors: AUTH_STATUS_LIMIT when out is full; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_extension_text(const auth_extension *extension, auth_reveal reveal,
                                         auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

#define AUTH_FINGERPRINT_SIZE 32

/**
 * Write the SHA-256 of the whole certificate.
 *
 * Errors: AUTH_STATUS_CRYPTO; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_cert_fingerprint_sha256(const auth_cert *cert,
                                                  uint8_t out[AUTH_FINGERPRINT_SIZE],
                                                  auth_error *err) AUTH_MUST_CHECK;

/**
 * Write the SM3 hash of the whole certificate.
 *
 * Errors: AUTH_STATUS_CRYPTO; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_cert_fingerprint_sm3(const auth_cert *cert,
                                               uint8_t out[AUTH_FINGERPRINT_SIZE],
                                               auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_cert)

AUTH_END_DECLS

#endif
