/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_csr
 * @brief certificate requests (PKCS#10): a key, the proof that somebody holds it, and wishes
 *
 * A request gives two things that count: a public key and, by its signature, the proof that who
 * made it holds the private key. Subject and extensions in it are wishes; an authority takes them
 * from its approved record instead.
 */
#ifndef AUTH_CSR_H
#define AUTH_CSR_H

#include <auth/cert.h>

AUTH_BEGIN_DECLS

typedef struct auth_csr auth_csr;

/* A larger request is refused. */
#define AUTH_CSR_MAX ((size_t)1 << 15)

/**
 * Read a certificate request (RFC 2986), DER.
 *
 * Of its attributes only extensionRequest is looked into.
 *
 * Ownership: gives *out, to be freed with auth_csr_free; copies der.
 * Errors: AUTH_STATUS_MALFORMED naming the field; AUTH_STATUS_INVALID for extensionRequest or an
 * extension that occurs twice; AUTH_STATUS_LIMIT above AUTH_CSR_MAX octets, 16,384 octets of
 * attributes or 32 extensions; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_csr_parse(auth_bytes der, auth_csr **out,
                                    auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a request. NULL is fine.
 */
AUTH_API void auth_csr_free(auth_csr *csr);

/**
 * View the whole request.
 *
 * Ownership: borrows, as all views below; valid until the request is freed.
 */
AUTH_API auth_bytes auth_csr_der(const auth_csr *csr);

/**
 * View the subject that is asked for, DER.
 */
AUTH_API auth_bytes auth_csr_subject(const auth_csr *csr);

/**
 * View the SubjectPublicKeyInfo, DER, as it stands in the request.
 */
AUTH_API auth_bytes auth_csr_spki(const auth_csr *csr);

/**
 * View the AlgorithmIdentifier of the signature, DER.
 */
AUTH_API auth_bytes auth_csr_algorithm(const auth_csr *csr);

/**
 * Read the public key.
 *
 * Ownership: gives *out, to be freed with auth_public_key_free.
 * Errors: as auth_public_key_parse.
 */
AUTH_API auth_status auth_csr_public_key(const auth_csr *csr, auth_public_key **out,
                                         auth_error *err) AUTH_MUST_CHECK;

/**
 * Tell how many extensions are asked for.
 */
AUTH_API size_t auth_csr_extension_count(const auth_csr *csr);

/**
 * Give an extension that is asked for, counted from 0. False past the end.
 */
AUTH_API bool auth_csr_extension_at(const auth_csr *csr, size_t index, auth_extension *out);

/**
 * Check the proof of possession: the request's signature verifies with the key in the request.
 *
 * An SM2 signature must have been made with the distinguishing ID 1234567812345678.
 *
 * Errors: AUTH_STATUS_UNTRUSTED when it does not; AUTH_STATUS_UNSUPPORTED for another algorithm,
 * one that does not fit the key, or another type of key; else as auth_public_key_parse and
 * auth_public_key_verify.
 * Source: RFC 2986 section 3.
 */
AUTH_API auth_status auth_csr_check_possession(const auth_csr *csr,
                                               auth_error *err) AUTH_MUST_CHECK;

/**
 * Make a request for the key of a signer and append its DER to out. subject is the DER of a Name.
 *
 * No extensions are asked for: an authority decides them by its profile.
 *
 * Errors: AUTH_STATUS_MALFORMED when subject is no Name; AUTH_STATUS_LIMIT when it does not fit
 * AUTH_CSR_MAX or out; AUTH_STATUS_MEMORY; as auth_signer_sign.
 */
AUTH_API auth_status auth_csr_new(const auth_signer *signer, auth_bytes subject, auth_buf *out,
                                  auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_csr)

AUTH_END_DECLS

#endif
