/* SPDX-License-Identifier: Apache-2.0 */
/* Reads requests (RFC 6960 section 4.1). Everything in them is hostile and bounded. */
#include "ocsp/ocsp.h"

#include <stdlib.h>
#include <string.h>

struct auth_ocsp_request {
    size_t count;
    auth_ocsp_cert_id ids[AUTH_OCSP_CERT_IDS_MAX];
    auth_bytes nonce;
    bool is_signed;
    uint8_t der[]; /* what the views above point into */
};

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "OCSP request: %s", what);
}

/* Those that change nothing for us may be critical, since we know that they do not. */
static bool is_known(oid id)
{
    return id == OID_OCSP_NONCE || id == OID_OCSP_RESPONSE_TYPES ||
           id == OID_OCSP_PREFERRED_SIGNATURES || id == OID_OCSP_SERVICE_LOCATOR;
}

/* Reads [n] EXPLICIT Extensions, given as the content of the tag. */
static auth_status read_extensions(auth_bytes tagged, x509_extensions *out, auth_error *err)
{
    auth_bytes content;
    if (!der_only(tagged, DER_SEQUENCE, &content))
        return refuse(err, "extensions are not one SEQUENCE (RFC 6960 4.1.1)");
    auth_status status = x509_extensions_parse(content, out, err);
    if (status == AUTH_STATUS_INVALID)
        return refuse(err, "an extension occurs twice (RFC 5280 4.2)");
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "OCSP request");
        return status;
    }
    for (size_t i = 0; i < out->count; i++) {
        if (!out->rows[i].is_critical || is_known(out->rows[i].id))
            continue;
        char dotted[X509_OID_TEXT_SIZE];
        x509_oid_text(out->rows[i].type, dotted);
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "OCSP request: critical extension %s is not known (RFC 6960 4.4)",
                              dotted);
    }
    return AUTH_STATUS_OK;
}

static auth_status take_nonce(auth_bytes tagged, auth_bytes *nonce, auth_error *err)
{
    x509_extensions extensions;
    auth_status status = read_extensions(tagged, &extensions, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const x509_extension *extension = x509_find(&extensions, OID_OCSP_NONCE);
    if (extension != NULL && !ocsp_read_nonce(extension->value, nonce))
        return refuse(err, "the nonce is not an OCTET STRING of 1 to 128 octets (RFC 9654 2.1)");
    return AUTH_STATUS_OK;
}

static auth_status take_question(auth_bytes *list, auth_ocsp_cert_id *out, auth_error *err)
{
    auth_bytes question;
    auth_bytes tagged;
    if (!der_take(list, DER_SEQUENCE, &question) || !ocsp_take_cert_id(&question, out))
        return refuse(err, "reqCert is not a CertID (RFC 6960 4.1.1)");
    if (!der_take_optional(&question, DER_CONTEXT_CONSTRUCTED(0), &tagged) || question.len > 0)
        return refuse(err, "what follows reqCert is not singleRequestExtensions (RFC 6960 4.1.1)");
    if (tagged.data == NULL)
        return AUTH_STATUS_OK;
    x509_extensions extensions;
    return read_extensions(tagged, &extensions, err);
}

static auth_status read_list(auth_bytes list, auth_ocsp_request *request, auth_error *err)
{
    if (list.len == 0)
        return refuse(err, "requestList is empty; ask about a certificate (RFC 6960 4.1.1)");
    while (list.len > 0) {
        if (request->count == AUTH_OCSP_CERT_IDS_MAX)
            return auth_error_set(
                err, AUTH_STATUS_LIMIT,
                "OCSP request: more than %d certificates; ask in several requests",
                AUTH_OCSP_CERT_IDS_MAX);
        auth_status status = take_question(&list, &request->ids[request->count], err);
        if (status != AUTH_STATUS_OK)
            return status;
        request->count++;
    }
    return AUTH_STATUS_OK;
}

static auth_status read_tbs(auth_bytes tbs, auth_ocsp_request *request, auth_error *err)
{
    auth_bytes list;
    auth_bytes tagged;
    if (!ocsp_take_version(&tbs))
        return refuse(err, "its version is not 1, the only one there is (RFC 6960 4.1.1)");
    if (der_peek(tbs, DER_CONTEXT_CONSTRUCTED(1))) {
        auth_bytes name;
        der_item choice;
        if (!der_take(&tbs, DER_CONTEXT_CONSTRUCTED(1), &name) ||
            !x509_next_general_name(&name, &choice) || name.len > 0)
            return refuse(err, "requestorName is not a GeneralName (RFC 6960 4.1.1)");
    }
    if (!der_take(&tbs, DER_SEQUENCE, &list))
        return refuse(err, "requestList is missing (RFC 6960 4.1.1)");
    auth_status status = read_list(list, request, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!der_take_optional(&tbs, DER_CONTEXT_CONSTRUCTED(2), &tagged) || tbs.len > 0)
        return refuse(err, "what follows requestList is not requestExtensions (RFC 6960 4.1.1)");
    return tagged.data == NULL ? AUTH_STATUS_OK : take_nonce(tagged, &request->nonce, err);
}

/* Signature ::= SEQUENCE { AlgorithmIdentifier, BIT STRING, certs [0] EXPLICIT OPTIONAL } */
static bool is_signature(auth_bytes tagged)
{
    auth_bytes signature;
    auth_bytes algorithm;
    auth_bytes octets;
    auth_bytes certificates;
    return der_only(tagged, DER_SEQUENCE, &signature) &&
           der_take(&signature, DER_SEQUENCE, &algorithm) &&
           der_take_bit_octets(&signature, &octets) &&
           der_take_optional(&signature, DER_CONTEXT_CONSTRUCTED(0), &certificates) &&
           signature.len == 0;
}

static auth_status read_request(auth_bytes der, auth_ocsp_request *request, auth_error *err)
{
    auth_bytes content;
    auth_bytes tbs;
    auth_bytes signature;
    if (!der_only(der, DER_SEQUENCE, &content))
        return refuse(err, "it is not one SEQUENCE in DER, or octets follow it (RFC 6960 4.1.1)");
    if (!der_take(&content, DER_SEQUENCE, &tbs))
        return refuse(err, "tbsRequest is not a SEQUENCE (RFC 6960 4.1.1)");
    if (!der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(0), &signature) || content.len > 0 ||
        (signature.data != NULL && !is_signature(signature)))
        return refuse(err, "what follows tbsRequest is not a signature (RFC 6960 4.1.2)");
    request->is_signed = signature.data != NULL;
    return read_tbs(tbs, request, err);
}

auth_status auth_ocsp_request_parse(auth_bytes der, auth_ocsp_request **out, auth_error *err)
{
    if (der.len > AUTH_OCSP_REQUEST_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "OCSP request: %zu octets, at most %d",
                              der.len, AUTH_OCSP_REQUEST_MAX);
    if (der.len == 0)
        return refuse(err, "it is empty");
    AUTH_AUTO(auth_ocsp_request) *request = malloc(sizeof *request + der.len);
    if (request == NULL)
        return auth_error_memory(err);
    request->count = 0;
    request->nonce = (auth_bytes){NULL, 0};
    memcpy(request->der, der.data, der.len);
    auth_status status = read_request((auth_bytes){request->der, der.len}, request, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(request);
    return status;
}

void auth_ocsp_request_free(auth_ocsp_request *request) { free(request); }

size_t auth_ocsp_request_count(const auth_ocsp_request *request) { return request->count; }

const auth_ocsp_cert_id *auth_ocsp_request_cert_id(const auth_ocsp_request *request, size_t index)
{
    return index < request->count ? &request->ids[index] : NULL;
}

auth_bytes auth_ocsp_request_nonce(const auth_ocsp_request *request) { return request->nonce; }

bool auth_ocsp_request_is_signed(const auth_ocsp_request *request) { return request->is_signed; }
