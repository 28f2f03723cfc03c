/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may sign answers: the issuer, or whom it certified for that (RFC 6960 section 4.2.2.2).
 * OpenSSL's OCSP_basic_verify trusts responders in further ways; none of them is wanted here.
 */
#include "ocsp/ocsp.h"

#include "x509/name.h"

/* Certificates in an answer that are looked at; each may cost two verifications. */
#define CANDIDATES_MAX 4

static auth_status refuse(auth_error *err, auth_status status, const char *what)
{
    return auth_error_set(err, status, "OCSP responder: %s", what);
}

/* What a responder's certificate may mark critical, because it is understood or beside the point.
 */
static bool is_known(oid id)
{
    return id == OID_KEY_USAGE || id == OID_EXTENDED_KEY_USAGE || id == OID_BASIC_CONSTRAINTS ||
           id == OID_SUBJECT_ALT_NAME || id == OID_OCSP_NO_CHECK || id == OID_CERTIFICATE_POLICIES;
}

static auth_status check_critical(const x509_extensions *extensions, auth_error *err)
{
    for (size_t i = 0; i < extensions->count; i++) {
        if (!extensions->rows[i].is_critical || is_known(extensions->rows[i].id))
            continue;
        char dotted[X509_OID_TEXT_SIZE];
        x509_oid_text(extensions->rows[i].type, dotted);
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "OCSP responder: critical extension %s of its certificate is not "
                              "known (RFC 5280 4.2)",
                              dotted);
    }
    return AUTH_STATUS_OK;
}

static auth_status check_usage(const x509_extensions *extensions, auth_error *err)
{
    const x509_extension *purposes = x509_find(extensions, OID_EXTENDED_KEY_USAGE);
    bool has_purpose = false;
    if (purposes == NULL ||
        !x509_has_extended_key_usage(purposes->value, OID_OCSP_SIGNING, &has_purpose) ||
        !has_purpose)
        return refuse(err, AUTH_STATUS_UNTRUSTED,
                      "its certificate lacks extended key usage OCSPSigning (RFC 6960 4.2.2.2)");
    const x509_extension *usage = x509_find(extensions, OID_KEY_USAGE);
    uint32_t bits = 0;
    if (usage != NULL &&
        (!x509_read_key_usage(usage->value, &bits) || (bits & X509_DIGITAL_SIGNATURE) == 0))
        return refuse(err, AUTH_STATUS_UNTRUSTED,
                      "the key usage of its certificate lacks digitalSignature "
                      "(RFC 5280 4.2.1.3)");
    return AUTH_STATUS_OK;
}

auth_status ocsp_check_delegation(const x509_cert_view *certificate, const auth_ocsp_issuer *issuer,
                                  auth_error *err)
{
    if (!x509_name_equal(certificate->issuer, issuer->view.subject))
        return refuse(err, AUTH_STATUS_UNTRUSTED,
                      "its certificate was not issued by the authority concerned "
                      "(RFC 6960 4.2.2.2)");
    auth_status status = check_usage(&certificate->extensions, err);
    if (status == AUTH_STATUS_OK)
        status = check_critical(&certificate->extensions, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!auth_bytes_equal(certificate->algorithm, certificate->tbs_algorithm))
        return refuse(err, AUTH_STATUS_UNTRUSTED,
                      "the two algorithm identifiers of its certificate differ "
                      "(RFC 5280 4.1.1.2)");
    status = auth_public_key_verify(issuer->key, certificate->algorithm, certificate->tbs,
                                    certificate->signature, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "OCSP responder's certificate");
    return status;
}

static auth_status check_validity(const x509_cert_view *certificate, auth_time now, uint32_t skew,
                                  auth_error *err)
{
    if (now < certificate->not_before - (auth_time)skew ||
        now > certificate->not_after + (auth_time)skew)
        return refuse(err, AUTH_STATUS_UNTRUSTED,
                      "its certificate is not valid at this time (RFC 6960 4.2.2.2)");
    return AUTH_STATUS_OK;
}

/* ResponderID: the SHA-1 of the key, or the name (RFC 6960 4.2.1). */
static auth_status is_named(const ocsp_response *response, const x509_cert_view *certificate,
                            bool *out, auth_error *err)
{
    if (response->responder_key.len == 0) {
        *out = x509_name_equal(response->responder_name, certificate->subject);
        return AUTH_STATUS_OK;
    }
    auth_bytes key_bits;
    uint8_t hash[DIGEST_MAX];
    *out = false;
    if (!ocsp_key_bits(certificate->spki, &key_bits))
        return AUTH_STATUS_OK;
    auth_status status = digest(DIGEST_SHA1, key_bits, hash, err);
    if (status == AUTH_STATUS_OK)
        *out =
            auth_bytes_equal(response->responder_key, (auth_bytes){hash, digest_len(DIGEST_SHA1)});
    return status;
}

static auth_status verify(const ocsp_response *response, const auth_public_key *key,
                          auth_error *err)
{
    auth_status status =
        auth_public_key_verify(key, response->algorithm, response->tbs, response->signature, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "OCSP answer");
    return status;
}

static auth_status check_candidate(const ocsp_response *response, const auth_ocsp_issuer *issuer,
                                   const x509_cert_view *certificate, auth_time now, uint32_t skew,
                                   auth_error *err)
{
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = check_validity(certificate, now, skew, err);
    if (status == AUTH_STATUS_OK)
        status = ocsp_check_delegation(certificate, issuer, err);
    if (status == AUTH_STATUS_OK)
        status = auth_public_key_parse(certificate->spki, &key, err);
    return status == AUTH_STATUS_OK ? verify(response, key, err) : status;
}

/*
 * Tries one certificate of the answer. *is_tried tells whether it is one that the answer names, or
 * that could not be looked at; only then does the status say anything.
 */
static auth_status try_certificate(const ocsp_response *response, const auth_ocsp_issuer *issuer,
                                   auth_bytes der, auth_time now, uint32_t skew,
                                   x509_cert_view *responder, bool *is_tried, auth_error *err)
{
    *is_tried = false;
    /* A certificate that cannot be read is not the signer's; others are read on. */
    if (x509_cert_view_parse(der, responder, NULL) != AUTH_STATUS_OK)
        return AUTH_STATUS_UNTRUSTED;
    auth_status status = is_named(response, responder, is_tried, err);
    if (status != AUTH_STATUS_OK)
        *is_tried = true;
    else if (*is_tried)
        status = check_candidate(response, issuer, responder, now, skew, err);
    return status;
}

/* Tries the certificates that came with the answer. */
static auth_status find_delegate(const ocsp_response *response, const auth_ocsp_issuer *issuer,
                                 auth_time now, uint32_t skew, x509_cert_view *responder,
                                 auth_error *err)
{
    auth_status outcome =
        refuse(err, AUTH_STATUS_UNTRUSTED,
               "the answer names neither the issuer nor a certificate that it carries as its "
               "signer (RFC 6960 4.2.2.2)");
    auth_bytes certificates = response->certificates;
    der_item item;
    size_t tried = 0;
    while (tried < CANDIDATES_MAX && certificates.len > 0) {
        bool is_tried = false;
        if (!der_take_item(&certificates, DER_SEQUENCE, &item))
            return refuse(err, AUTH_STATUS_MALFORMED, "certs is not a list of certificates");
        auth_status status =
            try_certificate(response, issuer, item.whole, now, skew, responder, &is_tried, err);
        if (!is_tried)
            continue;
        if (status == AUTH_STATUS_OK || auth_status_is_fault(status))
            return status;
        outcome = status;
        tried++;
    }
    return outcome;
}

/* The issuer first: a responder may also have been given the issuer's own name. */
static auth_status find_signer(const ocsp_response *response, const auth_ocsp_issuer *issuer,
                               auth_time now, uint32_t skew, x509_cert_view *responder,
                               bool *is_delegated, auth_error *err)
{
    bool is_issuer = false;
    auth_status status = is_named(response, &issuer->view, &is_issuer, err);
    if (status == AUTH_STATUS_OK && is_issuer)
        status = verify(response, issuer->key, err);
    bool is_decided = status == AUTH_STATUS_OK
                          ? is_issuer
                          : auth_status_is_fault(status) || response->certificates.len == 0;
    *is_delegated = !is_decided;
    if (is_decided)
        return status;
    return find_delegate(response, issuer, now, skew, responder, err);
}

auth_status ocsp_check_signer(const ocsp_response *response, const auth_ocsp_issuer *issuer,
                              auth_time now, uint32_t skew_seconds, x509_cert_view *responder,
                              bool *is_delegated, auth_error *err)
{
    /* An attempt that failed before one that succeeds is no error, so it is kept aside. */
    auth_error last = {AUTH_STATUS_OK, ""};
    auth_status status =
        find_signer(response, issuer, now, skew_seconds, responder, is_delegated, &last);
    if (status != AUTH_STATUS_OK && err != NULL)
        *err = last;
    return status;
}
