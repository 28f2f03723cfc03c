/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS 1.3 by GnuTLS, without tickets, resumption and early data: each connection proves anew who it
 * is. A certificate of the client is asked for and not judged here; that the client has its key is
 * what CertificateVerify proves (RFC 8446 4.4.3).
 */
#include "daemon/server.h"

#include <gnutls/gnutls.h>
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

auth_status tls_credentials_load(const char *certificate, const char *key, tls_credentials **out,
                                 auth_error *err)
{
    AUTH_AUTO(tls_credentials) *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    atomic_init(&it->references, 1);
    if (gnutls_certificate_allocate_credentials(&it->certificate) < 0)
        return auth_error_memory(err);
    int code = gnutls_certificate_set_x509_key_file(it->certificate, certificate, key,
                                                    GNUTLS_X509_FMT_PEM);
    if (code < 0)
        return refuse(code, certificate, err);
    code = gnutls_priority_init(&it->priorities, PRIORITIES, NULL);
    if (code < 0)
        return refuse(code, "the choice of TLS 1.3", err);
    *out = AUTH_TAKE(it);
    return AUTH_STATUS_OK;
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
