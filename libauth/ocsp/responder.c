/* SPDX-License-Identifier: Apache-2.0 */
/* Prepares a responder and refuses certificates with which clients would not believe it. */
#include "ocsp/responder.h"

#include <stdlib.h>

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "OCSP responder: %s", what);
}

static auth_status check_key(const x509_cert_view *certificate, const auth_signer *signer,
                             auth_error *err)
{
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = auth_public_key_parse(certificate->spki, &key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!auth_bytes_equal(auth_public_key_spki(key),
                          auth_public_key_spki(auth_signer_public_key(signer))))
        return refuse(err, "its certificate is for another key than the one that signs; give the "
                           "pair that belongs together");
    return AUTH_STATUS_OK;
}

/* More than a client asks for: these rules are for certificates of our own making. */
static auth_status check_profile(const x509_extensions *extensions, auth_error *err)
{
    if (x509_find(extensions, OID_OCSP_NO_CHECK) == NULL)
        return refuse(err, "its certificate lacks id-pkix-ocsp-nocheck, so clients would ask for "
                           "its own status without end (RFC 6960 4.2.2.2.1)");
    const x509_extension *usage = x509_find(extensions, OID_KEY_USAGE);
    if (usage == NULL || !usage->is_critical)
        return refuse(err, "its certificate lacks a critical key usage with digitalSignature "
                           "(Baseline Requirements 7.1.2.8)");
    if (x509_find(extensions, OID_SUBJECT_ALT_NAME) != NULL)
        return refuse(err, "its certificate has a subjectAltName, which a responder does not need "
                           "(Baseline Requirements 7.1.2.8)");
    return AUTH_STATUS_OK;
}

static auth_status check_certificate(const x509_cert_view *certificate,
                                     const auth_ocsp_issuer *issuer, const auth_signer *signer,
                                     auth_error *err)
{
    auth_status status = check_key(certificate, signer, err);
    bool is_authority = auth_bytes_equal(certificate->der, issuer->view.der);
    if (status != AUTH_STATUS_OK || is_authority)
        return status;
    status = check_profile(&certificate->extensions, err);
    return status == AUTH_STATUS_OK ? ocsp_check_delegation(certificate, issuer, err) : status;
}

static void write_id(auth_ocsp_responder *responder)
{
    uint8_t key_id[AUTH_KEY_ID_SIZE];
    auth_public_key_id(auth_signer_public_key(responder->signer), key_id);
    der_writer writer = der_writer_on(responder->id, sizeof responder->id);
    der_put_header(&writer, DER_CONTEXT_CONSTRUCTED(2), 2 + sizeof key_id);
    der_put_item(&writer, DER_OCTET_STRING, (auth_bytes){key_id, sizeof key_id});
}

static void write_certificates(auth_ocsp_responder *responder, auth_bytes certificate)
{
    der_writer writer = der_writer_on(responder->certificates, responder->certificates_len);
    der_put_header(&writer, DER_CONTEXT_CONSTRUCTED(0),
                   der_header_len(certificate.len) + certificate.len);
    der_put_item(&writer, DER_SEQUENCE, certificate);
}

auth_status auth_ocsp_responder_new(auth_bytes certificate, const auth_ocsp_issuer *issuer,
                                    const auth_signer *signer, auth_ocsp_responder **out,
                                    auth_error *err)
{
    x509_cert_view view;
    auth_status status = x509_cert_view_parse(certificate, &view, err);
    if (status == AUTH_STATUS_OK)
        status = check_certificate(&view, issuer, signer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t certificates_len = 0;
    if (!auth_bytes_equal(certificate, issuer->view.der)) {
        size_t list_len = der_header_len(certificate.len) + certificate.len;
        certificates_len = der_header_len(list_len) + list_len;
    }
    auth_ocsp_responder *responder = calloc(1, sizeof *responder + certificates_len);
    if (responder == NULL)
        return auth_error_memory(err);
    responder->issuer = issuer;
    responder->signer = signer;
    responder->not_before = view.not_before;
    responder->not_after = view.not_after;
    responder->certificates_len = certificates_len;
    write_id(responder);
    if (certificates_len > 0)
        write_certificates(responder, certificate);
    *out = responder;
    return AUTH_STATUS_OK;
}

void auth_ocsp_responder_free(auth_ocsp_responder *responder) { free(responder); }

auth_time auth_ocsp_responder_not_after(const auth_ocsp_responder *responder)
{
    return responder->not_after;
}
