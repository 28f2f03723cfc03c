/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bare verification of one signature by OpenSSL, with a context that is used again: what a
 * verdict cannot cost less than.
 */
#ifndef BENCH_RAW_VERIFICATION_H
#define BENCH_RAW_VERIFICATION_H

#include <auth/key.h>
#include <openssl/evp.h>

typedef struct raw_verification {
    EVP_PKEY_CTX *hash;
    EVP_MD_CTX *message; /* Ed25519 verifies whole messages only */
    auth_signature signature;
} raw_verification;

/* Signs with a new key of OpenSSL's own, and prepares to verify that; ends the process when it
 * cannot. */
void raw_verification_begin(raw_verification *it, auth_key_type type);
void raw_verification_end(raw_verification *it);

/* Verifies once; ends the process when that fails. */
void raw_verification_run(raw_verification *it);

#endif
