/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of key/ share about OpenSSL. Internal to key/. */
#ifndef KEY_OPENSSL_H
#define KEY_OPENSSL_H

#include "key/digest.h"

#include <openssl/evp.h>

/* The fetched algorithm, static; NULL when OpenSSL has none or no memory. */
const EVP_MD *digest_evp(digest_algorithm algorithm);

/* What OpenSSL calls it. */
const char *digest_name(digest_algorithm algorithm);

/*
 * Reports that an OpenSSL call failed: AUTH_STATUS_MEMORY or AUTH_STATUS_CRYPTO, with OpenSSL's
 * reason, and empties its error queue. what names the operation.
 */
auth_status openssl_failed(auth_error *err, const char *what);
#ifdef __clang_analyzer__
/* As with auth_error_set: never AUTH_STATUS_OK. */
#define openssl_failed(err, what) ((void)openssl_failed((err), (what)), AUTH_STATUS_CRYPTO)
#endif

/* Tells whether OpenSSL's newest error is that memory ran out. */
bool openssl_lacks_memory(void);

/* OpenSSL's newest reason, "no reason given" without one; empties its error queue. */
const char *openssl_reason(void);

#endif
