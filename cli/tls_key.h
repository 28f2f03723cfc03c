/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS with a key that stays in its token: an OpenSSL key whose signatures an auth_signer makes, by
 * a provider within the process (tls_provider.h), which gives no private key to anybody, since it
 * has none. Both are all of OpenSSL in cli.
 *
 * P-256 and P-384: TLS signs with them what auth_signer_sign signs (RFC 8446 4.2.3). RSA: TLS 1.3
 * takes what auth_signer_sign_pss signs, TLS 1.2 that or PKCS#1 v1.5, each with SHA-256.
 */
#ifndef CLI_TLS_KEY_H
#define CLI_TLS_KEY_H

#include <auth/key.h>

typedef struct cli_tls_key cli_tls_key;

/*
 * Makes a key for TLS. chain is DER, the certificate of the signer's key first.
 *
 * Ownership: gives *out, to be freed with cli_tls_key_free; borrows signer, copies chain.
 * Errors: AUTH_STATUS_UNSUPPORTED for another type of key; AUTH_STATUS_INVALID when the certificate
 * is of another key; AUTH_STATUS_CRYPTO; AUTH_STATUS_MEMORY.
 */
auth_status cli_tls_key_new(const auth_signer *signer, const auth_bytes *chain, size_t chain_len,
                            cli_tls_key **out, auth_error *err) AUTH_MUST_CHECK;

/* Frees a key, behind whatever uses it. NULL is fine. */
void cli_tls_key_free(cli_tls_key *key);

/* Lets a context of libssl (SSL_CTX) show the certificates and sign with the key. */
bool cli_tls_key_use(const cli_tls_key *key, void *ssl_context);

/* Why the key did not sign when it was asked last; NULL: it did. A key of NULL is fine. */
const auth_error *cli_tls_key_failure(const cli_tls_key *key);

AUTH_DEFINE_CLEANUP(cli_tls_key)

#endif
