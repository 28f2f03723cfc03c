/* SPDX-License-Identifier: Apache-2.0 */
/* An authority as OCSP sees it: its name and key by every hash that a CertID can use. */
#include "ocsp/ocsp.h"

#include <stdlib.h>
#include <string.h>

static auth_status hash_all(auth_ocsp_issuer *issuer, auth_error *err)
{
    auth_bytes key_bits;
    if (!ocsp_key_bits(issuer->view.spki, &key_bits))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "issuer: its subjectPublicKeyInfo is not of its form "
                              "(RFC 5280 4.1.2.7)");
    for (size_t i = 0; i < OCSP_HASH_COUNT; i++) {
        digest_algorithm algorithm = ocsp_hashes[i].digest;
        issuer->hashes[i].len = digest_len(algorithm);
        auth_status status = digest(algorithm, issuer->view.subject, issuer->hashes[i].name, err);
        if (status == AUTH_STATUS_OK)
            status = digest(algorithm, key_bits, issuer->hashes[i].key, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

static auth_status prepare(auth_ocsp_issuer *issuer, auth_bytes certificate, auth_error *err)
{
    issuer->der = malloc(certificate.len);
    if (issuer->der == NULL)
        return auth_error_memory(err);
    memcpy(issuer->der, certificate.data, certificate.len);
    auth_status status =
        x509_cert_view_parse((auth_bytes){issuer->der, certificate.len}, &issuer->view, err);
    if (status == AUTH_STATUS_OK)
        status = auth_public_key_parse(issuer->view.spki, &issuer->key, err);
    if (status == AUTH_STATUS_OK)
        status = hash_all(issuer, err);
    return status;
}

auth_status auth_ocsp_issuer_new(auth_bytes certificate, auth_ocsp_issuer **out, auth_error *err)
{
    if (certificate.len == 0)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "issuer: the certificate is empty; give it as DER");
    AUTH_AUTO(auth_ocsp_issuer) *issuer = calloc(1, sizeof *issuer);
    if (issuer == NULL)
        return auth_error_memory(err);
    auth_status status = prepare(issuer, certificate, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(issuer);
    return status;
}

void auth_ocsp_issuer_free(auth_ocsp_issuer *issuer)
{
    if (issuer == NULL)
        return;
    auth_public_key_free(issuer->key);
    free(issuer->der);
    free(issuer);
}

auth_bytes auth_ocsp_issuer_certificate(const auth_ocsp_issuer *issuer) { return issuer->view.der; }

bool auth_ocsp_issuer_matches(const auth_ocsp_issuer *issuer, const auth_ocsp_cert_id *id)
{
    for (size_t i = 0; i < OCSP_HASH_COUNT; i++) {
        if (ocsp_hashes[i].hash != id->hash)
            continue;
        size_t len = issuer->hashes[i].len;
        return auth_bytes_equal(id->key_hash, (auth_bytes){issuer->hashes[i].key, len}) &&
               auth_bytes_equal(id->name_hash, (auth_bytes){issuer->hashes[i].name, len});
    }
    return false;
}
