/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cryptography of the registry: SHA-256, HMAC and HKDF with it, AES-256-GCM and random octets.
 * The only place in registry/ with OpenSSL. It knows no key and no purpose: those are seal.h's.
 *
 * A registry_crypto holds algorithms that were fetched once and contexts that are used again. It
 * serves one thread at a time; each thread has its own. Contexts with a key in them are wiped after
 * each call.
 */
#ifndef REGISTRY_CRYPTO_H
#define REGISTRY_CRYPTO_H

#include <auth/secret.h>

#define REGISTRY_HASH_SIZE 32
#define REGISTRY_KEY_SIZE 32
#define REGISTRY_NONCE_SIZE 12
#define REGISTRY_TAG_SIZE 16

/* The most that is hashed in parts, sealed or opened in one call: OpenSSL counts octets in an int.
 */
#define REGISTRY_CRYPTO_MAX ((size_t)1 << 30)

typedef struct registry_crypto registry_crypto;

/*
 * Ownership: gives *out, to be freed with registry_crypto_free.
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status registry_crypto_new(registry_crypto **out, auth_error *err) AUTH_MUST_CHECK;

/* Frees and wipes. NULL is fine. */
void registry_crypto_free(registry_crypto *crypto);

/*
 * Hashes parts, one after the other, with SHA-256 (FIPS 180-4).
 *
 * Errors: AUTH_STATUS_CRYPTO.
 */
auth_status registry_sha256(registry_crypto *crypto, const auth_bytes *parts, size_t count,
                            uint8_t out[REGISTRY_HASH_SIZE], auth_error *err) AUTH_MUST_CHECK;

/*
 * Computes HMAC-SHA-256 (RFC 2104) of parts, one after the other. key may be of any length but 0.
 *
 * Errors: AUTH_STATUS_CRYPTO.
 */
auth_status registry_hmac_sha256(registry_crypto *crypto, auth_bytes key, const auth_bytes *parts,
                                 size_t count, uint8_t out[REGISTRY_HASH_SIZE],
                                 auth_error *err) AUTH_MUST_CHECK;

/*
 * Derives a key with HKDF-SHA-256 (RFC 5869), extract and expand. An empty salt is one of zeros.
 *
 * Errors: AUTH_STATUS_LIMIT when len is above 255 hashes (RFC 5869 2.3); AUTH_STATUS_CRYPTO.
 */
auth_status registry_hkdf_sha256(registry_crypto *crypto, auth_bytes key, auth_bytes salt,
                                 auth_bytes info, uint8_t *out, size_t len,
                                 auth_error *err) AUTH_MUST_CHECK;

/*
 * Encrypts with AES-256-GCM (NIST SP 800-38D). out has room for plain.len octets and
 * REGISTRY_TAG_SIZE for the tag behind them. A nonce is used once with a key.
 *
 * Errors: AUTH_STATUS_LIMIT above REGISTRY_CRYPTO_MAX; AUTH_STATUS_CRYPTO.
 */
auth_status registry_gcm_seal(registry_crypto *crypto, const uint8_t key[REGISTRY_KEY_SIZE],
                              const uint8_t nonce[REGISTRY_NONCE_SIZE], auth_bytes associated,
                              auth_bytes plain, uint8_t *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Decrypts what registry_gcm_seal wrote, its tag included. out has room for sealed.len minus
 * REGISTRY_TAG_SIZE octets; it is zeros when the call fails.
 *
 * Errors: AUTH_STATUS_UNTRUSTED when the tag does not fit key, nonce, associated data and text;
 * AUTH_STATUS_MALFORMED when there is no room for a tag; AUTH_STATUS_LIMIT; AUTH_STATUS_CRYPTO.
 */
auth_status registry_gcm_open(registry_crypto *crypto, const uint8_t key[REGISTRY_KEY_SIZE],
                              const uint8_t nonce[REGISTRY_NONCE_SIZE], auth_bytes associated,
                              auth_bytes sealed, uint8_t *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Fills out with random octets that nobody else knows.
 *
 * Errors: AUTH_STATUS_CRYPTO.
 */
auth_status registry_random(uint8_t *out, size_t len, auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(registry_crypto)

#endif
