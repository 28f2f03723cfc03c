/* SPDX-License-Identifier: Apache-2.0 */
#include "key/digest.h"
#include "x509/extension.h"
#include "x509/view.h"

#include <auth/cert.h>
#include <stdlib.h>
#include <string.h>

struct auth_cert {
    x509_cert_view view;
    x509_basic_constraints constraints; /* all zero when absent, as are the views below */
    uint32_t key_usage;
    auth_bytes subject_key_id;
    auth_bytes authority_key_id;
    auth_bytes ocsp_uri;
    auth_bytes ca_issuers_uri;
    auth_bytes crl_uri;
    uint8_t der[];
};

static bool ignore_purpose(void *context, auth_bytes type)
{
    (void)context;
    (void)type;
    return true;
}

/* Decodes an extension into the certificate; true as well for one that is not decoded. */
static bool decode(const x509_extension *extension, auth_cert *cert)
{
    auth_bytes value = extension->value;
    auth_bytes ca_issuers = {NULL, 0};
    if (extension->id == OID_BASIC_CONSTRAINTS)
        return x509_read_basic_constraints(value, &cert->constraints);
    if (extension->id == OID_KEY_USAGE)
        return x509_read_key_usage(value, &cert->key_usage);
    if (extension->id == OID_EXTENDED_KEY_USAGE)
        return x509_read_extended_key_usage(value, ignore_purpose, NULL);
    if (extension->id == OID_SUBJECT_KEY_IDENTIFIER)
        return x509_read_key_identifier(value, &cert->subject_key_id);
    if (extension->id == OID_AUTHORITY_KEY_IDENTIFIER)
        return x509_read_authority_key_identifier(value, &cert->authority_key_id);
    if (extension->id == OID_CRL_DISTRIBUTION_POINTS)
        return x509_read_distribution_uri(value, &cert->crl_uri);
    if (extension->id == OID_AUTHORITY_INFO_ACCESS) {
        bool is_read = x509_read_access_uri(value, OID_AD_OCSP, &cert->ocsp_uri) &&
                       x509_read_access_uri(value, OID_AD_CA_ISSUERS, &ca_issuers);
        cert->ca_issuers_uri = ca_issuers;
        return is_read;
    }
    return true;
}

static auth_status decode_extensions(auth_cert *cert, auth_error *err)
{
    for (size_t i = 0; i < cert->view.extensions.count; i++) {
        const x509_extension *extension = &cert->view.extensions.rows[i];
        if (!decode(extension, cert))
            return auth_error_set(err, AUTH_STATUS_MALFORMED,
                                  "certificate: %s is not of its form (RFC 5280 4.2)",
                                  oid_name(extension->id));
    }
    return AUTH_STATUS_OK;
}

auth_status auth_cert_parse(auth_bytes der, auth_cert **out, auth_error *err)
{
    if (der.len > AUTH_CERT_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "certificate: %zu octets, %zu at the most",
                              der.len, AUTH_CERT_MAX);
    AUTH_AUTO(auth_cert) *cert = calloc(1, sizeof *cert + der.len);
    if (cert == NULL)
        return auth_error_memory(err);
    if (der.len > 0)
        memcpy(cert->der, der.data, der.len);
    auth_status status = x509_cert_view_parse((auth_bytes){cert->der, der.len}, &cert->view, err);
    if (status == AUTH_STATUS_OK)
        status = decode_extensions(cert, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(cert);
    return status;
}

void auth_cert_free(auth_cert *cert) { free(cert); }

auth_bytes auth_cert_der(const auth_cert *cert) { return cert->view.der; }

auth_bytes auth_cert_tbs(const auth_cert *cert) { return cert->view.tbs; }

unsigned auth_cert_version(const auth_cert *cert) { return cert->view.version; }

auth_bytes auth_cert_serial(const auth_cert *cert) { return cert->view.serial; }

auth_bytes auth_cert_issuer(const auth_cert *cert) { return cert->view.issuer; }

auth_bytes auth_cert_subject(const auth_cert *cert) { return cert->view.subject; }

auth_time auth_cert_not_before(const auth_cert *cert) { return cert->view.not_before; }

auth_time auth_cert_not_after(const auth_cert *cert) { return cert->view.not_after; }

auth_bytes auth_cert_spki(const auth_cert *cert) { return cert->view.spki; }

auth_status auth_cert_public_key(const auth_cert *cert, auth_public_key **out, auth_error *err)
{
    return auth_public_key_parse(cert->view.spki, out, err);
}

auth_bytes auth_cert_algorithm(const auth_cert *cert) { return cert->view.algorithm; }

auth_bytes auth_cert_signature(const auth_cert *cert) { return cert->view.signature; }

auth_status auth_cert_check_signature(const auth_cert *cert, const auth_public_key *issuer_key,
                                      auth_error *err)
{
    const x509_cert_view *view = &cert->view;
    if (!auth_bytes_equal(view->algorithm, view->tbs_algorithm))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "certificate: signatureAlgorithm is not the one that was signed "
                              "(RFC 5280 4.1.1.2)");
    return auth_public_key_verify(issuer_key, view->algorithm, view->tbs, view->signature, err);
}

bool auth_cert_is_ca(const auth_cert *cert) { return cert->constraints.is_ca; }

bool auth_cert_path_length(const auth_cert *cert, uint32_t *out)
{
    uint64_t length = cert->constraints.path_len;
    if (cert->constraints.has_path_len)
        *out = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
    return cert->constraints.has_path_len;
}

bool auth_cert_key_usage(const auth_cert *cert, uint32_t *out)
{
    if (x509_find(&cert->view.extensions, OID_KEY_USAGE) == NULL)
        return false;
    *out = cert->key_usage;
    return true;
}

typedef struct purpose_search {
    const char *wanted;
    bool is_found;
} purpose_search;

static bool compare_purpose(void *context, auth_bytes type)
{
    purpose_search *search = context;
    char dotted[X509_OID_TEXT_SIZE];
    x509_oid_text(type, dotted);
    oid id = oid_find(type);
    search->is_found = strcmp(dotted, search->wanted) == 0 ||
                       (id != OID_UNKNOWN && strcmp(oid_name(id), search->wanted) == 0);
    return !search->is_found;
}

bool auth_cert_has_purpose(const auth_cert *cert, const char *purpose)
{
    const x509_extension *purposes = x509_find(&cert->view.extensions, OID_EXTENDED_KEY_USAGE);
    purpose_search search = {.wanted = purpose};
    return purposes != NULL &&
           x509_read_extended_key_usage(purposes->value, compare_purpose, &search) &&
           search.is_found;
}

auth_bytes auth_cert_subject_key_id(const auth_cert *cert) { return cert->subject_key_id; }

auth_bytes auth_cert_authority_key_id(const auth_cert *cert) { return cert->authority_key_id; }

auth_bytes auth_cert_ocsp_uri(const auth_cert *cert) { return cert->ocsp_uri; }

auth_bytes auth_cert_ca_issuers_uri(const auth_cert *cert) { return cert->ca_issuers_uri; }

auth_bytes auth_cert_crl_uri(const auth_cert *cert) { return cert->crl_uri; }

size_t auth_cert_extension_count(const auth_cert *cert) { return cert->view.extensions.count; }

bool auth_cert_extension_at(const auth_cert *cert, size_t index, auth_extension *out)
{
    return x509_extension_at(&cert->view.extensions, index, out);
}

bool auth_cert_extension_find(const auth_cert *cert, const char *name, auth_extension *out)
{
    for (size_t i = 0; i < cert->view.extensions.count; i++) {
        auth_extension extension;
        (void)x509_extension_at(&cert->view.extensions, i, &extension);
        if (strcmp(extension.oid, name) == 0 ||
            (name[0] != '\0' && strcmp(extension.name, name) == 0)) {
            *out = extension;
            return true;
        }
    }
    return false;
}

auth_status auth_cert_fingerprint_sha256(const auth_cert *cert, uint8_t out[AUTH_FINGERPRINT_SIZE],
                                         auth_error *err)
{
    return digest(DIGEST_SHA256, cert->view.der, out, err);
}

auth_status auth_cert_fingerprint_sm3(const auth_cert *cert, uint8_t out[AUTH_FINGERPRINT_SIZE],
                                      auth_error *err)
{
    return digest(DIGEST_SM3, cert->view.der, out, err);
}
