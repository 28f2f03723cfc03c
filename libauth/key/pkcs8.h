/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys as PKCS#8 (RFC 5958), encrypted by PBES2 (RFC 8018). What is read is bounded before
 * OpenSSL sees it. Internal to key/.
 */
#ifndef KEY_PKCS8_H
#define KEY_PKCS8_H

#include <auth/key.h>
#include <openssl/evp.h>

#define PKCS8_LABEL "PRIVATE KEY"
#define PKCS8_ENCRYPTED_LABEL "ENCRYPTED PRIVATE KEY"

/*
 * Reads a PrivateKeyInfo. *public_bits views the public key beside it; empty when there is none.
 *
 * Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_UNSUPPORTED; AUTH_STATUS_INVALID for numbers that
 * cannot be a key; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status pkcs8_read(auth_bytes der, EVP_PKEY **out, auth_bytes *public_bits,
                       auth_error *err) AUTH_MUST_CHECK;

/* Tells whether DER looks like an EncryptedPrivateKeyInfo, and not like a PrivateKeyInfo. */
bool pkcs8_is_encrypted(auth_bytes der);

/*
 * Checks form and bounds of an EncryptedPrivateKeyInfo, before anybody is asked for its passphrase.
 *
 * Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_UNSUPPORTED for another scheme than PBES2 or one that
 * takes too long.
 */
auth_status pkcs8_check_encrypted(auth_bytes der, auth_error *err) AUTH_MUST_CHECK;

/*
 * Decrypts an EncryptedPrivateKeyInfo. Ownership: gives *out, to be freed with auth_secret_free.
 *
 * Errors: AUTH_STATUS_DENIED for a wrong passphrase; AUTH_STATUS_UNSUPPORTED for a cipher that
 * OpenSSL has not; else as pkcs8_check_encrypted; AUTH_STATUS_MEMORY.
 */
auth_status pkcs8_decrypt(auth_bytes der, auth_bytes passphrase, auth_secret **out,
                          auth_error *err) AUTH_MUST_CHECK;

/* Appends a PrivateKeyInfo. Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO. */
auth_status pkcs8_write(const EVP_PKEY *key, auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/* Appends the EncryptedPrivateKeyInfo of a PrivateKeyInfo. Errors: as pkcs8_write. */
auth_status pkcs8_encrypt(auth_bytes der, auth_bytes passphrase, auth_buf *out,
                          auth_error *err) AUTH_MUST_CHECK;

#endif
