/* SPDX-License-Identifier: Apache-2.0 */
#include "ssl_peer.h"

#include <openssl/x509.h>

/* The chain is judged by libauth. */
static int let_through(X509_STORE_CTX *chain, void *unused)
{
    (void)chain;
    (void)unused;
    return 1;
}

int ssl_peer_ask(SSL_CTX *tls)
{
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(tls, let_through, NULL);
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_options(tls, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    return SSL_CTX_set_num_tickets(tls, 0);
}

/* A server's own view of the chain has the client's certificate apart, a client's has it first. */
auth_status ssl_peer_verify(auth_verifier *verifier, const auth_login_input *input, SSL *ssl,
                            auth_login_verdict *out, auth_error *err)
{
    unsigned char *octets[AUTH_CHAIN_MAX] = {NULL};
    auth_bytes rows[AUTH_CHAIN_MAX];
    size_t count = 0;
    const STACK_OF(X509) *others = SSL_get_peer_cert_chain(ssl);
    for (int i = -1; i < sk_X509_num(others) && count < AUTH_CHAIN_MAX; i++) {
        const X509 *row = i < 0 ? SSL_get0_peer_certificate(ssl) : sk_X509_value(others, i);
        int len = row == NULL ? 0 : i2d_X509(row, &octets[count]);
        if (len > 0) {
            rows[count] = (auth_bytes){octets[count], (size_t)len};
            count++;
        }
    }
    auth_status status = auth_peer_verify(verifier, input, rows, count, out, err);
    for (size_t i = 0; i < count; i++)
        OPENSSL_free(octets[i]);
    return status;
}
