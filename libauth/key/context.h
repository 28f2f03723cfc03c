/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prepared OpenSSL contexts to sign or verify with one key, kept in a pool. Preparing one costs
 * more than hashing a certificate, and an OpenSSL context serves one thread at a time. Internal to
 * key/.
 */
#ifndef KEY_CONTEXT_H
#define KEY_CONTEXT_H

#include "key/openssl.h"
#include "key/pool.h"
#include "key/signature.h"

typedef struct context_pool {
    EVP_PKEY *key;
    bool is_for_signing;
    const uint8_t *sm2_z; /* hashed before each message; NULL except for SM2 */
    slot_pool idle;
} context_pool;

/*
 * Make a pool. key is taken over when this succeeds; sm2_z is borrowed as long as the pool lives.
 * NULL: out of memory.
 */
context_pool *context_pool_new(EVP_PKEY *key, bool is_for_signing, const uint8_t *sm2_z);

/* Free a pool, its contexts and its key. NULL is fine. */
void context_pool_free(context_pool *old);

/* Hash and sign a message. Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO. */
auth_status context_sign(context_pool *pool, const signature_scheme *scheme, auth_bytes message,
                         auth_signature *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Hash a message and verify its signature. Errors: AUTH_STATUS_UNTRUSTED; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO.
 */
auth_status context_verify(context_pool *pool, const signature_scheme *scheme, auth_bytes message,
                           auth_bytes signature, auth_error *err) AUTH_MUST_CHECK;

#endif
