/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_openssl
 * @brief from a TLS connection of OpenSSL to a verdict
 * @needs libssl libcrypto
 *
 * A server that speaks TLS by OpenSSL 3.0 or later, and lets clients in by their certificates, asks
 * for them with auth_openssl_ask and judges each client with auth_openssl_peer_verify, once the
 * handshake is done. The verdict is that of auth_peer_verify.
 *
 * The invariant: the certificate that is judged is the one whose key signed the handshake, never
 * one that the client only sent along.
 *
 * Everything stands in this header: the shared library names no type of OpenSSL's and does not load
 * libssl. auth/auth.h does not include it; a program that does links libssl and libcrypto itself.
 *
 * It is for servers. Whether a server is the one that a client means is a question about names,
 * which a verdict about a login does not answer: see auth/validate.h.
 */
#ifndef AUTH_OPENSSL_H
#define AUTH_OPENSSL_H

#include <auth/login.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

AUTH_BEGIN_DECLS

/* The chain is judged by libauth, after the handshake. */
static inline int auth_inline_let_through(X509_STORE_CTX *unjudged, void *unused)
{
    (void)unjudged;
    (void)unused;
    return 1;
}

/**
 * Have a server ask each client for a certificate, and let any chain through, and none: libauth
 * judges it afterwards.
 *
 * No session is resumed and nothing negotiated anew, so that the key is proved in each connection.
 * A server that turns resumption on again lets clients in by what they proved before: the chain
 * then has the client's own certificate only.
 *
 * Returns 1, or 0 when OpenSSL fails.
 */
AUTH_INLINE int auth_openssl_ask(SSL_CTX *tls)
{
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(tls, auth_inline_let_through, NULL);
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_options(tls, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    return SSL_CTX_set_num_tickets(tls, 0);
}

/* Room for one certificate more than a chain may have: that is refused, and not cut. */
#define AUTH_OPENSSL_ROWS (AUTH_CHAIN_MAX + 1)

/* Frees what auth_inline_rows gave. */
static inline void auth_inline_free(auth_bytes *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        OPENSSL_free((void *)(uintptr_t)rows[i].data);
}

/* Without the first there are no others: no other may take its place. */
static inline auth_status auth_inline_rows(const SSL *ssl, auth_bytes *rows, size_t *count,
                                           auth_error *err)
{
    const X509 *own = SSL_get0_peer_certificate(ssl);
    const STACK_OF(X509) *others = SSL_get_peer_cert_chain(ssl);
    *count = 0;
    if (!SSL_is_server(ssl) || !SSL_is_init_finished(ssl) || own == NULL)
        return AUTH_STATUS_OK;
    for (int i = -1; i < 0 || (i < sk_X509_num(others) && *count < AUTH_OPENSSL_ROWS); i++) {
        unsigned char *octets = NULL;
        int len = i2d_X509(i < 0 ? own : sk_X509_value(others, i), &octets);
        if (len <= 0) {
            auth_inline_free(rows, *count);
            *count = 0;
            return auth_error_memory(err);
        }
        rows[*count].data = octets;
        rows[*count].len = (size_t)len;
        *count += 1;
    }
    return AUTH_STATUS_OK;
}

/* A verdict that is never a yes. */
static inline auth_status auth_inline_fault(const auth_login_input *input, auth_status status,
                                            auth_login_verdict *out)
{
    memset(out, 0, sizeof *out);
    out->reason = AUTH_LOGIN_REASON_FAULT;
    out->outcome = AUTH_LOGIN_OUTCOME_FAULT;
    out->sentence = auth_login_reason_sentence(AUTH_LOGIN_REASON_FAULT, input->language);
    out->status_age_s = -1;
    return status;
}

/**
 * Judge the client of a server's connection, as auth_peer_verify.
 *
 * A connection whose handshake is not done, or which is a client's own, has shown nothing: the
 * reason is NO_CERTIFICATE, as for a client that gave none. A client does not staple; give
 * input->staple when the application has a status by another way.
 *
 * *out is always filled, on a fault with the reason FAULT. Waits for statuses, as the policy says.
 *
 * Ownership: borrows ssl for the call.
 * Errors: AUTH_STATUS_MEMORY; else as auth_peer_verify.
 */
AUTH_INLINE AUTH_MUST_CHECK auth_status auth_openssl_peer_verify(auth_verifier *verifier,
                                                                 const auth_login_input *input,
                                                                 const SSL *ssl,
                                                                 auth_login_verdict *out,
                                                                 auth_error *err)
{
    auth_bytes rows[AUTH_OPENSSL_ROWS];
    size_t count = 0;
    auth_status status = auth_inline_rows(ssl, rows, &count, err);
    if (status != AUTH_STATUS_OK)
        return auth_inline_fault(input, status, out);
    status = auth_peer_verify(verifier, input, rows, count, out, err);
    auth_inline_free(rows, count);
    return status;
}

/**
 * Judge the client of a server's connection without waiting for a status, as auth_peer_begin, for
 * programs with an event loop. The connection is borrowed for the call only.
 *
 * Errors: AUTH_STATUS_MEMORY; else as auth_peer_begin.
 */
AUTH_INLINE AUTH_MUST_CHECK auth_status auth_openssl_peer_begin(
    auth_verifier *verifier, const auth_login_input *input, const SSL *ssl, auth_login_done *done,
    void *context, auth_login_pending **pending, auth_login_verdict *out, auth_error *err)
{
    auth_bytes rows[AUTH_OPENSSL_ROWS];
    size_t count = 0;
    auth_status status = auth_inline_rows(ssl, rows, &count, err);
    if (status != AUTH_STATUS_OK) {
        *pending = NULL;
        return auth_inline_fault(input, status, out);
    }
    status = auth_peer_begin(verifier, input, rows, count, done, context, pending, out, err);
    auth_inline_free(rows, count);
    return status;
}

AUTH_END_DECLS

#endif
