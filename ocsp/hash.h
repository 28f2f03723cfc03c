/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A keyed hash for tables whose keys come from outside: who does not know the key cannot choose
 * serial numbers that all fall into one place. Not for signatures.
 */
#ifndef OCSP_HASH_H
#define OCSP_HASH_H

#include <auth/bytes.h>

typedef struct ocsp_hash_key {
    uint64_t words[4];
} ocsp_hash_key;

/* Errors: AUTH_STATUS_CRYPTO. */
auth_status ocsp_hash_key_new(ocsp_hash_key *out, auth_error *err) AUTH_MUST_CHECK;

/* The hash of up to 24 octets; of longer ones, of the first 24 and the length. */
uint64_t ocsp_hash(const ocsp_hash_key *key, auth_bytes octets);

#endif
