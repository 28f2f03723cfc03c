/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS 1.3 by GnuTLS, without tickets, resumption and early data: each connection proves anew who it
 * is. A certificate of the client is asked for and not judged here; that the client has its key is
 * what CertificateVerify proves (RFC 8446 4.4.3).
 */
#include "daemon/server.h"

#include <auth/pem.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:%SERVER_PRECEDENCE"

struct tls_credentials {
    atomic_uint references;
    gnutls_certificate_credentials_t certificate;
    gnutls_priority_t priorities;
};

struct tls_session {
    gnutls_session_t session;
    tls_credentials *credentials;
    bool has_unsent; /* GnuTLS keeps a record that did not go out */
};

static auth_status refuse(int code, const char *what, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "%s: %s; name a certificate chain and its key, both PEM, that belong "
                          "together",
                          what, gnutls_strerror(code));
}

static auth_status make(tls_credentials **out, auth_error *err)
{
    AUTH_AUTO(tls_credentials) *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    atomic_init(&it->references, 1);
    if (gnutls_certificate_allocate_credentials(&it->certificate) < 0)
        return auth_error_memory(err);
    int code = gnutls_priority_init(&it->priorities, PRIORITIES, NULL);
    if (code < 0)
        return refuse(code, "the choice of TLS 1.3", err);
    *out = AUTH_TAKE(it);
    return AUTH_STATUS_OK;
}

auth_status tls_credentials_load(const char *certificate, const char *key, tls_credentials **out,
                                 auth_error *err)
{
    AUTH_AUTO(tls_credentials) *it = NULL;
    auth_status status = make(&it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    int code = gnutls_certificate_set_x509_key_file(it->certificate, certificate, key,
                                                    GNUTLS_X509_FMT_PEM);
    if (code < 0)
        return refuse(code, certificate, err);
    *out = AUTH_TAKE(it);
    return AUTH_STATUS_OK;
}

/* GnuTLS asks that the key is that of the first certificate. */
static auth_status set_chain(tls_credentials *it, const tls_credentials *former, auth_bytes pem,
                             auth_error *err)
{
    gnutls_x509_crt_t *chain = NULL;
    gnutls_x509_privkey_t key = NULL;
    unsigned count = 0;
    const gnutls_datum_t text = {(unsigned char *)(uintptr_t)pem.data, (unsigned)pem.len};
    int code = gnutls_x509_crt_list_import2(&chain, &count, &text, GNUTLS_X509_FMT_PEM, 0);
    if (code < 0)
        return refuse(code, "the new certificate", err);
    code = gnutls_certificate_get_x509_key(former->certificate, 0, &key);
    if (code >= 0)
        code = gnutls_certificate_set_x509_key(it->certificate, chain, (int)count, key);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_free(chain);
    if (key != NULL)
        gnutls_x509_privkey_deinit(key);
    return code >= 0 ? AUTH_STATUS_OK : refuse(code, "the new certificate", err);
}

auth_status tls_credentials_renew(const tls_credentials *former, auth_bytes pem,
                                  tls_credentials **out, auth_error *err)
{
    AUTH_AUTO(tls_credentials) *it = NULL;
    if (pem.len > DAEMON_CHAIN_OCTETS_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "the new certificate: longer than %zu octets with its chain; leave "
                              "the root out",
                              (size_t)DAEMON_CHAIN_OCTETS_MAX);
    auth_status status = make(&it, err);
    if (status == AUTH_STATUS_OK)
        status = set_chain(it, former, pem, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(it);
    return status;
}

auth_status tls_credentials_chain(const tls_credentials *it, auth_buf *out, auth_error *err)
{
    gnutls_x509_crt_t *chain = NULL;
    unsigned count = 0;
    auth_status status = AUTH_STATUS_OK;
    int code = gnutls_certificate_get_x509_crt(it->certificate, 0, &chain, &count);
    if (code < 0)
        return refuse(code, "the certificate in use", err);
    for (unsigned i = 0; i < count; i++) {
        gnutls_datum_t der = {NULL, 0};
        if (status == AUTH_STATUS_OK &&
            gnutls_x509_crt_export2(chain[i], GNUTLS_X509_FMT_DER, &der) < 0)
            status = auth_error_memory(err);
        if (status == AUTH_STATUS_OK)
            status = auth_pem_encode("CERTIFICATE", (auth_bytes){der.data, der.size}, out, err);
        gnutls_free(der.data);
        gnutls_x509_crt_deinit(chain[i]);
    }
    gnutls_free(chain);
    return status;
}

tls_credentials *tls_credentials_ref(tls_credentials *it)
{
    atomic_fetch_add(&it->references, 1);
    return it;
}

void tls_credentials_free(tls_credentials *it)
{
    if (it == NULL || atomic_fetch_sub(&it->references, 1) != 1)
        return;
    if (it->priorities != NULL)
        gnutls_priority_deinit(it->priorities);
    if (it->certificate != NULL)
        gnutls_certificate_free_credentials(it->certificate);
    free(it);
}

tls_session *tls_session_new(tls_credentials *credentials, int file)
{
    tls_session *it = calloc(1, sizeof *it);
    if (it == NULL)
        return NULL;
    const unsigned flags = GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;
    if (gnutls_init(&it->session, flags) < 0) {
        free(it);
        return NULL;
    }
    it->credentials = tls_credentials_ref(credentials);
    if (gnutls_priority_set(it->session, credentials->priorities) < 0 ||
        gnutls_credentials_set(it->session, GNUTLS_CRD_CERTIFICATE, credentials->certificate) < 0) {
        tls_session_free(it);
        return NULL;
    }
    gnutls_certificate_server_set_request(it->session, GNUTLS_CERT_REQUEST);
    gnutls_transport_set_int(it->session, file);
    /* The loop has deadlines of its own. */
    gnutls_handshake_set_timeout(it->session, GNUTLS_INDEFINITE_TIMEOUT);
    return it;
}

void tls_session_free(tls_session *it)
{
    if (it == NULL)
        return;
    gnutls_deinit(it->session);
    tls_credentials_free(it->credentials);
    free(it);
}

static bool is_again(ssize_t code)
{
    return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED;
}

ssize_t tls_handshake(tls_session *it)
{
    for (;;) {
        int code = gnutls_handshake(it->session);
        if (code == GNUTLS_E_SUCCESS)
            return 0;
        if (code == GNUTLS_E_AGAIN)
            return IO_AGAIN;
        if (code == GNUTLS_E_INTERRUPTED || code == GNUTLS_E_WARNING_ALERT_RECEIVED)
            continue;
        /* The client learns why, if it listens. */
        (void)gnutls_alert_send_appropriate(it->session, code);
        return IO_END;
    }
}

ssize_t tls_read(tls_session *it, uint8_t *room, size_t size)
{
    ssize_t got = gnutls_record_recv(it->session, room, size);
    if (got > 0)
        return got;
    return is_again(got) ? IO_AGAIN : IO_END;
}

ssize_t tls_write(tls_session *it, const void *octets, size_t len)
{
    /* gnutls_record_send(3): after EAGAIN the same record goes on with no octets of ours. */
    ssize_t sent = it->has_unsent ? gnutls_record_send(it->session, NULL, 0)
                                  : gnutls_record_send(it->session, octets, len);
    it->has_unsent = is_again(sent);
    if (sent >= 0)
        return sent;
    return it->has_unsent ? IO_AGAIN : IO_END;
}

bool tls_has_pending(tls_session *it) { return gnutls_record_check_pending(it->session) > 0; }

void tls_bye(tls_session *it)
{
    if (!it->has_unsent)
        (void)gnutls_bye(it->session, GNUTLS_SHUT_WR);
}

bool tls_copy_chain(tls_session *it, auth_bytes chain[DAEMON_CHAIN_MAX], size_t *count,
                    uint8_t **octets)
{
    unsigned shown = 0;
    const gnutls_datum_t *certificates = gnutls_certificate_get_peers(it->session, &shown);
    *count = 0;
    if (certificates == NULL || shown == 0)
        return true;
    size_t total = 0;
    for (unsigned i = 0; i < shown; i++)
        total += certificates[i].size;
    if (shown > DAEMON_CHAIN_MAX || total > DAEMON_CHAIN_OCTETS_MAX)
        return false;
    uint8_t *copy = malloc(total);
    if (copy == NULL)
        return false;
    size_t used = 0;
    for (unsigned i = 0; i < shown; i++) {
        memcpy(copy + used, certificates[i].data, certificates[i].size);
        chain[i] = (auth_bytes){copy + used, certificates[i].size};
        used += certificates[i].size;
    }
    *count = shown;
    *octets = copy;
    return true;
}
