/* SPDX-License-Identifier: Apache-2.0 */
/* Digests and random octets. Internal to libauth; algorithms are fetched from OpenSSL once. */
#ifndef KEY_DIGEST_H
#define KEY_DIGEST_H

#include <auth/bytes.h>

typedef enum digest_algorithm {
    DIGEST_SHA1, /* for key identifiers and CertIDs only */
    DIGEST_SHA256,
    DIGEST_SHA384,
    DIGEST_SHA512,
    DIGEST_SM3,
} digest_algorithm;

#define DIGEST_MAX 64

size_t digest_len(digest_algorithm algorithm);

/* Hashes message into out[digest_len]. Errors: AUTH_STATUS_CRYPTO, AUTH_STATUS_MEMORY. */
auth_status digest(digest_algorithm algorithm, auth_bytes message, uint8_t *out,
                   auth_error *err) AUTH_MUST_CHECK;

/* HMAC (RFC 2104) into out[digest_len]. Errors: AUTH_STATUS_CRYPTO, AUTH_STATUS_MEMORY. */
auth_status digest_hmac(digest_algorithm algorithm, auth_bytes key, auth_bytes message,
                        uint8_t *out, auth_error *err) AUTH_MUST_CHECK;

/* Fills out with random octets from the private generator. Errors: AUTH_STATUS_CRYPTO. */
auth_status digest_random(uint8_t *out, size_t len, auth_error *err) AUTH_MUST_CHECK;

#endif
