/* SPDX-License-Identifier: Apache-2.0 */
/* From a connection of OpenSSL to a verdict of libauth. To be copied: libauth itself names no type
 * of OpenSSL. */
#ifndef EXAMPLE_SSL_PEER_H
#define EXAMPLE_SSL_PEER_H

#include <auth/login.h>
#include <openssl/ssl.h>

/*
 * Has a server ask each client for a certificate, and let any chain through: the handshake proves
 * that the client has the key, and libauth judges the chain afterwards. Nothing is resumed, so that
 * the key is proved each time. Returns 1, or 0 when OpenSSL fails.
 */
int ssl_peer_ask(SSL_CTX *tls);

/* Judges the client of a connection whose handshake is done. As auth_peer_verify. */
auth_status ssl_peer_verify(auth_verifier *verifier, const auth_login_input *input, SSL *ssl,
                            auth_login_verdict *out, auth_error *err) AUTH_MUST_CHECK;

#endif
